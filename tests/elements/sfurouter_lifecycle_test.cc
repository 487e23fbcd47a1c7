// SPDX-License-Identifier: LGPL-2.1-or-later
// Ends, flushes, states, and pads that come and go.
#include <atomic>
#include <thread>

#include "tests/elements/router_fixture.h"

namespace rooms::test {
namespace {

const GstSegment kSegment = [] {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  return segment;
}();

bool has_ended(GstHarness* h) {
  return static_cast<bool>(adopt(gst_pad_get_sticky_event(h->sinkpad, GST_EVENT_EOS, 0)));
}

bool ends(GstHarness* h) {
  for (int i = 0; i < 5000 && !has_ended(h); ++i) g_usleep(1000);
  return has_ended(h);
}

TEST_F(RouterTest, EndsItsOutputsWhenAllInputsHaveEnded) {
  auto* one = input("sink_0");
  auto* two = input("sink_1");
  auto* out = output("src_0");
  Vp8Source source(7);
  push(one, source.next(true, 1));
  gst_harness_push_event(two, gst_event_new_eos());
  push(one, source.next(false, 2));
  EXPECT_EQ(pull(out).tag, 1);
  EXPECT_EQ(pull(out).tag, 2);
  EXPECT_FALSE(has_ended(out)) << "one goes on";
  push(one, source.next(false, 3));
  gst_harness_push_event(one, gst_event_new_eos());
  EXPECT_TRUE(ends(out));
  EXPECT_EQ(pull(out).tag, 3) << "what came before the end came before the end";
}

TEST_F(RouterTest, BeginsANewStreamAfterTheEnd) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  Vp8Source source(7);
  push(in, source.next(true, 1));
  const auto before = pull(out);
  gst_harness_push_event(in, gst_event_new_eos());
  ASSERT_TRUE(ends(out));
  auto* later = input("sink_1");
  Vp8Source another(8);
  set("src_0", "track", "sink_1");
  push(later, another.next(true, 2));
  const auto after = pull(out);
  EXPECT_EQ(after.tag, 2);
  EXPECT_EQ(after.sequence, static_cast<std::uint16_t>(before.sequence + 1));
  EXPECT_FALSE(has_ended(out));
}

TEST_F(RouterTest, EndsWhenTheLastRunningInputIsReleased) {
  auto* ended = input("sink_0");
  const auto running = adopt(gst_element_request_pad_simple(router_.get(), "sink_1"));
  auto* out = output("src_0");
  gst_harness_push_event(ended, gst_event_new_eos());
  EXPECT_FALSE(has_ended(out));
  gst_element_release_request_pad(router_.get(), running.get());
  EXPECT_TRUE(ends(out));
}

TEST_F(RouterTest, LetsGoOfAReleasedOutputWhileItsInputGoesOn) {
  auto* in = input("sink_0");
  auto* stays = output("src_0");
  auto goes = adopt(gst_element_request_pad_simple(router_.get(), "src_1"));
  Vp8Source source(7);
  push(in, source.next(true, 1));
  GWeakRef weak;
  g_weak_ref_init(&weak, goes.get());
  gst_element_release_request_pad(router_.get(), goes.get());
  goes = nullptr;
  EXPECT_FALSE(adopt(static_cast<GstPad*>(g_weak_ref_get(&weak)))) << "somebody still lists it";
  g_weak_ref_clear(&weak);
  push(in, source.next(false, 2));
  EXPECT_EQ(pull(stays).tag, 1);
  EXPECT_EQ(pull(stays).tag, 2);
}

TEST_F(RouterTest, FlushesTheOutputsOfAnInputAndGoesOnWithAKeyframe) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  Vp8Source source(7);
  push(in, source.next(true, 1));
  const auto before = pull(out);
  gst_harness_push_event(in, gst_event_new_flush_start());
  gst_harness_push_event(in, gst_event_new_flush_stop(TRUE));
  gst_harness_push_event(in, gst_event_new_segment(&kSegment));
  push(in, source.next(false, 2));
  push(in, source.next(true, 3));
  const auto after = pull(out);
  EXPECT_EQ(after.tag, 3);
  EXPECT_EQ(after.sequence, static_cast<std::uint16_t>(before.sequence + 1));
}

TEST_F(RouterTest, AFlushFreesABlockedOutput) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  const gulong probe = gst_pad_add_probe(
      out->sinkpad,
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER),
      [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
  Vp8Source source(7);
  push(in, source.next(true, 1));
  push(in, source.next(false, 2));
  ASSERT_TRUE(reaches("src_0", "packets", 2));
  gst_harness_push_event(in, gst_event_new_flush_start());
  gst_pad_remove_probe(out->sinkpad, probe);
  gst_harness_push_event(in, gst_event_new_flush_stop(FALSE));
  gst_harness_push_event(in, gst_event_new_segment(&kSegment));
  push(in, source.next(true, 3));
  EXPECT_EQ(pull(out).tag, 3);
}

