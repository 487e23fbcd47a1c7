// SPDX-License-Identifier: LGPL-2.1-or-later
// When viewers are told to show pictures later: the decision, how it is told, and both in what an
// endpoint writes.
#include "gst/core/endpoint/playout_delay.h"

#include <gtest/gtest.h>

#include <array>

#include "gst/core/endpoint/send_endpoint.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "tests/core/wire/packets.h"

namespace rooms {
namespace {

constexpr std::uint32_t kDefault = 1000;  // no least delay, 10 s the longest

std::uint32_t least(std::int64_t milliseconds) {
  return static_cast<std::uint32_t>(milliseconds / 10) << 12 | 1000;
}

struct Moment {
  const char* title;
  std::int64_t at;          // ms
  unsigned requests;        // of the viewer, since the last
  std::int64_t round_trip;  // ms; 0: not measured
  std::int64_t minimum;     // ms, then
};

void play(const std::vector<Moment>& moments) {
  PlayoutDelay delay;
  for (const auto& moment : moments) {
    for (unsigned i = 0; i < moment.requests; ++i) delay.observe_request(at_ms(moment.at));
    std::optional<Duration> round_trip;
    if (moment.round_trip != 0) round_trip = ms(moment.round_trip);
    delay.consider(round_trip, at_ms(moment.at));
    EXPECT_EQ(delay.minimum(), ms(moment.minimum)) << moment.title;
  }
}

TEST(PlayoutDelay, IsARoundTripAndSomeTimeToNoticeWhilePacketsAreLost) {
  play({{"nothing is lost", 0, 0, 100, 0},
        {"an accident or two", 1000, 2, 100, 0},
        {"another one long after", 12'000, 1, 100, 0},
        {"three within ten seconds", 12'500, 2, 100, 180},
        {"a moment later", 12'750, 0, 100, 180}});
  play({{"no round trip is known", 0, 5, 0, 0}, {"now one is", 250, 0, 41, 120}});
}

TEST(PlayoutDelay, LeavesTimeForASecondTryWhereManyPacketsAreLost) {
  PlayoutDelay delay;
  const auto after = [&](double loss, int reports, std::int64_t round_trip, std::int64_t at) {
    for (int i = 0; i < 3; ++i) delay.observe_request(at_ms(at));
    for (int i = 0; i < reports; ++i) delay.observe_loss(loss);
    delay.consider(ms(round_trip), at_ms(at));
    return delay.minimum();
  };
  EXPECT_EQ(after(0.02, 20, 100, 0), ms(180));
  EXPECT_EQ(after(0.06, 1, 100, 1000), ms(300)) << "browsers do not ask again before 100 ms";
  EXPECT_EQ(after(0.05, 3, 150, 2000), ms(380));
  EXPECT_EQ(after(0.05, 3, 200, 3000), ms(380)) << "400 at most, which is not worth telling";
  EXPECT_EQ(after(0, 5, 150, 4000), ms(380));
  EXPECT_EQ(after(0, 5, 150, 19'000), ms(230));
}

TEST(PlayoutDelay, IsBoundedAndNoneWhereARoundTripIsTooLong) {
  play({{"nearly too long", 0, 3, 350, 400},
        {"too long: what is told stays for a while", 250, 3, 401, 400},
        {"and is taken back", 15'250, 3, 401, 0}});
}

TEST(PlayoutDelay, RisesAtOnceAndNotForLittle) {
  play({{"lost", 0, 3, 100, 180},
        {"a little longer", 250, 3, 129, 210},
        {"not worth it", 500, 3, 150, 210},
        {"longer", 750, 3, 160, 240}});
}

TEST(PlayoutDelay, FallsLateAndToWhatWasEnoughMeanwhile) {
  play({{"lost", 0, 3, 200, 280},
        {"shorter now", 1000, 3, 100, 280},
        {"for a moment longer", 9000, 3, 130, 280},
        {"not long enough", 15'900, 3, 100, 280},
        {"the most of the last fifteen seconds", 16'000, 3, 100, 210},
        {"shorter again", 17'000, 3, 100, 210},
        {"as long as before", 20'000, 3, 130, 210},
        {"so time begins anew", 32'500, 3, 100, 210}});
}

TEST(PlayoutDelay, IsGivenUpTwentyFiveSecondsAfterTheLastLoss) {
  play({{"lost", 0, 3, 100, 180},
        {"counts for ten seconds", 10'000, 0, 100, 180},
        {"no longer", 10'250, 0, 100, 180},
        {"patience", 25'000, 0, 100, 180},
        {"its end", 25'250, 0, 100, 0},
        {"one more", 26'000, 1, 100, 0},
        {"lost again", 26'250, 2, 100, 180}});
}

TEST(PlayoutDelayNotice, SaysNothingUntilThereIsSomethingToSay) {
  PlayoutDelayNotice notice;
  for (std::uint16_t i = 0; i < 100; ++i) {
    EXPECT_EQ(notice.next({}, i, at_ms(i * 100)), 0U);
    notice.observe_report(i);
  }
}

TEST(PlayoutDelayNotice, IsRepeatedWhileItLastsAndTheDefaultUntilAReportOfIt) {
  PlayoutDelayNotice notice;
  std::uint16_t sequence = 65'500;
  for (; sequence != 10; ++sequence)
    EXPECT_EQ(notice.next(ms(180), sequence, at_ms(0)), least(180));
  notice.observe_report(9);
  EXPECT_EQ(notice.next(ms(180), sequence++, at_ms(100)), least(180)) << "reported or not";

  EXPECT_EQ(notice.next({}, sequence++, at_ms(1000)), kDefault);
  notice.observe_report(static_cast<std::uint16_t>(sequence - 1));
  EXPECT_EQ(notice.next({}, sequence++, at_ms(2900)), kDefault) << "one packet is no picture";
  EXPECT_EQ(notice.next({}, sequence++, at_ms(3000)), kDefault);
  notice.observe_report(static_cast<std::uint16_t>(sequence - 2));
  EXPECT_EQ(notice.next({}, sequence++, at_ms(9000)), kDefault) << "it has not come yet";
  notice.observe_report(static_cast<std::uint16_t>(sequence - 1));
  EXPECT_EQ(notice.next({}, sequence++, at_ms(9100)), 0U);
}

TEST(PlayoutDelayNotice, ANewValueWhileTheDefaultIsToldBeginsAnew) {
  PlayoutDelayNotice notice;
  EXPECT_EQ(notice.next(ms(180), 1, at_ms(0)), least(180));
  EXPECT_EQ(notice.next({}, 2, at_ms(1000)), kDefault);
  EXPECT_EQ(notice.next({}, 3, at_ms(3000)), kDefault);
  EXPECT_EQ(notice.next(ms(250), 4, at_ms(3100)), least(250));
  notice.observe_report(4);
  EXPECT_EQ(notice.next({}, 5, at_ms(3200)), kDefault);
}

/// An endpoint whose viewer asks and reports.
class PlayoutDelayInPackets : public testing::Test {
 protected:
  static constexpr std::uint8_t kPeersId = 7;
  static constexpr std::uint32_t kSsrc = 11;
  static constexpr auto kOurs = static_cast<std::size_t>(Extension::kPlayoutDelay);

  static SendSlot video() {
    SendSlot slot;
    slot.active = true;
    slot.ssrc = kSsrc;
    slot.rtx_ssrc = 12;
    const auto* vp8 = profile_of(Codec::kVp8);
    slot.payloads = {{96, vp8->payload_type}, {97, vp8->rtx_payload_type}};
    slot.extension_ids[kOurs] = kPeersId;
    slot.feedback.nack = true;
    return slot;
  }
  void open(const SendSlot& slot) { slot_ = endpoint_.add_slot(slot); }

  /// A packet at that time, and what it carries; 0: nothing. `own`: that of the publisher.
  std::uint32_t send(std::int64_t at, std::optional<std::uint32_t> own = std::nullopt) {
    std::array<std::uint8_t, 4> element{static_cast<std::uint8_t>(kOurs << 4 | 2)};
    RtpHeader source;
    source.payload_type = profile_of(Codec::kVp8)->payload_type;
    if (own) {
      store_u24(&element[1], *own);
      source.extension_profile = 0xBEDE;
      source.extensions = element;
    }
    const RtpPatch patch{kSsrc, 0, sequence_++, {}};
    head_.resize(320);
    head_.resize(endpoint_.write_header(head_, slot_, source, patch, at_ms(at), {at_ms(at)}).size);
    return carried();
  }
  std::uint32_t send_again(std::int64_t at) {
    RtpHeader source;
    source.payload_type = profile_of(Codec::kVp8)->payload_type;
    const RtpPatch patch{kSsrc, 0, static_cast<std::uint16_t>(sequence_ - 1), {}};
    head_.resize(320);
    head_.resize(endpoint_.write_rtx_header(head_, slot_, source, patch, {at_ms(at)}).size);
    return carried();
  }
  void ask_again(std::int64_t at, std::uint16_t count) {
    std::array<std::uint8_t, 200> memory;
    RtcpWriter writer(memory);
    std::vector<std::uint16_t> missing;
    for (std::uint16_t i = count; i > 0; --i)
      missing.push_back(static_cast<std::uint16_t>(sequence_ - i));
    writer.nack(1, kSsrc, missing);
    endpoint_.observe_rtcp(writer.written(), at_ms(at), ntp(at));
  }
  /// A report of all that was sent, on a line with that round trip.
  void report(std::int64_t at, std::int64_t round_trip) {
    std::array<std::uint8_t, 200> memory;
    RtcpWriter writer(memory);
    ReportBlock block;
    block.ssrc = kSsrc;
    block.extended_highest_sequence = static_cast<std::uint16_t>(sequence_ - 1);
    block.last_sr = static_cast<std::uint32_t>(ntp(at - round_trip) >> 16);
    writer.receiver_report(1, {&block, 1});
    endpoint_.observe_rtcp(writer.written(), at_ms(at), ntp(at));
  }
  void tick(std::int64_t at) {
    std::array<std::uint8_t, 500> memory;
    endpoint_.write_report(memory, at_ms(at), ntp(at));
  }
  static std::uint64_t ntp(std::int64_t at) {
    return (std::uint64_t{3'900'000'000} << 32) + (static_cast<std::uint64_t>(at) << 32) / 1000;
  }

  SendEndpoint endpoint_{"room"};
  SendEndpoint::SlotId slot_ = 0;

 private:
  std::uint32_t carried() {
    head_.push_back(0x55);
    const auto header = parse_rtp(head_);
    EXPECT_TRUE(header);
    const auto data = header ? find_extension(*header, kPeersId) : std::nullopt;
    return data && data->size() == 3 ? load_u24(data->data()) : 0;
  }
  std::uint16_t sequence_ = 65'530;
  std::vector<std::uint8_t> head_;
};

TEST_F(PlayoutDelayInPackets, IsToldWhileTheViewerAsksForPacketsAgain) {
  open(video());
  EXPECT_EQ(send(0), 0U);
  report(500, 100);
  EXPECT_EQ(send(600), 0U);
  ask_again(1000, 3);
  EXPECT_EQ(endpoint_.stats(slot_)->playout_delay, ms(180));
  EXPECT_EQ(send(1010), least(180));
  EXPECT_EQ(send_again(1010), 0U) << "the receiver keeps what it has been told";
  for (std::int64_t at = 1250; at < 30'000; at += 250) tick(at);
  EXPECT_EQ(endpoint_.stats(slot_)->playout_delay, ms(0));
  EXPECT_EQ(send(30'000), kDefault);
  EXPECT_EQ(send(33'000), kDefault);
  report(33'100, 100);
  EXPECT_EQ(send(33'200), 0U);
}

TEST_F(PlayoutDelayInPackets, IsNotToldWithoutARoundTrip) {
  open(video());
  send(0);
  ask_again(10, 5);
  EXPECT_EQ(send(20), 0U);
}

TEST_F(PlayoutDelayInPackets, IsNotToldToAViewerThatGetsNothingAgain) {
  auto deaf = video();
  deaf.rtx_ssrc = 0;
  open(deaf);
  send(0);
  report(100, 100);
  ask_again(110, 5);
  EXPECT_EQ(send(120), 0U);
  EXPECT_EQ(endpoint_.stats(slot_)->playout_delay, ms(0));
}

TEST_F(PlayoutDelayInPackets, IsTakenBackFromAViewerThatNegotiatesAnew) {
  open(video());
  send(0);
  report(100, 100);
  ask_again(110, 5);
  EXPECT_EQ(send(120), least(180));
  auto without = video();
  without.feedback.nack = false;
  endpoint_.update_slot(slot_, without);
  EXPECT_EQ(send(130), kDefault);
  without.extension_ids[kOurs] = 0;
  endpoint_.update_slot(slot_, without);
  EXPECT_EQ(send(140), 0U);
}

TEST_F(PlayoutDelayInPackets, ThePublishersOwnIsNotForwarded) {
  open(video());
  EXPECT_EQ(send(0, 5), 0U);
  report(100, 100);
  ask_again(110, 5);
  EXPECT_EQ(send(120, 5), least(180));
}

}  // namespace
}  // namespace rooms
