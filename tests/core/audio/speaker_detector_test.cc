// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/speaker_detector.h"

#include <gtest/gtest.h>

#include "tests/core/audio/synthetic_speech.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;
using Verdict = SpeakerDetector::Verdict;

constexpr auto kListens = Does::kListens;
constexpr auto kTalks = Does::kTalks;
constexpr auto kBangs = Does::kBangs;
constexpr auto kSendsNothing = Does::kSendsNothing;

TEST(SpeakerDetector, NobodySpeaksInSilence) {
  Meeting meeting(1);
  EXPECT_EQ(meeting.go_on(milliseconds(5000), {}), 0);
  EXPECT_EQ(meeting.detector.speaker(), "");
}

struct Scene {
  const char* title;
  std::vector<Does> before;  // for four seconds
  milliseconds lasts;
  std::vector<Does> then;
  std::vector<Does> after;  // for three seconds
  const char* speaker;      // in the end
  int changes;              // since `before`
};

TEST(SpeakerDetector, ScenesOfAMeeting) {
  const std::vector<Scene> scenes{
      {"somebody begins", {}, milliseconds(2000), {kListens, kTalks}, {kListens, kTalks}, "bob", 1},
      {"a pause between sentences", {kTalks}, milliseconds(900), {}, {kTalks}, "ada", 0},
      {"a cough while another talks",
       {kTalks},
       milliseconds(300),
       {kTalks, kBangs},
       {kTalks},
       "ada",
       0},
      {"a cough in a pause", {kTalks}, milliseconds(300), {kListens, kBangs}, {kTalks}, "ada", 0},
      {"a cough in silence", {}, milliseconds(300), {kListens, kBangs}, {}, "", 0},
      {"a door at two microphones", {}, milliseconds(200), {kBangs, kBangs}, {}, "", 0},
      {"'yes' while another talks",
       {kTalks},
       milliseconds(400),
       {kTalks, kTalks},
       {kTalks},
       "ada",
       0},
      {"the next one takes over",
       {kTalks},
       milliseconds(0),
       {},
       {kListens, kListens, kTalks},
       "eve",
       1},
      {"interrupted, and gives up",
       {kTalks},
       milliseconds(1500),
       {kTalks, kTalks},
       {kListens, kTalks},
       "bob",
       1},
      {"silence ends it", {kTalks}, milliseconds(1500), {}, {}, "", 1},
      {"the speaker's packets stop",
       {kTalks},
       milliseconds(1500),
       {kSendsNothing},
       {kSendsNothing},
       "",
       1},
  };
  for (const auto& scene : scenes) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(std::string(scene.title) + ", seed " + std::to_string(seed));
      Meeting meeting(seed);
      meeting.go_on(milliseconds(4000), scene.before);
      int changes = meeting.go_on(scene.lasts, scene.then);
      changes += meeting.go_on(milliseconds(3000), scene.after);
      EXPECT_EQ(meeting.detector.speaker(), scene.speaker);
      EXPECT_EQ(changes, scene.changes);
    }
  }
}

TEST(SpeakerDetector, TheLatestSpeakerIsFirst) {
  Meeting meeting(1);
  meeting.go_on(milliseconds(3000), {kTalks});
  meeting.go_on(milliseconds(3000), {kListens, kListens, kTalks});
  EXPECT_EQ(meeting.detector.recent(), (std::vector<std::string>{"eve", "ada"}));
}

TEST(SpeakerDetector, WhoLeavesIsForgotten) {
  Meeting meeting(1);
  meeting.go_on(milliseconds(3000), {kTalks});
  ASSERT_EQ(meeting.detector.speaker(), "ada");
  meeting.detector.remove("ada");
  meeting.detector.remove("nobody");
  EXPECT_EQ(meeting.detector.speaker(), "");
  EXPECT_TRUE(meeting.detector.recent().empty());
}

