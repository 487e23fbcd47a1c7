// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/layer_plan.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

constexpr DataRate kbit(std::int64_t count) { return DataRate::kilobits_per_second(count); }

std::vector<int> rates(const LinePlan& plan) {
  std::vector<int> all;
  for (const auto rate : plan.layers) all.push_back(static_cast<int>(rate.kilobits_per_second()));
  return all;
}

TEST(LayerPlan, HalvesSidesFromTheTop) {
  EXPECT_EQ(layer_size({1280, 720}, 0, 3), (PictureSize{320, 180}));
  EXPECT_EQ(layer_size({1280, 720}, 1, 3), (PictureSize{640, 360}));
  EXPECT_EQ(layer_size({1280, 720}, 2, 3), (PictureSize{1280, 720}));
  EXPECT_EQ(layer_size({1279, 719}, 0, 1), (PictureSize{1278, 718}));
  EXPECT_EQ(layer_size({70, 50}, 0, 3), (PictureSize{16, 16}));
  EXPECT_EQ(layer_rids(3), (std::vector<std::string>{"q", "h", "f"}));
}

TEST(LayerPlan, OneLayerFollowsTheLine) {
  const auto plan = plan_line(kbit(1000), kbit(2500), kbit(64), 1, 1, {});
  EXPECT_EQ(rates(plan), std::vector<int>{836});
  EXPECT_EQ(rates(plan_line(kbit(9000), kbit(2500), kbit(64), 1, 1, {})), std::vector<int>{2186});
  EXPECT_EQ(rates(plan_line(kbit(20), kbit(2500), kbit(64), 1, 1, {})), std::vector<int>{30});
}

TEST(LayerPlan, TwoPicturesShare) {
  EXPECT_EQ(rates(plan_line(kbit(1000), kbit(2500), kbit(100), 2, 1, {})), std::vector<int>{400});
}

TEST(LayerPlan, LayersAreDroppedFromTheTopAndComeBackWithAMargin) {
  LinePlan plan;
  bool top = false;
  std::size_t switches = 0;
  // Down from 3 Mbit/s to 100 kbit/s and up again: never a higher layer without the lower ones.
  for (int step = 0; step < 120; ++step) {
    const int line = step < 60 ? 3000 - step * 48 : 100 + (step - 60) * 48;
    plan = plan_line(kbit(line), kbit(3000), kbit(0), 1, 3, plan);
    ASSERT_EQ(plan.layers.size(), 3u);
    EXPECT_GT(plan.layers[0], DataRate{});
    EXPECT_TRUE(plan.layers[2] == DataRate{} || plan.layers[1] > DataRate{}) << line;
    const auto sum = plan.layers[0] + plan.layers[1] + plan.layers[2];
    EXPECT_LE(sum, std::max(kbit(line), kbit(30))) << line;
    switches += (plan.layers[2] > DataRate{}) != top ? 1 : 0;
    top = plan.layers[2] > DataRate{};
  }
  EXPECT_EQ(switches, 3u);  // on, off, on
}

TEST(LayerPlan, DoesNotFlickerBetweenTwoEstimates) {
  LinePlan plan = plan_line(kbit(3000), kbit(3000), kbit(0), 1, 3, {});
  std::size_t switches = 0;
  for (int i = 0; i < 50; ++i) {
    const bool before = plan.layers[2] > DataRate{};
    plan = plan_line(kbit(i % 2 ? 1750 : 2000), kbit(3000), kbit(0), 1, 3, plan);
    switches += (plan.layers[2] > DataRate{}) != before ? 1 : 0;
  }
  EXPECT_LE(switches, 1u);
}

}  // namespace
}  // namespace rooms
