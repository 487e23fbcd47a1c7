// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gst/core/sdp/negotiation.h"
#include "tests/core/sdp/offers.h"

namespace rooms {
namespace {

SlotPlan plan_of(std::size_t blocks, bool with_data = true) {
  SlotPlan plan;
  plan.cname = "room";
  plan.session_id = 99;
  plan.version = blocks;
  std::uint32_t ssrc = 100;
  for (std::size_t i = 0; i < blocks; ++i) {
    const auto number = std::to_string(i);
    plan.slots.push_back({"a" + number, MediaKind::kAudio, ssrc, 0});
    plan.slots.push_back({"v" + number, MediaKind::kVideo, ssrc + 1, ssrc + 2});
    ssrc += 3;
  }
  plan.data = with_data;
  plan.data_mid = "data";
  plan.data_index = 2;
  return plan;
}

/// What a client that knows everything would say.
SessionDescription full_answer(const SlotPlan& plan) {
  auto answer = offer_slots(plan);
  answer.ice_lite = false;
  for (auto& media : answer.media) {
    media.transport = peer_transport_value();
    media.transport.setup = "active";
    media.direction =
        media.kind == MediaKind::kApplication ? Direction::kSendRecv : Direction::kRecvOnly;
    media.ssrcs.clear();
    media.ssrc_groups.clear();
  }
  return answer;
}

std::string error_of(const SlotPlan& plan, const SessionDescription& answer) {
  const auto slots = accept_slots(plan, answer);
  return slots ? "" : slots.error().code;
}

std::uint32_t count_up(void* state) { return ++*static_cast<std::uint32_t*>(state); }

TEST(OfferSlots, WritesOneSendonlySectionASlotAndDataAtItsPlace) {
  const auto plan = plan_of(2);
  const auto offer = offer_slots(plan);
  ASSERT_EQ(offer.media.size(), 5u);
  EXPECT_EQ(offer.bundle, (std::vector<std::string>{"a0", "v0", "data", "a1", "v1"}));
  EXPECT_TRUE(offer.ice_lite);
  EXPECT_EQ(offer.media[2].kind, MediaKind::kApplication);
  EXPECT_EQ(offer.media[2].sctp_port, 5000);
  EXPECT_EQ(offer.media[2].max_message_size, 262144u);
  for (const auto& media : offer.media) EXPECT_EQ(media.transport.setup, "actpass");
  const auto& slot = offer.media[1];
  EXPECT_EQ(slot.direction, Direction::kSendOnly);
  EXPECT_EQ(slot.msid_stream, "v0");
  ASSERT_EQ(slot.ssrc_groups.size(), 1u);
  EXPECT_EQ(slot.ssrc_groups[0].ssrcs, (std::vector<std::uint32_t>{101, 102}));
  for (const auto& extmap : slot.extmaps)
    EXPECT_EQ(static_cast<std::uint16_t>(extension_with_uri(extmap.uri)), extmap.id);
}

TEST(OfferSlots, KeepsEarlierSectionsWhenSlotsAreAppended) {
  const auto before = offer_slots(plan_of(1));
  const auto after = offer_slots(plan_of(3));
  for (std::size_t i = 0; i < before.media.size(); ++i) {
    EXPECT_EQ(before.media[i].mid, after.media[i].mid);
    EXPECT_EQ(before.media[i].kind, after.media[i].kind);
  }
}

TEST(OfferSlots, PutsSlotsIntoOneStreamOnlyOnRequest) {
  auto plan = plan_of(1);
  plan.slots[0].stream = plan.slots[1].stream = "ada";
  const auto offer = offer_slots(plan);
  EXPECT_EQ(offer.media[0].msid_stream, "ada");
  EXPECT_EQ(offer.media[1].msid_stream, "ada");
}

TEST(AcceptSlots, MapsEverythingAFullAnswerHas) {
  const auto plan = plan_of(1);
  const auto slots = accept_slots(plan, full_answer(plan));
  ASSERT_TRUE(slots.ok());
  ASSERT_EQ(slots->size(), 2u);
  const auto& slot = (*slots)[1];
  EXPECT_TRUE(slot.active);
  EXPECT_TRUE(slot.mixed_extensions);
  EXPECT_EQ(slot.ssrc, 101u);
  EXPECT_EQ(slot.rtx_ssrc, 102u);
  for (const auto& mapping : slot.payloads) EXPECT_EQ(mapping.local, mapping.canonical);
  EXPECT_EQ(decodable(slot),
            (std::vector<Codec>{Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kAv1}));
  EXPECT_TRUE(slot.feedback.transport_cc);
}

TEST(AcceptSlots, RestrictsToWhatTheAnswerTakes) {
  const auto plan = plan_of(1);
  auto answer = full_answer(plan);
  answer.media[1].formats = {format(96, "VP8", 90000)};
  answer.media[1].extmaps.resize(1);
  auto slots = accept_slots(plan, answer);
  ASSERT_TRUE(slots.ok());
  EXPECT_EQ(decodable((*slots)[1]), std::vector<Codec>{Codec::kVp8});
  EXPECT_EQ((*slots)[1].rtx_ssrc, 0u);
  answer.media[0].rejected = true;
  answer.media[1].direction = Direction::kInactive;
  slots = accept_slots(plan, answer);
  ASSERT_TRUE(slots.ok());
  EXPECT_FALSE((*slots)[0].active);
  EXPECT_FALSE((*slots)[1].active);
}

TEST(AcceptSlots, TakesAnotherLevelBesideOurPayloadType) {
  const auto plan = plan_of(1);
  auto answer = full_answer(plan);
  answer.media[1].formats = {
      format(108, "H264", 90000, "packetization-mode=1;profile-level-id=42001f")};
  const auto slots = accept_slots(plan, answer);
  ASSERT_TRUE(slots.ok());
  const auto& payloads = (*slots)[1].payloads;
  EXPECT_TRUE(std::any_of(payloads.begin(), payloads.end(),
                          [](const auto& m) { return m.local == 108 && m.canonical == 108; }));
}

TEST(AcceptSlots, TakesPayloadTypesThatTheAnswerRenumbers) {
  const auto plan = plan_of(1);
  auto answer = full_answer(plan);
  answer.media[1].formats = {format(120, "VP8", 90000), format(121, "rtx", 90000, "apt=120")};
  const auto slots = accept_slots(plan, answer);
  ASSERT_TRUE(slots.ok());
  const auto& payloads = (*slots)[1].payloads;
  ASSERT_EQ(payloads.size(), 2u);
  EXPECT_EQ(payloads[0].local, 120);
  EXPECT_EQ(payloads[0].canonical, 96);
  EXPECT_EQ(payloads[1].local, 121);
  EXPECT_EQ(payloads[1].canonical, 97);
}

TEST(AcceptSlots, NamesWhatIsWrongWithAnAnswer) {
  const auto plan = plan_of(2);
  auto answer = full_answer(plan);
  EXPECT_EQ(error_of(plan, answer), "");
  answer.media.pop_back();
  EXPECT_EQ(error_of(plan, answer), "sdp-mismatch");
  answer = full_answer(plan);
  std::swap(answer.media[0], answer.media[1]);
  EXPECT_EQ(error_of(plan, answer), "sdp-mismatch");
  answer = full_answer(plan);
  answer.media[3].mid = "other";
  EXPECT_EQ(error_of(plan, answer), "sdp-mismatch");
  answer = full_answer(plan);
  for (auto& media : answer.media) media.transport.pwd.clear();
  EXPECT_EQ(error_of(plan, answer), "sdp-no-transport");
  answer = full_answer(plan);
  for (auto& media : answer.media) media.transport.setup = "passive";
  EXPECT_EQ(error_of(plan, answer), "sdp-setup");
  answer = full_answer(plan);
  for (auto& media : answer.media) media.rejected = true;
  EXPECT_EQ(error_of(plan, answer), "");
}

TEST(AnswerPlay, SendsToWhoeverReceivesWithTheOffersNumbers) {
  auto picture = video("v", Direction::kRecvOnly);
  picture.formats.push_back(format(50, "VP9", 90000, "profile-id=0"));
  picture.formats.push_back(format(51, "ulpfec", 90000));
  picture.formats.push_back(format(52, "rtx", 90000, "apt=51"));
  picture.extmaps = {{9, std::string(uri_of(Extension::kMid)), Direction::kSendRecv}};
  std::uint32_t state = 500;
  const auto offer = bundle_of({audio("a", Direction::kRecvOnly), picture, video("w"),
                                video("x", Direction::kSendRecv), data()});
  const auto answer = answer_play(offer, "room", count_up, &state);
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->slots.size(), 4u);
  const auto& slot = answer->slots[1];
  EXPECT_TRUE(slot.active);
  EXPECT_EQ(slot.extension_ids[static_cast<std::size_t>(Extension::kMid)], 9);
  EXPECT_EQ(decodable(slot), (std::vector<Codec>{Codec::kVp8, Codec::kVp9}));
  EXPECT_NE(slot.rtx_ssrc, 0u);
  EXPECT_EQ(answer->answer.media[1].direction, Direction::kSendOnly);
  EXPECT_EQ(answer->answer.media[1].formats.size(), 3u);
  EXPECT_FALSE(answer->slots[2].active);
  EXPECT_EQ(answer->answer.media[2].direction, Direction::kInactive);
  EXPECT_TRUE(answer->slots[3].active);
  EXPECT_TRUE(answer->data);
  EXPECT_EQ(answer->answer.media[0].msid_stream, answer->answer.media[1].msid_stream);
  EXPECT_NE(answer->answer.media[1].msid_stream, answer->answer.media[3].msid_stream);
}

TEST(AnswerPlay, NeverGivesAnSsrcTwiceHoweverBadItsSourceIs) {
  std::vector<SdpMedia> sections;
  for (int i = 0; i < 20; ++i) sections.push_back(video(std::to_string(i), Direction::kRecvOnly));
  sections[0].ssrcs = {{1, "theirs"}};
  const auto zero = [](void*) -> std::uint32_t { return 0; };
  const auto answer = answer_play(bundle_of(sections), "room", zero, nullptr);
  ASSERT_TRUE(answer.ok());
  std::set<std::uint32_t> seen = {0, 1};
  for (const auto& slot : answer->slots) {
    EXPECT_TRUE(seen.insert(slot.ssrc).second);
    EXPECT_TRUE(seen.insert(slot.rtx_ssrc).second);
  }
}

/// With an id that means something else in the second section, as aiortc has it; and what the
/// second has besides.
Result<PlayAnswer> answer_contradiction(std::vector<SdpExtmap> more) {
  auto offer = bundle_of({audio("a", Direction::kRecvOnly), video("v", Direction::kRecvOnly)});
  const std::string mid(uri_of(Extension::kMid));
  const std::string level(uri_of(Extension::kAudioLevel));
  const std::string time(uri_of(Extension::kAbsSendTime));
  offer.media[0].extmaps = {{1, mid, Direction::kSendRecv}, {2, level, Direction::kSendRecv}};
  offer.media[1].extmaps = {{1, mid, Direction::kSendRecv}, {2, time, Direction::kSendRecv}};
  std::move(more.begin(), more.end(), std::back_inserter(offer.media[1].extmaps));
  std::uint32_t state = 7;
  return answer_play(offer, "room", count_up, &state);
}

std::uint8_t id_in(const SendSlot& slot, Extension extension) {
  return slot.extension_ids[static_cast<std::size_t>(extension)];
}

TEST(AnswerPlay, LeavesOutAnExtensionWhoseIdMeansSomethingElseInAnEarlierSection) {
  const std::string wide(uri_of(Extension::kTransportWide));
  const auto answer = answer_contradiction({{3, wide, Direction::kSendRecv}});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->answer.media[0].extmaps.size(), 2u);
  EXPECT_EQ(answer->answer.media[1].extmaps.size(), 2u);
  EXPECT_EQ(id_in(answer->slots[0], Extension::kAudioLevel), 2);
  EXPECT_EQ(id_in(answer->slots[1], Extension::kTransportWide), 3);
  EXPECT_EQ(id_in(answer->slots[1], Extension::kAbsSendTime), 0);
}

