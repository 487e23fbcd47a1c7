// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/layer_meter.h"

#include <gtest/gtest.h>

#include "gst/core/codec/stream_inspector.h"
#include "tests/core/rtp/recording.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;

TEST(LayerMeter, MeasuresAStreamWithoutLayers) {
  LayerMeter meter;
  FrameInfo key{.keyframe = true};
  key.width = 640;
  key.height = 360;
  int tables = 0;
  for (int i = 0; i < 250; ++i) {
    const auto tick = meter.observe(i == 0 ? key : FrameInfo{}, static_cast<std::uint32_t>(i / 2),
                                    1250, Timestamp(milliseconds(i * 20)));
    if (tick == LayerMeter::Tick::kTable) ++tables;
  }
  const auto& table = meter.table();
  EXPECT_GE(tables, 8);
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_NEAR(static_cast<double>(table.bitrate), 500'000, 25'000);
  EXPECT_EQ(table.rows[0].bitrate, table.bitrate);
  EXPECT_NEAR(table.frame_rate, 25, 2);
  EXPECT_EQ(table.pixels(), 640U * 360U);
}

TEST(LayerMeter, ForgetsWhatWasBeforeASilence) {
  LayerMeter meter;
  for (int i = 0; i < 100; ++i) meter.observe({}, 1, 10'000, Timestamp(milliseconds(i * 20)));
  meter.resume(Timestamp(std::chrono::seconds(60)));
  for (int i = 0; i < 60; ++i)
    meter.observe({}, 2, 100, Timestamp(std::chrono::seconds(60) + milliseconds(i * 20)));
  EXPECT_LT(meter.table().bitrate, 100'000U);
}

TEST(LayerMeter, KeepsItsRatesThroughASilence) {
  LayerMeter meter;
  for (std::uint32_t i = 0; i < 100; ++i)
    meter.observe({}, i, 1250, Timestamp(milliseconds(i * 20)));
  const auto before = meter.table().bitrate;
  meter.resume(Timestamp(std::chrono::seconds(60)));
  const auto tick = meter.observe({}, 200, 1250, Timestamp(std::chrono::seconds(60)));
  EXPECT_NE(tick, LayerMeter::Tick::kTable);
  EXPECT_EQ(meter.table().bitrate, before);
}

TEST(LayerMeter, MeasuresASlideThatChangesEveryThreeSeconds) {
  LayerMeter meter;
  for (std::uint32_t i = 0; i < 9; ++i) {
    const Timestamp now(std::chrono::seconds(i * 3));
    meter.resume(now);
    meter.observe({}, i, 3750, now);
  }
  EXPECT_NEAR(static_cast<double>(meter.table().bitrate), 10'000, 10'000);
  EXPECT_GT(meter.table().bitrate, 0U);
}

LayerTable table_of(const char* name) {
  LayerMeter meter;
  StreamInspector inspector;
  for (const auto& packet : test::read_recording(name)) {
    const auto header = packet.header();
    const auto frame =
        inspector.inspect(test::codec_of(header), packet.bytes, header, test::kDescriptorId);
    meter.observe(frame, header.timestamp, packet.size, packet.arrival);
  }
  return meter.table();
}

TEST(LayerMeter, MeasuresEachTargetOfAnSvcStream) {
  const auto table = table_of("chromium-vp9-l3t3");
  ASSERT_EQ(table.rows.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(table.rows[i].target,
              (LayerTarget{static_cast<std::uint8_t>(i / 3), static_cast<std::uint8_t>(i % 3)}));
    EXPECT_GT(table.rows[i].bitrate, 0U);
    if (i >= 3) {
      EXPECT_GT(table.rows[i].bitrate, table.rows[i - 3].bitrate);
    }
    if (i % 3 > 0) {
      EXPECT_GT(table.rows[i].bitrate, table.rows[i - 1].bitrate);
    }
  }
  EXPECT_EQ(table.rows.back().bitrate, table.bitrate);
  EXPECT_EQ(table.width, 1280);
}

TEST(LayerMeter, CountsLowerLayersThatAreNotNeededOutOfTheHigherOnes) {
  const auto table = table_of("chromium-vp9-l3t3-key");
  ASSERT_EQ(table.rows.size(), 9U);
  EXPECT_LT(table.rows.back().bitrate, table.bitrate);
}

}  // namespace
}  // namespace rooms
