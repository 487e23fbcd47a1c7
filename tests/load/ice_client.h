// SPDX-License-Identifier: LGPL-2.1-or-later
// A controlling ICE agent (RFC 8445) with one host candidate: checks the server's candidates one
// after the other, nominates the first that answers, keeps consent fresh (RFC 7675). No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/ice/ice_lite.h"
#include "gst/core/ice/socket_address.h"
#include "gst/core/time.h"

namespace rooms::load {

class IceClient {
 public:
  static constexpr std::size_t kMaxMessage = 256;
  static constexpr Duration kConsentTimeout = std::chrono::seconds(30);
  static constexpr std::size_t kMostCandidates = 16;

  /// `candidates`: lines of the server's SDP; those that are not UDP or of another family than
  /// `preferred` are skipped, and those with its address come first. `seed`: random.
  IceClient(IceCredentials local, IceCredentials remote, const std::vector<std::string>& candidates,
            const SocketAddress& preferred, std::uint64_t seed, Timestamp now);

  [[nodiscard]] bool has_candidates() const { return !candidates_.empty(); }
  [[nodiscard]] const std::optional<SocketAddress>& selected() const { return selected_; }
  /// No answer for 30 s.
  [[nodiscard]] bool expired(Timestamp now) const {
    return selected_ && now - last_answer_ >= kConsentTimeout;
  }

  struct Outgoing {
    std::size_t size = 0;  ///< 0: nothing to send now
    SocketAddress to;
  };
  /// Call until it says nothing.
  Outgoing next_check(MutableBytes out, Timestamp now);
  /// An answer to one of ours, or a check of a server that is a full agent: then there is something
  /// to send back.
  Outgoing receive(Bytes datagram, const SocketAddress& from, MutableBytes out, Timestamp now);

 private:
  struct Target {
    SocketAddress address;
    std::uint32_t priority = 0;
    Timestamp next_check;
  };
  std::size_t write_check(MutableBytes out, std::uint8_t target, bool nominating);
  std::uint64_t next_random();

  IceCredentials local_;
  IceCredentials remote_;
  std::vector<Target> candidates_;
  std::optional<SocketAddress> selected_;
  std::uint64_t random_;
  std::uint64_t tie_breaker_;
  std::uint64_t transaction_;  ///< head of all our transaction ids
  std::uint32_t checks_ = 0;
  Timestamp last_answer_;
  Timestamp next_consent_;
};

}  // namespace rooms::load
