// SPDX-License-Identifier: LGPL-2.1-or-later
#include <tuple>

#include "tests/elements/router_fixture.h"

namespace rooms::test {
namespace {

TEST_F(RouterTest, GivesTwoOutputsTheSamePacketUnderNumbersOfTheirOwn) {
  auto* in = input("sink_0");
  auto* one = output("src_0");
  auto* two = output("src_1");
  Vp8Source source(7);

  EXPECT_EQ(push(in, source.next(true, 1)), GST_FLOW_OK);
  EXPECT_EQ(push(in, source.next(false, 2)), GST_FLOW_OK);

  for (auto* out : {one, two}) {
    const Packet first = pull(out);
    const Packet second = pull(out);
    EXPECT_EQ(first.tag, 1);
    EXPECT_EQ(second.tag, 2);
    EXPECT_EQ(second.sequence, static_cast<std::uint16_t>(first.sequence + 1));
    EXPECT_EQ(second.timestamp, first.timestamp + 3000);
    EXPECT_EQ(second.ssrc, first.ssrc);
    EXPECT_NE(first.ssrc, 7U);
  }
}

TEST_F(RouterTest, SharesThePayloadMemory) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  Vp8Source source(7);
  auto packet = source.next(true, 1, 1000);
  const auto original = adopt(gst_buffer_get_memory(packet.get(), 0));

  push(in, std::move(packet));

  const auto sent = adopt(gst_harness_pull(out));
  ASSERT_EQ(gst_buffer_n_memory(sent.get()), 2U) << "a head of its own and the payload";
  EXPECT_EQ(gst_buffer_peek_memory(sent.get(), 1)->parent, original.get());
  EXPECT_EQ(gst_buffer_get_size(sent.get()), 1012U);
  EXPECT_EQ(GST_BUFFER_PTS(sent.get()), GST_MSECOND) << "timestamps pass";
}

TEST_F(RouterTest, AnnouncesCapsWithItsOwnSsrcAndNothingStale) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  set("src_0", "ssrc", 4242U);
  Vp8Source source(7);
  push(in, source.next(true));
  EXPECT_EQ(pull(out).ssrc, 4242U);

  const auto caps = adopt(gst_pad_get_current_caps(out->sinkpad));
  const GstStructure* fields = gst_caps_get_structure(caps.get(), 0);
  guint ssrc = 0;
  EXPECT_TRUE(gst_structure_get_uint(fields, "ssrc", &ssrc));
  EXPECT_EQ(ssrc, 4242U);
  EXPECT_STREQ(gst_structure_get_string(fields, "encoding-name"), "VP8");
  for (const char* stale : {"ssrc-7-cname", "seqnum-offset", "timestamp-offset"}) {
    EXPECT_FALSE(gst_structure_has_field(fields, stale)) << stale;
  }
  const auto segment = adopt(gst_pad_get_sticky_event(out->sinkpad, GST_EVENT_SEGMENT, 0));
  ASSERT_TRUE(segment);
  const GstSegment* values = nullptr;
  gst_event_parse_segment(segment.get(), &values);
  EXPECT_EQ(values->format, GST_FORMAT_TIME);
}

TEST_F(RouterTest, PausesOneOutputWhileTheOtherMissesNothing) {
  auto* in = input("sink_0");
  auto* paused = output("src_0");
  auto* other = output("src_1");
  Vp8Source source(7);
  push(in, source.next(true, 1));
  const auto before = pull(paused);

  set("src_0", "paused", TRUE);
  for (std::uint8_t tag = 2; tag < 10; ++tag) push(in, source.next(tag == 5, tag));
  set("src_0", "paused", FALSE);
  EXPECT_GE(keyframe_requests(in), 1U) << "asked for at once";
  push(in, source.next(false, 10));
  push(in, source.next(true, 11));

  for (std::uint8_t tag = 1; tag < 12; ++tag) EXPECT_EQ(pull(other).tag, tag);
  const auto after = pull(paused);
  EXPECT_EQ(after.tag, 11) << "resumes with the keyframe";
  EXPECT_EQ(after.sequence, static_cast<std::uint16_t>(before.sequence + 1));
  EXPECT_EQ(after.picture, (before.picture + 1) & 0x7FFF);
  EXPECT_EQ(statistic("src_0", "dropped-paused"), 8U);
}

/// Of two people, whose keyframes 1 and 100 have come, and an output.
class TwoTracks : public RouterTest {
 protected:
  auto two_tracks() {
    auto* alice = input("sink_0");
    auto* bob = input("sink_1");
    set("sink_0", "track", "alice");
    set("sink_1", "track", "bob");
    auto* out = output("src_0");
    Vp8Source from_alice(7);
    Vp8Source from_bob(8);
    push(alice, from_alice.next(true, 1));
    push(bob, from_bob.next(true, 100));
    return std::make_tuple(alice, bob, out, from_alice, from_bob);
  }
};

