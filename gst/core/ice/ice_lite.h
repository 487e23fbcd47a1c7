// SPDX-License-Identifier: LGPL-2.1-or-later
// One ICE-lite agent with one component (RFC 8445 2.5): it answers connectivity checks, never sends
// any to find a path, and is always controlled. Not thread-safe: owned by the thread that reads the
// socket.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/ice/socket_address.h"
#include "gst/core/ice/stun.h"
#include "gst/core/time.h"

namespace rooms {

struct IceCredentials {
  std::string ufrag;
  std::string password;
};

/// Where a request came from: an address, and on TCP which of its connections, for a peer may have
/// the same port number in both, and a new connection from the same port is another way to it.
struct IceTuple {
  SocketAddress address;
  std::uint64_t connection = 0;  ///< 0: UDP

  IceTuple() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): an address alone is one of UDP.
  IceTuple(const SocketAddress& from, std::uint64_t on = 0) : address(from), connection(on) {}
  friend bool operator==(const IceTuple&, const IceTuple&) = default;
};

/// What came of one datagram.
struct IceAnswer {
  enum class Outcome : std::uint8_t {
    kIgnored,   ///< no request at all: nothing to send
    kRefused,   ///< an error response
    kAccepted,  ///< an authentic request, a success response
    kReplayed,  ///< one that was accepted already, from another address: nothing to send
  };
  Outcome outcome = Outcome::kIgnored;
  std::optional<StunError> error;  ///< when refused
  std::size_t size = 0;  ///< of the response written for the source of the request; 0: send nothing
  bool connected = false;  ///< nothing was selected before: the first valid request
  bool selected_changed =
      false;               ///< selected() is another one now (first one, nomination, roaming)
  bool restarted = false;  ///< first valid request with the credentials of the latest restart
};

class IceLite {
 public:
  static constexpr Duration kConsentTimeout = std::chrono::seconds(30);  ///< RFC 7675 5.1
  /// A response fits in this many bytes.
  static constexpr std::size_t kMaxResponse = 128;
  /// STUN has no protection against replay: who overhears a check could send it from elsewhere and
  /// draw the media there. So many of the latest transactions are remembered, minutes of them.
  static constexpr std::size_t kRememberedTransactions = 256;

  /// `now` starts the consent clock, so that an agent nobody ever reaches expires as well.
  IceLite(IceCredentials local, Timestamp now);

  /// New credentials after an ICE restart. The old ones stay valid until a request with the new
  /// ones came: the peer keeps sending on the old pair until then (RFC 8445 9).
  void restart(IceCredentials local);

  /// Whether `ufrag` is one this agent answers to at present.
  [[nodiscard]] bool knows(std::string_view ufrag) const;

  IceAnswer on_request(Bytes datagram, const IceTuple& from, Timestamp now, MutableBytes response);
  /// The same for a datagram the caller has parsed already (to find this agent by its ufrag).
  IceAnswer on_request(const StunMessage& request, const IceTuple& from, Timestamp now,
                       MutableBytes response);
  /// The peer has answered a check of ours there (path_probe.h): it has moved. True: selected() is
  /// another one now.
  bool on_moved(const IceTuple& to, Timestamp now);
  /// This way is gone (a connection that closed). If it was selected, the next valid request
  /// selects another.
  void forget(const IceTuple& tuple);

  /// The peer sends its data from `from`, which has had a valid request before. Until it nominates
  /// a pair that is the best sign of which it uses: what is sent to it on another may well be lost
  /// (the pair of the first request need not work in both directions). True: selected() is another
  /// one now.
  bool on_data(const IceTuple& from);

  /// Where to send: provisionally the first tuple with a valid request or the one the peer's data
  /// comes from, then the nominated one.
  [[nodiscard]] const std::optional<IceTuple>& selected() const { return selected_; }
  [[nodiscard]] bool nominated() const { return nominated_; }
  /// No valid request on the selected tuple for 30 s: stop sending (RFC 7675 5.1; a lite agent has
  /// only the peer's checks to go by).
  [[nodiscard]] bool expired(Timestamp now) const { return now - last_consent_ >= kConsentTimeout; }
  [[nodiscard]] const IceCredentials& local() const { return current_; }

 private:
  /// A tuple that was nominated once.
  struct Nominee {
    IceTuple tuple;
    std::uint32_t priority = 0;
    Timestamp last_nominated;
  };
  IceAnswer refuse(const StunMessage& request, StunError error, std::string_view password,
                   MutableBytes response);
  const IceCredentials* credentials_for(std::string_view ufrag) const;
  void remember_nominee(const IceTuple& tuple, std::uint32_t priority, Timestamp now);
  bool nominate(const IceTuple& from, std::uint32_t priority, Timestamp now);
  /// Remembers it if not.
  bool is_replay(const StunTransactionId& transaction, const IceTuple& from);
  Nominee* find(const IceTuple& tuple);

  IceCredentials current_;
  std::optional<IceCredentials> previous_;
  std::optional<IceTuple> selected_;
  bool nominated_ = false;
  bool restart_pending_ = false;
  Timestamp last_consent_;
  std::array<Nominee, 8> nominees_{};
  struct Answered {
    StunTransactionId transaction;
    IceTuple from;
  };
  std::vector<Answered> answered_;  ///< a ring once it is full
  std::size_t oldest_answered_ = 0;
};

}  // namespace rooms
