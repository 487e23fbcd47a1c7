// SPDX-License-Identifier: LGPL-2.1-or-later
// How fast and how calm the speaker detector is, over many seeded conversations. The figures are
// told; the bounds are what a user would call broken.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/core/audio/synthetic_speech.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;

constexpr auto kListens = Does::kListens;
constexpr auto kTalks = Does::kTalks;

void tell(const char* what, std::vector<milliseconds> delays) {
  std::sort(delays.begin(), delays.end());
  std::printf("%s: median %lld ms, p95 %lld ms, most %lld ms\n", what,
              static_cast<long long>(delays[delays.size() / 2].count()),
              static_cast<long long>(delays[delays.size() * 95 / 100].count()),
              static_cast<long long>(delays.back().count()));
}

TEST(SpeakerFigures, DelayUntilTheSpeakerIsKnown) {
  std::vector<milliseconds> from_silence;
  std::vector<milliseconds> from_another;
  constexpr milliseconds kLimit(6000);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Meeting meeting(seed);
    meeting.go_on(milliseconds(2000), {});
    from_silence.push_back(meeting.until_speaker("ada", {kTalks}, kLimit));
    meeting.go_on(milliseconds(5000), {kTalks});
    from_another.push_back(meeting.until_speaker("bob", {kListens, kTalks}, kLimit));
  }
  tell("from silence", from_silence);
  tell("from another speaker", from_another);
  EXPECT_LT(*std::max_element(from_silence.begin(), from_silence.end()), milliseconds(5000));
  EXPECT_LT(*std::max_element(from_another.begin(), from_another.end()), milliseconds(5000));
}

TEST(SpeakerFigures, NoBangOfUpTo300MillisecondsMakesASpeaker) {
  int bangs = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    Meeting meeting(seed);
    meeting.go_on(milliseconds(4000), {kTalks});
    ASSERT_EQ(meeting.detector.speaker(), "ada");
    for (int i = 0; i < 10; ++i, ++bangs) {
      const milliseconds lasts(20 * random.between(5, 15));
      const bool pauses = random.one_in(2);
      EXPECT_EQ(meeting.go_on(lasts, {pauses ? kListens : kTalks, Does::kBangs}), 0)
          << random.seed();
      EXPECT_EQ(meeting.go_on(milliseconds(2000), {kTalks}), 0) << random.seed();
    }
  }
  std::printf("%d bangs of 100 to 300 ms: no change\n", bangs);
}

TEST(SpeakerFigures, TwoWhoTalkAtOnceDoNotAlternate) {
  int changes = 0;
  constexpr int kMinutes = 20;
  for (int minute = 0; minute < kMinutes; ++minute) {
    Meeting meeting(static_cast<std::uint64_t>(minute) + 1);
    meeting.go_on(milliseconds(4000), {kTalks});
    changes += meeting.go_on(milliseconds(60000), {kTalks, kTalks});
  }
  std::printf("two talk at once: %.1f changes a minute\n", static_cast<double>(changes) / kMinutes);
  EXPECT_LT(changes, kMinutes * 12);
}

TEST(SpeakerFigures, OneWhoTalksIsNeverInterruptedByListeners) {
  Meeting meeting(7);
  EXPECT_EQ(meeting.go_on(std::chrono::minutes(10), {kTalks}), 1);
  EXPECT_EQ(meeting.detector.speaker(), "ada");
}

/// Whatever comes in whatever order: the speaker is one of those present, who is not muted when
/// becoming it, and changes keep their distance.
TEST(SpeakerFigures, AnyInputKeepsTheRules) {
  Random random(11);
  SCOPED_TRACE(random.seed());
  SpeakerDetector detector;
  std::vector<std::string> present;
  Timestamp now{};
  Timestamp last_change{};
  std::string before;
  for (int step = 0; step < 20000; ++step, now += milliseconds(random.between(0, 15))) {
    const std::string who(1, static_cast<char>('a' + random.between(0, 7)));
    const bool is_present = std::find(present.begin(), present.end(), who) != present.end();
    if (random.one_in(400) && is_present) {
      detector.remove(who);
      std::erase(present, who);
      if (before == who) before.clear();
    } else {
      if (random.one_in(100)) detector.set_muted(who, random.one_in(2));
      const bool loud = (now.time_since_epoch() / std::chrono::seconds(2) + who[0]) % 3 == 0;
      const auto level = random.one_in(50) ? random.between(0U, 300U) : loud ? 20U : 90U;
      const auto verdict = detector.observe(
          who, level, now - milliseconds(random.one_in(20) ? random.between(0, 4000) : 0));
      EXPECT_EQ(verdict == SpeakerDetector::Verdict::kOutOfRange, level > 127);
      if (level <= 127 && !is_present) present.push_back(who);
    }
    const bool changed = detector.evaluate(now);
    EXPECT_EQ(changed, detector.speaker() != before);
    if (changed && !before.empty() && !detector.speaker().empty()) {
      EXPECT_GE(now - last_change, std::chrono::seconds(1));
    }
    if (changed) last_change = now;
    before = detector.speaker();
    if (!before.empty()) {
      EXPECT_TRUE(std::find(present.begin(), present.end(), before) != present.end());
    }
  }
}

}  // namespace
}  // namespace rooms
