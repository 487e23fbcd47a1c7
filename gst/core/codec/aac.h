// SPDX-License-Identifier: LGPL-2.1-or-later
// AAC-LC as it stands in RTP packets, files and streams: access units without ADTS headers, and
// what a decoder must be told before the first.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gst/core/bytes.h"

namespace rooms {

/// Of one access unit.
constexpr unsigned kAacFrameSamples = 1024;

/// AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1) of AAC-LC: two bytes, five for a rate that has no
/// index. `channels`: 1 to 6, or 8.
std::vector<std::uint8_t> aac_config(std::uint32_t sample_rate, unsigned channels);

/// The access unit of an RTP payload in mode AAC-hbr (RFC 3640 3.3.6) that holds one. nullopt: it
/// holds several or a part of one, which no encoder of a room sends, or contradicts itself.
std::optional<Bytes> aac_unit_of(Bytes payload);

}  // namespace rooms
