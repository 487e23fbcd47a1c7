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

/// An encoder that takes `need` of what it is given, and an estimate that grows by 8 % a second,
/// but not beyond 1.5 times of what is sent; what the line does not carry makes it fall.
struct SimulatedLine {
  LinePlanner planner;
  DataRate carries;
  double need = 1;
  DataRate estimate = kbit(1000);
  std::size_t top_switches = 0;
  LinePlan plan;

  void run(int seconds, int& clock) {
    for (const int end = clock + seconds * 10; clock < end; ++clock) {
      DataRate sent;
      for (const auto rate : plan.layers) sent = sent + rate * need;
      const bool over = sent > carries;
      const bool limited = sent * 1.5 < estimate * 1.02;
      if (over) estimate = carries * 0.85;
      if (!over && !limited) estimate = std::min(estimate * 1.008, sent * 1.5);
      const bool top = !plan.layers.empty() && plan.layers.back() > DataRate{};
      plan = planner.next({estimate, limited, over}, {kbit(2500), kbit(0), 1, 3},
                          Timestamp(std::chrono::milliseconds(100 * clock)));
      top_switches += (plan.layers.back() > DataRate{}) != top ? 1 : 0;
    }
  }
};

TEST(LinePlanner, AllLayersComeOnAWideLine) {
  for (const double need : {1.0, 0.3}) {
    SimulatedLine line{{}, kbit(20000), need};
    int clock = 0;
    line.run(20, clock);
    EXPECT_GT(line.plan.layers[2], DataRate{}) << need;
    EXPECT_LE(line.top_switches, 1u) << need;
  }
}

TEST(LinePlanner, ALineThatIsTooNarrowIsTriedMoreAndMoreSeldom) {
  SimulatedLine line{{}, kbit(600), 0.5};
  int clock = 0;
  line.run(600, clock);
  // Doubling rests: 2, 4, .. 60 s fit a dozen times into ten minutes, on and off each.
  EXPECT_LE(line.top_switches, 40u);
  EXPECT_GT(line.plan.layers[0], DataRate{});
}

TEST(LinePlanner, LayersComeBackWhenTheLineWidens) {
  SimulatedLine line{{}, kbit(400), 1};
  int clock = 0;
  line.run(60, clock);
  EXPECT_EQ(line.plan.layers[2], DataRate{});
  line.carries = kbit(10000);
  line.run(120, clock);
  EXPECT_GT(line.plan.layers[2], DataRate{});
}

}  // namespace
}  // namespace rooms
