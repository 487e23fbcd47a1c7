// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "gst/core/push/push_gate.h"
#include "gst/core/push/push_retry.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;

EncodedFrame frame(int at_ms, bool keyframe) {
  EncodedFrame frame;
  frame.time = Timestamp(milliseconds(at_ms));
  frame.keyframe = keyframe;
  return frame;
}

TEST(PushGate, BeginsWithAKeyframeAndTheSoundOfThatMoment) {
  PushGate gate;
  EXPECT_FALSE(gate.admit(frame(0, true), false, 0));
  EXPECT_FALSE(gate.admit(frame(10, false), true, 0));
  EXPECT_TRUE(gate.admit(frame(50, true), true, 0));
  EXPECT_FALSE(gate.admit(frame(40, true), false, 0)) << "sound from before the picture";
  EXPECT_TRUE(gate.admit(frame(60, true), false, 0));
  EXPECT_TRUE(gate.admit(frame(90, false), true, 0));
  EXPECT_EQ(gate.dropped(), 0U) << "what came before the beginning is no loss";
}

TEST(PushGate, BehindASlowConnectionItSkipsToAKeyframe) {
  PushGate gate;
  ASSERT_TRUE(gate.admit(frame(0, true), true, 0));
  EXPECT_TRUE(gate.admit(frame(40, false), true, PushGate::kMostWaiting));
  EXPECT_FALSE(gate.admit(frame(80, false), true, PushGate::kMostWaiting + 1));
  EXPECT_FALSE(gate.admit(frame(120, false), true, 0)) << "refers to one that is missing";
  EXPECT_FALSE(gate.admit(frame(130, true), false, 0));
  EXPECT_FALSE(gate.admit(frame(160, true), true, PushGate::kMostWaiting / 2 + 1));
  EXPECT_TRUE(gate.admit(frame(200, true), true, PushGate::kMostWaiting / 2));
  EXPECT_EQ(gate.dropped(), 4U);
}

TEST(PushRetry, WaitsLongerEachTimeUntilItIsLive) {
  PushRetry retry;
  EXPECT_EQ(retry.on_failure(PushCause::kRefused, 0.5), BackOff::kFirst);
  EXPECT_EQ(retry.on_failure(PushCause::kLost, 0.5), 2 * BackOff::kFirst);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(retry.on_failure(PushCause::kUnreachable, 0.5));
  EXPECT_EQ(retry.on_failure(PushCause::kUnreachable, 0.5), BackOff::kLast);
  retry.on_live();
  EXPECT_EQ(retry.on_failure(PushCause::kLost, 0.5), BackOff::kFirst);
}

TEST(PushRetry, AServerThatSaysNoIsNotAskedForEver) {
  PushRetry retry;
  for (unsigned i = 1; i < PushRetry::kMostDenials; ++i)
    EXPECT_TRUE(retry.on_failure(PushCause::kDenied, 0));
  EXPECT_FALSE(retry.on_failure(PushCause::kCredentials, 0));
  retry.on_live();
  EXPECT_TRUE(retry.on_failure(PushCause::kDenied, 0));
  EXPECT_TRUE(retry.on_failure(PushCause::kRefused, 0));
}

/// What rtmp2sink and srtsink of GStreamer 1.22 say.
TEST(PushCause, IsReadOutOfWhatElementsSay) {
  const auto cause = [](const char* text, int took_ms = 100) {
    return push_cause_of(text, false, milliseconds(took_ms));
  };
  EXPECT_EQ(cause("Connection refused: Could not connect to 127.0.0.1: Connection refused"),
            PushCause::kRefused);
  EXPECT_EQ(cause("Connection error: connection closed remotely domain g-io-error-quark, code 44"),
            PushCause::kDenied);
  EXPECT_EQ(cause("Failed to connect: Error resolving nowhere.invalid: Name or service not known"),
            PushCause::kUnreachable);
  EXPECT_EQ(cause("Not authorized to connect: authentication failed"), PushCause::kCredentials);
  EXPECT_EQ(cause("Failed to connect: Unacceptable TLS certificate"), PushCause::kTls);
  EXPECT_EQ(cause("Failed to write to SRT socket: Connection does not exist", 20),
            PushCause::kDenied);
  EXPECT_EQ(cause("Failed to write to SRT socket: Connection does not exist", 3010),
            PushCause::kUnreachable);
  EXPECT_EQ(cause("something new"), PushCause::kUnreachable);
  EXPECT_EQ(push_cause_of("Connection refused", true, {}), PushCause::kLost);
}

TEST(PushCause, IsToldWithACodeAndASentence) {
  const auto error = push_error(PushCause::kRefused, "live.example:1935", "Connection refused");
  EXPECT_EQ(error.code, "push-refused");
  EXPECT_EQ(
      error.message,
      "live.example:1935 refuses the connection: nothing listens there. (Connection refused)");
}

}  // namespace
}  // namespace rooms
