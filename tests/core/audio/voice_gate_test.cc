// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/voice_gate.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using namespace std::chrono_literals;

TEST(VoiceGate, OpensAtTheFirstLoudBlock) {
  VoiceGate gate;
  EXPECT_FALSE(gate.observe(kSilentLevel, Timestamp(0ms)));
  EXPECT_FALSE(gate.observe(60, Timestamp(20ms))) << "as loud as a quiet room";
  EXPECT_TRUE(gate.observe(59, Timestamp(40ms)));
  EXPECT_TRUE(gate.is_open());
  EXPECT_FALSE(gate.observe(20, Timestamp(60ms))) << "no news";
}

TEST(VoiceGate, ClosesOnlyAfterAWhileOfSilence) {
  VoiceGate gate({.threshold = 60, .hold = 1s});
  gate.observe(20, Timestamp(0ms));
  EXPECT_FALSE(gate.observe(kSilentLevel, Timestamp(999ms)));
  EXPECT_FALSE(gate.observe(30, Timestamp(1s))) << "a pause between two words";
  EXPECT_FALSE(gate.observe(90, Timestamp(2s)));
  EXPECT_TRUE(gate.observe(90, Timestamp(2001ms)));
  EXPECT_FALSE(gate.is_open());
}

TEST(VoiceGate, ClosesAlsoWhenNothingComesAnyMore) {
  VoiceGate gate({.threshold = 60, .hold = 1s});
  gate.observe(20, Timestamp(0ms));
  EXPECT_FALSE(gate.evaluate(Timestamp(500ms)));
  EXPECT_TRUE(gate.evaluate(Timestamp(1001ms)));
  EXPECT_FALSE(gate.evaluate(Timestamp(1002ms)));
}

}  // namespace
}  // namespace rooms
