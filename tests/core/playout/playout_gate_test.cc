// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/playout/playout_gate.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

EncodedFrame frame(bool keyframe) {
  EncodedFrame made;
  made.keyframe = keyframe;
  return made;
}

TEST(PlayoutGate, NothingGoesOnWhileNobodyPlays) {
  PlayoutGate gate(true);
  EXPECT_FALSE(gate.admit(frame(true), 0));
  EXPECT_FALSE(gate.wants_keyframe());
  EXPECT_EQ(gate.dropped(), 0U);
}

TEST(PlayoutGate, APictureBeginsWithAKeyframeEachTimeSomebodyPlays) {
  PlayoutGate gate(true);
  for (int round = 0; round < 2; ++round) {
    gate.set_flowing(true);
    EXPECT_TRUE(gate.wants_keyframe());
    EXPECT_FALSE(gate.admit(frame(false), 0));
    EXPECT_TRUE(gate.admit(frame(true), 0));
    EXPECT_TRUE(gate.admit(frame(false), 0));
    EXPECT_FALSE(gate.wants_keyframe());
    gate.set_flowing(false);
  }
  EXPECT_EQ(gate.passed(), 4U);
  EXPECT_EQ(gate.dropped(), 0U);
}

TEST(PlayoutGate, ASlowNetworkGetsNothingUntilAKeyframeAndHalfIsTaken) {
  PlayoutGate gate(true);
  gate.set_flowing(true);
  EXPECT_TRUE(gate.admit(frame(true), 0));
  EXPECT_FALSE(gate.admit(frame(false), 2 << 20));
  EXPECT_TRUE(gate.wants_keyframe());
  EXPECT_FALSE(gate.admit(frame(true), 1 << 20));
  EXPECT_FALSE(gate.admit(frame(false), 0));
  EXPECT_TRUE(gate.admit(frame(true), 1 << 19));
  EXPECT_EQ(gate.dropped(), 3U);
}

TEST(PlayoutGate, SoundNeedsNoKeyframe) {
  PlayoutGate gate(false);
  gate.set_flowing(true);
  EXPECT_TRUE(gate.admit(frame(false), 0));
  EXPECT_FALSE(gate.admit(frame(false), 1 << 15));
  EXPECT_FALSE(gate.wants_keyframe());
  EXPECT_TRUE(gate.admit(frame(false), 0));
}

}  // namespace
}  // namespace rooms
