// SPDX-License-Identifier: LGPL-2.1-or-later
// The receiving half of a connection: which encoding a packet is of, and what is said of it.
#include "gst/core/endpoint/receive_endpoint.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "gst/core/rtcp/rtcp_parser.h"
#include "tests/core/wire/packets.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;
using Drop = ReceiveEndpoint::Drop;

constexpr std::uint8_t kVideo = 100;  // the peer's payload types
constexpr std::uint8_t kRepair = 101;
constexpr std::uint8_t kMidId = 9;  // and extension ids
constexpr std::uint8_t kRidId = 10;
constexpr std::uint8_t kRepairedRidId = 11;
constexpr std::uint8_t kTransportWideId = 5;

ReceivedMedia camera(std::vector<std::string> rids) {
  const auto* vp8 = profile_of(Codec::kVp8);
  ReceivedMedia media;
  media.mid = "0";
  media.kind = MediaKind::kVideo;
  media.active = true;
  media.codec = Codec::kVp8;
  media.payload_type = vp8->payload_type;
  media.payloads = {{kVideo, vp8->payload_type}, {kRepair, vp8->rtx_payload_type}};
  media.rids = std::move(rids);
  const auto set = [&](Extension extension, std::uint8_t id) {
    media.extension_ids[static_cast<std::size_t>(extension)] = id;
  };
  set(Extension::kMid, kMidId);
  set(Extension::kRid, kRidId);
  set(Extension::kRepairedRid, kRepairedRidId);
  set(Extension::kTransportWide, kTransportWideId);
  media.feedback.nack = media.feedback.pli = media.feedback.transport_cc = true;
  media.feedback.remb = true;
  return media;
}

struct Sent {
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::string mid;
  std::string rid;
  std::string repaired;
  std::uint16_t transport_wide = 0;
  std::uint8_t payload_type = kVideo;
};

/// As a browser writes it: one-byte header extensions, a few bytes of payload.
Packet written(const Sent& sent) {
  Packet extensions;
  const auto add = [&](std::uint8_t id, const std::string& text) {
    if (text.empty()) return;
    extensions.push_back(static_cast<std::uint8_t>(id << 4 | (text.size() - 1)));
    extensions.insert(extensions.end(), text.begin(), text.end());
  };
  add(kMidId, sent.mid);
  add(kRidId, sent.rid);
  add(kRepairedRidId, sent.repaired);
  extensions.push_back(kTransportWideId << 4 | 1);
  extensions.push_back(static_cast<std::uint8_t>(sent.transport_wide >> 8));
  extensions.push_back(static_cast<std::uint8_t>(sent.transport_wide));
  while (extensions.size() % 4 != 0) extensions.push_back(0);
  Packet packet = rtp_packet(sent.ssrc, sent.sequence, 0);
  packet[0] = 0x90;
  packet[1] = sent.payload_type;
  const auto words = static_cast<std::uint16_t>(extensions.size() / 4);
  packet.insert(packet.end(), {0xBE, 0xDE, 0, static_cast<std::uint8_t>(words)});
  packet.insert(packet.end(), extensions.begin(), extensions.end());
  packet.insert(packet.end(), {0, 7, 0x10, 0, 0, 0});
  return packet;
}

class Receiving : public testing::Test {
 protected:
  void publish(const std::vector<std::string>& rids) {
    for (std::size_t i = 0; i < rids.size(); ++i)
      ids_.push_back(endpoint_.set_encoding(camera(rids), i));
  }
  /// The encoding that the packet is of, as its place in what was published; -1: dropped.
  int receive(Sent sent) {
    sent.transport_wide = transport_wide_++;
    auto packet = written(sent);
    const auto header = parse_rtp(packet);
    EXPECT_TRUE(header);
    const auto outcome = endpoint_.accept(packet, *header, now_);
    now_ += ms(5);
    if (!outcome.accepted) return -1;
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (ids_[i] == outcome.accepted->encoding) return static_cast<int>(i);
    return -1;
  }
  /// Media SSRCs of all transport-wide feedback that is due within a second.
  std::vector<std::uint32_t> feedback_for() {
    std::vector<std::uint32_t> ssrcs;
    each_due<TransportFeedback>(
        [&](const auto& feedback) { ssrcs.push_back(feedback.media_ssrc); });
    return ssrcs;
  }
  /// kbit/s of all REMB that are due within a second.
  std::vector<std::uint64_t> limits() {
    std::vector<std::uint64_t> told;
    each_due<ReceiverEstimate>(
        [&](const auto& estimate) { told.push_back(estimate.bits_per_second / 1000); });
    return told;
  }
  template <class Wanted, class Visit>
  void each_due(Visit&& visit) {
    Packet memory(1200);
    now_ += ms(1000);
    while (const auto size = endpoint_.write_rtcp(memory, now_)) {
      RtcpReader reader(Bytes(memory).first(size));
      while (const auto packet = reader.next())
        if (const auto* wanted = std::get_if<Wanted>(&*packet)) visit(*wanted);
      EXPECT_FALSE(reader.malformed());
    }
  }

