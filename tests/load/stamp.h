// SPDX-License-Identifier: LGPL-2.1-or-later
// What the generator writes at the end of every payload, so that a receiver in the same process can
// tell how long a packet took and whether any is missing, whatever a server does to headers and
// payload descriptors. Every byte has its top bit set: inside an H.264 NAL unit nothing looks like
// a start code, and the last one doubles as RBSP trailing bits (ITU-T H.264 7.3.2.11).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "gst/core/bytes.h"
#include "gst/core/time.h"

namespace rooms::load {

struct Stamp {
  std::uint32_t source = 0;    ///< which stream of which publisher; 21 bits
  std::uint64_t sequence = 0;  ///< of that stream, retransmissions keep it; 35 bits
  Timestamp sent;
};

constexpr std::array<std::uint8_t, 4> kStampMark = {0xD7, 0xA3, 0xC9, 0x9E};
constexpr std::size_t kStampSize = kStampMark.size() + 3 + 5 + 9 + 1;

namespace stamp_detail {

inline void store_sevens(std::uint8_t* p, std::size_t count, std::uint64_t value) {
  for (std::size_t i = count; i-- > 0; value >>= 7)
    p[i] = static_cast<std::uint8_t>(0x80 | (value & 0x7F));
}

inline std::uint64_t load_sevens(const std::uint8_t* p, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = (value << 7) | (p[i] & 0x7F);
  return value;
}

}  // namespace stamp_detail

/// At the end of `payload`, which has at least kStampSize bytes.
inline void write_stamp(MutableBytes payload, const Stamp& stamp) {
  std::uint8_t* p = payload.data() + payload.size() - kStampSize;
  for (const auto byte : kStampMark) *p++ = byte;
  stamp_detail::store_sevens(p, 3, stamp.source);
  stamp_detail::store_sevens(p + 3, 5, stamp.sequence);
  const auto sent = static_cast<std::uint64_t>(stamp.sent.time_since_epoch().count());
  stamp_detail::store_sevens(p + 8, 9, sent);
  p[17] = 0x80;
}

/// nullopt: this payload is not ours.
inline std::optional<Stamp> read_stamp(Bytes payload) {
  if (payload.size() < kStampSize) return std::nullopt;
  const std::uint8_t* p = payload.data() + payload.size() - kStampSize;
  for (const auto byte : kStampMark)
    if (*p++ != byte) return std::nullopt;
  Stamp stamp;
  stamp.source = static_cast<std::uint32_t>(stamp_detail::load_sevens(p, 3));
  stamp.sequence = stamp_detail::load_sevens(p + 3, 5);
  stamp.sent = Timestamp(Duration(static_cast<std::int64_t>(stamp_detail::load_sevens(p + 8, 9))));
  return stamp;
}

}  // namespace rooms::load
