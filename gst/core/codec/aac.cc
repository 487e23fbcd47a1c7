// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/aac.h"

#include <algorithm>
#include <array>

namespace rooms {
namespace {

constexpr std::uint64_t kLowComplexity = 2;  // audioObjectType
/// ISO/IEC 14496-3 table 1.18.
constexpr std::array<std::uint32_t, 13> kSampleRates = {
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350};
constexpr std::uint64_t kExplicitRate = 15;
/// In bits: a size in 13 and an index in 3 (RFC 3640 3.3.6).
constexpr unsigned kUnitHeaderBits = 16;

}  // namespace

std::vector<std::uint8_t> aac_config(std::uint32_t sample_rate, unsigned channels) {
  const auto* const rate = std::find(kSampleRates.begin(), kSampleRates.end(), sample_rate);
  const std::uint64_t layout = channels == 8 ? 7 : channels;  // channelConfiguration
  // The three bits at the end: frames of 1024 samples, no core coder, no extension.
  std::uint64_t bits = kLowComplexity << 11 | layout << 3;
  std::size_t size = 2;
  if (rate != kSampleRates.end()) {
    bits |= static_cast<std::uint64_t>(rate - kSampleRates.begin()) << 7;
  } else {
    bits =
        kLowComplexity << 35 | kExplicitRate << 31 | std::uint64_t{sample_rate} << 7 | layout << 3;
    size = 5;
  }
  std::vector<std::uint8_t> config;
  while (size-- > 0) config.push_back(static_cast<std::uint8_t>(bits >> (8 * size)));
  return config;
}

std::optional<Bytes> aac_unit_of(Bytes payload) {
  if (payload.size() <= 4 || load_u16(payload.data()) != kUnitHeaderBits) return std::nullopt;
  const std::uint16_t header = load_u16(&payload[2]);
  const auto unit = payload.subspan(4);
  const bool whole = header >> 3 == unit.size() && (header & 7) == 0;
  return whole ? std::optional(unit) : std::nullopt;
}

}  // namespace rooms
