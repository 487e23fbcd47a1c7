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
    // -128 to 127; of what is neither the low byte, as a decoder would count.
    if (next != 0) next = (last + bits.signed_exp_golomb() % 256 + 256) % 256;
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

/// pic_order_cnt_type
unsigned skip_order_count(BitReader& bits) {
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
  return type;
}

/// What stands before the size.
struct Beginning {
  unsigned profile = 0;
  unsigned chroma = 1;
  unsigned order_count = 0;
};

Beginning read_beginning(BitReader& bits) {
  Beginning beginning;
  beginning.profile = bits.bits(8);
  bits.bits(16);  // constraints and level
  beginning.chroma = skip_to_order_count(bits, beginning.profile);
  beginning.order_count = skip_order_count(bits);
  return beginning;
}

std::optional<PictureSize> read_size(BitReader& bits, unsigned chroma) {
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

/// E.1.2
void skip_buffering(BitReader& bits) {
  const auto count = std::min(bits.exp_golomb(), 31U) + 1;
  bits.bits(8);
  for (unsigned i = 0; i < count && !bits.past_end(); ++i) {
    bits.exp_golomb();
    bits.exp_golomb();
    bits.flag();
  }
  bits.bits(20);
}

/// E.1.1, up to bitstream_restriction_flag.
void skip_to_restrictions(BitReader& bits) {
  constexpr unsigned kExtendedAspect = 255;
  if (bits.flag() && bits.bits(8) == kExtendedAspect) bits.bits(32);
  if (bits.flag()) bits.flag();  // overscan
  if (bits.flag()) {             // video signal type
    bits.bits(4);
    if (bits.flag()) bits.bits(24);
  }
  if (bits.flag()) {  // place of chroma samples
    bits.exp_golomb();
    bits.exp_golomb();
  }
  if (bits.flag()) {  // timing
    bits.bits(32);
    bits.bits(32);
    bits.flag();
  }
  const bool units = bits.flag();
  if (units) skip_buffering(bits);
  const bool slices = bits.flag();
  if (slices) skip_buffering(bits);
  if (units || slices) bits.flag();
  bits.flag();  // pic_struct_present_flag
}

}  // namespace

std::optional<PictureSize> read_h264_size(Bytes set) {
  std::array<std::uint8_t, kLookedAt> plain;
  const std::size_t size = unescape(set, plain);
  BitReader bits(Bytes(plain).first(size));
  const auto beginning = read_beginning(bits);
  return read_size(bits, beginning.chroma);
}

std::optional<unsigned> read_h264_reordering(Bytes set) {
  constexpr unsigned kBaseline = 66;  // has no B-frames
  constexpr unsigned kAsDecoded = 2;  // 8.2.1.3
  constexpr unsigned kMost = 16;
  std::array<std::uint8_t, kLookedAt> plain;
  const std::size_t size = unescape(set, plain);
  BitReader bits(Bytes(plain).first(size));
  const auto beginning = read_beginning(bits);
  if (!read_size(bits, beginning.chroma)) return std::nullopt;
  if (beginning.profile == kBaseline || beginning.order_count == kAsDecoded) return 0;
  if (!bits.flag()) return std::nullopt;
  skip_to_restrictions(bits);
  if (!bits.flag()) return std::nullopt;
  bits.flag();  // motion vectors over the edges
  for (unsigned i = 0; i < 4; ++i) bits.exp_golomb();
  const auto reordered = bits.exp_golomb();
  if (bits.past_end() || reordered > kMost) return std::nullopt;
  return reordered;
}

bool avc_record_reorders(Bytes record) {
  // Five bytes, a number of sets, the length of the first one, its NAL header.
  constexpr std::size_t kHead = 9;
  if (record.size() < kHead || (record[5] & 0x1F) == 0) return false;
  const std::size_t size = load_u16(&record[6]);
  if (size < 1 || size > record.size() - kHead + 1) return false;
  return read_h264_reordering(record.subspan(kHead, size - 1)).value_or(0) > 0;
}

}  // namespace rooms
