// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/payload_source.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "gst/core/codec/frame_info.h"
#include "tests/load/stamp.h"

namespace rooms::load {
namespace {

struct Packet {
  std::vector<std::uint8_t> bytes;
  bool marker = false;
};

std::vector<Packet> frame_of(VideoSource& source) {
  std::vector<Packet> packets;
  source.begin_frame();
  while (source.pending()) {
    std::array<std::uint8_t, VideoSource::kMaxPayload> out{};
    const auto payload = source.next(out);
    EXPECT_GE(payload.size, kStampSize);
    EXPECT_LE(payload.size, out.size());
    write_stamp(MutableBytes(out).first(payload.size), {1, packets.size(), Timestamp{}});
    packets.push_back(
        {{out.begin(), out.begin() + static_cast<std::ptrdiff_t>(payload.size)}, payload.marker});
  }
  return packets;
}

VideoSettings settings(Codec codec, std::uint32_t bitrate = 1000000) {
  return {codec, bitrate, 30, 640, 480};
}

TEST(VideoSource, BeginsWithAKeyframeAndGoesOnWithoutUntilAsked) {
  for (const auto codec : {Codec::kVp8, Codec::kH264}) {
    VideoSource source(settings(codec), 7);
    for (int frame = 0; frame < 10; ++frame) {
      if (frame == 6) source.request_keyframe();
      const auto packets = frame_of(source);
      ASSERT_FALSE(packets.empty());
      const auto info = inspect(codec, packets[0].bytes);
      EXPECT_EQ(info.keyframe, frame == 0 || frame == 6) << name_of(codec) << " frame " << frame;
      EXPECT_EQ(source.is_keyframe(), info.keyframe);
      EXPECT_TRUE(info.frame_start);
    }
  }
}

TEST(VideoSource, MarksOnlyTheLastPacketOfAFrame) {
  for (const auto codec : {Codec::kVp8, Codec::kH264}) {
    VideoSource source(settings(codec, 4000000), 7);
    for (int frame = 0; frame < 5; ++frame) {
      const auto packets = frame_of(source);
      ASSERT_GT(packets.size(), 3U);
      for (std::size_t i = 0; i < packets.size(); ++i)
        EXPECT_EQ(packets[i].marker, i + 1 == packets.size());
    }
  }
}

TEST(VideoSource, NumbersVp8PicturesOneByOne) {
  VideoSource source(settings(Codec::kVp8), 0xFFFFFF00);
  std::optional<std::uint16_t> last;
  for (int frame = 0; frame < 40; ++frame) {
    for (const auto& packet : frame_of(source)) {
      const auto info = inspect(Codec::kVp8, packet.bytes);
      ASSERT_TRUE(info.vp8.has_picture_id());
      EXPECT_TRUE(info.vp8.picture_id_is_long);
      if (last && info.frame_start) {
        EXPECT_EQ(info.vp8.picture_id, (*last + 1) & 0x7FFF);
      }
      last = info.vp8.picture_id;
    }
  }
}

TEST(VideoSource, WritesAVp8KeyframeHeaderThatTellsItsSizeAndPartition) {
  VideoSource source(settings(Codec::kVp8), 3);
  const auto packets = frame_of(source);
  std::size_t frame = 0;
  for (const auto& packet : packets) frame += packet.bytes.size() - 4;
  const std::uint8_t* header = &packets[0].bytes[4];
  EXPECT_EQ(header[3], 0x9D);  // RFC 6386 9.1
  EXPECT_EQ(header[4], 0x01);
  EXPECT_EQ(header[5], 0x2A);
  EXPECT_EQ(header[6] | (header[7] << 8), 640);
  EXPECT_EQ(header[8] | (header[9] << 8), 480);
  const auto partition =
      static_cast<std::size_t>((header[0] | (header[1] << 8) | (header[2] << 16)) >> 5);
  EXPECT_GT(partition, 0U);
  EXPECT_LT(partition, frame);
}

TEST(VideoSource, CutsH264SlicesIntoFragmentsThatJoinToOneNalUnit) {
  VideoSource source(settings(Codec::kH264, 4000000), 3);
  for (int frame = 0; frame < 4; ++frame) {
    auto packets = frame_of(source);
    const std::uint8_t type = frame == 0 ? 5 : 1;
    if (frame == 0) {
      EXPECT_EQ(packets[0].bytes[0] & 0x1F, 24);  // STAP-A with SPS, PPS
      packets.erase(packets.begin());
    }
    ASSERT_GT(packets.size(), 1U);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      EXPECT_EQ(packets[i].bytes[0] & 0x1F, 28);  // FU-A
      EXPECT_EQ(packets[i].bytes[1] & 0x1F, type);
      EXPECT_EQ((packets[i].bytes[1] & 0x80) != 0, i == 0);
      EXPECT_EQ((packets[i].bytes[1] & 0x40) != 0, i + 1 == packets.size());
    }
  }
}

TEST(VideoSource, PutsSmallH264SlicesIntoSingleNalUnits) {
  VideoSource source(settings(Codec::kH264, 100000), 3);
  frame_of(source);
  const auto packets = frame_of(source);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].bytes[0] & 0x1F, 1);
}

