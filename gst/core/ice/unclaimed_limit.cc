// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/unclaimed_limit.h"

#include <algorithm>
#include <array>

namespace rooms {
namespace {

SocketAddress source_of(const SocketAddress& from) {
  if (!from.is_v6()) return from.with_port(0);
  std::array<std::uint8_t, 16> network{};
  std::copy_n(from.address().begin(), 8, network.begin());
  return SocketAddress::v6(network, 0);
}

}  // namespace

UnclaimedLimit::Verdict UnclaimedLimit::admit(const SocketAddress& from) {
  if (total_ >= config_.total) return Verdict::kTooMany;
  auto& of_source = sources_[source_of(from)];
  // A source that is refused has an entry already, so refusals leave nothing behind.
  if (of_source >= std::max(config_.per_source, 1U)) return Verdict::kTooManyOfSource;
  ++of_source;
  ++total_;
  return Verdict::kAdmitted;
}

void UnclaimedLimit::leave(const SocketAddress& from) {
  const auto entry = sources_.find(source_of(from));
  if (entry == sources_.end()) return;
  --total_;
  if (--entry->second == 0) sources_.erase(entry);
}

}  // namespace rooms
