// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/segment_cutter.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Cut = SegmentCutter::Cut;

SegmentCutter picture(Duration part = {}) { return SegmentCutter({true, seconds(2), part}); }

/// Frames each 40 ms from `from` to before `to`; what was cut, as text: '.' nothing, 'p', 'S', 'D',
/// 'x' dropped.
std::string feed(SegmentCutter& cutter, int from, int to, int keyframe_every) {
  std::string cuts;
  for (int ms = from; ms < to; ms += 40) {
    const bool key = keyframe_every > 0 && ms % keyframe_every == 0;
    cuts += ".pSDx"[static_cast<std::size_t>(cutter.consider(milliseconds(ms), key, false).cut)];
  }
  return cuts;
}

TEST(SegmentCutter, CutsAtTheKeyframeOfTheRightTime) {
  auto cutter = picture();
  const auto cuts = feed(cutter, 0, 6000, 2000);
  for (std::size_t i = 0; i < cuts.size(); ++i) EXPECT_EQ(cuts[i], i % 50 == 0 ? 'S' : '.') << i;
}

TEST(SegmentCutter, KeyframesInBetweenCutNothing) {
  auto cutter = picture();
  EXPECT_EQ(cutter.consider({}, true, false).cut, Cut::kSegment);
  EXPECT_EQ(cutter.consider(milliseconds(600), true, false).cut, Cut::kNothing);
  EXPECT_EQ(cutter.consider(milliseconds(1400), true, false).cut, Cut::kNothing);
  EXPECT_EQ(cutter.consider(milliseconds(1800), true, false).cut, Cut::kNothing);
  // What RTP has rounded is early enough.
  EXPECT_EQ(cutter.consider(milliseconds(1999), true, false).cut, Cut::kSegment);
}

TEST(SegmentCutter, RenditionsThatBeganApartAreCutAtTheSameKeyframes) {
  const SegmentCutter::Config config{true, seconds(2), {}, milliseconds(700)};
  SegmentCutter large(config);
  SegmentCutter small(config);
  std::vector<int> large_cuts;
  std::vector<int> small_cuts;
  for (int ms = 0; ms <= 5300; ms += 20) {
    const bool both = ms % 2000 == 1300;
    // Somebody else wanted one of the large ones.
    const bool large_key = both || ms == 0 || ms == 1280;
    const bool small_key = both || ms == 1260;
    if (large.consider(milliseconds(ms), large_key, false).cut == Cut::kSegment)
      large_cuts.push_back(ms);
    if (ms >= 1260 && small.consider(milliseconds(ms), small_key, false).cut == Cut::kSegment)
      small_cuts.push_back(ms);
  }
  EXPECT_EQ(large_cuts, (std::vector<int>{0, 1300, 3300, 5300}));
  EXPECT_EQ(small_cuts, (std::vector<int>{1260, 1300, 3300, 5300}));
  EXPECT_EQ(large.slot_of(milliseconds(5300)), 3);
  EXPECT_EQ(large.slot_of(milliseconds(-720)), -1);
}

TEST(SegmentCutter, AsksForAKeyframeThatIsLateAndCutsWithoutItAtTheTargetDuration) {
  auto cutter = picture();
  feed(cutter, 0, 2040, 10'000);
  EXPECT_FALSE(cutter.wants_keyframe());
  feed(cutter, 2040, 2400, 10'000);
  EXPECT_TRUE(cutter.wants_keyframe());
  Duration end{};
  for (int ms = 2400; end == Duration{}; ms += 40) {
    const auto decision = cutter.consider(milliseconds(ms), false, false);
    if (decision.cut == Cut::kSegment) end = decision.end;
  }
  // RFC 8216bis 4.4.3.1: rounded it is no more than the target duration.
  EXPECT_LT(end, cutter.target_duration() + milliseconds(500));
  EXPECT_GT(end, seconds(3));
}

TEST(SegmentCutter, PartsAreAtLeast85PercentOfTheirTargetAndNeverMore) {
  const unsigned seed = 5;
  std::mt19937 random(seed);
  auto cutter = picture(milliseconds(500));
  Duration time{};
  Duration part_start{};
  Duration next_key = seconds(2);
  cutter.consider(time, true, false);
  for (int n = 0; n < 5000; ++n) {
    time += milliseconds(10 + static_cast<int>(random() % 60));
    const bool key = time >= next_key;
    if (key) next_key += seconds(2);
    const auto decision = cutter.consider(time, key, false);
    if (decision.cut == Cut::kNothing) continue;
    const auto length = decision.end - part_start;
    EXPECT_LE(length, milliseconds(500)) << "seed " << seed;
    if (decision.cut == Cut::kPart) {
      EXPECT_GE(length, milliseconds(425)) << "seed " << seed;
    }
    part_start = decision.end;
  }
}

TEST(SegmentCutter, SoundIsCutAnywhere) {
  SegmentCutter cutter({false, seconds(2), {}});
  std::string cuts;
  for (int n = 0; n < 300; ++n)
    cuts += ".pSDx"[static_cast<std::size_t>(
        cutter.consider(Duration(std::int64_t{n} * 21'333'333), true, false).cut)];
  EXPECT_EQ(std::count(cuts.begin(), cuts.end(), 'S'), 4);
  EXPECT_FALSE(cutter.wants_keyframe());
}

TEST(SegmentCutter, AnotherSetupAndAGapAreDiscontinuities) {
  auto cutter = picture();
  feed(cutter, 0, 400, 10'000);
  EXPECT_EQ(cutter.consider(milliseconds(400), true, true).cut, Cut::kDiscontinuity);
  cutter.consider(milliseconds(440), false, false);
  // After a gap nothing is of use until a keyframe comes.
  EXPECT_EQ(cutter.consider(milliseconds(2000), false, false).cut, Cut::kDrop);
  EXPECT_TRUE(cutter.wants_keyframe());
  const auto decision = cutter.consider(milliseconds(2100), true, false);
  EXPECT_EQ(decision.cut, Cut::kDiscontinuity);
  EXPECT_EQ(decision.end, milliseconds(480));  // as long as the frames before
  EXPECT_FALSE(cutter.wants_keyframe());
  // Time that goes back.
  EXPECT_EQ(cutter.consider(milliseconds(500), true, false).cut, Cut::kDiscontinuity);
}

TEST(SegmentCutter, AnInterruptionOfAnotherRenditionWaitsForAKeyframe) {
  auto cutter = picture();
  cutter.interrupt();  // nothing yet that could be interrupted
  EXPECT_EQ(feed(cutter, 0, 200, 10'000), "S....");
  cutter.interrupt();
  EXPECT_TRUE(cutter.wants_keyframe());
  EXPECT_EQ(cutter.consider(milliseconds(200), false, false).cut, Cut::kNothing);
  EXPECT_EQ(cutter.consider(milliseconds(240), true, false).cut, Cut::kDiscontinuity);
  EXPECT_EQ(cutter.consider(milliseconds(280), true, false).cut, Cut::kNothing);
}

}  // namespace
}  // namespace rooms
