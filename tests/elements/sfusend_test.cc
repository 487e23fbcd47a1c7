// SPDX-License-Identifier: LGPL-2.1-or-later
// sfusend: bit rates as properties, packets that wait for their time, probes.
#include <gst/video/video-event.h>

#include "tests/elements/sending_fixture.h"

namespace rooms::test {
namespace {

/// So that REMB counts as the estimate.
SendSlot without_transport_wide(SendSlot slot) {
  slot.extension_ids = {};
  slot.feedback.transport_cc = false;
  return slot;
}

class PacedSending : public Sending {
 protected:
  void SetUp() override {
    Sending::SetUp();
    negotiate("sink_0", without_transport_wide(slot_of(MediaKind::kVideo)));
    negotiate("sink_1", without_transport_wide(slot_of(MediaKind::kAudio)));
    tell_remb(1'000'000);
  }
  void push_keyframe() {
    for (std::uint16_t i = 0; i < 60; ++i) push_video(static_cast<std::uint16_t>(1 + i));
  }
};

TEST_F(Sending, BoundsAndStartOfTheEstimateAreProperties) {
  EXPECT_EQ(get("estimated-bitrate"), 300'000U);
  EXPECT_EQ(get("wanted-bitrate"), 0U);
  g_object_set(element_.get(), "start-bitrate", 2'000'000U, nullptr);
  EXPECT_EQ(get("estimated-bitrate"), 2'000'000U);
  EXPECT_EQ(notified_, 1U);
  g_object_set(element_.get(), "max-bitrate", 900'000U, nullptr);
  EXPECT_EQ(get("estimated-bitrate"), 900'000U);
  g_object_set(element_.get(), "min-bitrate", 1'000'000U, nullptr);
  EXPECT_EQ(get("estimated-bitrate"), 1'000'000U) << "the minimum is stronger";
  EXPECT_EQ(get("max-bitrate"), 900'000U);
  EXPECT_EQ(notified_, 3U);
}

TEST_F(Sending, NothingWaitsBeforeThePeerHasSaidAnything) {
  for (std::uint16_t i = 0; i < 200; ++i) push_video(i);
  EXPECT_EQ(peer_->count(kVideoSsrc), 200U);
  EXPECT_EQ(statistic("paced"), 0U);
}

TEST_F(PacedSending, RembOfAPeerWithoutTransportFeedbackIsTheEstimate) {
  EXPECT_NEAR(get("estimated-bitrate"), 1'000'000, 10'000);
  EXPECT_EQ(notified_, 1U);
  tell_remb(600'000);
  EXPECT_NEAR(get("estimated-bitrate"), 600'000, 6'000);
  EXPECT_EQ(notified_, 2U);
  EXPECT_NEAR(static_cast<double>(statistic("remote-estimate")), 600'000, 6'000);
}

TEST_F(PacedSending, AKeyframeIsSpreadAndSoundGoesBeforeIt) {
  push_keyframe();
  push_audio(1);
  const auto at_once = peer_->seen();
  ASSERT_FALSE(at_once.empty());
  EXPECT_LT(at_once.size(), 60U) << "66 kB at 1.5 Mbit/s are a third of a second";
  EXPECT_EQ(peer_->count(kAudioSsrc), 1U) << "sound does not wait";
  ASSERT_TRUE(eventually([&] { return peer_->count(kVideoSsrc) == 60; }));
  std::uint16_t expected = 1;
  for (const auto& one : peer_->seen()) {
    if (one.ssrc != kVideoSsrc) continue;
    EXPECT_EQ(one.sequence, expected);
    ++expected;
  }
  EXPECT_GT(statistic("paced"), 10U);
  EXPECT_EQ(statistic("queued"), 0U);
  EXPECT_EQ(statistic("dropped-paced"), 0U);
}

TEST_F(PacedSending, WhatIsAskedForAgainGoesBeforeWhatIsNew) {
  push_keyframe();
  std::vector<std::uint8_t> packet(100);
  RtcpWriter writer(packet);
  const std::uint16_t lost[] = {1};
  writer.nack(1, kVideoSsrc, lost);
  packet.resize(writer.size());
  tell(std::move(packet));
  ASSERT_TRUE(eventually([&] { return peer_->count(kVideoSsrc) == 60; }));
  EXPECT_EQ(peer_->count(kRtxSsrc), 1U);
  EXPECT_NE(peer_->seen().back().ssrc, kRtxSsrc);
}

TEST_F(PacedSending, TooMuchIsDroppedAsAWholeAndAKeyframeAskedFor) {
  // All at once, so that nothing leaves meanwhile but what passes.
  auto* list = gst_buffer_list_new();
  for (std::uint16_t i = 0; i < 1400; ++i) {
    auto packet = rtp_packet(1, i, 200);
    packet[1] = profile_of(Codec::kVp8)->payload_type;
    gst_buffer_list_add(list, gst_buffer_new_memdup(packet.data(), packet.size()));
  }
  EXPECT_EQ(gst_pad_push_list(video_->srcpad, list), GST_FLOW_OK);
  EXPECT_GT(statistic("dropped-paced"), 1000U);
  bool asked = false;
  EXPECT_TRUE(eventually([&] {
    while (const auto event = adopt(gst_harness_try_pull_upstream_event(video_)))
      asked |= gst_video_event_is_force_key_unit(event.get()) != 0;
    return asked;
  }));
  EXPECT_TRUE(eventually([&] { return statistic("queued") == 0; }));
}

TEST_F(PacedSending, ASlotThatGoesTakesWhatWaitsWithIt) {
  push_keyframe();
  gst_harness_teardown(std::exchange(video_, nullptr));
  push_audio(1);
  EXPECT_TRUE(eventually([&] { return statistic("queued") == 0; }));
  EXPECT_LT(peer_->count(kVideoSsrc), 60U);
}

TEST_F(PacedSending, AConnectionThatGoesReturnsWhatWaits) {
  push_keyframe();  // the leaks tracer says whether
}

TEST_F(Sending, FeedbackMakesAnEstimateAndRtxTriesMore) {
  std::uint16_t sequence = 1;
  const bool has_probed = eventually([&] {
    push_video(sequence);
    push_audio(sequence++);
    tell(peer_->feedback());
    return get("estimated-bitrate") > 1'500'000;
  });
  EXPECT_TRUE(has_probed) << get("estimated-bitrate");
  EXPECT_GT(statistic("probes"), 0U);
  EXPECT_EQ(statistic("probe-packets"), peer_->count(kRtxSsrc));
  EXPECT_GT(notified_, 0U);
  EXPECT_EQ(statistic("never-sent"), 0U);
  EXPECT_LE(statistic("missed"), statistic("acknowledged"));
}

}  // namespace
}  // namespace rooms::test
