// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/blocking_reload.h"

namespace rooms {
namespace {

/// The Advance Part Limit of 6.2.5.2 for parts shorter than a second: three of them would do; with
/// some to spare for a client whose last answer came from a cache ahead of ours.
constexpr std::uint64_t kMostPartsAhead = 8;

}  // namespace

HlsReloadState state_of(const HlsReload& reload, const SegmentWindow& window) {
  if (!reload.segment) return reload.part ? HlsReloadState::kWrong : HlsReloadState::kReady;
  std::uint64_t segment = *reload.segment;
  auto part = window.has_parts() ? reload.part : std::nullopt;
  const auto& segments = window.segments();
  const std::uint64_t complete_to =
      segments.empty() ? window.media_sequence() : segments.back().number + 1;  // exclusive
  const std::uint64_t open_parts = window.open() ? window.open()->parts.size() : 0;
  // A part behind the last one of a segment that is complete is the first of the next.
  if (part && !segments.empty() && segment + 1 == complete_to &&
      *part >= segments.back().parts.size()) {
    ++segment;
    part = 0;
  }
  if (segment < complete_to) return HlsReloadState::kReady;
  const std::uint64_t last = open_parts > 0 ? complete_to : complete_to - (complete_to > 0 ? 1 : 0);
  if (segment > last + 2) return HlsReloadState::kTooFar;
  if (!part || segment > complete_to) return HlsReloadState::kWait;
  if (*part < open_parts) return HlsReloadState::kReady;
  return *part > open_parts + kMostPartsAhead ? HlsReloadState::kTooFar : HlsReloadState::kWait;
}

}  // namespace rooms
