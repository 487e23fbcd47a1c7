// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/frame_ring.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Timestamp at(int ms) { return Timestamp(milliseconds(ms)); }

void push(FrameRing& ring, int ms, bool keyframe, std::size_t size = 100) {
  EncodedFrame frame;
  frame.time = at(ms);
  frame.keyframe = keyframe;
  frame.data.resize(size);
  ring.push(std::move(frame));
}

void see(FrameRing& ring, int from, int to, int keyframe_every) {
  for (int ms = from; ms < to; ms += 40) push(ring, ms, ms % keyframe_every == 0);
}

TEST(FrameRing, HoldsWhatItShouldAndBeginsWithAKeyframe) {
  FrameRing ring(seconds(10), 1 << 20);
  push(ring, 0, false);
  EXPECT_TRUE(ring.since(at(0)).empty());
  see(ring, 40, 60'000, 4000);
  const auto all = ring.since(at(0));
  ASSERT_FALSE(all.empty());
  EXPECT_TRUE(all.front()->keyframe);
  EXPECT_EQ(all.front()->time, at(48'000));
  EXPECT_EQ(all.back()->time, at(59'960));
  EXPECT_EQ(ring.bytes(), all.size() * 100);
}

TEST(FrameRing, GivesWhatIsNeededToShowAMoment) {
  FrameRing ring(seconds(10), 1 << 20);
  see(ring, 0, 10'000, 2000);
  EXPECT_EQ(ring.since(at(5000)).front()->time, at(4000));
  EXPECT_EQ(ring.since(at(6000)).front()->time, at(6000));
}

TEST(FrameRing, HasABoundInBytes) {
  FrameRing ring(seconds(60), 10'000);
  see(ring, 0, 20'000, 1000);
  EXPECT_LE(ring.bytes(), 10'000U);
  EXPECT_TRUE(ring.since(at(0)).front()->keyframe);
  // One group that is larger than all of it.
  see(ring, 20'040, 60'000, 1'000'000);
  EXPECT_LE(ring.bytes(), 10'000U);
  push(ring, 60'000, true, 20'000);
  EXPECT_EQ(ring.bytes(), 0U);
}

TEST(FrameRing, ForgetsATrackThatHasFallenSilent) {
  FrameRing ring(seconds(10), 1 << 20);
  see(ring, 0, 4000, 2000);
  ring.expire(at(12'000));
  EXPECT_EQ(ring.since(at(0)).front()->time, at(2000));
  ring.expire(at(14'000));
  EXPECT_TRUE(ring.since(at(0)).empty());
  EXPECT_EQ(ring.bytes(), 0U);
}

}  // namespace
}  // namespace rooms