TEST_F(TwoTracks, RepointsAnOutputAtTheKeyframeOfTheNewTrack) {
  auto [alice, bob, out, from_alice, from_bob] = two_tracks();
  keyframe_requests(bob);

  set("src_0", "track", "bob");
  EXPECT_EQ(keyframe_requests(bob), 1U);
  push(bob, from_bob.next(false, 101));
  push(alice, from_alice.next(false, 2));
  push(bob, from_bob.next(true, 102));
  push(alice, from_alice.next(false, 3));
  push(bob, from_bob.next(false, 103));

  std::vector<Packet> seen;
  for (const int tag : {1, 2, 102, 103}) {
    seen.push_back(pull(out));
    EXPECT_EQ(seen.back().tag, tag);
    if (seen.size() < 2) continue;
    const Packet& previous = seen[seen.size() - 2];
    EXPECT_EQ(seen.back().sequence, static_cast<std::uint16_t>(previous.sequence + 1));
    EXPECT_EQ(seen.back().picture, (previous.picture + 1) & 0x7FFF);
    EXPECT_GT(static_cast<std::int32_t>(seen.back().timestamp - previous.timestamp), 0);
    EXPECT_EQ(seen.back().ssrc, previous.ssrc);
  }
  EXPECT_TRUE(is_quiet(out));
}

TEST_F(TwoTracks, LetsGoOfTheOldTrackAtOnceIfPausedMeanwhile) {
  auto [alice, bob, out, from_alice, from_bob] = two_tracks();
  EXPECT_EQ(pull(out).tag, 1);

  set("src_0", "paused", TRUE);
  set("src_0", "track", "bob");
  set("src_0", "paused", FALSE);
  push(alice, from_alice.next(false, 2));
  push(alice, from_alice.next(true, 3));
  push(bob, from_bob.next(false, 101));
  EXPECT_TRUE(is_quiet(out));
  push(bob, from_bob.next(true, 102));
  EXPECT_EQ(pull(out).tag, 102);
}

TEST_F(RouterTest, ChangesCapsWhenTheNewTrackHasOthers) {
  auto* video = input("sink_0");
  auto* audio = input("sink_1", kOpusCaps);
  auto* out = output("src_0");
  Vp8Source from_video(7);
  Vp8Source from_audio(8);
  push(video, from_video.next(true, 1));
  pull(out);
  set("src_0", "track", "sink_1");
  push(audio, from_audio.next(false, 2));
  EXPECT_EQ(pull(out).tag, 2) << "audio needs no keyframe";
  const auto caps = adopt(gst_pad_get_current_caps(out->sinkpad));
  EXPECT_STREQ(gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "media"), "audio");
  int layer = -2;
  g_object_get(pad("src_0").get(), "current-layer", &layer, nullptr);
  EXPECT_EQ(layer, 0);
}

TEST_F(RouterTest, SendsNothingForATrackThatIsNotThereAndBeginsWhenItComes) {
  auto* first = input("sink_0");
  auto* out = output("src_0");
  set("src_0", "track", "bob");
  Vp8Source source(7);
  push(first, source.next(true, 1));
  auto* bob = input("sink_5");
  set("sink_5", "track", "bob");
  Vp8Source from_bob(8);
  push(bob, from_bob.next(true, 2));
  EXPECT_EQ(pull(out).tag, 2);
  EXPECT_TRUE(is_quiet(out));
}

TEST_F(RouterTest, CountsAndDropsWhatIsNotRtp) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  Vp8Source source(7);
  push(in, source.next(true, 1));
  EXPECT_EQ(push(in, adopt(gst_buffer_new())), GST_FLOW_OK);
  EXPECT_EQ(push(in, adopt(gst_buffer_new_memdup("not RTP at all, sorry", 21))), GST_FLOW_OK);
  EXPECT_EQ(push(in, adopt(gst_buffer_new_memdup("\x80", 1))), GST_FLOW_OK);
  push(in, source.next(false, 2));
  EXPECT_EQ(pull(out).tag, 1);
  const auto second = pull(out);
  EXPECT_EQ(second.tag, 2);
  EXPECT_EQ(statistic("sink_0", "malformed"), 3U);
  EXPECT_EQ(statistic("sink_0", "packets"), 2U);
}

TEST_F(RouterTest, TakesListsAndPacketsOfSeveralMemories) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  Vp8Source source(7);
  auto whole = source.next(true, 1);
  auto split = adopt(gst_buffer_copy_region(whole.get(), GST_BUFFER_COPY_MEMORY, 0, 14));
  split = adopt(gst_buffer_append_region(split.release(), whole.release(), 14, -1));
  ASSERT_EQ(gst_buffer_n_memory(split.get()), 2U);
  GstBufferList* list = gst_buffer_list_new();
  gst_buffer_list_add(list, split.release());
  gst_buffer_list_add(list, source.next(false, 2).release());
  EXPECT_EQ(gst_pad_push_list(in->srcpad, list), GST_FLOW_OK);
  EXPECT_EQ(pull(out).tag, 1);
  EXPECT_EQ(pull(out).tag, 2);
}