TEST(VideoSource, WritesNoStartCodeIntoH264) {
  VideoSource source(settings(Codec::kH264), 3);
  for (int frame = 0; frame < 50; ++frame) {
    const auto packets = frame_of(source);
    // Lengths inside a STAP-A are not part of a NAL unit.
    for (std::size_t p = frame == 0 ? 1 : 0; p < packets.size(); ++p) {
      const auto& bytes = packets[p].bytes;
      for (std::size_t i = 2; i < bytes.size(); ++i)
        ASSERT_FALSE(bytes[i - 2] == 0 && bytes[i - 1] == 0 && bytes[i] <= 3);
    }
  }
}

TEST(VideoSource, KeepsTheBitrateWithKeyframesNowAndThen) {
  for (const auto codec : {Codec::kVp8, Codec::kH264}) {
    for (const std::uint32_t bitrate : {100000U, 500000U, 1000000U, 2500000U}) {
      VideoSource source(settings(codec, bitrate), 11);
      std::size_t bytes = 0;
      std::size_t first = 0;
      for (int frame = 0; frame < 300; ++frame) {
        if (frame % 100 == 50) source.request_keyframe();
        std::size_t size = 0;
        for (const auto& packet : frame_of(source)) size += packet.bytes.size();
        if (frame == 0) first = size;
        bytes += size;
      }
      const double actual = static_cast<double>(bytes) * 8 / 10;
      EXPECT_NEAR(actual, bitrate, bitrate * 0.06) << name_of(codec);
      EXPECT_GT(static_cast<double>(first), bitrate / 8.0 / 30 * 3);
    }
  }
}

TEST(Opus, SaysTwentyMillisecondsOfOneFrame) {
  std::array<std::uint8_t, kOpusPayload> payload{};
  write_opus(payload);
  EXPECT_EQ(payload[0] >> 3, 31);   // CELT, fullband, 20 ms (RFC 6716 table 2)
  EXPECT_EQ(payload[0] & 0x03, 0);  // one frame
}

TEST(Stamp, ComesBackAsItWasWritten) {
  std::array<std::uint8_t, 100> payload{};
  const Stamp written{123456, 0x3FFFFFFFF, Timestamp(Duration(0x123456789ABCDEF))};
  write_stamp(payload, written);
  const auto read = read_stamp(payload);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->source, written.source);
  EXPECT_EQ(read->sequence, written.sequence);
  EXPECT_EQ(read->sent, written.sent);
  for (std::size_t i = payload.size() - kStampSize; i < payload.size(); ++i)
    EXPECT_TRUE(payload[i] & 0x80);
}

TEST(Stamp, IsNotSeenInForeignPayloads) {
  std::array<std::uint8_t, 100> payload{};
  EXPECT_FALSE(read_stamp(payload));
  EXPECT_FALSE(read_stamp(Bytes(payload).first(kStampSize - 1)));
  EXPECT_FALSE(read_stamp({}));
}

}  // namespace
}  // namespace rooms::load
