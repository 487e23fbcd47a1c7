// SPDX-License-Identifier: LGPL-2.1-or-later
// NTP timestamps: seconds since 1900 as 32.32 fixed point (RFC 3550 4). One value here is one of
// era 0 (until 2036) or, if its first bit is clear, of era 1 (RFC 4330 3).
#pragma once

#include <cstdint>

#include "gst/core/time.h"

namespace rooms {

constexpr std::int64_t kNtpUnixOffsetSeconds = 2'208'988'800;  ///< 1900 to 1970

/// A span of time as 32.32; negative spans give 0.
constexpr std::uint64_t to_ntp_span(Duration span) {
  if (span.count() < 0) return 0;
  const auto ns = static_cast<std::uint64_t>(span.count());
  const std::uint64_t seconds = ns / 1'000'000'000;
  const std::uint64_t rest = ns % 1'000'000'000;
  return (seconds << 32) | ((rest << 32) / 1'000'000'000);
}

/// Rounded to the nearest nanosecond, so that conversions there and back agree.
constexpr Duration from_ntp_span(std::uint64_t ntp) {
  const std::uint64_t fraction = ((ntp & 0xFFFFFFFF) * 1'000'000'000 + 0x80000000U) >> 32;
  return Duration(static_cast<std::int64_t>((ntp >> 32) * 1'000'000'000 + fraction));
}

/// Wall clock (time since 1970) to NTP.
constexpr std::uint64_t unix_to_ntp(Duration since_1970) {
  return to_ntp_span(since_1970) + (static_cast<std::uint64_t>(kNtpUnixOffsetSeconds) << 32);
}

/// NTP to time since 1970.
constexpr Duration ntp_to_unix(std::uint64_t ntp) {
  const std::int64_t era = (ntp >> 63) != 0 ? 0 : (std::int64_t{1} << 32);
  const auto seconds = static_cast<std::int64_t>(ntp >> 32) + era - kNtpUnixOffsetSeconds;
  return std::chrono::seconds(seconds) + from_ntp_span(ntp & 0xFFFFFFFF);
}

/// The middle 32 bits: LSR of report blocks.
constexpr std::uint32_t compact_ntp(std::uint64_t ntp) {
  return static_cast<std::uint32_t>(ntp >> 16);
}

/// 1/65536 s: DLSR. Saturates.
constexpr std::uint32_t to_compact_span(Duration span) {
  const std::uint64_t ntp = to_ntp_span(span) >> 16;
  return ntp > 0xFFFFFFFF ? 0xFFFFFFFFU : static_cast<std::uint32_t>(ntp);
}
constexpr Duration from_compact_span(std::uint32_t span) {
  return from_ntp_span(std::uint64_t{span} << 16);
}

/// Round-trip time from a report block that answers our SR (RFC 3550 6.4.1); negative results and
/// reports without SR give zero. `now_ntp`: our NTP time when the report came.
constexpr Duration round_trip(std::uint64_t now_ntp, std::uint32_t last_sr,
                              std::uint32_t delay_since_last_sr) {
  if (last_sr == 0) return {};
  const auto compact =
      static_cast<std::int32_t>(compact_ntp(now_ntp) - last_sr - delay_since_last_sr);
  return compact <= 0 ? Duration{} : from_compact_span(static_cast<std::uint32_t>(compact));
}

}  // namespace rooms
