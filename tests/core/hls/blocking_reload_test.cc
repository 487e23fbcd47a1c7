// SPDX-License-Identifier: LGPL-2.1-or-later
// RFC 8216bis 6.2.5.2.
#include "gst/core/hls/blocking_reload.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = HlsReloadState;

/// Segments 0 to 4 of four parts each, and two parts of segment 5.
SegmentWindow window_with_parts() {
  SegmentWindow window({seconds(3), milliseconds(500), seconds(60)});
  for (int n = 0; n < 6; ++n) {
    window.begin(seconds(2 * n), 1, false);
    for (int part = 0; part < (n < 5 ? 4 : 2); ++part)
      window.add_part({milliseconds(500), part == 0}, 1000);
    if (n < 5) window.end(Timestamp(seconds(2 * n + 2)));
  }
  return window;
}

TEST(BlockingReload, WaitsForTheSegmentOrPartThatIsAskedFor) {
  const auto window = window_with_parts();
  struct Row {
    HlsReload reload;
    State state;
    const char* title;
  };
  const Row rows[] = {
      {{}, State::kReady, "nothing is asked for"},
      {{4, {}}, State::kReady, "a segment that is there"},
      {{0, 17}, State::kReady, "a part of long ago"},
      {{5, {}}, State::kWait, "the segment under way"},
      {{5, 0}, State::kReady, "a part of it that is there"},
      {{5, 1}, State::kReady, "its newest part"},
      {{5, 2}, State::kWait, "its next part"},
      {{4, 3}, State::kReady, "the last part of a whole segment"},
      {{4, 4}, State::kReady, "a part behind it is the first of the next"},
      {{6, {}}, State::kWait, "the next segment"},
      {{6, 0}, State::kWait, "its first part"},
      {{7, {}}, State::kWait, "the one after that"},
      {{8, {}}, State::kTooFar, "more than two ahead"},
      {{std::uint64_t{1} << 60, {}}, State::kTooFar, "nonsense"},
      {{5, 400}, State::kTooFar, "a part that no segment has"},
      {{{}, 3}, State::kWrong, "a part of what?"},
  };
  for (const auto& row : rows) EXPECT_EQ(state_of(row.reload, window), row.state) << row.title;
}

TEST(BlockingReload, APartBehindTheLastOneWaitsForTheNextSegment) {
  SegmentWindow window({seconds(3), milliseconds(500), seconds(60)});
  window.begin({}, 1, false);
  window.add_part({milliseconds(500), true}, 1000);
  window.end(Timestamp(seconds(2)));
  EXPECT_EQ(state_of({0, 1}, window), State::kWait);
  window.begin(seconds(2), 1, false);
  EXPECT_EQ(state_of({0, 1}, window), State::kWait);
  window.add_part({milliseconds(500), true}, 1000);
  EXPECT_EQ(state_of({0, 1}, window), State::kReady);
}

TEST(BlockingReload, BeforeAnythingIsThereOneWaitsForTheFirst) {
  const SegmentWindow window({seconds(3), milliseconds(500), seconds(60)});
  EXPECT_EQ(state_of({0, {}}, window), State::kWait);
  EXPECT_EQ(state_of({0, 0}, window), State::kWait);
  EXPECT_EQ(state_of({9, 0}, window), State::kTooFar);
  EXPECT_EQ(state_of({~std::uint64_t{0}, 0}, window), State::kTooFar);
}

TEST(BlockingReload, WithoutPartsOnlySegmentsCount) {
  SegmentWindow window({seconds(3), {}, seconds(60)});
  window.begin({}, 1, false);
  window.add_part({seconds(2), true}, 1000);
  window.end(Timestamp(seconds(2)));
  EXPECT_EQ(state_of({0, 5}, window), State::kReady);
  EXPECT_EQ(state_of({1, 0}, window), State::kWait);
}

}  // namespace
}  // namespace rooms
