// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/h264_size.h"

#include <algorithm>
#include <array>

#include "gst/core/codec/bit_reader.h"

namespace rooms {
namespace {

// Longer sets exist, but their size stands before this.
constexpr std::size_t kLookedAt = 256;

/// Without the emulation prevention bytes (7.4.1).
std::size_t unescape(Bytes in, std::array<std::uint8_t, kLookedAt>& out) {
  std::size_t size = 0;
  unsigned zeros = 0;
  for (const auto byte : in.first(std::min(in.size(), kLookedAt))) {
    const bool escape = zeros >= 2 && byte == 3;
    zeros = byte == 0 ? zeros + 1 : 0;
    if (!escape) out[size++] = byte;
  }
  return size;
}

void skip_scaling_list(BitReader& bits, unsigned size) {
  std::int32_t last = 8;
  std::int32_t next = 8;
  for (unsigned i = 0; i < size && !bits.past_end(); ++i) {
    if (next != 0) next = (last + bits.signed_exp_golomb() + 256) % 256;
    if (next != 0) last = next;
  }
}

bool has_chroma_fields(unsigned profile) {
  constexpr std::array kProfiles = {100U, 110U, 122U, 244U, 44U,  83U, 86U,
                                    118U, 128U, 138U, 139U, 134U, 135U};
  return std::find(kProfiles.begin(), kProfiles.end(), profile) != kProfiles.end();
}

/// The chroma format; 1 is 4:2:0.
unsigned skip_to_order_count(BitReader& bits, unsigned profile) {
  bits.exp_golomb();  // seq_parameter_set_id
  unsigned chroma = 1;
  if (has_chroma_fields(profile)) {
    chroma = bits.exp_golomb();
    if (chroma == 3) bits.flag();
    bits.exp_golomb();
    bits.exp_golomb();
    bits.flag();
    if (bits.flag()) {
      for (unsigned i = 0; i < (chroma == 3 ? 12U : 8U); ++i)
        if (bits.flag()) skip_scaling_list(bits, i < 6 ? 16 : 64);
    }
  }
  bits.exp_golomb();  // log2_max_frame_num_minus4
  return chroma;
}

void skip_order_count(BitReader& bits) {
  const auto type = bits.exp_golomb();
  if (type == 0) {
    bits.exp_golomb();
  } else if (type == 1) {
    bits.flag();
    bits.signed_exp_golomb();
    bits.signed_exp_golomb();
    const auto count = std::min(bits.exp_golomb(), 255U);
    for (unsigned i = 0; i < count && !bits.past_end(); ++i) bits.signed_exp_golomb();
  }
}

}  // namespace

std::optional<PictureSize> read_h264_size(Bytes set) {
  std::array<std::uint8_t, kLookedAt> plain;
  const std::size_t size = unescape(set, plain);
  BitReader bits(Bytes(plain).first(size));
  const unsigned profile = bits.bits(8);
  bits.bits(16);  // constraints and level
  const unsigned chroma = skip_to_order_count(bits, profile);
  skip_order_count(bits);
  bits.exp_golomb();  // max_num_ref_frames
  bits.flag();
  std::uint64_t width = (std::uint64_t{bits.exp_golomb()} + 1) * 16;
  std::uint64_t height = (std::uint64_t{bits.exp_golomb()} + 1) * 16;
  const bool frames_only = bits.flag();
  if (!frames_only) {
    height *= 2;
    bits.flag();
  }
  bits.flag();  // direct_8x8_inference_flag
  if (bits.flag()) {
    const std::uint64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
    const std::uint64_t unit_y = (chroma == 1 ? 2 : 1) * (frames_only ? 1U : 2U);
    const std::uint64_t cut_x = unit_x * (std::uint64_t{bits.exp_golomb()} + bits.exp_golomb());
    const std::uint64_t cut_y = unit_y * (std::uint64_t{bits.exp_golomb()} + bits.exp_golomb());
    if (cut_x >= width || cut_y >= height) return std::nullopt;
    width -= cut_x;
    height -= cut_y;
  }
  constexpr std::uint64_t kLargest = 16384;
  if (bits.past_end() || width > kLargest || height > kLargest) return std::nullopt;
  return PictureSize{static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height)};
}

}  // namespace rooms
