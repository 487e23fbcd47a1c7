// SPDX-License-Identifier: LGPL-2.1-or-later
// Any payload as each codec we look into.
#include "gst/core/codec/frame_info.h"
#include "gst/core/codec/h264_size.h"
#include "tests/fuzz/input.h"

using namespace rooms;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes payload(data, size);
  for (Codec codec : {Codec::kUnknown, Codec::kOpus, Codec::kRed, Codec::kVp8, Codec::kVp9,
                      Codec::kH264, Codec::kAv1}) {
    const FrameInfo info = inspect(codec, payload);
    const Vp8Numbers& numbers = info.vp8;
    // An edit of these bytes must stay within the payload.
    const std::size_t picture_id_size = numbers.picture_id_is_long ? 2 : 1;
    require(!numbers.has_picture_id() || numbers.picture_id_offset + picture_id_size <= size);
    require(!numbers.has_tl0() || numbers.tl0_offset < size);
    require(numbers.picture_id <= (numbers.picture_id_is_long ? 0x7FFF : 0x7F));
    require(!info.temporal_id || *info.temporal_id < 8);
    require(!info.spatial_id || *info.spatial_id < 8);
  }
  if (const auto picture = read_h264_size(payload))
    require(picture->width > 0 && picture->height > 0);
  if (const auto reordered = read_h264_reordering(payload)) require(*reordered <= 16);
  avc_record_reorders(payload);
  return 0;
}