TEST(AnswerPlay, KeepsTheTimesThatRembNeedsRatherThanLevelsOfSound) {
  const auto answer = answer_contradiction({});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->answer.media[0].extmaps.size(), 1u);
  EXPECT_EQ(answer->answer.media[1].extmaps.size(), 2u);
  EXPECT_EQ(id_in(answer->slots[0], Extension::kAudioLevel), 0);
  EXPECT_EQ(id_in(answer->slots[1], Extension::kAbsSendTime), 2);
}

TEST(AnswerPlay, NamesWhatIsWrongWithAnOffer) {
  std::uint32_t state = 0;
  const auto error_for = [&](const SessionDescription& offer) {
    const auto answer = answer_play(offer, "room", count_up, &state);
    return answer ? "" : answer.error().code;
  };
  EXPECT_EQ(error_for({}), "sdp-no-media");
  EXPECT_EQ(error_for(bundle_of({video()})), "sdp-no-media");
  EXPECT_EQ(error_for(bundle_of({data()})), "sdp-no-media");
  EXPECT_EQ(error_for(apart({video("0"), video("1", Direction::kRecvOnly)})), "sdp-no-bundle");
  auto offer = bundle_of({video("0", Direction::kRecvOnly)});
  offer.media[0].transport.setup = "holdconn";
  EXPECT_EQ(error_for(offer), "sdp-setup");
}

