// SPDX-License-Identifier: LGPL-2.1-or-later
// What keyframes tell of the size of their pictures.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "gst/core/codec/h264_size.h"
#include "gst/core/codec/stream_inspector.h"
#include "tests/core/rtp/recording.h"

namespace rooms {
namespace {

/// Parameter sets as x264 writes them, without the byte of their type.
struct ParameterSet {
  std::vector<std::uint8_t> bytes;
  std::uint16_t width;
  std::uint16_t height;
};
const ParameterSet kSets[] = {
    {{0x42, 0xC0, 0x28, 0xD9, 0x00, 0x78, 0x02, 0x27, 0xE5, 0xC0, 0x5A, 0x80, 0x80, 0x80,
      0xA0, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x07, 0x91, 0xE3, 0x06, 0x49},
     1920,
     1080},
    {{0x64, 0x00, 0x28, 0xAC, 0xD9, 0x40, 0x78, 0x02, 0x27, 0xE5, 0xC0, 0x5A, 0x80, 0x80, 0x80,
      0xA0, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x07, 0x91, 0xE3, 0x06, 0x32, 0xC0},
     1920,
     1080},
    {{0x64, 0x00, 0x1E, 0xAC, 0xD9, 0x40, 0xA4, 0x2F, 0xE2, 0x24, 0xC0, 0x5A, 0x83, 0x03, 0x03,
      0x52, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1E, 0x47, 0x8B, 0x16, 0xCB},
     642,
     362},
};

TEST(H264Size, IsThatOfTheCroppedPicture) {
  for (const auto& set : kSets) {
    const auto size = read_h264_size(set.bytes);
    ASSERT_TRUE(size);
    EXPECT_EQ(size->width, set.width);
    EXPECT_EQ(size->height, set.height);
  }
}

TEST(H264Size, IsNotMadeUpFromASetThatIsCutShort) {
  const auto& whole = kSets[0].bytes;
  for (std::size_t size = 0; size < 8; ++size)
    EXPECT_FALSE(read_h264_size(Bytes(whole).first(size))) << size;
}

/// Three encodings of a camera at 1280x720, as far as the publisher's line carried them.
class PictureSizes : public testing::TestWithParam<const char*> {};

TEST_P(PictureSizes, AreToldByTheKeyframesOfEachLayer) {
  std::map<std::uint32_t, StreamInspector> inspectors;
  std::set<std::pair<int, int>> sizes;
  for (const auto& packet : test::read_recording(GetParam())) {
    const auto header = packet.header();
    const auto frame =
        inspectors[header.ssrc].inspect(test::codec_of(header), packet.bytes, header, 0);
    if (frame.width != 0) sizes.emplace(frame.width, frame.height);
  }
  for (const auto& [width, height] : sizes) EXPECT_EQ(width * 9, height * 16);
  EXPECT_TRUE(sizes.contains({320, 180}));
  EXPECT_GE(sizes.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Browsers, PictureSizes,
                         testing::Values("chromium-vp8-simulcast", "chromium-h264-simulcast",
                                         "firefox-vp8-simulcast"));

}  // namespace
}  // namespace rooms