  ReceiveEndpoint endpoint_{1, "room"};
  std::vector<ReceiveEndpoint::EncodingId> ids_;
  Timestamp now_ = at_ms(10'000);
  std::uint16_t transport_wide_ = 1;
};

TEST_F(Receiving, TellsLayersApartByRidWhateverTheyAreCalled) {
  publish({"2", "0", "1"});
  EXPECT_EQ(receive({.ssrc = 70, .sequence = 1, .mid = "0", .rid = "0"}), 1);
  EXPECT_EQ(receive({.ssrc = 80, .sequence = 1, .mid = "0", .rid = "1"}), 2);
  EXPECT_EQ(receive({.ssrc = 90, .sequence = 1, .mid = "0", .rid = "2"}), 0);
  // A browser leaves them out once it knows that we know.
  EXPECT_EQ(receive({.ssrc = 80, .sequence = 2}), 2);
  EXPECT_EQ(receive({.ssrc = 70, .sequence = 2}), 1);
  // Begun anew under another SSRC.
  EXPECT_EQ(receive({.ssrc = 91, .sequence = 700, .mid = "0", .rid = "2"}), 0);
  EXPECT_EQ(endpoint_.stats(ids_[0])->ssrc, 91U);
}

TEST_F(Receiving, ARidThatWasNotAnnouncedIsDroppedAndCounted) {
  publish({"h", "f"});
  EXPECT_EQ(receive({.ssrc = 70, .sequence = 1, .mid = "0", .rid = "x"}), -1);
  EXPECT_EQ(receive({.ssrc = 71, .sequence = 1, .mid = "0"}), -1) << "which of the two?";
  EXPECT_EQ(receive({.ssrc = 72, .sequence = 1, .mid = "7", .rid = "h"}), -1);
  EXPECT_EQ(endpoint_.drops(Drop::kUnknownSsrc), 3U);
  EXPECT_EQ(receive({.ssrc = 73, .sequence = 1, .mid = "0", .rid = "h"}), 0);
}

TEST_F(Receiving, RepairIsOfTheLayerThatItsRidSays) {
  publish({"h", "f"});
  EXPECT_EQ(receive({.ssrc = 70, .sequence = 1, .mid = "0", .rid = "h"}), 0);
  EXPECT_EQ(receive({.ssrc = 80, .sequence = 1, .mid = "0", .rid = "f"}), 1);
  const Sent repair{.sequence = 1, .mid = "0", .payload_type = kRepair};
  auto of_low = repair;
  of_low.ssrc = 71;
  of_low.repaired = "h";
  auto of_high = repair;
  of_high.ssrc = 81;
  of_high.repaired = "f";
  EXPECT_EQ(receive(of_high), 1);
  EXPECT_EQ(receive(of_low), 0);
}

TEST_F(Receiving, FeedbackIsForAStreamThatIsReceived) {
  // The first announced sends nothing, for want of bandwidth. libwebrtc ignores feedback for an
  // SSRC that is none of its own, and would never find more.
  publish({"f", "h", "q"});
  EXPECT_EQ(receive({.ssrc = 90, .sequence = 1, .mid = "0", .rid = "q"}), 2);
  EXPECT_EQ(feedback_for(), std::vector<std::uint32_t>{90});
  EXPECT_EQ(receive({.ssrc = 80, .sequence = 1, .mid = "0", .rid = "h"}), 1);
  EXPECT_EQ(feedback_for(), std::vector<std::uint32_t>{80});
  endpoint_.remove_encoding(ids_[1]);
  EXPECT_EQ(receive({.ssrc = 90, .sequence = 2}), 2);
  EXPECT_EQ(feedback_for(), std::vector<std::uint32_t>{90});
}

TEST_F(Receiving, PayloadTypesThatWereNotAgreedAreDroppedAndCounted) {
  publish({""});
  // FEC of a sender that has not read the answer.
  for (const auto type : {std::uint8_t{116}, std::uint8_t{117}, std::uint8_t{118}})
    EXPECT_EQ(receive({.ssrc = 70, .sequence = 1, .mid = "0", .payload_type = type}), -1);
  EXPECT_EQ(endpoint_.drops(Drop::kUnknownPayload), 3U);
  EXPECT_EQ(receive({.ssrc = 70, .sequence = 1, .mid = "0"}), 0) << "its SSRC is not taken";
}

TEST_F(Receiving, ALimitIsToldUntilItIsGoneAndThenThatItIs) {
  using Told = std::vector<std::uint64_t>;
  publish({"h", "f"});
  EXPECT_EQ(receive({.ssrc = 70, .sequence = 1, .mid = "0", .rid = "h"}), 0);
  EXPECT_EQ(limits(), Told{}) << "transport-wide feedback tells more";
  endpoint_.limit(DataRate::kilobits_per_second(200), now_);
  EXPECT_EQ(endpoint_.next_rtcp(now_), now_) << "at once";
  EXPECT_EQ(limits(), Told{200});
  EXPECT_EQ(limits(), Told{200}) << "and again";
  endpoint_.limit(std::nullopt, now_);
  for (int i = 0; i < 5; ++i) {
    const auto told = limits();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_GT(told[0], 50'000U);
  }
  EXPECT_EQ(limits(), Told{});
}

}  // namespace
}  // namespace rooms