TEST(SetTransport, KeepsTheNegotiatedRoleAndReachesEverySection) {
  auto answer = answer_publish(bundle_of({audio(), section(MediaKind::kVideo, "u", {})}), {});
  ASSERT_TRUE(answer.ok());
  auto ours = peer_transport_value("ours");
  ours.setup.clear();
  set_transport(answer->answer, ours, {"candidate:1 1 udp 1 192.0.2.1 1 typ host"});
  EXPECT_EQ(answer->answer.media[0].transport.setup, "passive");
  EXPECT_EQ(answer->answer.media[0].transport.ufrag, "ours");
  EXPECT_EQ(answer->answer.media[0].candidates.size(), 1u);
  EXPECT_TRUE(answer->answer.media[0].end_of_candidates);
  EXPECT_EQ(answer->answer.media[1].transport.fingerprint_value, ours.fingerprint_value);
  EXPECT_TRUE(answer->answer.media[1].candidates.empty());
}

TEST(TransportOf, SkipsRejectedSections) {
  auto offer = bundle_of({audio("0"), video("1")});
  offer.media[0].rejected = true;
  offer.media[1].transport = peer_transport_value("second");
  EXPECT_EQ(transport_of(offer)->ufrag, "second");
  offer.media[1].rejected = true;
  EXPECT_EQ(transport_of(offer).error().code, "sdp-no-transport");
}

}  // namespace
}  // namespace rooms
