// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/ice_client.h"

#include <algorithm>

#include "gst/core/ice/candidate.h"
#include "gst/core/ice/stun.h"

namespace rooms::load {
namespace {

constexpr Duration kCheckInterval = std::chrono::milliseconds(50);
constexpr std::uint32_t kPriority = 0x6E7F1EFF;  // peer reflexive, RFC 8445 5.1.2.1

}  // namespace

IceClient::IceClient(IceCredentials local, IceCredentials remote,
                     const std::vector<std::string>& candidates, const SocketAddress& preferred,
                     std::uint64_t seed, Timestamp now)
    : local_(std::move(local)), remote_(std::move(remote)), random_(seed | 1) {
  tie_breaker_ = next_random();
  transaction_ = next_random();
  for (const auto& line : candidates) {
    const auto candidate = parse_candidate(line);
    if (!candidate || candidate->transport != CandidateTransport::kUdp || candidate->component != 1)
      continue;
    if (candidate->address.valid() && candidate->address.is_v4() == preferred.is_v4() &&
        candidates_.size() < kMostCandidates)
      candidates_.push_back({candidate->address, candidate->priority, now});
  }
  const auto is_preferred = [&](const Target& target) {
    return target.address.host() == preferred.host();
  };
  std::stable_sort(candidates_.begin(), candidates_.end(), [&](const auto& a, const auto& b) {
    if (is_preferred(a) != is_preferred(b)) return is_preferred(a);
    return a.priority > b.priority;
  });
  for (auto& target : candidates_) {
    target.next_check = now;
    now += kCheckInterval;  // RFC 8445 14.2: not all at once
  }
}

std::uint64_t IceClient::next_random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

std::size_t IceClient::write_check(MutableBytes out, std::uint8_t target, bool nominating) {
  StunTransactionId id{};
  store_u64(id.data(), transaction_);
  store_u24(&id[8], ++checks_);
  id[11] = target;
  StunWriter writer(out, StunClass::kRequest, id);
  writer.username(remote_.ufrag, local_.ufrag).controlling(tie_breaker_).priority(kPriority);
  if (nominating) writer.use_candidate();
  return writer.finish(remote_.password);
}

IceClient::Outgoing IceClient::next_check(MutableBytes out, Timestamp now) {
  if (selected_) {
    if (now < next_consent_) return {};
    // RFC 7675 5.1: every 5 s, 0.8 to 1.2 times
    next_consent_ = now + std::chrono::milliseconds(4000 + next_random() % 2000);
    return {write_check(out, 0xFF, true), *selected_};
  }
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    auto& target = candidates_[i];
    if (now < target.next_check) continue;
    target.next_check = now + kCheckInterval;
    return {write_check(out, static_cast<std::uint8_t>(i), false), target.address};
  }
  return {};
}

IceClient::Outgoing IceClient::receive(Bytes datagram, const SocketAddress& from, MutableBytes out,
                                       Timestamp now) {
  const auto message = parse_stun(datagram);
  if (!message || message->method != kStunBinding) return {};
  if (message->message_class == StunClass::kRequest) {
    if (!has_integrity(*message, local_.password)) return {};
    StunWriter writer(out, StunClass::kSuccess, message->transaction);
    writer.xor_mapped_address(from);
    return {writer.finish(local_.password), from};
  }
  if (message->message_class != StunClass::kSuccess ||
      load_u64(message->transaction.data()) != transaction_ ||
      !has_integrity(*message, remote_.password)) {
    return {};
  }
  last_answer_ = now;
  if (selected_) return {};
  const std::size_t target = message->transaction[11];
  if (target >= candidates_.size()) return {};
  selected_ = candidates_[target].address;
  next_consent_ = now + std::chrono::milliseconds(4000 + next_random() % 2000);
  return {write_check(out, 0xFF, true), *selected_};
}

}  // namespace rooms::load