TEST(SpeakerDetector, AMutedMicrophoneMakesNoSpeaker) {
  Meeting meeting(1);
  meeting.detector.set_muted("ada", true);
  EXPECT_EQ(meeting.go_on(milliseconds(3000), {kTalks}), 0);
  EXPECT_EQ(meeting.detector.observe("ada", 10, meeting.now), Verdict::kMuted);
  EXPECT_EQ(meeting.detector.level("ada", meeting.now), 127U);
  meeting.detector.set_muted("ada", false);
  EXPECT_EQ(meeting.go_on(milliseconds(3000), {kTalks}), 1);
  EXPECT_EQ(meeting.detector.speaker(), "ada");
  // Who mutes keeps the floor as long as who pauses, unless somebody wants it.
  meeting.detector.set_muted("ada", true);
  EXPECT_EQ(meeting.go_on(milliseconds(1000), {kTalks}), 0);
  EXPECT_EQ(meeting.go_on(milliseconds(2000), {kTalks, kTalks}), 1);
  EXPECT_EQ(meeting.detector.speaker(), "bob");
}

TEST(SpeakerDetector, ALevelOutOfRangeCountsForNothing) {
  SpeakerDetector detector;
  Timestamp now{};
  for (int i = 0; i < 100; ++i, now += kPacket) {
    EXPECT_EQ(detector.observe("ada", 128, now), Verdict::kOutOfRange);
    EXPECT_FALSE(detector.evaluate(now));
  }
  EXPECT_EQ(detector.level("ada", now), 127U);
}

TEST(SpeakerDetector, LatePacketsCountWhereTheyBelong) {
  // Bob's packets come in bursts of half a second, each with the time of its sound.
  SpeakerDetector detector;
  Talker bob(3);
  Timestamp now{};
  std::vector<std::pair<Timestamp, unsigned>> waiting;
  for (int i = 0; i < 150; ++i, now += kPacket) {
    waiting.emplace_back(now, bob.talk());
    if (i % 25 != 24) continue;
    std::reverse(waiting.begin(), waiting.end());
    for (const auto& [when, level] : waiting)
      EXPECT_EQ(detector.observe("bob", level, when), Verdict::kCounted);
    waiting.clear();
    detector.evaluate(now);
  }
  EXPECT_EQ(detector.speaker(), "bob");
  EXPECT_EQ(detector.observe("bob", 10, now - std::chrono::seconds(3)), Verdict::kLate);
}

TEST(SpeakerDetector, PacketsTwiceCountOnce) {
  SpeakerDetector detector;
  const Timestamp now{};
  for (int i = 0; i < 100; ++i) detector.observe("eve", 10, now);
  EXPECT_FALSE(detector.evaluate(now));
}

TEST(SpeakerDetector, LossAndPacketsOfSixtyMillisecondsAreStillSpeech) {
  for (const int each : {2, 3}) {  // every second or third frame comes
    SpeakerDetector detector;
    Talker ada(5);
    Timestamp now{};
    for (int i = 0; i < 150; ++i, now += kPacket) {
      const auto level = ada.talk();
      if (i % each == 0) detector.observe("ada", level, now);
      if (i % 5 == 0) detector.evaluate(now);
    }
    EXPECT_EQ(detector.speaker(), "ada");
  }
}

TEST(SpeakerDetector, AFanIsNoSpeaker) {
  // Louder than many a voice, but it never stops; who speaks above it is heard.
  SpeakerDetector detector;
  Talker fan(1, 22, 42);
  Timestamp now{};
  for (int i = 0; i < 500; ++i, now += kPacket) {
    detector.observe("fan", fan.listen(), now);
    EXPECT_FALSE(detector.evaluate(now));
  }
  for (int i = 0; i < 100; ++i, now += kPacket) {
    detector.observe("fan", fan.talk(), now);
    detector.evaluate(now);
  }
  EXPECT_EQ(detector.speaker(), "fan");
}

TEST(SpeakerDetector, AClockThatLeapsAheadLeavesNoTrace) {
  SpeakerDetector detector;
  Talker ada(1);
  Timestamp now{};
  for (const auto leap : {std::chrono::hours(0), std::chrono::hours(1000)}) {
    now += leap;
    for (int i = 0; i < 150; ++i, now += kPacket) {
      detector.observe("ada", ada.talk(), now);
      detector.evaluate(now);
    }
    EXPECT_EQ(detector.speaker(), "ada");
  }
  EXPECT_EQ(detector.observe("ada", 10, now - std::chrono::hours(1)), Verdict::kLate);
}

}  // namespace
}  // namespace rooms
