// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "gst/core/sdp/negotiation.h"
#include "tests/core/sdp/offers.h"

namespace rooms {
namespace {

std::vector<int> payload_types(const SdpMedia& media) {
  std::vector<int> types;
  for (const auto& f : media.formats) types.push_back(f.payload_type);
  return types;
}

std::string error_of(const SessionDescription& offer) {
  const auto answer = answer_publish(offer, {});
  return answer ? "" : answer.error().code;
}

SdpMedia opus_and_red() {
  return section(
      MediaKind::kAudio, "a",
      {format(111, "opus", 48000, "minptime=10", 2), format(63, "red", 48000, "111/111", 2),
       format(9, "G722", 8000), format(126, "telephone-event", 8000)});
}

TEST(AnswerPublish, PicksTheFirstCodecOfThePolicyThatTheOfferHas) {
  auto media = video();
  media.formats.push_back(format(45, "AV1", 90000));
  media.formats.push_back(format(98, "VP9", 90000, "profile-id=2"));
  media.formats.push_back(format(99, "VP9", 90000, "profile-id=0"));
  struct {
    CodecPolicy policy;
    int local;
    Codec codec;
  } const rows[] = {
      {{}, 120, Codec::kVp8},
      {{{}, {Codec::kH264, Codec::kAv1}}, 45, Codec::kAv1},
      {{{}, {Codec::kVp9}}, 99, Codec::kVp9},
      {{{}, {Codec::kH264}}, 120, Codec::kVp8},
  };
  for (const auto& row : rows) {
    const auto answer = answer_publish(bundle_of({media}), row.policy);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->media[0].codec, row.codec);
    EXPECT_EQ(answer->answer.media[0].formats[0].payload_type, row.local);
    EXPECT_EQ(answer->media[0].payloads[0].local, row.local);
    EXPECT_EQ(answer->media[0].payloads[0].canonical, answer->media[0].payload_type);
  }
}

TEST(AnswerPublish, PrefersConstrainedBaselineWithFragmentationAmongH264) {
  const auto media =
      section(MediaKind::kVideo, "v",
              {format(100, "H264", 90000, "packetization-mode=1;profile-level-id=64001f"),
               format(101, "H264", 90000, "packetization-mode=0;profile-level-id=42e01f"),
               format(102, "H264", 90000, "packetization-mode=1;profile-level-id=42001f"),
               format(103, "H264", 90000, "packetization-mode=1;profile-level-id=42e01f"),
               format(104, "rtx", 90000, "apt=103")});
  const auto answer = answer_publish(bundle_of({media}), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(payload_types(answer->answer.media[0]), (std::vector<int>{103, 104}));
  EXPECT_EQ(answer->media[0].payload_type, 102);
}

TEST(AnswerPublish, AnswersRedWithOpusAsThePolicyAllows) {
  const auto offer = bundle_of({opus_and_red()});
  struct {
    CodecPolicy policy;
    std::vector<int> types;
  } const rows[] = {
      {{}, {111, 63}},
      {{{Codec::kOpus}, {}}, {111}},
      {{{Codec::kRed, Codec::kOpus}, {}}, {63, 111}},
      {{{Codec::kOpus, Codec::kRed}, {}}, {111, 63}},
      {{{Codec::kG722, Codec::kRed}, {}}, {9}},
  };
  for (const auto& row : rows) {
    const auto answer = answer_publish(offer, row.policy);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(payload_types(answer->answer.media[0]), row.types);
    EXPECT_NE(answer->media[0].codec, Codec::kRed);
  }
}

TEST(AnswerPublish, AsksForRembOnlyWhereTransportWideFeedbackIsMissing) {
  auto media = video();
  media.formats[0].feedback = {"goog-remb", "transport-cc", "nack", "nack pli", "ccm fir", "x-odd"};
  const auto without = answer_publish(bundle_of({media}), {});
  ASSERT_TRUE(without.ok());
  EXPECT_TRUE(without->media[0].feedback.remb);
  EXPECT_FALSE(without->media[0].feedback.transport_cc);
  media.extmaps.push_back(
      {5, std::string(uri_of(Extension::kTransportWide)), Direction::kSendRecv});
  const auto with = answer_publish(bundle_of({media}), {});
  ASSERT_TRUE(with.ok());
  EXPECT_FALSE(with->media[0].feedback.remb);
  EXPECT_EQ(with->answer.media[0].formats[0].feedback,
            (std::vector<std::string>{"transport-cc", "ccm fir", "nack", "nack pli"}));
  EXPECT_EQ(with->media[0].extension_ids[static_cast<std::size_t>(Extension::kTransportWide)], 5);
  // For the limit alone.
  const auto both = answer_publish(bundle_of({media}), {{}, {}, true});
  ASSERT_TRUE(both.ok());
  EXPECT_TRUE(both->media[0].feedback.remb && both->media[0].feedback.transport_cc);
}

TEST(AnswerPublish, EchoesTheIdsOfExtensionsItKnowsAndNoOthers) {
  auto media = video();
  const std::string mid(uri_of(Extension::kMid));
  const std::string rid(uri_of(Extension::kRid));
  media.extmaps = {{3, mid, Direction::kSendRecv},
                   {4, mid, Direction::kSendRecv},
                   {3, rid, Direction::kSendRecv},
                   {5, "urn:unknown", Direction::kSendRecv},
                   {6, std::string(uri_of(Extension::kPlayoutDelay)), Direction::kRecvOnly},
                   {7, std::string(uri_of(Extension::kColorSpace)), Direction::kSendOnly},
                   {15, std::string(uri_of(Extension::kVideoTiming)), Direction::kSendRecv}};
  const auto answer = answer_publish(bundle_of({media}), {});
  ASSERT_TRUE(answer.ok());
  const auto& answered = answer->answer.media[0].extmaps;
  ASSERT_EQ(answered.size(), 2u);
  EXPECT_EQ(answered[0].uri, mid);
  EXPECT_EQ(answered[0].id, 3);
  EXPECT_EQ(answered[1].id, 7);
  EXPECT_EQ(answered[1].direction, Direction::kRecvOnly);
}

TEST(AnswerPublish, KeepsOrderMidsAndKindsAndRejectsWhatItCannotUse) {
  SdpMedia text = section(MediaKind::kVideo, "t", {});
  text.other_kind = "text";
  auto stopped = video("s");
  stopped.rejected = true;
  auto unknown = section(MediaKind::kVideo, "u", {format(98, "H265", 90000)});
  auto no_mux = video("m");
  no_mux.rtcp_mux = false;
  const auto offer = bundle_of({text, audio(), stopped, unknown, no_mux, data(), data("d2"),
                                video("r", Direction::kRecvOnly)});
  const auto answer = answer_publish(offer, {});
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->answer.media.size(), offer.media.size());
  const bool rejected[] = {true, false, true, true, true, false, true, false};
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    EXPECT_EQ(answer->answer.media[i].mid, offer.media[i].mid);
    EXPECT_EQ(answer->answer.media[i].kind, offer.media[i].kind);
    EXPECT_EQ(answer->answer.media[i].other_kind, offer.media[i].other_kind);
    EXPECT_EQ(answer->answer.media[i].rejected, rejected[i]) << i;
  }
  EXPECT_EQ(answer->answer.bundle, (std::vector<std::string>{"a", "d", "r"}));
  EXPECT_TRUE(answer->data);
  EXPECT_EQ(answer->data_mid, "d");
  ASSERT_EQ(answer->media.size(), 5u);
  EXPECT_TRUE(answer->media[0].active);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_FALSE(answer->media[i].active);
  EXPECT_EQ(answer->answer.media[7].direction, Direction::kInactive);
  EXPECT_TRUE(answer->answer.ice_lite);
  EXPECT_EQ(answer->answer.media[1].transport.setup, "passive");
}

