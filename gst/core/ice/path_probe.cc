// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/path_probe.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace rooms {
namespace {

constexpr Duration kSilent = std::chrono::milliseconds(300);
/// RFC 8445 5.1.2.1: peer-reflexive, the only component.
constexpr std::uint32_t kProbePriority = (110U << 24) | (65535U << 8) | 255U;

bool same_host(const SocketAddress& a, const SocketAddress& b) {
  return a.with_port(0) == b.with_port(0);
}

}  // namespace

std::vector<std::size_t> likely_behind(const SocketAddress& stranger,
                                       std::span<const SilentPeer> peers, Timestamp now) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const Duration silence = now - peers[i].heard;
    if (silence >= kSilent && silence < IceLite::kConsentTimeout) chosen.push_back(i);
  }
  const auto order = [&](std::size_t i) {
    return std::tuple(!same_host(peers[i].address, stranger), now - peers[i].heard, i);
  };
  const std::size_t most = std::min(chosen.size(), PathProbes::kMostAsked);
  std::partial_sort(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(most),
                    chosen.end(),
                    [&](std::size_t a, std::size_t b) { return order(a) < order(b); });
  chosen.resize(most);
  return chosen;
}

std::size_t write_path_probe(MutableBytes out, const StunTransactionId& transaction,
                             std::string_view local_ufrag, const IceCredentials& remote,
                             std::uint64_t tie_breaker) {
  return StunWriter(out, StunClass::kRequest, transaction)
      .username(remote.ufrag, local_ufrag)
      .priority(kProbePriority)
      .controlled(tie_breaker)
      .finish(remote.password);
}

bool proves_path(const StunMessage& answer, std::string_view remote_password,
                 std::span<const SocketAddress> own) {
  return answer.message_class == StunClass::kSuccess && answer.method == kStunBinding &&
         answer.mapped_address &&
         std::find(own.begin(), own.end(), *answer.mapped_address) != own.end() &&
         has_integrity(answer, remote_password);
}

bool PathProbes::may_ask(const SocketAddress& stranger, Timestamp now) {
  for (const Asked& one : asked_) {
    if (one.stranger == stranger && now - one.when < kAgainAfter) return false;
  }
  Asked& oldest = asked_[next_asked_];
  if (oldest.stranger.valid() && now - oldest.when < std::chrono::seconds(1)) return false;
  oldest = {stranger, now};
  next_asked_ = (next_asked_ + 1) % asked_.size();
  return true;
}

void PathProbes::sent(const StunTransactionId& transaction, const SocketAddress& to,
                      std::string local_ufrag, Timestamp now) {
  probes_[next_probe_] = {transaction, to, std::move(local_ufrag), now};
  next_probe_ = (next_probe_ + 1) % probes_.size();
}

std::optional<std::string> PathProbes::answered(const StunTransactionId& transaction,
                                                const SocketAddress& from, Timestamp now) {
  for (Probe& probe : probes_) {
    if (probe.local_ufrag.empty() || probe.transaction != transaction) continue;
    if (probe.to != from || now - probe.sent > kAnswerWithin) return std::nullopt;
    return std::exchange(probe.local_ufrag, {});
  }
  return std::nullopt;
}

}  // namespace rooms
