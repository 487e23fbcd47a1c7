// SPDX-License-Identifier: LGPL-2.1-or-later
// Full ICE through libnice, for a server that must itself gather, check and relay (`--ice
// libnice`): one NiceAgent per connection in place of our one socket. Media, DTLS and everything
// above stay the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gst/core/guarded.h"
#include "gst/core/ice/ice_lite.h"
#include "gst/core/result.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "gst/transport/media_transport.h"

typedef struct _NiceAgent NiceAgent;          // NOLINT(modernize-use-using): libnice's own name
typedef struct _NiceCandidate NiceCandidate;  // NOLINT(modernize-use-using)

namespace rooms {

/// A TURN server the agent may relay through.
struct RelayServer {
  std::string host;  ///< an IP address
  std::uint16_t port = 3478;
  std::string user;
  std::string password;
  bool tcp = false;
};

struct NiceSettings {
  std::uint16_t port_min = 0;  ///< 0: any
  std::uint16_t port_max = 0;
  std::vector<std::string> announce_ips;
  std::string stun_host;  ///< empty: none
  std::uint16_t stun_port = 3478;
  std::vector<RelayServer> relays;
};

class NiceLink final : public DatagramLink, public std::enable_shared_from_this<NiceLink> {
 public:
  /// Gathers and returns with all candidates at hand: at once for those of interfaces, within three
  /// seconds where servers are asked. `thread` serves all agents of the process. Error "no-ports":
  /// no port of the range is free, ..
  static Result<std::shared_ptr<NiceLink>> create(Executor& thread, const NiceSettings& settings);
  ~NiceLink() override;
  NiceLink(const NiceLink&) = delete;
  NiceLink& operator=(const NiceLink&) = delete;

  /// Where what arrives goes; weak, so that neither keeps the other.
  void attach(std::weak_ptr<MediaTransport> transport);
  [[nodiscard]] IceCredentials local_credentials() const;
  [[nodiscard]] std::vector<std::string> candidates() const;
  void set_remote(const IceCredentials& remote, const std::vector<std::string>& candidates);
  void add_remote_candidate(const std::string& line);
  void restart();
  /// The peer's agent is controlling when it offers.
  void set_controlling(bool controlling);
  bool send(Bytes datagram) override;
  [[nodiscard]] const char* protocol() const override { return "libnice"; }
  /// No callback runs after this has returned. Not from the agents' thread.
  void close();

 private:
  NiceLink(Executor& thread, const NiceSettings& settings);
  Status gather();
  std::string write(NiceCandidate* candidate) const;
  void on_received(Bytes datagram);
  void on_state(unsigned state);

  Executor& thread_;
  const NiceSettings settings_;
  Ref<NiceAgent> agent_;
  unsigned stream_ = 0;
  Guarded<std::weak_ptr<MediaTransport>> transport_;
  PacketSlot slot_;  // the agents' thread
};

}  // namespace rooms
