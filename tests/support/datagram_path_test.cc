// SPDX-License-Identifier: LGPL-2.1-or-later
// What a way does to datagrams, and the words it is set by.
#include "tests/support/datagram_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/path_settings.h"

namespace rooms::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kSize = DataSize::bytes(1000);

PathPlan plan_of(std::string_view words) {
  const auto plan = with_settings({}, words);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? *plan : PathPlan{};
}

/// Datagrams every `period`; when each arrived, in the order they were sent. Lost ones are not in.
std::vector<Duration> arrivals(DatagramPath& path, int count, Duration period) {
  std::vector<Duration> times;
  for (int i = 0; i < count; ++i)
    for (const auto at : path.send(kSize, Timestamp(i * period)))
      times.push_back(at.time_since_epoch());
  return times;
}

TEST(DatagramPath, ChangesNothingByItself) {
  Random random(1);
  DatagramPath path({}, random);
  const auto times = arrivals(path, 100, 1ms);
  ASSERT_EQ(times.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_LT(times[static_cast<std::size_t>(i)] - i * 1ms, 1us);
  EXPECT_EQ(path.counters().forwarded, 100U);
  EXPECT_EQ(path.counters().bytes, 100'000U);
}

TEST(DatagramPath, TheLineGivesItsRateAndDropsWhatWouldWaitTooLong) {
  Random random(1);
  DatagramPath path(plan_of("rate=1mbit queue=100ms delay=50ms"), random);
  const auto times = arrivals(path, 2000, 4ms);  // twice what it carries
  EXPECT_NEAR(static_cast<double>(path.counters().overflowed), 1000, 20);
  EXPECT_EQ(path.counters().lost, 0U);
  EXPECT_EQ(times.front(), 58ms);  // eight on the line
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_EQ(times[i] - times[i - 1], 8ms) << i;
}

TEST(DatagramPath, LosesItsShareAndDuplicatesItsShare) {
  Random random(7);
  SCOPED_TRACE(random.seed());
  DatagramPath path(plan_of("loss=5% duplicate=10%"), random);
  arrivals(path, 20'000, 1ms);
  const auto& counters = path.counters();
  EXPECT_NEAR(static_cast<double>(counters.lost), 1000, 150);
  EXPECT_NEAR(static_cast<double>(counters.duplicated), 1900, 250);
  EXPECT_EQ(counters.forwarded, counters.received - counters.lost + counters.duplicated);
}

TEST(DatagramPath, JitterKeepsTheOrderAndReorderingDoesNot) {
  Random random(3);
  SCOPED_TRACE(random.seed());
  DatagramPath jittery(plan_of("delay=20ms jitter=10ms"), random);
  const auto times = arrivals(jittery, 1000, 1ms);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));

  DatagramPath shuffling(plan_of("delay=20ms reorder=10% reorder-by=5ms"), random);
  const auto shuffled = arrivals(shuffling, 1000, 1ms);
  ASSERT_EQ(shuffled.size(), 1000U);
  EXPECT_FALSE(std::is_sorted(shuffled.begin(), shuffled.end()));
  EXPECT_NEAR(static_cast<double>(shuffling.counters().reordered), 100, 40);
}

TEST(DatagramPath, AChangeHoldsForWhatIsSentFromThenOn) {
  Random random(1);
  DatagramPath path(plan_of("delay=50ms"), random);
  EXPECT_EQ(path.send(kSize, Timestamp(1s))[0].time_since_epoch(), 1050ms);
  path.change(plan_of("loss=100%"));
  EXPECT_EQ(path.send(kSize, Timestamp(1s)).size(), 0U);
  path.change({});
  // Not before what is still on its way.
  EXPECT_EQ(path.send(kSize, Timestamp(1s))[0].time_since_epoch(), 1050ms);
  EXPECT_EQ(path.counters().received, 3U);
}

TEST(DatagramPath, TheSameSeedMeansTheSameFate) {
  const auto fate = [](std::uint64_t seed) {
    Random random(seed);
    DatagramPath path(plan_of("loss=10% jitter=5ms reorder=10% duplicate=10%"), random);
    return arrivals(path, 500, 1ms);
  };
  EXPECT_EQ(fate(5), fate(5));
}

TEST(PathSettings, AreReadAsTheyAreWritten) {
  for (const char* words :
       {"rate=800k queue=200ms burst=2000 delay=50ms jitter=1.5ms loss=5% duplicate=1% reorder=2% "
        "reorder-by=30ms",
        "rate=unlimited queue=300ms burst=0 delay=0ms jitter=0ms loss=0% duplicate=0% reorder=0% "
        "reorder-by=20ms"})
    EXPECT_EQ(settings_of(plan_of(words)), words);
  EXPECT_EQ(settings_of(plan_of("rate=1mbit")), settings_of(plan_of(" rate=1000000\tloss=0 ")));
  EXPECT_EQ(settings_of(plan_of("loss=5% clear delay=1s")), settings_of(plan_of("delay=1000ms")));
}

TEST(PathSettings, AWrongOneIsNamed) {
  for (const char* word : {"loss=101%", "loss=-1%", "loss=nan", "loss=5%%", "rate=0", "rate=1mbps",
                           "rate=", "delay=50", "delay=99s", "queue=1e9s", "burst=-1", "speed=1m",
                           "loss", "=5%", "clear=1"}) {
    const auto plan = with_settings({}, "delay=50ms " + std::string(word));
    ASSERT_FALSE(plan) << word;
    EXPECT_NE(plan.error().message.find(word), std::string::npos) << plan.error().message;
  }
}

TEST(RelayCommand, NamesItsDirections) {
  EXPECT_TRUE(read_command("up loss=5%")->up);
  EXPECT_FALSE(read_command("up loss=5%")->down);
  const auto both = read_command("  both delay=50ms loss=1%");
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->up && both->down);
  EXPECT_EQ(settings_of(plan_of(both->settings)), settings_of(plan_of("delay=50ms loss=1%")));
  EXPECT_EQ(read_command("counters")->verb, RelayCommand::Verb::kCounters);
  for (const char* line : {"", "sideways loss=5%", "counters please", "upp"})
    EXPECT_FALSE(read_command(line)) << line;
}

}  // namespace
}  // namespace rooms::test