TEST_F(RouterTest, GoesToReadyAndBack) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  Vp8Source source(7);
  push(in, source.next(true, 1));
  const auto before = pull(out);

  gst_element_set_state(router_.get(), GST_STATE_READY);
  EXPECT_EQ(push(in, source.next(true, 2)), GST_FLOW_FLUSHING);
  gst_element_set_state(router_.get(), GST_STATE_PLAYING);
  gst_pad_push_event(in->srcpad, gst_event_new_stream_start("again"));
  gst_harness_set_src_caps_str(in, kVp8Caps);
  gst_harness_push_event(in, gst_event_new_segment(&kSegment));
  push(in, source.next(true, 3));

  const auto after = pull(out);
  EXPECT_EQ(after.tag, 3);
  EXPECT_EQ(after.sequence, static_cast<std::uint16_t>(before.sequence + 1))
      << "the receiver sees one stream";
}

TEST_F(RouterTest, ReleasesAnOutputWhoseConsumerIsStuck) {
  auto* in = input("sink_0");
  const auto src = adopt(gst_element_request_pad_simple(router_.get(), "src_9"));
  const auto stuck = sink(gst_pad_new("stuck", GST_PAD_SINK));
  gst_pad_set_chain_function(stuck.get(), [](GstPad*, GstObject*, GstBuffer* buffer) {
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
  });
  gst_pad_set_active(stuck.get(), TRUE);
  const gulong probe = gst_pad_add_probe(
      stuck.get(),
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER),
      [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
  gst_pad_link(src.get(), stuck.get());
  Vp8Source source(7);
  push(in, source.next(true, 1));
  ASSERT_TRUE(reaches("src_9", "packets", 1));
  gst_pad_unlink(src.get(), stuck.get());  // the push is still held up in there
  gst_element_release_request_pad(router_.get(), src.get());
  gst_pad_remove_probe(stuck.get(), probe);
  gst_pad_set_active(stuck.get(), FALSE);
  EXPECT_EQ(push(in, source.next(false, 2)), GST_FLOW_OK);
}

TEST_F(RouterTest, NumbersItsPadsAsAskedOrFromZero) {
  const auto seven = adopt(gst_element_request_pad_simple(router_.get(), "src_7"));
  const auto zero = adopt(gst_element_request_pad_simple(router_.get(), "src_%u"));
  ASSERT_TRUE(seven && zero);
  EXPECT_STREQ(GST_OBJECT_NAME(zero.get()), "src_0");
  for (const auto& made : {seven, zero}) gst_element_release_request_pad(router_.get(), made.get());
}

TEST_F(RouterTest, ReachesPadsAsChildren) {
  input("sink_0");
  output("src_0");
  gst_child_proxy_set(GST_CHILD_PROXY(router_.get()), "sink_0::track", "camera", "src_0::paused",
                      TRUE, nullptr);
  gchar* track = nullptr;
  gboolean paused = FALSE;
  gst_child_proxy_get(GST_CHILD_PROXY(router_.get()), "sink_0::track", &track, "src_0::paused",
                      &paused, nullptr);
  EXPECT_STREQ(own(track).get(), "camera");
  EXPECT_TRUE(paused);
}

/// Packets flow all the time from two threads while pads are requested, linked, pointed elsewhere,
/// unlinked and released.
TEST_F(RouterTest, SurvivesPadsThatComeAndGoUnderLoad) {
  auto* one = input("sink_0");
  auto* two = input("sink_1");
  auto* steady = output("src_0");
  gst_harness_set_drop_buffers(steady, TRUE);
  std::atomic<bool> stop = false;
  const auto feed = [&](GstHarness* h, std::uint32_t ssrc) {
    Vp8Source source(ssrc);
    for (unsigned i = 0; !stop; ++i) {
      EXPECT_EQ(push(h, source.next(i % 10 == 0)), GST_FLOW_OK);
      if (i % 64 == 0) g_usleep(500);
    }
  };
  std::thread first(feed, one, 7);
  std::thread second(feed, two, 8);

  for (int round = 0; round < 60; ++round) {
    const auto src = adopt(gst_element_request_pad_simple(router_.get(), "src_%u"));
    const auto consumer = sink(gst_element_factory_make("fakesink", nullptr));
    g_object_set(consumer.get(), "sync", FALSE, "async", FALSE, nullptr);
    gst_element_set_state(consumer.get(), GST_STATE_PLAYING);
    const auto consumer_pad = adopt(gst_element_get_static_pad(consumer.get(), "sink"));
    gst_pad_link(src.get(), consumer_pad.get());
    const auto extra = adopt(gst_element_request_pad_simple(router_.get(), "sink_%u"));
    g_object_set(src.get(), "track", round % 2 ? "sink_1" : "sink_0", nullptr);
    g_usleep(2000);
    g_object_set(src.get(), "track", round % 2 ? "sink_0" : "sink_1", "paused", round % 3 == 0,
                 nullptr);
    statistic("src_0", "packets");
    g_usleep(2000);
    gst_element_release_request_pad(router_.get(), extra.get());
    if (round % 4 != 0) gst_pad_unlink(src.get(), consumer_pad.get());
    gst_element_release_request_pad(router_.get(), src.get());
    gst_element_set_state(consumer.get(), GST_STATE_NULL);
  }
  stop = true;
  first.join();
  second.join();
  EXPECT_GT(statistic("src_0", "packets"), 100U);
  EXPECT_EQ(statistic("src_0", "failures"), 0U);
}

}  // namespace
}  // namespace rooms::test
