// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/keyframe_gate.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rooms {
namespace {

using std::chrono::milliseconds;

Timestamp at(int ms) { return Timestamp{milliseconds(ms)}; }

TEST(KeyframeGate, SendsTheFirstRequestAtOnce) { EXPECT_TRUE(KeyframeGate().request(at(0)).send); }

TEST(KeyframeGate, MergesRequestsInsideAnIntervalAndSendsTheLastOneLater) {
  KeyframeGate gate;
  gate.request(at(0));
  const auto deferred = gate.request(at(10));
  EXPECT_FALSE(deferred.send);
  EXPECT_EQ(deferred.due, at(300));
  const auto merged = gate.request(at(20));
  EXPECT_FALSE(merged.send);
  EXPECT_FALSE(merged.due) << "one wake-up is enough";
  EXPECT_FALSE(gate.poll(at(299)));
  EXPECT_TRUE(gate.poll(at(300)));
  EXPECT_FALSE(gate.poll(at(301))) << "sent once";
  EXPECT_FALSE(gate.request(at(310)).send) << "the deferred one opened an interval of its own";
}

TEST(KeyframeGate, AKeyframeAnswersWhatWasAskedBeforeIt) {
  KeyframeGate gate;
  gate.request(at(0));
  gate.request(at(10));
  gate.observe_keyframe();
  EXPECT_FALSE(gate.poll(at(300)));
  EXPECT_TRUE(gate.request(at(310)).send);
}

TEST(KeyframeGate, OpensWhenTheClockIsSetBack) {
  KeyframeGate gate;
  gate.request(at(10'000));
  EXPECT_TRUE(gate.request(at(5)).send);
}

TEST(KeyframeGate, TakesANewIntervalAtOnce) {
  KeyframeGate gate(milliseconds(1000));
  gate.request(at(0));
  gate.set_interval(milliseconds(100));
  EXPECT_TRUE(gate.request(at(100)).send);
  gate.set_interval(Duration{0});
  EXPECT_TRUE(gate.request(at(100)).send) << "no interval: nothing is merged";
}

TEST(KeyframeGate, NeverSendsTwiceInAnIntervalAndLosesNoRequest) {
  const unsigned seed = 2024;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  KeyframeGate gate;
  std::vector<int> sent;
  int last_request = -1;
  for (int now = 0; now < 100'000; ++now) {
    if (random() % 97 == 0) {
      last_request = now;
      if (gate.request(at(now)).send) sent.push_back(now);
    }
    if (gate.poll(at(now))) sent.push_back(now);
    if (last_request >= 0 && now == last_request + 300) {
      EXPECT_GE(sent.back(), last_request) << "asked at " << last_request;
    }
  }
  for (std::size_t i = 1; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - 1], 300);
}

}  // namespace
}  // namespace rooms
