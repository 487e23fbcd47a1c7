// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/sender_report_clock.h"

#include <gtest/gtest.h>

#include "gst/core/endpoint/ntp_time.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

constexpr Duration kWall = std::chrono::hours(490'000);  // 2025 or so
constexpr std::uint32_t kAudio = 48'000;
constexpr std::uint32_t kVideo = 90'000;

/// A publisher whose wall clock is `ahead` of ours, whatever ours counts from.
struct Publisher {
  Duration ahead = kWall;
  std::uint32_t audio_base = 0xFFFFF000;  // wraps soon
  std::uint32_t video_base = 12345;

  [[nodiscard]] std::uint64_t ntp(Timestamp at) const {
    return unix_to_ntp(at.time_since_epoch() + ahead);
  }
  static std::uint32_t ticks(Timestamp at, std::uint32_t rate) {
    return static_cast<std::uint32_t>(at.time_since_epoch().count() / 1'000'000 * rate / 1000);
  }
  [[nodiscard]] std::uint32_t audio(Timestamp at) const { return audio_base + ticks(at, kAudio); }
  [[nodiscard]] std::uint32_t video(Timestamp at) const { return video_base + ticks(at, kVideo); }
};

double as_ms(Duration span) { return static_cast<double>(span.count()) / 1e6; }

TEST(SenderReportClock, KnowsNothingBeforeTheFirstReportAndIgnoresReportsWithoutTime) {
  PublisherClock publisher;
  SenderReportClock clock(publisher, kVideo);
  EXPECT_FALSE(clock.capture_time(1));
  EXPECT_FALSE(clock.observe_sr(0, 1, at_ms(0)));
  EXPECT_FALSE(clock.capture_time(1));
  EXPECT_FALSE(publisher.to_local(1));
}

TEST(SenderReportClock, MapsSoundAndPictureOfOneInstantOntoOneInstant) {
  Random random;
  SCOPED_TRACE(random.seed());
  Publisher sender;
  PublisherClock publisher;
  SenderReportClock audio(publisher, kAudio);
  SenderReportClock video(publisher, kVideo);
  for (int s = 0; s < 120; ++s) {
    // Reports of the two streams leave at different times and are delayed differently.
    const Timestamp a = at_ms(s * 1000);
    const Timestamp v = at_ms(s * 1000 + 400);
    EXPECT_TRUE(audio.observe_sr(sender.ntp(a), sender.audio(a), a + ms(random.between(20, 120))));
    EXPECT_TRUE(video.observe_sr(sender.ntp(v), sender.video(v), v + ms(random.between(20, 120))));
    const Timestamp instant = at_ms(s * 1000 + 700);
    const Timestamp heard = *audio.capture_time(sender.audio(instant));
    const Timestamp seen = *video.capture_time(sender.video(instant));
    EXPECT_LT(std::abs(as_ms(heard - seen)), 1.0);
    if (s > 20) {
      EXPECT_GE(as_ms(heard - instant), 15);
      EXPECT_LE(as_ms(heard - instant), 45) << "near the least delay of the path";
    }
  }
}

TEST(SenderReportClock, FollowsADriftingClockWithoutJumps) {
  Publisher sender;
  PublisherClock publisher;
  SenderReportClock clock(publisher, kVideo);
  std::optional<Duration> last;
  for (int s = 0; s < 3600; ++s) {
    const Timestamp real = at_ms(s * 1000);
    const Timestamp theirs = real + std::chrono::microseconds(s * 100);  // 100 ppm fast
    ASSERT_TRUE(clock.observe_sr(sender.ntp(theirs), sender.video(theirs), real + ms(30)));
    const Duration error = *clock.capture_time(sender.video(theirs)) - real;
    if (s > 10) {
      ASSERT_NEAR(as_ms(error), 30, 3);
    }
    if (last) {
      ASSERT_LT(std::abs(as_ms(error - *last)), 6) << "second " << s;
    }
    last = error;
  }
}

TEST(SenderReportClock, OneNonsenseReportIsIgnored) {
  Publisher sender;
  PublisherClock publisher;
  SenderReportClock clock(publisher, kVideo);
  const auto report = [&](std::int64_t at) {
    return clock.observe_sr(sender.ntp(at_ms(at)), sender.video(at_ms(at)), at_ms(at + 30));
  };
  EXPECT_TRUE(report(0));
  EXPECT_TRUE(report(1000));
  const Timestamp before = *clock.capture_time(sender.video(at_ms(1500)));
  Random random;
  SCOPED_TRACE(random.seed());
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(clock.observe_sr(random.bits() | 1, random.u32(), at_ms(1100)));
  }
  EXPECT_FALSE(clock.observe_sr(sender.ntp(at_ms(1200)), 77, at_ms(1230)))
      << "only its RTP time is off";
  EXPECT_LT(std::abs(as_ms(*clock.capture_time(sender.video(at_ms(1500))) - before)), 1);
  EXPECT_TRUE(report(2000));
}

