// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/rtp_rewriter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace rooms {
namespace {

using std::chrono::milliseconds;

Timestamp at(std::int64_t ms) { return Timestamp{milliseconds(ms)}; }

RtpHeader packet(std::int64_t sequence, std::uint32_t timestamp = 0) {
  RtpHeader header;
  header.sequence = static_cast<std::uint16_t>(sequence);
  header.timestamp = timestamp;
  return header;
}

constexpr RtpStart kStart{.ssrc = 7, .sequence = 1000, .timestamp = 50'000};
constexpr RtpClock kVideo{};

/// Plays one line of a table: numbers go through `next`, negative ones are left out. Expects the
/// outgoing numbers.
struct Row {
  const char* title;
  std::vector<int> in;
  std::vector<int> out;  // of the numbers not left out; -1: refused
};

class Sequences : public testing::TestWithParam<Row> {};

TEST_P(Sequences, CloseUpDropsAndKeepLosses) {
  const Row& row = GetParam();
  RtpRewriter rewriter({.ssrc = 1, .sequence = 0, .timestamp = 0});
  rewriter.switch_to(packet(row.in.front()), kVideo, at(0));
  std::vector<int> out;
  for (const int in : row.in) {
    if (in < 0) {
      rewriter.drop(packet(-in));
      continue;
    }
    const auto result = rewriter.next(packet(in), at(0));
    out.push_back(result.forward() ? static_cast<int>(result.extended_sequence) : -1);
  }
  EXPECT_EQ(out, row.out) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Sequences,
    testing::Values(Row{"in order", {80, 81, 82}, {0, 1, 2}},
                    Row{"loss stays", {80, 83, 84}, {0, 3, 4}},
                    Row{"a drop closes up", {80, -81, 82}, {0, 1}},
                    Row{"drops in a row close up", {80, -81, -82, -83, 84}, {0, 1}},
                    Row{"loss and drop", {80, -82, 83}, {0, 2}},
                    Row{"late packet finds its gap", {80, 82, 81, 83}, {0, 2, 1, 3}},
                    Row{"late packet before a drop", {80, 82, -83, 84, 81, 85}, {0, 2, 3, 1, 4}},
                    Row{"late packet among drops", {80, -81, 83, 84, 82}, {0, 2, 3, 1}},
                    Row{"too late to drop", {80, 82, -81, 83}, {0, 2, 3}},
                    Row{"a dropped one does not come back", {80, -81, 82, 81}, {0, 1, -1}},
                    Row{"before the switch", {80, 79, 81}, {0, -1, 1}},
                    Row{"twice the same", {80, 81, 81, 80}, {0, 1, -1, -1}},
                    Row{"wrap", {65534, 65535, 0, 1}, {0, 1, 2, 3}},
                    Row{"wrap with late packet", {65534, 0, 65535, 1}, {0, 2, 1, 3}},
                    Row{"wrap with drops", {65534, -65535, 0, 1, 2}, {0, 1, 2, 3}}));

TEST(RtpRewriter, BeginsWhereItWasToldTo) {
  RtpRewriter rewriter(kStart);
  rewriter.switch_to(packet(5, 900), kVideo, at(0));
  const auto first = rewriter.next(packet(5, 900), at(0));
  EXPECT_EQ(first.extended_sequence, 1000U);
  EXPECT_EQ(first.timestamp, 50'000U);
}

TEST(RtpRewriter, TimestampAdvancesByTheTimeThatPassedAtASwitch) {
  RtpRewriter rewriter(kStart);
  rewriter.switch_to(packet(5, 900), kVideo, at(0));
  rewriter.next(packet(5, 900), at(0));
  rewriter.switch_to(packet(60'000, 4'000'000'000U), kVideo, at(1000));
  const auto first = rewriter.next(packet(60'000, 4'000'000'000U), at(1000));
  EXPECT_EQ(first.extended_sequence, 1001U);
  EXPECT_EQ(first.timestamp, 50'000U + 90'000U);
}

TEST(RtpRewriter, TimestampAdvancesAtLeastOneFrameAndPaysItBackLater) {
  RtpRewriter rewriter(kStart);
  rewriter.switch_to(packet(5, 0), kVideo, at(0));
  rewriter.next(packet(5, 0), at(0));
  rewriter.switch_to(packet(9, 0), kVideo, at(3));
  EXPECT_EQ(rewriter.next(packet(9, 0), at(3)).timestamp, 50'000U + 2970U) << "33 ms";
  rewriter.switch_to(packet(9, 0), kVideo, at(1000));
  EXPECT_EQ(rewriter.next(packet(9, 0), at(1000)).timestamp, 50'000U + 90'000U) << "no drift";
}

TEST(RtpRewriter, TakesAnAlignedTimestampUnlessItWouldGoBack) {
  RtpRewriter rewriter(kStart);
  rewriter.switch_to(packet(5, 0), kVideo, at(0));
  rewriter.next(packet(5, 0), at(0));
  rewriter.switch_to(packet(9, 0), kVideo, at(500), 50'777);
  EXPECT_EQ(rewriter.next(packet(9, 0), at(500)).timestamp, 50'777U);
  rewriter.switch_to(packet(11, 0), kVideo, at(600), 50'000);
  EXPECT_EQ(rewriter.next(packet(11, 0), at(600)).timestamp, 50'777U + 90U) << "a millisecond";
}

TEST(RtpRewriter, TimestampOfTheSameSourceGoesOnAfterAPause) {
  RtpRewriter rewriter(kStart);
  rewriter.switch_to(packet(5, 0), kVideo, at(0));
  rewriter.next(packet(5, 0), at(0));
  rewriter.resume_at(packet(500, 899'000), at(10'000));
  const auto resumed = rewriter.next(packet(500, 899'000), at(10'000));
  EXPECT_EQ(resumed.extended_sequence, 1001U) << "the pause closes up";
  EXPECT_EQ(resumed.timestamp, 50'000U + 899'000U) << "the source's own clock, not ours";
}

TEST(RtpRewriter, TimestampThatJumpedInAPauseIsReplacedByOurClock) {
  for (const std::uint32_t jumped : {0x70000000U, 0x90000000U, 0xFFFFFFFFU}) {
    RtpRewriter rewriter(kStart);
    rewriter.switch_to(packet(5, 0), kVideo, at(0));
    rewriter.next(packet(5, 0), at(0));
    rewriter.resume_at(packet(500, jumped), at(1000));
    EXPECT_EQ(rewriter.next(packet(500, jumped), at(1000)).timestamp, 50'000U + 90'000U) << jumped;
  }
}

TEST(RtpRewriter, NeverStepsBackHoweverLongThePause) {
  RtpRewriter rewriter(kStart);
  rewriter.switch_to(packet(5, 0), kVideo, at(0));
  rewriter.next(packet(5, 0), at(0));
  const auto week = at(7LL * 24 * 3600 * 1000);
  rewriter.switch_to(packet(9, 0), kVideo, week);
  EXPECT_TRUE(is_newer(rewriter.next(packet(9, 0), week).timestamp, 50'000U));
  rewriter.switch_to(packet(9, 0), kVideo, at(0));
  EXPECT_GT(rewriter.next(packet(9, 0), at(0)).extended_sequence, 1001U)
      << "a clock set back harms nothing";
}

TEST(RtpRewriter, TwoStraysInARowAreARestart) {
  using C = RtpRewriter::Continuity;
  RtpRewriter rewriter(kStart);
  rewriter.switch_to(packet(5), kVideo, at(0));
  EXPECT_EQ(rewriter.judge(packet(6)), C::kUsual);
  EXPECT_EQ(rewriter.judge(packet(5 + 3000)), C::kUsual) << "a long loss";
  EXPECT_EQ(rewriter.judge(packet(5 + 3001)), C::kStray);
  EXPECT_EQ(rewriter.judge(packet(7)), C::kUsual) << "it was one";
  EXPECT_EQ(rewriter.judge(packet(40'000)), C::kStray);
  EXPECT_EQ(rewriter.judge(packet(40'001)), C::kRestart);
  EXPECT_EQ(rewriter.judge(packet(5 - 1024)), C::kStray) << "too old to have a place";
}

/// What a rewriter should do, remembered without limit and counted without tricks.
class Oracle {
 public:
  void join(std::int64_t in) {
    base_in_ = newest_in_ = in;
    base_out_ = newest_out_ + 1;
    dropped_.clear();
  }
  void drop(std::int64_t in) {
    if (in <= newest_in_) return;
    newest_in_ = in;
    dropped_.insert(in);
  }
  std::int64_t next(std::int64_t in) {  // -1: refused
    if (in < base_in_ || dropped_.count(in)) return -1;
    newest_in_ = std::max(newest_in_, in);
    const auto before = std::distance(dropped_.begin(), dropped_.lower_bound(in));
    const std::int64_t out = base_out_ + (in - base_in_) - before;
    if (!given_.insert(out).second) return -1;
    newest_out_ = std::max(newest_out_, out);
    return out;
  }

 private:
  std::int64_t base_in_ = 0, base_out_ = 0, newest_in_ = 0, newest_out_ = -1;
  std::set<std::int64_t> dropped_;
  std::set<std::int64_t> given_;
};

class Random : public testing::TestWithParam<unsigned> {};

TEST_P(Random, WalkAgreesWithTheOracle) {
  const unsigned seed = GetParam();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto chance = [&random](unsigned percent) { return random() % 100 < percent; };
  RtpRewriter rewriter(
      {.ssrc = 1, .sequence = 0, .timestamp = static_cast<std::uint32_t>(random())});
  Oracle oracle;
  std::int64_t in = 65'000;
  std::int64_t base = in;
  auto clock = static_cast<std::uint32_t>(random());
  std::optional<std::uint32_t> newest_timestamp;
  std::vector<std::int64_t> late;
  bool joins = true;

  for (int step = 0; step < 20'000; ++step) {
    const auto now = at(step);
    clock += 90;
    if (joins || chance(1)) {  // another source, anywhere in its own numbers
      in = base = 1'000'000 + static_cast<std::int64_t>(random() % 65'536);
      clock = static_cast<std::uint32_t>(random());
      late.clear();
      rewriter.switch_to(packet(in, clock), kVideo, now);
      oracle.join(in);
      const auto first = rewriter.next(packet(in, clock), now);
      ASSERT_TRUE(first.forward());
      ASSERT_EQ(static_cast<std::int64_t>(first.extended_sequence), oracle.next(in));
      if (newest_timestamp) {
        ASSERT_TRUE(is_newer(first.timestamp, *newest_timestamp));
      }
      newest_timestamp = first.timestamp;
      joins = false;
      continue;
    }
    ++in;
    if (chance(10)) {  // lost, or late
      if (chance(70)) late.push_back(in);
      continue;
    }
    if (chance(20)) {
      rewriter.drop(packet(in, clock));
      oracle.drop(in);
      continue;
    }
    std::int64_t number = in;
    if (!late.empty() && chance(30)) {
      number = late.back();
      late.pop_back();
      --in;
      if (in - number > 900) continue;  // beyond what a rewriter promises to remember
    } else if (chance(2)) {
      number = std::max(in - static_cast<std::int64_t>(random() % 50),
                        base - 5);  // again, or before the switch
      --in;
    }
    const auto result = rewriter.next(packet(number, clock), now);
    const std::int64_t expected = oracle.next(number);
    ASSERT_EQ(result.forward() ? static_cast<std::int64_t>(result.extended_sequence) : -1, expected)
        << step;
    if (result.forward() && is_newer(result.timestamp, *newest_timestamp))
      newest_timestamp = result.timestamp;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Random, testing::Range(1U, 21U));

}  // namespace
}  // namespace rooms
