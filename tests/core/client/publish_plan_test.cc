// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/publish_plan.h"

#include <gtest/gtest.h>

#include "tests/core/client/client_sdp.h"

namespace rooms {
namespace {

SentMedia video(const std::string& name, std::vector<SentLayer> layers) {
  SentMedia media;
  media.kind = MediaKind::kVideo;
  media.format.name = name;
  media.format.clock_rate = 90000;
  media.layers = std::move(layers);
  media.track = "camera";
  return media;
}

SentMedia sound() {
  SentMedia media;
  media.kind = MediaKind::kAudio;
  media.format.name = "OPUS";
  media.format.clock_rate = 48000;
  media.format.channels = 2;
  media.layers = {{"", 11, 0}};
  media.track = "microphone";
  return media;
}

const std::vector<SentLayer> kThree = {{"q", 1, 4}, {"h", 2, 5}, {"f", 3, 6}};

TEST(PublishPlan, OffersOneStreamByItsSsrc) {
  const auto offer = publish_offer(local_sections({MediaKind::kAudio, MediaKind::kVideo}),
                                   {sound(), video("VP8", {{"", 1, 2}})}, "ada");
  const auto text = write_sdp(offer);
  for (const char* line :
       {"a=rtpmap:111 opus/48000/2", "a=rtpmap:96 VP8/90000", "a=fmtp:97 apt=96", "a=sendonly",
        "a=ssrc-group:FID 1 2", "a=msid:ada camera", "a=group:BUNDLE m0 m1", "a=mid:m1",
        "a=candidate:1 1 udp 1 192.0.2.1 4000 typ host", "a=setup:actpass", "a=ice-ufrag:ours"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  EXPECT_EQ(text.find("a=rid"), std::string::npos);
}

TEST(PublishPlan, OffersLayersByRid) {
  const auto text =
      write_sdp(publish_offer(local_sections({MediaKind::kVideo}), {video("VP8", kThree)}, "ada"));
  EXPECT_NE(text.find("a=rid:q send"), std::string::npos);
  EXPECT_NE(text.find("a=simulcast:send q;h;f"), std::string::npos);
  EXPECT_EQ(text.find("a=ssrc:"), std::string::npos);
}

TEST(PublishPlan, TakesWhatTheServerTakes) {
  const std::vector<SentMedia> media = {sound(), video("VP8", kThree)};
  const auto offer =
      publish_offer(local_sections({MediaKind::kAudio, MediaKind::kVideo}), media, "ada");
  const auto plan = plan_publishing(offer, media, answered(offer));
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_TRUE(plan->sections[0].accepted);
  EXPECT_TRUE(plan->sections[1].by_rid);
  EXPECT_EQ(plan->sections[1].layers, (std::vector<bool>{true, true, true}));
  EXPECT_EQ(plan->sections[1].payload_type, 96);
  EXPECT_EQ(plan->sections[1].rtx_payload_type, 97);
  EXPECT_TRUE(plan->sections[1].transport_cc);
  EXPECT_EQ(plan->transport.ufrag, "them");
  EXPECT_TRUE(plan->refused.empty());
  const auto told = write_sdp(plan->for_webrtcbin);
  EXPECT_EQ(told.find("a=rid"), std::string::npos);
  EXPECT_EQ(told.find("a=simulcast"), std::string::npos);
}

TEST(PublishPlan, WithoutSimulcastThereOnlyTheTopIsSent) {
  const std::vector<SentMedia> media = {video("VP8", kThree)};
  const auto offer = publish_offer(local_sections({MediaKind::kVideo}), media, "ada");
  auto answer = answered(offer);
  answer.media[0].rids.clear();
  answer.media[0].simulcast_recv.clear();
  const auto plan = plan_publishing(offer, media, answer);
  ASSERT_TRUE(plan.ok());
  EXPECT_FALSE(plan->sections[0].by_rid);
  EXPECT_EQ(plan->sections[0].layers, (std::vector<bool>{false, false, true}));
}

TEST(PublishPlan, PausedLayersAreNotSent) {
  const std::vector<SentMedia> media = {video("VP8", kThree)};
  const auto offer = publish_offer(local_sections({MediaKind::kVideo}), media, "ada");
  auto answer = answered(offer);
  answer.media[0].simulcast_recv = "q;~h;f";
  EXPECT_EQ(plan_publishing(offer, media, answer)->sections[0].layers,
            (std::vector<bool>{true, false, true}));
}

TEST(PublishPlan, SaysWhatIsNotTaken) {
  const std::vector<SentMedia> media = {sound(), video("H264", {{"", 1, 2}})};
  const auto offer =
      publish_offer(local_sections({MediaKind::kAudio, MediaKind::kVideo}), media, "ada");
  auto answer = answered(offer);
  answer.media[1].rejected = true;
  const auto plan = plan_publishing(offer, media, answer);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->refused, "video (H264)");
  // webrtcbin hears of no rejected section, which it would refuse to read.
  EXPECT_FALSE(plan->for_webrtcbin.media[1].rejected);
  EXPECT_EQ(plan->for_webrtcbin.media[1].direction, Direction::kInactive);
  EXPECT_EQ(plan->for_webrtcbin.media[1].transport.ufrag, "them");
  answer.media[0].direction = Direction::kInactive;
  const auto none = plan_publishing(offer, media, answer);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, "codec-refused");
}

TEST(PublishPlan, RefusesBrokenAnswers) {
  const std::vector<SentMedia> media = {sound(), video("VP8", {{"", 1, 2}})};
  const auto offer =
      publish_offer(local_sections({MediaKind::kAudio, MediaKind::kVideo}), media, "ada");
  const auto code = [&](auto&& spoil) {
    auto answer = answered(offer);
    spoil(answer);
    const auto plan = plan_publishing(offer, media, answer);
    return plan.ok() ? std::string("ok") : plan.error().code;
  };
  EXPECT_EQ(code([](auto&) {}), "ok");
  EXPECT_EQ(code([](auto& answer) { answer.media.pop_back(); }), "sdp-mismatch");
  EXPECT_EQ(code([](auto& answer) { std::swap(answer.media[0], answer.media[1]); }),
            "sdp-mismatch");
  EXPECT_EQ(code([](auto& answer) {
              for (auto& one : answer.media) one.rejected = true;
            }),
            "sdp-no-media");
  EXPECT_EQ(code([](auto& answer) {
              for (auto& one : answer.media) one.transport.fingerprint_value.clear();
            }),
            "sdp-no-transport");
  EXPECT_EQ(code([](auto& answer) {
              for (auto& one : answer.media) one.transport.setup = "actpass";
            }),
            "sdp-setup");
  EXPECT_EQ(code([](auto& answer) { answer.media[0].rtcp_mux = false; }), "sdp-no-mux");
  EXPECT_EQ(code([](auto& answer) {
              for (auto& one : answer.media) one.formats.clear();
            }),
            "codec-refused");
}

TEST(PublishPlan, KnowsWhatCanBeCarried) {
  EXPECT_EQ(sent_payload_type(MediaKind::kVideo, {0, "VP8", 90000, 0, "", {}}), 96);
  EXPECT_EQ(
      sent_payload_type(MediaKind::kVideo,
                        {0, "H264", 90000, 0, "packetization-mode=1;profile-level-id=4d001f", {}}),
      106);
  EXPECT_EQ(sent_payload_type(MediaKind::kVideo, {0, "H265", 90000, 0, "", {}}), 0);
}

}  // namespace
}  // namespace rooms
