// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/speaker_detector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace rooms {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kLoud = 20;
constexpr std::uint8_t kSilent = 127;

class Meeting {
 public:
  /// Everybody in `talking` talks for `duration`, the others are silent. Returns how often the
  /// speaker changed.
  int let_talk(const std::vector<std::string>& talking, milliseconds duration) {
    int changes = 0;
    for (const auto end = now_ + duration; now_ < end; now_ += milliseconds(200)) {
      for (const auto& who : everybody_) {
        const bool talks = std::find(talking.begin(), talking.end(), who) != talking.end();
        detector.observe(who, talks ? kLoud : kSilent, now_);
      }
      changes += detector.evaluate(now_) ? 1 : 0;
    }
    return changes;
  }
  SpeakerDetector detector;

 private:
  std::vector<std::string> everybody_{"ada", "bob", "eve"};
  Timestamp now_{};
};

TEST(SpeakerDetector, NobodySpeaksInSilence) {
  Meeting meeting;
  EXPECT_EQ(meeting.let_talk({}, milliseconds(5000)), 0);
  EXPECT_EQ(meeting.detector.speaker(), "");
}

TEST(SpeakerDetector, WhoTalksIsTheSpeakerWithinASecond) {
  Meeting meeting;
  meeting.let_talk({"bob"}, milliseconds(1000));
  EXPECT_EQ(meeting.detector.speaker(), "bob");
}

TEST(SpeakerDetector, ACoughMakesNoSpeaker) {
  Meeting meeting;
  meeting.let_talk({"bob"}, milliseconds(3000));
  meeting.let_talk({"bob", "eve"}, milliseconds(400));
  EXPECT_EQ(meeting.let_talk({"bob"}, milliseconds(3000)), 0);
  EXPECT_EQ(meeting.detector.speaker(), "bob");
}

TEST(SpeakerDetector, APauseBetweenTwoWordsUnmakesNoSpeaker) {
  Meeting meeting;
  meeting.let_talk({"bob"}, milliseconds(2000));
  EXPECT_EQ(meeting.let_talk({}, milliseconds(1500)), 0);
  EXPECT_EQ(meeting.detector.speaker(), "bob");
}

TEST(SpeakerDetector, TwoWhoTalkAtOnceDoNotAlternate) {
  Meeting meeting;
  meeting.let_talk({"ada"}, milliseconds(2000));
  EXPECT_EQ(meeting.let_talk({"ada", "bob"}, milliseconds(10000)), 0);
}

TEST(SpeakerDetector, TheNextSpeakerTakesOverAndTheLatestIsFirst) {
  Meeting meeting;
  meeting.let_talk({"ada"}, milliseconds(2000));
  meeting.let_talk({"eve"}, milliseconds(4000));
  EXPECT_EQ(meeting.detector.speaker(), "eve");
  EXPECT_EQ(meeting.detector.recent(), (std::vector<std::string>{"eve", "ada"}));
}

TEST(SpeakerDetector, LongSilenceLeavesNobody) {
  Meeting meeting;
  meeting.let_talk({"ada"}, milliseconds(2000));
  meeting.let_talk({}, milliseconds(4000));
  EXPECT_EQ(meeting.detector.speaker(), "");
}

TEST(SpeakerDetector, WhoLeavesIsForgotten) {
  Meeting meeting;
  meeting.let_talk({"ada"}, milliseconds(2000));
  meeting.detector.remove("ada");
  EXPECT_EQ(meeting.detector.speaker(), "");
  EXPECT_TRUE(meeting.detector.recent().empty());
}

}  // namespace
}  // namespace rooms
