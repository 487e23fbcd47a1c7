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

TEST(H264Reordering, IsWhatTheEncoderWasToldToDo) {
  using Set = std::vector<std::uint8_t>;
  const struct {
    const char* title;
    Set set;
    std::optional<unsigned> reordered;
  } rows[] = {
      {"baseline", kSets[0].bytes, 0},
      {"no B-frames",
       {0x64, 0x00, 0x0D, 0xAC, 0xB2, 0x02, 0x83, 0xF6, 0x02, 0x20, 0x00,
        0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x06, 0x41, 0xE2, 0x85, 0x49},
       0},
      {"three, in a pyramid",
       {0x64, 0x00, 0x0D, 0xAC, 0xD9, 0x41, 0x41, 0xFB, 0x01, 0x10, 0x00, 0x00,
        0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xF1, 0x42, 0x99, 0x60},
       2},
      {"two, with parameters of a buffer before",
       {0x4D, 0x40, 0x14, 0xEC, 0xA0, 0xA0, 0xFD, 0x80, 0x88, 0x00, 0x00, 0x03,
        0x00, 0x08, 0x00, 0x00, 0x03, 0x01, 0x97, 0x02, 0x00, 0x07, 0xA1, 0x20,
        0x00, 0xF4, 0x27, 0x26, 0x18, 0x03, 0xC5, 0x0A, 0x65, 0x80},
       2},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(read_h264_reordering(row.set), row.reordered) << row.title;
    Set record = {1,    row.set[0], row.set[1], row.set[2],
                  0xFF, 0xE1,       0,          static_cast<std::uint8_t>(row.set.size() + 1),
                  0x67};
    record.insert(record.end(), row.set.begin(), row.set.end());
    EXPECT_EQ(avc_record_reorders(record), row.reordered > 0U) << row.title;
    // Cut short it says nothing, and nothing is read past its end.
    for (std::size_t size = 0; size < record.size(); ++size)
      EXPECT_FALSE(avc_record_reorders(Bytes(record).first(size))) << row.title << " " << size;
  }
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