TEST(AnswerPublish, TakesTheFirstTransportWhenThereIsNoBundle) {
  const auto answer = answer_publish(apart({video("0"), audio("1"), data("2")}), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->media[0].active);
  EXPECT_FALSE(answer->media[1].active);
  EXPECT_FALSE(answer->data);
  EXPECT_EQ(answer->transport.ufrag, "user0");
  EXPECT_TRUE(answer->answer.bundle.empty());

  auto shared = apart({video("0"), audio("1")});
  shared.media[1].transport = shared.media[0].transport;
  EXPECT_TRUE(answer_publish(shared, {})->media[1].active);
}

TEST(AnswerPublish, IgnoresOtherIceUsersInsideABundle) {
  auto offer = bundle_of({audio("0"), video("1")});
  offer.media[1].transport = peer_transport_value("another");
  offer.bundle = {"1", "0"};
  const auto answer = answer_publish(offer, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->media[0].active);
  EXPECT_TRUE(answer->media[1].active);
  EXPECT_EQ(answer->transport.ufrag, "another");
  EXPECT_EQ(answer->answer.bundle, offer.bundle);
}

TEST(AnswerPublish, NamesWhatIsWrongWithAnOffer) {
  EXPECT_EQ(error_of({}), "sdp-no-media");
  EXPECT_EQ(error_of(bundle_of({section(MediaKind::kVideo, "v", {format(96, "H265", 90000)})})),
            "sdp-no-media");
  EXPECT_EQ(error_of(apart({audio("0", Direction::kInactive), video("1")})), "sdp-no-bundle");
  auto offer = bundle_of({audio()});
  offer.media[0].transport.ufrag.clear();
  EXPECT_EQ(error_of(offer), "sdp-no-transport");
  offer = bundle_of({audio()});
  offer.media[0].transport.fingerprint_value.clear();
  EXPECT_EQ(error_of(offer), "sdp-no-transport");
  offer = bundle_of({audio()});
  offer.ice_lite = true;
  EXPECT_EQ(error_of(offer), "sdp-no-transport");
  offer = bundle_of({audio()});
  offer.media[0].transport.setup = "passive";
  EXPECT_EQ(error_of(offer), "sdp-setup");
  offer.media[0].transport.setup = "active";
  EXPECT_EQ(error_of(offer), "");
  offer.media[0].transport.setup = "";
  EXPECT_EQ(error_of(offer), "");
}