TEST(SenderReportClock, ASenderThatBeginsAnewIsBelievedTheSecondTime) {
  Publisher sender;
  PublisherClock publisher;
  SenderReportClock clock(publisher, kVideo);
  clock.observe_sr(sender.ntp(at_ms(0)), sender.video(at_ms(0)), at_ms(30));
  sender.video_base += 1'000'000'000;
  EXPECT_FALSE(clock.observe_sr(sender.ntp(at_ms(1000)), sender.video(at_ms(1000)), at_ms(1030)));
  EXPECT_TRUE(clock.observe_sr(sender.ntp(at_ms(2000)), sender.video(at_ms(2000)), at_ms(2030)));
  EXPECT_NEAR(as_ms(*clock.capture_time(sender.video(at_ms(2500))) - at_ms(2500)), 30, 1);
}

TEST(SenderReportClock, AWallClockThatIsSetNeverMovesTheStreamsApart) {
  for (Duration change : {Duration(std::chrono::seconds(10)), Duration(-std::chrono::hours(1))}) {
    Publisher sender;
    PublisherClock publisher;
    SenderReportClock audio(publisher, kAudio);
    SenderReportClock video(publisher, kVideo);
    for (int s = 0; s < 30; ++s) {
      if (s == 10) sender.ahead += change;
      const Timestamp a = at_ms(s * 1000);
      const Timestamp v = at_ms(s * 1000 + 400);
      audio.observe_sr(sender.ntp(a), sender.audio(a), a + ms(30));
      EXPECT_NEAR(as_ms(*audio.capture_time(sender.audio(a)) - a), 30, 2) << "second " << s;
      video.observe_sr(sender.ntp(v), sender.video(v), v + ms(30));
      EXPECT_NEAR(as_ms(*audio.capture_time(sender.audio(v)) - v), 30, 2) << "second " << s;
      EXPECT_NEAR(as_ms(*video.capture_time(sender.video(v)) - v), 30, 2) << "second " << s;
    }
    EXPECT_EQ(publisher.steps(), 2U) << "the first report, and the change";
  }
}

/// Packets every 20 ms, the first of them with that timestamp.
void speak(SenderReportClock& clock, std::uint32_t rtp_time, Timestamp from, Timestamp to) {
  for (auto at = from; at < to; at += std::chrono::milliseconds(20)) {
    clock.observe_packet(rtp_time, at);
    rtp_time += kAudio / 50;
  }
}

