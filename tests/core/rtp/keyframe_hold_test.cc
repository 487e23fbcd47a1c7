// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/keyframe_hold.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using Verdict = KeyframeHold::Verdict;

class KeyframeHoldTest : public testing::Test {
 protected:
  Verdict send(std::uint16_t sequence, std::uint32_t timestamp, bool keyframe = false,
               bool marker = false) {
    SourcePacket packet;
    packet.encoding = 7;
    packet.header.ssrc = ssrc_;
    packet.header.sequence = sequence;
    packet.header.timestamp = timestamp;
    packet.header.marker = marker;
    packet.frame.keyframe = keyframe;
    packet.now = now_;
    return hold_.consider(packet);
  }
  KeyframeHold hold_;
  std::uint32_t ssrc_ = 100;
  Timestamp now_{milliseconds(1000)};
};

TEST_F(KeyframeHoldTest, WhatBeginsNoKeyframePasses) {
  EXPECT_EQ(send(1, 100), Verdict::kPass);
  EXPECT_EQ(hold_.encoding(), 0U);
}

TEST_F(KeyframeHoldTest, IsCompleteWithTheLastOfItsPacketsAcrossAWrap) {
  EXPECT_EQ(send(65534, 100, true), Verdict::kHold);
  EXPECT_EQ(hold_.encoding(), 7U);
  EXPECT_EQ(send(65535, 100), Verdict::kHold);
  EXPECT_EQ(send(0, 100), Verdict::kHold);
  EXPECT_EQ(send(1, 100, false, true), Verdict::kComplete);
}

TEST_F(KeyframeHoldTest, OneOfOnePacketIsCompleteAtOnce) {
  EXPECT_EQ(send(5, 100, true, true), Verdict::kComplete);
}

TEST_F(KeyframeHoldTest, WhatIsMissingIsWaitedForAndTheNextPictureBehindItToo) {
  EXPECT_EQ(send(10, 100, true), Verdict::kHold);
  EXPECT_EQ(send(12, 100, false, true), Verdict::kHold);
  EXPECT_EQ(send(13, 3100, false, true), Verdict::kHold);
  EXPECT_EQ(send(12, 100, false, true), Verdict::kHold) << "a duplicate completes nothing";
  EXPECT_EQ(send(9, 100), Verdict::kHold) << "parameter sets that were overtaken";
  EXPECT_EQ(send(11, 100), Verdict::kComplete);
}

TEST_F(KeyframeHoldTest, IsOverdueAfterItsPatience) {
  EXPECT_FALSE(hold_.is_overdue(now_));
  send(10, 100, true);
  EXPECT_FALSE(hold_.is_overdue(now_ + KeyframeHold::kPatience));
  EXPECT_TRUE(hold_.is_overdue(now_ + KeyframeHold::kPatience + milliseconds(1)));
  hold_.reset();
  EXPECT_FALSE(hold_.is_overdue(now_ + KeyframeHold::kPatience + milliseconds(1)));
}

TEST_F(KeyframeHoldTest, GivesUpOnAnotherStreamAndOnAPictureWithoutEnd) {
  send(10, 100, true);
  ssrc_ = 101;
  EXPECT_EQ(send(11, 100), Verdict::kComplete);
  hold_.reset();
  send(10, 100, true);
  EXPECT_EQ(send(522, 100), Verdict::kComplete);
}

}  // namespace
}  // namespace rooms
