// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "gst/core/codec/bit_reader.h"
#include "gst/core/codec/vp8.h"
#include "gst/core/codec/vp9.h"
#include "gst/core/record/depacketizer.h"

namespace rooms {
namespace {

/// Bytes of the VP8 payload descriptor (RFC 7741 4.2); nullopt: cut short.
std::optional<std::size_t> vp8_descriptor(Bytes payload) {
  if (payload.empty()) return std::nullopt;
  std::size_t size = 1;
  if ((payload[0] & 0x80) != 0) {
    if (payload.size() < 2) return std::nullopt;
    const unsigned present = payload[1];
    size = 2;
    if ((present & 0x80) != 0) {
      if (payload.size() <= size) return std::nullopt;
      size += (payload[size] & 0x80) != 0 ? 2 : 1;
    }
    if ((present & 0x40) != 0) ++size;
    if ((present & 0x30) != 0) ++size;
  }
  if (payload.size() < size) return std::nullopt;
  return size;
}

/// The same of VP9 (RFC 9628 4.2).
std::optional<std::size_t> vp9_descriptor(Bytes payload) {
  if (payload.empty()) return std::nullopt;
  const unsigned flags = payload[0];
  std::size_t at = 1;
  const auto byte = [&](std::size_t index) {
    return index < payload.size() ? unsigned{payload[index]} : 0U;
  };
  if ((flags & 0x80) != 0) at += (byte(at) & 0x80) != 0 ? 2 : 1;
  const bool flexible = (flags & 0x10) != 0;
  if ((flags & 0x20) != 0) at += flexible ? 1 : 2;
  if (flexible && (flags & 0x40) != 0) {
    for (unsigned n = 0; n < 3; ++n)
      if ((byte(at++) & 0x01) == 0) break;
  }
  if ((flags & 0x02) != 0) {
    const unsigned head = byte(at++);
    if ((head & 0x10) != 0) at += 4 * ((head >> 5) + std::size_t{1});
    if ((head & 0x08) != 0) {
      const unsigned pictures = byte(at++);
      for (unsigned n = 0; n < pictures; ++n) at += 1 + ((byte(at) >> 2) & 0x03);
    }
  }
  if (at > payload.size()) return std::nullopt;
  return at;
}

/// VP9 bitstream, annex B: the sizes of all frames but told behind the last one.
void add_superframe_index(std::vector<std::uint8_t>& data, const std::vector<std::size_t>& sizes) {
  const auto marker = static_cast<std::uint8_t>(0xC0 | (3 << 3) | (sizes.size() - 1));
  data.push_back(marker);
  for (const auto size : sizes)
    for (unsigned shift = 0; shift < 32; shift += 8)
      data.push_back(static_cast<std::uint8_t>(size >> shift));
  data.push_back(marker);
}

}  // namespace

std::optional<EncodedFrame> depacketize_vp8(FramePayloads payloads) {
  EncodedFrame frame;
  const auto info = inspect_vp8(payloads[0]);
  if (!info.frame_start) return std::nullopt;
  for (const auto& payload : payloads) {
    const auto head = vp8_descriptor(payload);
    if (!head) return std::nullopt;
    frame.data.insert(frame.data.end(), payload.begin() + static_cast<std::ptrdiff_t>(*head),
                      payload.end());
  }
  if (frame.data.empty()) return std::nullopt;
  frame.keyframe = info.keyframe && info.width != 0 && info.height != 0;
  if (frame.keyframe) {
    frame.setup.codec = Codec::kVp8;
    frame.setup.width = info.width;
    frame.setup.height = info.height;
  }
  return frame;
}

std::optional<StreamSetup> read_vp9_setup(Bytes frame) {
  BitReader bits(frame);
  if (bits.bits(2) != 2) return std::nullopt;  // frame_marker
  unsigned profile = bits.bits(1);
  profile |= bits.bits(1) << 1;
  if (profile == 3) bits.bits(1);
  if (bits.flag()) return std::nullopt;  // shows a frame that is there already
  if (bits.flag()) return std::nullopt;  // frame_type: no keyframe
  bits.bits(2);                          // show_frame, error_resilient_mode
  if (bits.bits(24) != 0x498342) return std::nullopt;
  unsigned depth = 8;
  if (profile >= 2) depth = bits.flag() ? 12 : 10;
  const unsigned space = bits.bits(3);
  constexpr unsigned kRgb = 7;
  unsigned subsampling = 1;  // 4:2:0, colocated
  unsigned full_range = 1;
  if (space != kRgb) {
    full_range = bits.bits(1);
    if (profile == 1 || profile == 3) {
      const unsigned both = bits.bits(2);
      bits.bits(1);
      subsampling = both == 3 ? 1 : (both == 2 ? 2 : 3);
    }
  } else {
    subsampling = 3;
    if (profile == 1 || profile == 3) bits.bits(1);
  }
  StreamSetup setup;
  setup.codec = Codec::kVp9;
  setup.width = static_cast<std::uint16_t>(bits.bits(16) + 1);
  setup.height = static_cast<std::uint16_t>(bits.bits(16) + 1);
  if (bits.past_end() || setup.width == 0 || setup.height == 0) return std::nullopt;
  // VP Codec ISO Media File Format Binding: level 0 is "not told", colours 2 "unspecified".
  setup.record = {static_cast<std::uint8_t>(profile),
                  0,
                  static_cast<std::uint8_t>((depth << 4) | (subsampling << 1) | full_range),
                  2,
                  2,
                  2,
                  0,
                  0};
  return setup;
}

std::optional<EncodedFrame> depacketize_vp9(FramePayloads payloads) {
  EncodedFrame frame;
  std::vector<std::size_t> sizes;
  const auto first = inspect_vp9(payloads[0]);
  if (!first.frame_start) return std::nullopt;
  for (const auto& payload : payloads) {
    const auto head = vp9_descriptor(payload);
    if (!head) return std::nullopt;
    if (inspect_vp9(payload).frame_start || sizes.empty()) sizes.push_back(0);
    sizes.back() += payload.size() - *head;
    frame.data.insert(frame.data.end(), payload.begin() + static_cast<std::ptrdiff_t>(*head),
                      payload.end());
  }
  std::erase(sizes, 0);
  constexpr std::size_t kMostFrames = 8;
  if (sizes.empty() || sizes.size() > kMostFrames) return std::nullopt;
  if (first.keyframe) {
    if (auto setup = read_vp9_setup(Bytes(frame.data).first(sizes.front()))) {
      // The size that is seen is that of the highest layer.
      std::size_t at = 0;
      for (const auto size : sizes) {
        if (const auto above = read_vp9_setup(Bytes(frame.data).subspan(at, size))) {
          setup->width = std::max(setup->width, above->width);
          setup->height = std::max(setup->height, above->height);
        }
        at += size;
      }
      setup->width = std::max(setup->width, first.width);
      setup->height = std::max(setup->height, first.height);
      frame.setup = std::move(*setup);
      frame.keyframe = true;
    }
  }
  if (sizes.size() > 1) add_superframe_index(frame.data, sizes);
  return frame;
}

}  // namespace rooms
