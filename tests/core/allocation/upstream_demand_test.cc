// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/upstream_demand.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

DataRate kbps(std::int64_t rate) { return DataRate::kilobits_per_second(rate); }
Timestamp at(double s) { return Timestamp{} + milliseconds(static_cast<std::int64_t>(s * 1000)); }

std::string text_of(const UpstreamDemand& demand) {
  std::string text;
  for (const auto& encoding : demand.demand()) {
    text += text.empty() ? "" : " ";
    text += encoding.active ? "on" : "off";
    if (encoding.max_bitrate)
      text += ":" + std::to_string(encoding.max_bitrate->bits_per_second() / 1000);
  }
  return text;
}

TEST(UpstreamDemand, WhatNobodyWantsIsStoppedAfterTheHoldOff) {
  UpstreamDemand demand;
  EXPECT_TRUE(demand.update(3, {{0, DataRate::unlimited()}}, at(0)));
  EXPECT_EQ(text_of(demand), "on on on");
  EXPECT_EQ(demand.next_change(), at(4));
  EXPECT_FALSE(demand.update(3, {{0, DataRate::unlimited()}}, at(3.9)));
  EXPECT_TRUE(demand.update(3, {{0, DataRate::unlimited()}}, at(4)));
  EXPECT_EQ(text_of(demand), "on off off");
  EXPECT_EQ(demand.next_change(), std::nullopt);
}

TEST(UpstreamDemand, WhatIsWantedAgainStartsAtOnce) {
  UpstreamDemand demand;
  demand.update(2, {}, at(0));
  demand.update(2, {}, at(4));
  ASSERT_EQ(text_of(demand), "off off");
  EXPECT_TRUE(demand.update(2, {{1, DataRate::unlimited()}}, at(4.1)));
  EXPECT_EQ(text_of(demand), "off on");
}

TEST(UpstreamDemand, WhatDoesNotComeIsNotStopped) {
  UpstreamDemand demand;
  demand.update(2, {{0}}, at(0));
  demand.note(1, false);
  EXPECT_FALSE(demand.update(2, {{0}}, at(5)));
  EXPECT_EQ(text_of(demand), "on on") << "its publisher's line has become narrow";
  demand.note(1, true);
  EXPECT_FALSE(demand.update(2, {{0}}, at(6)));
  EXPECT_TRUE(demand.update(2, {{0}}, at(10)));
  EXPECT_EQ(text_of(demand), "on off") << "it came, and nobody wants it";
}

TEST(UpstreamDemand, AWishInBetweenBeginsTheHoldOffAnew) {
  UpstreamDemand demand;
  demand.update(1, {}, at(0));
  demand.update(1, {{0, DataRate::unlimited()}}, at(3));
  EXPECT_FALSE(demand.update(1, {}, at(3.1)));
  EXPECT_FALSE(demand.update(1, {}, at(7)));
  EXPECT_TRUE(demand.update(1, {}, at(7.1)));
  EXPECT_EQ(text_of(demand), "off");
}

TEST(UpstreamDemand, TheCapIsWhatTheBestSubscriberCanTake) {
  UpstreamDemand demand;
  demand.update(1, {{0, kbps(400)}, {0, kbps(800)}}, at(0));
  EXPECT_EQ(text_of(demand), "on");
  EXPECT_EQ(demand.next_change(), at(1));
  EXPECT_TRUE(demand.update(1, {{0, kbps(400)}, {0, kbps(800)}}, at(1)));
  EXPECT_EQ(text_of(demand), "on:800");
  EXPECT_FALSE(demand.update(1, {{0, kbps(900)}}, at(5)));  // close enough
  EXPECT_TRUE(demand.update(1, {{0, kbps(1500)}}, at(6)));  // up at once
  EXPECT_EQ(text_of(demand), "on:1500");
  EXPECT_TRUE(demand.update(1, {{0, DataRate::unlimited()}, {0, kbps(300)}}, at(7)));
  EXPECT_EQ(text_of(demand), "on");
  demand.update(1, {{0, kbps(1)}}, at(8));
  EXPECT_TRUE(demand.update(1, {{0, kbps(1)}}, at(9)));
  EXPECT_EQ(text_of(demand), "on:50");
}

TEST(UpstreamDemand, EncodingsComeAndGoAndOthersAreIgnored) {
  UpstreamDemand demand;
  EXPECT_TRUE(demand.update(1, {{99, kbps(10)}}, at(0)));
  EXPECT_EQ(demand.ignored(), 1U);
  EXPECT_TRUE(demand.update(3, {{2, DataRate::unlimited()}}, at(1)));
  EXPECT_EQ(demand.demand().size(), 3U);
  EXPECT_TRUE(demand.update(0, {}, at(2)));
  EXPECT_TRUE(demand.demand().empty());
  EXPECT_EQ(demand.next_change(), std::nullopt);
}

TEST(UpstreamDemand, WhatIsWantedIsAlwaysActiveAndNotCappedFarBelow) {
  Random random(1);
  SCOPED_TRACE(random.seed());
  UpstreamDemand demand;
  auto now = at(0);
  std::array<Timestamp, 3> last_wanted{};
  for (int step = 0; step < 5000; ++step) {
    now += milliseconds(random.between(0, 1500));
    std::vector<LayerWish> wishes;
    for (int i = random.between(0, 3); i > 0; --i)
      wishes.push_back({random.between<std::size_t>(0, 3),
                        random.one_in(3) ? DataRate::unlimited() : kbps(random.between(60, 3000))});
    demand.update(3, wishes, now);
    for (const auto& wish : wishes) {
      if (wish.encoding > 2) continue;
      const auto& encoding = demand.demand()[wish.encoding];
      EXPECT_TRUE(encoding.active);
      if (encoding.max_bitrate && wish.most < DataRate::unlimited()) {
        EXPECT_GE(*encoding.max_bitrate * 1.21, wish.most);
      }
      last_wanted[wish.encoding] = now;
    }
    for (std::size_t i = 0; i < 3; ++i) {
      if (!demand.demand()[i].active) {
        EXPECT_GE(now - last_wanted[i], seconds(4));
        EXPECT_FALSE(demand.demand()[i].max_bitrate);
      }
    }
  }
}

}  // namespace
}  // namespace rooms
