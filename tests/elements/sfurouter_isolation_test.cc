// SPDX-License-Identifier: LGPL-2.1-or-later
// What one consumer does must not reach the others, nor the source.
#include <atomic>
#include <thread>

#include "gst/core/rtp/rtp_header.h"
#include "gst/glue/rtp_patch_query.h"
#include "tests/elements/direct_consumer.h"
#include "tests/elements/router_fixture.h"

namespace rooms::test {
namespace {

/// Holds up whoever pushes into a pad until destroyed.
class Blockade {
 public:
  explicit Blockade(GstPad* pad) : pad_(share(pad)) {
    id_ = gst_pad_add_probe(
        pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER),
        [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
  }
  ~Blockade() { gst_pad_remove_probe(pad_.get(), id_); }
  Blockade(const Blockade&) = delete;
  Blockade& operator=(const Blockade&) = delete;

 private:
  Ref<GstPad> pad_;
  gulong id_;
};

TEST_F(RouterTest, ABlockedOutputDelaysNobody) {
  auto* in = input("sink_0");
  auto* stuck = output("src_0");
  auto* other = output("src_1");
  Vp8Source source(7);
  {
    Blockade blockade(stuck->sinkpad);
    for (std::uint8_t tag = 0; tag < 50; ++tag)
      EXPECT_EQ(push(in, source.next(tag == 0, tag)), GST_FLOW_OK);
    for (std::uint8_t tag = 0; tag < 50; ++tag) EXPECT_EQ(pull(other).tag, tag);
  }
  for (std::uint8_t tag = 0; tag < 50; ++tag)
    EXPECT_EQ(pull(stuck).tag, tag) << "it lost nothing either";
}

TEST_F(RouterTest, AnOutputThatOverflowsBeginsAnewWithAKeyframe) {
  g_object_set(router_.get(), "queue-max-packets", 10U, nullptr);
  auto* in = input("sink_0");
  auto* stuck = output("src_0");
  auto* other = output("src_1");
  Vp8Source source(7);
  std::uint8_t tag = 0;
  {
    Blockade blockade(stuck->sinkpad);
    for (; tag < 40; ++tag) {
      push(in, source.next(tag == 0, tag));
      EXPECT_EQ(pull(other).tag, tag);
    }
    EXPECT_GE(statistic("src_0", "dropped-no-room"), 28U);
  }
  const std::uint64_t queued = statistic("src_0", "packets");
  Packet last;
  for (std::uint64_t i = 0; i < queued; ++i) {
    last = pull(stuck);
    EXPECT_EQ(last.tag, i);
  }
  keyframe_requests(in);
  push(in, source.next(false, 199));
  EXPECT_EQ(keyframe_requests(in), 1U);
  push(in, source.next(true, 200));
  const Packet anew = pull(stuck);
  EXPECT_EQ(anew.tag, 200);
  EXPECT_EQ(anew.sequence, static_cast<std::uint16_t>(last.sequence + 1))
      << "what it missed was never numbered";
  EXPECT_EQ(pull(other).tag, 199);
  EXPECT_EQ(pull(other).tag, 200);
}

TEST_F(RouterTest, PacketsThatWaitTooLongMakeNoRoom) {
  g_object_set(router_.get(), "queue-max-time", guint64{GST_SECOND}, nullptr);
  auto* in = input("sink_0", kOpusCaps);
  auto* stuck = output("src_0");
  auto clock = adopt(gst_harness_get_testclock(in));
  Vp8Source source(7);
  Blockade blockade(stuck->sinkpad);
  for (unsigned i = 0; i < 20; ++i) {
    gst_test_clock_set_time(clock.get(), GST_SECOND + i * 100 * GST_MSECOND);
    push(in, source.next(false, static_cast<std::uint8_t>(i)));
  }
  EXPECT_GE(statistic("src_0", "dropped-no-room"), 8U);
}

GstFlowReturn fail(GstPad* /*pad*/, GstObject* /*parent*/, GstBuffer* buffer) {
  gst_buffer_unref(buffer);
  return GST_FLOW_ERROR;
}

TEST_F(RouterTest, AFailingOutputRestsAndComesBackWhenItReconfigures) {
  auto* in = input("sink_0");
  auto* failing = output("src_0");
  auto* other = output("src_1");
  auto* works = GST_PAD_CHAINFUNC(failing->sinkpad);
  gst_pad_set_chain_function(failing->sinkpad, fail);
  Vp8Source source(7);
  push(in, source.next(true, 1));
  ASSERT_TRUE(reaches("src_0", "failures", 1));
  EXPECT_EQ(push(in, source.next(false, 2)), GST_FLOW_OK);
  EXPECT_EQ(push(in, source.next(true, 3)), GST_FLOW_OK);
  for (std::uint8_t tag = 1; tag <= 3; ++tag) EXPECT_EQ(pull(other).tag, tag);
  EXPECT_EQ(statistic("src_0", "failures"), 1U) << "it was left alone";

  gst_pad_set_chain_function(failing->sinkpad, works);
  gst_harness_push_upstream_event(failing, gst_event_new_reconfigure());
  push(in, source.next(false, 4));
  EXPECT_GE(keyframe_requests(in), 1U);
  push(in, source.next(true, 5));
  EXPECT_EQ(pull(failing).tag, 5);
}

TEST_F(RouterTest, AnOutputComesBackWhenItIsLinkedAgain) {
  auto* in = input("sink_0");
  auto* out = output("src_0");
  Vp8Source source(7);
  push(in, source.next(true, 1));
  const auto before = pull(out);
  const auto src = pad("src_0");
  gst_pad_unlink(src.get(), out->sinkpad);
  EXPECT_EQ(push(in, source.next(true, 2)), GST_FLOW_OK);
  gst_pad_link(src.get(), out->sinkpad);
  push(in, source.next(false, 3));
  push(in, source.next(true, 4));
  const auto after = pull(out);
  EXPECT_EQ(after.tag, 4);
  EXPECT_EQ(after.sequence, static_cast<std::uint16_t>(before.sequence + 1));
}

TEST_F(RouterTest, PushesTheIncomingBufferItselfToAConsumerThatTakesPatches) {
  auto* in = input("sink_0");
  auto* queued = output("src_1");
  const auto src = adopt(gst_element_request_pad_simple(router_.get(), "src_0"));
  {
    DirectConsumer consumer(src.get());
    Vp8Source source(7);
    for (std::uint8_t tag = 1; tag <= 3; ++tag) {
      auto buffer = source.next(tag == 1, tag);
      GstBuffer* const same = buffer.get();
      push(in, std::move(buffer));
      ASSERT_EQ(consumer.buffers.size(), tag) << "synchronously";
      EXPECT_EQ(consumer.buffers.back(), same);
      EXPECT_EQ(consumer.patches.back().sequence,
                static_cast<std::uint16_t>(consumer.patches.front().sequence + tag - 1));
      EXPECT_EQ(pull(queued).tag, tag) << "the other way works at the same time";
    }
    EXPECT_EQ(consumer.thread, std::this_thread::get_id());
    EXPECT_EQ(consumer.source_ssrc, 7U);
    EXPECT_NE(consumer.patches.back().ssrc, 7U);
    EXPECT_LE(consumer.offers, 2) << "asked when it was linked, not for each packet";
    const auto caps = adopt(gst_pad_get_current_caps(consumer.pad_.get()));
    EXPECT_TRUE(caps) << "caps come in this way as well";

    consumer.flow = GST_FLOW_ERROR;
    EXPECT_EQ(push(in, source.next(false, 4)), GST_FLOW_OK);
    EXPECT_EQ(push(in, source.next(false, 5)), GST_FLOW_OK);
    EXPECT_EQ(consumer.buffers.size(), 4U) << "it rests";
    gst_pad_unlink(src.get(), consumer.pad_.get());
  }
  gst_element_release_request_pad(router_.get(), src.get());
}

TEST_F(RouterTest, GoesOnWithTheLastSoundWhenItIsResumed) {
  auto* in = input("sink_0", kOpusCaps);
  const auto src = adopt(gst_element_request_pad_simple(router_.get(), "src_0"));
  g_object_set(src.get(), "paused", TRUE, nullptr);
  const auto pause = [&](bool paused) { g_object_set(src.get(), "paused", paused, nullptr); };
  {
    DirectConsumer consumer(src.get());
    Vp8Source source(7);
    push(in, source.next(false, 1));
    auto last = source.next(false, 2);
    GstBuffer* const same = last.get();
    push(in, std::move(last));
    EXPECT_TRUE(consumer.buffers.empty());
    pause(false);
    ASSERT_EQ(consumer.buffers.size(), 1U) << "nobody waits for the next one";
    EXPECT_EQ(consumer.buffers.back(), same);
    pause(false);
    EXPECT_EQ(consumer.buffers.size(), 1U) << "once";
    push(in, source.next(false, 3));
    ASSERT_EQ(consumer.patches.size(), 2U);
    EXPECT_EQ(consumer.patches[1].sequence,
              static_cast<std::uint16_t>(consumer.patches[0].sequence + 1));

    pause(true);
    pause(false);
    EXPECT_EQ(consumer.buffers.size(), 2U) << "it has had that one";
    gst_pad_unlink(src.get(), consumer.pad_.get());
  }
  gst_element_release_request_pad(router_.get(), src.get());
}

TEST_F(RouterTest, PushesAListAsOneUnlessSomeOfItIsLeftOut) {
  g_object_set(router_.get(), "queue-max-packets", 200U, nullptr);
  input("sink_0");
  auto* queued = output("src_1");
  const auto src = adopt(gst_element_request_pad_simple(router_.get(), "src_0"));
  {
    DirectConsumer consumer(src.get());
    Vp8Source source(7);
    const auto sink = pad("sink_0");
    std::vector<GstBuffer*> pushed;
    Ref<GstBuffer> last;
    std::uint8_t tag = 0;
    const auto push_list = [&](int count, Ref<GstBuffer> again = {}) {
      GstBufferList* list = gst_buffer_list_new();
      if (again) gst_buffer_list_add(list, again.release());
      for (int i = 0; i < count; ++i) {
        auto buffer = source.next(tag == 0, tag);
        ++tag;
        pushed.push_back(buffer.get());
        last = buffer;
        gst_buffer_list_add(list, buffer.release());
      }
      const auto peer = adopt(gst_pad_get_peer(sink.get()));
      EXPECT_EQ(gst_pad_push_list(peer.get(), list), GST_FLOW_OK);
    };
    push_list(5);
    EXPECT_EQ(consumer.lists, 1);
    EXPECT_EQ(consumer.buffers, pushed);
    push_list(2, last);  // a duplicate in front
    EXPECT_EQ(consumer.lists, 1) << "what is left of a list comes one by one";
    push_list(70);
    EXPECT_EQ(consumer.buffers, pushed) << "however long";
    for (std::size_t i = 0; i < consumer.patches.size(); ++i) {
      EXPECT_EQ(consumer.patches[i].sequence,
                static_cast<std::uint16_t>(consumer.patches[0].sequence + i));
    }
    for (std::uint8_t i = 0; i < tag; ++i) EXPECT_EQ(pull(queued).tag, i);
    gst_pad_unlink(src.get(), consumer.pad_.get());
  }
  gst_element_release_request_pad(router_.get(), src.get());
}

TEST_F(RouterTest, OffersPatchesThroughGhostPadsButNotThroughElements) {
  const auto src = adopt(gst_element_request_pad_simple(router_.get(), "src_0"));
  const RtpForward offered;

  const auto between = sink(gst_element_factory_make("identity", nullptr));
  const auto between_sink = adopt(gst_element_get_static_pad(between.get(), "sink"));
  const auto between_src = adopt(gst_element_get_static_pad(between.get(), "src"));
  DirectConsumer behind(between_src.get());
  ASSERT_EQ(gst_pad_link(src.get(), between_sink.get()), GST_PAD_LINK_OK);
  EXPECT_FALSE(offer_rtp_forward(src.get(), &offered));
  EXPECT_EQ(behind.offers, 1) << "it said yes, but something is in between";
  gst_pad_unlink(src.get(), between_sink.get());

  DirectConsumer inside(nullptr);
  const auto ghost = sink(gst_ghost_pad_new("sink", inside.pad_.get()));
  gst_pad_set_active(ghost.get(), TRUE);
  ASSERT_EQ(gst_pad_link(src.get(), ghost.get()), GST_PAD_LINK_OK);
  EXPECT_TRUE(offer_rtp_forward(src.get(), &offered));
  EXPECT_EQ(inside.forward, &offered);
  gst_pad_unlink(src.get(), ghost.get());
  gst_pad_set_active(ghost.get(), FALSE);
  gst_element_release_request_pad(router_.get(), src.get());
}

}  // namespace
}  // namespace rooms::test