TEST_F(RouterTest, LeavesOutHigherTemporalLayersOnRequest) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  set("src_0", "max-temporal", 0);
  Vp8Source source(7);
  // TID and Y behind the picture id; the frame header moves on by one byte.
  const auto with_layer = [&](bool keyframe, std::uint8_t temporal, std::uint8_t tag) {
    auto buffer = source.next(keyframe, tag);
    GstMapInfo map;
    gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE);
    map.data[13] = 0xA0;
    map.data[16] = static_cast<std::uint8_t>(temporal << 6);
    map.data[17] = keyframe ? 0x50 : 0x51;
    gst_buffer_unmap(buffer.get(), &map);
    return buffer;
  };
  push(in, with_layer(true, 0, 1));
  push(in, with_layer(false, 1, 2));
  push(in, with_layer(false, 0, 3));
  const auto first = pull(out);
  const auto second = pull(out);
  EXPECT_EQ(second.tag, 3);
  EXPECT_EQ(second.sequence, static_cast<std::uint16_t>(first.sequence + 1));
  EXPECT_EQ(second.picture, (first.picture + 1) & 0x7FFF);
}

// Keyframe requests. The harness's test clock stands still until told otherwise.

TEST_F(RouterTest, MergesKeyframeRequestsOfManyOutputs) {
  auto* in = input("sink_0");
  std::vector<GstHarness*> outputs;
  for (const char* name : {"src_0", "src_1", "src_2"}) outputs.push_back(output(name));
  Vp8Source source(7);
  push(in, source.next(true));
  for (auto* out : outputs) pull(out);
  keyframe_requests(in);
  auto clock = adopt(gst_harness_get_testclock(in));
  gst_test_clock_set_time(clock.get(), GST_SECOND);

  for (auto* out : outputs) request_keyframe(out);
  EXPECT_EQ(keyframe_requests(in), 1U) << "the first one";

  ASSERT_TRUE(gst_harness_wait_for_clock_id_waits(in, 1, 5));
  EXPECT_EQ(gst_test_clock_get_next_entry_time(clock.get()), GST_SECOND + 300 * GST_MSECOND);
  ASSERT_TRUE(gst_harness_crank_single_clock_wait(in));
  EXPECT_EQ(keyframe_requests(in), 1U) << "all the others, later";
  EXPECT_EQ(gst_test_clock_peek_id_count(clock.get()), 0U);
}

TEST_F(RouterTest, AKeyframeAnswersDeferredRequests) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  Vp8Source source(7);
  push(in, source.next(true));
  request_keyframe(out);
  request_keyframe(out);
  keyframe_requests(in);
  push(in, source.next(true));
  ASSERT_TRUE(gst_harness_crank_single_clock_wait(in));
  EXPECT_EQ(keyframe_requests(in), 0U);
}

TEST_F(RouterTest, AnOutputThatWaitsAsksAgain) {
  g_object_set(router_.get(), "keyframe-interval", guint64{100} * GST_MSECOND, nullptr);
  auto* in = input("sink_0");
  output("src_0");
  auto clock = adopt(gst_harness_get_testclock(in));
  Vp8Source source(7);
  unsigned requests = 0;
  for (unsigned i = 0; i < 10; ++i) {
    gst_test_clock_set_time(clock.get(), GST_SECOND + i * 33 * GST_MSECOND);
    push(in, source.next(false));
    requests += keyframe_requests(in);
  }
  EXPECT_EQ(requests, 3U) << "at 0, 100 and 200 ms or as soon after as a packet comes";
}

TEST_F(RouterTest, AsksNobodyForAKeyframeOfAudio) {
  auto* in = input("sink_0", kOpusCaps);
  auto* out = output("src_0");
  Vp8Source source(7);
  push(in, source.next(false));
  pull(out);
  request_keyframe(out);
  EXPECT_EQ(keyframe_requests(in), 0U);
}

TEST_F(RouterTest, OutputsNobodyListensToAskForNothing) {
  auto* in = input("sink_0");
  const auto lonely = adopt(gst_element_request_pad_simple(router_.get(), "src_0"));
  Vp8Source source(7);
  push(in, source.next(false));
  EXPECT_EQ(keyframe_requests(in), 0U);
  EXPECT_EQ(statistic("src_0", "dropped-no-consumer"), 1U);
  gst_element_release_request_pad(router_.get(), lonely.get());
}

TEST_F(RouterTest, AnswersTheLatencyOfItsSources) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  gst_harness_set_upstream_latency(in, 40 * GST_MSECOND);
  EXPECT_EQ(gst_harness_query_latency(out), 40 * GST_MSECOND);
}

}  // namespace
}  // namespace rooms::test
