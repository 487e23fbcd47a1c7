// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/receive_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gst/core/endpoint/ntp_time.h"
#include "gst/core/endpoint/sequence_number.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

TEST(NtpTime, ConversionsAgreeThereAndBack) {
  Random random;
  SCOPED_TRACE(random.seed());
  for (int i = 0; i < 10'000; ++i) {
    const Duration span(random.between<std::int64_t>(0, 4'000'000'000'000'000'000));
    EXPECT_EQ(from_ntp_span(to_ntp_span(span)), span);
    const Duration wall = span / 2;  // up to 2033
    EXPECT_EQ(ntp_to_unix(unix_to_ntp(wall)), wall);
  }
  EXPECT_EQ(to_ntp_span(ms(-5)), 0U);
  EXPECT_EQ(to_ntp_span(ms(1500)), 0x180000000U);
  EXPECT_EQ(unix_to_ntp({}), 0x83AA7E8000000000U);
  // Era 1 begins in February 2036.
  EXPECT_EQ(ntp_to_unix(0), std::chrono::seconds(2'085'978'496));
  EXPECT_EQ(unix_to_ntp(std::chrono::seconds(2'085'978'496)), 0U);
}

TEST(NtpTime, RoundTripComesFromTheReportThatAnswersOurs) {
  const std::uint64_t sent = unix_to_ntp(std::chrono::hours(400'000));
  const std::uint32_t held = to_compact_span(ms(300));
  const std::uint64_t now = sent + to_ntp_span(ms(350));
  EXPECT_NEAR(static_cast<double>(round_trip(now, compact_ntp(sent), held).count()), 50e6, 1e5);
  EXPECT_EQ(round_trip(now, 0, held), Duration{});
  EXPECT_EQ(round_trip(sent, compact_ntp(sent), held), Duration{}) << "held longer than it took";
}

TEST(SequenceNumber, UnwrapsAcrossTheEndInBothDirections) {
  Random random;
  SCOPED_TRACE(random.seed());
  RolloverUnwrapper unwrapper;
  std::int64_t number = 0x10000 + 40'000;
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_EQ(unwrapper.unwrap(static_cast<std::uint16_t>(number)), number);
    number += random.between(-20'000, 32'000);
    number = std::max<std::int64_t>(number, 0x10000);
    ASSERT_EQ(unwrapper.peek(static_cast<std::uint16_t>(number)), number);
  }
  EXPECT_TRUE(sequence_newer(1, 65535));
  EXPECT_FALSE(sequence_newer(65535, 1));
  EXPECT_EQ(timestamp_distance(0xFFFFFFF0, 0x10), 0x20);
}

TEST(ReceiveStatistics, CountsLossAndItsFractionPerInterval) {
  ReceiveStatistics statistics(7, 90'000);
  EXPECT_EQ(statistics.report(at_ms(0)).extended_highest_sequence, 0U);
  for (std::uint16_t i = 0; i < 100; ++i) {
    if (i % 4 != 1) statistics.observe(static_cast<std::uint16_t>(65'500 + i), i, 10, at_ms(i));
  }
  ReportBlock report = statistics.report(at_ms(100));
  EXPECT_EQ(report.ssrc, 7U);
  EXPECT_EQ(report.cumulative_lost, 25);
  EXPECT_EQ(report.fraction_lost, 64);
  EXPECT_EQ(report.extended_highest_sequence, 0x10000U + 63);
  EXPECT_EQ(statistics.packets(), 75U);
  EXPECT_EQ(statistics.octets(), 750U);

  for (std::uint16_t i = 64; i < 164; ++i) statistics.observe(i, i, 10, at_ms(i));
  report = statistics.report(at_ms(200));
  EXPECT_EQ(report.fraction_lost, 0);
  EXPECT_EQ(report.cumulative_lost, 25);
}

TEST(ReceiveStatistics, DuplicatesMakeTheLossNegativeAndTheFractionZero) {
  ReceiveStatistics statistics(7, 90'000);
  for (std::uint16_t i = 0; i < 10; ++i) {
    statistics.observe(i, 0, 10, at_ms(0));
    statistics.observe(i, 0, 10, at_ms(0));
  }
  const ReportBlock report = statistics.report(at_ms(0));
  EXPECT_EQ(report.cumulative_lost, -10);
  EXPECT_EQ(report.fraction_lost, 0);
}

TEST(ReceiveStatistics, AgreesWithTheFormulaOfRfc3550ForJitter) {
  Random random;
  SCOPED_TRACE(random.seed());
  ReceiveStatistics statistics(7, 48'000);
  double oracle = 0;
  std::uint32_t rtp = 0xFFFFF000;
  Timestamp arrival = at_ms(50);
  std::optional<double> transit;
  for (std::uint16_t i = 0; i < 5000; ++i) {
    rtp += 960;
    arrival += ms(20) + std::chrono::microseconds(random.between(-8000, 8000));
    const double now = static_cast<double>(arrival.time_since_epoch().count()) * 48e3 / 1e9 -
                       (static_cast<double>(i) * 960);
    if (transit) oracle += (std::abs(now - *transit) - oracle) / 16;
    transit = now;
    statistics.observe(i, rtp, 100, arrival);
  }
  EXPECT_NEAR(statistics.report(arrival).jitter, oracle, 2);
  EXPECT_NEAR(static_cast<double>(statistics.jitter().count()), oracle / 48e3 * 1e9, 1e5);
}

TEST(ReceiveStatistics, PacketsOfOneFrameAddNoJitter) {
  ReceiveStatistics statistics(7, 90'000);
  std::uint16_t sequence = 0;
  for (int frame = 0; frame < 100; ++frame) {
    for (int packet = 0; packet < 10; ++packet) {
      statistics.observe(sequence++, static_cast<std::uint32_t>(frame * 3000), 100,
                         Timestamp(std::chrono::nanoseconds(frame * 33'333'333LL) + ms(packet)));
    }
  }
  EXPECT_LE(statistics.report(at_ms(4000)).jitter, 1U);
}

TEST(ReceiveStatistics, BeginsAnewWhenTheSenderDoes) {
  ReceiveStatistics statistics(7, 90'000);
  for (std::uint16_t i = 0; i < 10; ++i) statistics.observe(i, 0, 10, at_ms(0));
  statistics.observe(30'000, 0, 10, at_ms(0));  // one stray packet changes nothing
  EXPECT_EQ(statistics.report(at_ms(0)).extended_highest_sequence, 9U);
  statistics.observe(40'000, 0, 10, at_ms(0));
  statistics.observe(40'001, 0, 10, at_ms(0));
  const ReportBlock report = statistics.report(at_ms(0));
  EXPECT_EQ(report.extended_highest_sequence, 40'001U);
  EXPECT_EQ(report.cumulative_lost, 0);
}

TEST(ReceiveStatistics, TellsHowLongAgoTheSenderReportCame) {
  ReceiveStatistics statistics(7, 90'000);
  EXPECT_EQ(statistics.report(at_ms(0)).last_sr, 0U);
  statistics.observe_sender_report(0x0123456789ABCDEF, at_ms(1000));
  const ReportBlock report = statistics.report(at_ms(1500));
  EXPECT_EQ(report.last_sr, 0x456789ABU);
  EXPECT_EQ(report.delay_since_last_sr, 0x8000U);
}

TEST(ReceiveStatistics, CumulativeLossStaysWithin24Bits) {
  ReceiveStatistics statistics(7, 90'000);
  std::uint32_t number = 0;
  statistics.observe(0, 0, 1, at_ms(0));
  for (int i = 0; i < 10'000; ++i) {
    number += 2'500;
    statistics.observe(static_cast<std::uint16_t>(number), 0, 1, at_ms(0));
  }
  EXPECT_EQ(statistics.report(at_ms(0)).cumulative_lost, 0x7FFFFF);
  EXPECT_EQ(statistics.lost(), 10'000 * 2'499);
}

}  // namespace
}  // namespace rooms
