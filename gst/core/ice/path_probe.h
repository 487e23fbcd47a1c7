// SPDX-License-Identifier: LGPL-2.1-or-later
// A NAT may give a peer another address in the middle of a call. The peer notices nothing of it and
// checks its pair again only seconds later; until then it gets nothing. What it sends comes from a
// stranger meanwhile. So whoever has fallen silent is asked whether it is the stranger: by a
// connectivity check (RFC 8445 7.2.4) that only that peer can answer. A lite agent sends no checks
// to find a path, nor do we; this one is the return routability test of a path that the peer uses
// already. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/ice/ice_lite.h"
#include "gst/core/ice/socket_address.h"
#include "gst/core/ice/stun.h"
#include "gst/core/time.h"

namespace rooms {

/// A peer that may be behind a strange address.
struct SilentPeer {
  SocketAddress address;  ///< where it was last
  Timestamp heard;        ///< when
};

/// Indexes of those to be asked, likeliest first: silent for 0.3 to 30 s, at most kMostAsked; of
/// the stranger's host before others, then the one that fell silent last.
std::vector<std::size_t> likely_behind(const SocketAddress& stranger,
                                       std::span<const SilentPeer> peers, Timestamp now);

/// A check that an agent with `remote` answers. Returns its size; 0: it did not fit.
std::size_t write_path_probe(MutableBytes out, const StunTransactionId& transaction,
                             std::string_view local_ufrag, const IceCredentials& remote,
                             std::uint64_t tie_breaker);

/// The answer is authentic, and the check came straight from one of `own` addresses: somebody who
/// handed it on to the peer would show there instead.
bool proves_path(const StunMessage& answer, std::string_view remote_password,
                 std::span<const SocketAddress> own);

/// The checks that are under way, and how many there may be.
class PathProbes {
 public:
  static constexpr std::size_t kMostAsked = 8;  ///< peers, for one datagram of a stranger
  static constexpr unsigned kStrangersPerSecond = 10;
  static constexpr Duration kAgainAfter = std::chrono::milliseconds(200);  ///< the same stranger
  static constexpr Duration kAnswerWithin = std::chrono::seconds(3);

  /// Whether a datagram of that stranger may give rise to checks.
  bool may_ask(const SocketAddress& stranger, Timestamp now);
  void sent(const StunTransactionId& transaction, const SocketAddress& to, std::string local_ufrag,
            Timestamp now);
  /// The `local_ufrag` of the check that this answers; nullopt: of none, or it comes too late or
  /// from another address. Each is answered once.
  std::optional<std::string> answered(const StunTransactionId& transaction,
                                      const SocketAddress& from, Timestamp now);

 private:
  struct Probe {
    StunTransactionId transaction{};
    SocketAddress to;
    std::string local_ufrag;  ///< empty: free
    Timestamp sent;
  };
  struct Asked {
    SocketAddress stranger;
    Timestamp when;
  };
  std::array<Probe, 32> probes_;  // rings
  std::size_t next_probe_ = 0;
  std::array<Asked, kStrangersPerSecond> asked_;
  std::size_t next_asked_ = 0;
};

}  // namespace rooms
