// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection of the run with all it needs: who it is, its transport, its media, and what the
// server calls it. Signalling thread, but for what is said to belong to the media thread.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "tests/load/options.h"
#include "tests/load/player.h"
#include "tests/load/publisher.h"
#include "tests/load/transport.h"

namespace rooms::load {

/// Whom a client is in which room.
struct Seat {
  std::string room;
  unsigned room_index = 0;
  unsigned index = 0;
  std::string name;
};

struct Client {
  Seat seat;
  std::vector<Seat> shown;  ///< players: whose streams
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<Player> player;        ///< either this or a publisher
  std::unique_ptr<Transport> transport;  ///< goes before its media does
  Codec codec = Codec::kVp8;
  unsigned audio = 1;  ///< sections of a player
  unsigned video = 1;
  Timestamp requested;
  std::string resource;  ///< for signalling: what to give back
  std::string failure;   ///< why it never started
  bool started = false;
};

class ClientFactory {
 public:
  ClientFactory(const Options& options, const DtlsIdentity& identity, SocketAddress server,
                Traffic& traffic);
  Result<std::unique_ptr<Client>> publisher(const Seat& seat);
  Result<std::unique_ptr<Client>> player(const Seat& seat, std::vector<Seat> shown);

 private:
  Result<std::unique_ptr<Client>> client(const Seat& seat);
  Status read_files();

  const Options& options_;
  const DtlsIdentity& identity_;
  SocketAddress server_;
  Traffic& traffic_;
  std::mt19937_64 random_;
  using Recordings = std::vector<std::shared_ptr<const RecordedMedia>>;
  Recordings microphones_;
  Recordings cameras_;
};

/// What the client offers, whichever it is.
std::string offer_of(const Client& client);
/// The server's answer to it; then the media knows what it may send or will get.
Result<RemoteEnd> take_answer(Client& client, const std::string& answer);

struct TakenOffer {
  std::string answer;
  RemoteEnd remote;
};
/// A server that offers what is to be played.
Result<TakenOffer> take_offer(Client& client, const std::string& offer);

}  // namespace rooms::load