TEST(AnswerPublish, AcceptsAnOfferThatOnlyStopsSending) {
  const auto answer = answer_publish(bundle_of({audio("a", Direction::kInactive)}), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->media[0].active);
  EXPECT_EQ(answer->answer.media[0].direction, Direction::kInactive);
}

TEST(AnswerPublish, MirrorsSimulcastLayersInTheirOrder) {
  auto media = video();
  media.rids = {{"f", true, ""},
                {"q", true, "pt=120,122;max-width=320"},
                {"h", true, ""},
                {"x", true, "pt=99"},
                {"back", false, ""}};
  media.simulcast_send = "q;none,~h,f;x;f;back;q";
  const auto answer = answer_publish(bundle_of({media}), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->media[0].rids, (std::vector<std::string>{"q", "h", "f"}));
  const auto& answered = answer->answer.media[0];
  EXPECT_EQ(answered.simulcast_recv, "q;~h;f");
  ASSERT_EQ(answered.rids.size(), 3u);
  EXPECT_FALSE(answered.rids[0].send);
  EXPECT_EQ(answered.rids[0].restrictions, "pt=120;max-width=320");
}

TEST(AnswerPublish, NamesLayersOfAnSsrcGroup) {
  auto media = video();
  for (std::uint32_t ssrc = 1; ssrc <= 6; ++ssrc) media.ssrcs.push_back({ssrc, "c"});
  media.ssrc_groups = {{"FID", {1, 4}}, {"FID", {2, 5}}, {"FID", {3, 6}}, {"SIM", {1, 2, 3}}};
  const auto answer = answer_publish(bundle_of({media}), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->media[0].rids, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(answer->media[0].ssrcs, (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(answer->media[0].rtx_ssrcs, (std::vector<std::uint32_t>{4, 5, 6}));
  EXPECT_TRUE(answer->answer.media[0].simulcast_recv.empty());
}

TEST(AnswerPublish, GivesSsrcsThatTwoSectionsClaimToNeither) {
  auto one = video("1");
  one.ssrcs = {{10, "c"}, {11, "c"}};
  one.ssrc_groups = {{"FID", {10, 11}}};
  auto two = video("2");
  two.ssrcs = {{10, "c"}};
  auto three = video("3");
  three.ssrcs = {{12, "c"}, {11, "c"}};
  three.ssrc_groups = {{"FID", {12, 11}}};
  const auto answer = answer_publish(bundle_of({one, two, three}), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->media[0].ssrcs.empty());
  EXPECT_TRUE(answer->media[1].ssrcs.empty());
  EXPECT_EQ(answer->media[2].ssrcs, (std::vector<std::uint32_t>{12}));
  EXPECT_EQ(answer->media[2].rtx_ssrcs, (std::vector<std::uint32_t>{0}));
}

}  // namespace
}  // namespace rooms
