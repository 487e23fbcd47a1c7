// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/load/delivery_meter.h"
#include "tests/load/histogram.h"

namespace rooms::load {
namespace {

void arrive(DeliveryMeter& meter, std::uint32_t source, std::uint64_t sequence, bool look) {
  meter.count_packet();
  if (look) meter.observe({source, sequence, Timestamp{}});
}

TEST(DeliveryMeter, FindsNothingLostWhenEverythingCame) {
  DeliveryMeter meter;
  for (std::uint64_t i = 0; i < 1000; ++i) arrive(meter, 0, i, i % 20 == 0);
  EXPECT_EQ(meter.window().expected, 980U);
  EXPECT_EQ(meter.window().lost(), 0U);
}

TEST(DeliveryMeter, CountsWhatIsMissingBetweenTwoStamps) {
  DeliveryMeter meter;
  for (std::uint64_t i = 0; i < 100; ++i)
    if (i % 10 != 5) arrive(meter, 0, i, i % 20 == 0 || i == 99);
  EXPECT_EQ(meter.window().lost(), 10U);
  EXPECT_NEAR(meter.window().loss_percent(), 100.0 * 10 / 99, 1e-9);
}

TEST(DeliveryMeter, TakesASwitchToAnotherSourceForNoLoss) {
  DeliveryMeter meter;
  for (std::uint64_t i = 0; i < 100; ++i) arrive(meter, 1, 5000 + i, true);
  for (std::uint64_t i = 0; i < 100; ++i) arrive(meter, 2, 70 + i, true);
  for (std::uint64_t i = 0; i < 100; ++i) arrive(meter, 1, 9000 + i, true);
  EXPECT_EQ(meter.window().lost(), 0U);
  EXPECT_EQ(meter.window().expected, 3U * 99);
  EXPECT_EQ(meter.source(), 1U);
  EXPECT_EQ(meter.last_sequence(), 9099U);
}

TEST(DeliveryMeter, TakesAnOvertakenPacketForNoLoss) {
  DeliveryMeter meter;
  for (const std::uint64_t i : {0, 1, 3, 2, 4, 5}) arrive(meter, 0, i, true);
  EXPECT_EQ(meter.window().lost(), 0U);
}

TEST(DeliveryMeter, StartsAWindowWhereTheLastOneEnded) {
  DeliveryMeter meter;
  for (std::uint64_t i = 0; i < 50; ++i)
    if (i != 20) arrive(meter, 0, i, i % 10 == 0);
  EXPECT_EQ(meter.window().lost(), 1U);
  meter.begin_window();
  EXPECT_EQ(meter.window().expected, 0U);
  for (std::uint64_t i = 50; i < 101; ++i)
    if (i != 70 && i != 75) arrive(meter, 0, i, i % 10 == 0);
  EXPECT_EQ(meter.window().expected, 60U);  // from 40, the last stamp before
  EXPECT_EQ(meter.window().lost(), 2U);
}

TEST(DeliveryMeter, AgreesWithANaiveCountWhateverIsLostAndLookedAt) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    const double loss = std::uniform_real_distribution(0.0, 0.3)(random);
    const auto every = static_cast<unsigned>(1 + random() % 30);
    DeliveryMeter meter;
    std::optional<std::uint64_t> first;
    std::uint64_t last = 0;
    std::vector<std::uint64_t> arrived;
    for (std::uint64_t i = 0; i < 5000; ++i) {
      if (std::bernoulli_distribution(loss)(random)) continue;
      const bool look = random() % every == 0;
      arrive(meter, 0, i, look);
      arrived.push_back(i);
      if (!look) continue;
      if (!first) first = i;
      last = i;
    }
    ASSERT_TRUE(first) << "seed " << seed;
    const auto received = std::count_if(arrived.begin(), arrived.end(),
                                        [&](std::uint64_t i) { return i > *first && i <= last; });
    EXPECT_EQ(meter.window().expected, last - *first) << "seed " << seed;
    EXPECT_EQ(meter.window().received, static_cast<std::uint64_t>(received)) << "seed " << seed;
  }
}

TEST(Histogram, GivesPercentilesWithinTwoPercent) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    std::lognormal_distribution<double> spread(std::log(1e5 * seed), 1.5);
    Histogram histogram;
    std::vector<Duration> values;
    for (int i = 0; i < 20000; ++i) {
      values.emplace_back(static_cast<Duration::rep>(spread(random)));
      histogram.add(values.back());
    }
    for (const double fraction : {0.0, 0.5, 0.95, 0.99, 1.0}) {
      const auto exact = static_cast<double>(percentile_of(values, fraction).count());
      const auto found = static_cast<double>(histogram.percentile(fraction).count());
      EXPECT_NEAR(found, exact, exact * 0.017 + 1) << "seed " << seed << " p" << fraction;
    }
  }
}

TEST(Histogram, TakesAnyDuration) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile(0.5), Duration{});
  histogram.add(Duration(-5));
  histogram.add(Duration::max());
  EXPECT_EQ(histogram.size(), 2U);
  EXPECT_EQ(histogram.percentile(0.0), Duration{});
  EXPECT_GT(histogram.percentile(1.0), std::chrono::hours(24 * 365 * 200));
}

TEST(Percentile, TakesTheNearestRank) {
  const std::vector<Duration> values = {Duration(5), Duration(1), Duration(3)};
  EXPECT_EQ(percentile_of(values, 0.5), Duration(3));
  EXPECT_EQ(percentile_of(values, 1.0), Duration(5));
  EXPECT_EQ(percentile_of({}, 0.5), Duration{});
}

}  // namespace
}  // namespace rooms::load