TEST(SenderReportClock, AClockThatStoodStillWhileNothingWasSentIsForgotten) {
  PublisherClock publisher;
  SenderReportClock clock(publisher, kAudio);
  const Publisher ada;
  speak(clock, ada.audio(at_ms(0)), at_ms(0), at_ms(1000));
  ASSERT_TRUE(clock.observe_sr(ada.ntp(at_ms(500)), ada.audio(at_ms(500)), at_ms(500)));
  // Silence for 20 s, then the timestamps go on where they were.
  speak(clock, ada.audio(at_ms(1000)), at_ms(21'000), at_ms(21'300));
  EXPECT_FALSE(clock.capture_time(ada.audio(at_ms(1300))));
  EXPECT_TRUE(clock.observe_sr(ada.ntp(at_ms(21'400)), ada.audio(at_ms(1400)), at_ms(21'400)));
  EXPECT_NEAR(as_ms(clock.capture_time(ada.audio(at_ms(1400)))->time_since_epoch()), 21'400, 1);
}

TEST(SenderReportClock, AReportSoonAfterAPauseIsRemembered) {
  PublisherClock publisher;
  SenderReportClock clock(publisher, kAudio);
  const Publisher ada;
  speak(clock, ada.audio(at_ms(0)), at_ms(0), at_ms(1000));
  ASSERT_TRUE(clock.observe_sr(ada.ntp(at_ms(500)), ada.audio(at_ms(500)), at_ms(500)));
  speak(clock, ada.audio(at_ms(1000)), at_ms(5000), at_ms(5100));
  EXPECT_FALSE(clock.observe_sr(ada.ntp(at_ms(5100)), ada.audio(at_ms(1100)), at_ms(5100)));
  speak(clock, ada.audio(at_ms(1100)), at_ms(5100), at_ms(5300));
  ASSERT_TRUE(clock.capture_time(ada.audio(at_ms(1300))));
  EXPECT_NEAR(as_ms(clock.capture_time(ada.audio(at_ms(1300)))->time_since_epoch()), 5300, 1);
}

TEST(SenderReportClock, AClockThatWentOnDuringAPauseIsKept) {
  PublisherClock publisher;
  SenderReportClock clock(publisher, kAudio);
  const Publisher ada;
  speak(clock, ada.audio(at_ms(0)), at_ms(0), at_ms(1000));
  ASSERT_TRUE(clock.observe_sr(ada.ntp(at_ms(500)), ada.audio(at_ms(500)), at_ms(500)));
  speak(clock, ada.audio(at_ms(21'000)), at_ms(21'000), at_ms(22'000));
  EXPECT_TRUE(clock.capture_time(ada.audio(at_ms(22'000))));
}

TEST(SenderReportClock, APathThatWasInterruptedIsNotTakenForAPause) {
  PublisherClock publisher;
  SenderReportClock clock(publisher, kAudio);
  const Publisher ada;
  speak(clock, ada.audio(at_ms(0)), at_ms(0), at_ms(1000));
  ASSERT_TRUE(clock.observe_sr(ada.ntp(at_ms(500)), ada.audio(at_ms(500)), at_ms(500)));
  // Four seconds of packets come at once.
  for (int ms = 1000; ms < 5000; ms += 20) clock.observe_packet(ada.audio(at_ms(ms)), at_ms(5000));
  speak(clock, ada.audio(at_ms(5000)), at_ms(5000), at_ms(6000));
  EXPECT_TRUE(clock.capture_time(ada.audio(at_ms(6000))));
}

TEST(PublisherClock, AStalledPathIsNotTakenForAClockThatWasSet) {
  Publisher sender;
  PublisherClock publisher;
  EXPECT_TRUE(publisher.observe(sender.ntp(at_ms(0)), at_ms(30)));
  // Three reports arrive together after the stall.
  for (int s = 1; s <= 3; ++s) {
    EXPECT_FALSE(publisher.observe(sender.ntp(at_ms(s * 1000)), at_ms(5'000 + s)));
  }
  EXPECT_TRUE(publisher.observe(sender.ntp(at_ms(6000)), at_ms(6030)));
  EXPECT_EQ(publisher.steps(), 1U);
}

TEST(SenderReport, ShowsTheRtpClockAtTheMomentItIsSent) {
  const SenderInfo info =
      sender_report_at(at_ms(10'500), 42, 0xFFFFFFFF, at_ms(10'000), kVideo, 3, 4);
  EXPECT_EQ(info.ntp_time, 42U);
  EXPECT_EQ(info.rtp_time, 44'999U);
  EXPECT_EQ(info.packets, 3U);
  EXPECT_EQ(info.octets, 4U);
  EXPECT_EQ(sender_report_at(at_ms(0), 1, 90'000, at_ms(1000), kVideo, 0, 0).rtp_time, 0U);
  // A stream silent for days
  EXPECT_EQ(
      sender_report_at(at_ms(0) + std::chrono::hours(100), 1, 0, at_ms(0), kVideo, 0, 0).rtp_time,
      static_cast<std::uint32_t>(100ULL * 3600 * kVideo));
}

}  // namespace
}  // namespace rooms
