// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/segment_window.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Timestamp at(int s) { return Timestamp(seconds(s)); }

/// Segments of two seconds that end every two.
void fill(SegmentWindow& window, int from, int count, int discontinuity_at = -1) {
  for (int n = from; n < from + count; ++n) {
    window.begin(seconds(2 * n), 1, n == discontinuity_at);
    window.add_part({seconds(2), true}, 100'000);
    window.end(at(2 * n + 2));
  }
}

TEST(SegmentWindow, KeepsAsMuchAsTheWindowSaysAndNumbersOn) {
  SegmentWindow window({seconds(3), {}, seconds(20)});
  EXPECT_EQ(window.media_sequence(), 0U);
  fill(window, 0, 30);
  EXPECT_EQ(window.segments().size(), 10U);
  EXPECT_EQ(window.media_sequence(), 20U);
  EXPECT_EQ(window.segments().back().number, 29U);
}

TEST(SegmentWindow, NeverKeepsLessThanThreeTargetDurations) {
  SegmentWindow window({seconds(3), {}, seconds(1)});
  fill(window, 0, 30);
  EXPECT_GE(window.segments().size() * 2, 9U);
}

TEST(SegmentWindow, ASegmentStaysItsLengthAndThatOfThePlaylistAfterItHasLeft) {
  SegmentWindow window({seconds(3), {}, seconds(20)});
  fill(window, 0, 11);  // the first one leaves at 22 s
  EXPECT_EQ(window.media_sequence(), 1U);
  EXPECT_TRUE(window.take_expired(at(22 + 2 + 20 - 1)).empty());
  const auto expired = window.take_expired(at(22 + 2 + 22));
  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired[0].number, 0U);
}

TEST(SegmentWindow, DiscontinuitiesThatHaveLeftAreCounted) {
  SegmentWindow window({seconds(3), {}, seconds(20)});
  fill(window, 0, 10, 3);
  EXPECT_EQ(window.discontinuity_sequence(), 0U);
  fill(window, 10, 3);  // 0, 1 and 2 leave
  EXPECT_EQ(window.discontinuity_sequence(), 0U);
  fill(window, 13, 1);
  EXPECT_EQ(window.media_sequence(), 4U);
  EXPECT_EQ(window.discontinuity_sequence(), 1U);
}

TEST(SegmentWindow, TellsBitRates) {
  SegmentWindow window({seconds(3), {}, seconds(20)});
  fill(window, 0, 1);
  window.begin(seconds(2), 1, false);
  window.add_part({milliseconds(500), true}, 50'000);
  window.add_part({milliseconds(500), false}, 50'000);
  EXPECT_EQ(window.open()->duration, seconds(1));
  EXPECT_TRUE(window.open()->independent);
  window.end(at(3));
  // 4.4.6.2: what is shorter than half of the target duration does not count.
  EXPECT_EQ(window.peak_bitrate(), 400'000U);
  EXPECT_EQ(window.average_bitrate(), 200'000U * 8 / 3);
}

TEST(SegmentWindow, BeginsWithAnyNumber) {
  SegmentWindow window({seconds(3), {}, seconds(20)});
  window.number_from(2);
  EXPECT_EQ(window.media_sequence(), 2U);
  fill(window, 0, 1);
  EXPECT_EQ(window.segments().front().number, 2U);
  // Until there is a longer one.
  SegmentWindow brief({seconds(3), {}, seconds(20)});
  brief.begin({}, 1, false);
  brief.add_part({milliseconds(500), true}, 50'000);
  brief.end(at(1));
  EXPECT_EQ(brief.peak_bitrate(), 800'000U);
}

}  // namespace
}  // namespace rooms
