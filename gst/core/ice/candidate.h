// SPDX-License-Identifier: LGPL-2.1-or-later
// a=candidate lines (RFC 8839 5.1, RFC 6544 for TCP).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/ice/socket_address.h"
#include "gst/core/result.h"

namespace rooms {

enum class CandidateType : std::uint8_t { kHost, kServerReflexive, kPeerReflexive, kRelayed };
enum class CandidateTransport : std::uint8_t {
  kUdp,
  kTcpActive,
  kTcpPassive,
  kTcpSimultaneousOpen
};

struct Candidate {
  std::string foundation;
  std::uint32_t component = 1;
  CandidateTransport transport = CandidateTransport::kUdp;
  std::uint32_t priority = 0;
  SocketAddress address;  ///< not valid() when the line has a name (mDNS)
  std::string host;       ///< as written: an address, or a name ending in .local
  std::uint16_t port = 0;
  CandidateType type = CandidateType::kHost;
};

/// RFC 8445 5.1.2.1, with the TCP preferences of RFC 6544 4.2. `local_preference` 0..65535 (0..8191
/// counts for TCP).
std::uint32_t candidate_priority(CandidateType type, CandidateTransport transport,
                                 std::uint32_t local_preference, std::uint32_t component = 1);

/// "candidate:..." without "a=".
std::string write_candidate(const Candidate& candidate);

/// Accepts "candidate:..." and "a=candidate:...". Error: "candidate-malformed".
Result<Candidate> parse_candidate(std::string_view line);

/// What our one port announces: a UDP host candidate for every address that has a port, earlier
/// addresses preferred, then a TCP passive one for each of `tcp`. Foundations depend on `seed` and
/// the address only.
std::vector<Candidate> host_candidates(std::span<const SocketAddress> udp,
                                       std::span<const SocketAddress> tcp, std::uint64_t seed);

}  // namespace rooms
