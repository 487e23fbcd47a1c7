// SPDX-License-Identifier: LGPL-2.1-or-later
// twccbwe by itself with a clock of ours, and as the aux sender of a stock webrtcbin.
#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>
#include <gst/webrtc/webrtc.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gst/glue/ref.h"

namespace rooms::test {
namespace {

constexpr guint64 kMillisecond = GST_MSECOND;

struct Told {
  guint sequence = 0;
  guint64 sent = GST_CLOCK_TIME_NONE;
  guint64 arrived = GST_CLOCK_TIME_NONE;  ///< none: lost
  guint size = 1000;
};

/// The event as rtpsession of 1.22 builds it.
Ref<GstEvent> feedback(const std::vector<Told>& packets) {
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  GValueArray* array = g_value_array_new(0);
  for (const Told& told : packets) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed(
        &value, gst_structure_new("RTPTWCCPacket", "seqnum", G_TYPE_UINT, told.sequence, "local-ts",
                                  G_TYPE_UINT64, told.sent, "remote-ts", G_TYPE_UINT64,
                                  told.arrived, "payload-type", G_TYPE_UCHAR, guchar{96}, "size",
                                  G_TYPE_UINT, told.size, "lost", G_TYPE_BOOLEAN,
                                  gboolean{told.arrived == GST_CLOCK_TIME_NONE}, nullptr));
    g_value_array_append(array, &value);
    g_value_unset(&value);
  }
  auto* all = gst_structure_new_empty("RTPTWCCPackets");
  GValue list = G_VALUE_INIT;
  g_value_init(&list, g_value_array_get_type());
  g_value_take_boxed(&list, array);
  gst_structure_take_value(all, "packets", &list);
  G_GNUC_END_IGNORE_DEPRECATIONS
  return adopt(gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, all));
}

class TwccBwe : public testing::Test {
 protected:
  void SetUp() override {
    clock_ = adopt(GST_TEST_CLOCK(gst_test_clock_new()));
    gst_system_clock_set_default(GST_CLOCK(clock_.get()));
    harness_ = gst_harness_new("twccbwe");
    gst_harness_set_src_caps_str(harness_, "application/x-rtp");
    g_signal_connect(harness_->element, "notify::estimated-bitrate",
                     G_CALLBACK(+[](GObject*, GParamSpec*, gpointer count) {
                       ++*static_cast<std::atomic<unsigned>*>(count);
                     }),
                     &notified_);
  }
  void TearDown() override {
    gst_harness_teardown(harness_);
    gst_system_clock_set_default(nullptr);
  }

  guint get(const char* property) {
    guint value = 0;
    g_object_get(harness_->element, property, &value, nullptr);
    return value;
  }
  guint64 statistic(const char* field) {
    GstStructure* raw = nullptr;
    g_object_get(harness_->element, "stats", &raw, nullptr);
    const auto stats = own(raw);
    guint64 value = 0;
    guint small = 0;
    if (gst_structure_get_uint(stats.get(), field, &small)) return small;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), field, &value)) << field;
    return value;
  }
  void send_upstream(const Ref<GstEvent>& event) {
    gst_pad_push_event(harness_->sinkpad, share(event.get()).release());
  }
  /// Ten packets in 100 ms of which each takes `delay` more than the one before, then feedback.
  void tenth_of_a_second(guint64 more_delay) {
    std::vector<Told> packets;
    for (int i = 0; i < 10; ++i) {
      gst_test_clock_advance_time(clock_.get(), 10 * kMillisecond);
      now_ += 10 * kMillisecond;
      gst_harness_push(harness_, gst_harness_create_buffer(harness_, 1000));
      delay_ += more_delay;
      packets.push_back({sequence_++ & 0xFFFF, now_, now_ + delay_ + 10 * kMillisecond});
    }
    send_upstream(feedback(packets));
  }

  Ref<GstTestClock> clock_;
  GstHarness* harness_ = nullptr;
  guint64 now_ = 0;
  guint64 delay_ = 0;
  guint sequence_ = 65'500;
  std::atomic<unsigned> notified_{0};
};

TEST_F(TwccBwe, PassesPacketsAndListsOnAsTheyAre) {
  const auto buffer = adopt(gst_harness_create_buffer(harness_, 100));
  EXPECT_EQ(gst_harness_push(harness_, share(buffer.get()).release()), GST_FLOW_OK);
  const auto passed = adopt(gst_harness_pull(harness_));
  EXPECT_EQ(passed, buffer);
  auto* list = gst_buffer_list_new();
  gst_buffer_list_add(list, gst_harness_create_buffer(harness_, 10));
  gst_buffer_list_add(list, gst_harness_create_buffer(harness_, 11));
  EXPECT_EQ(gst_pad_push_list(harness_->srcpad, list), GST_FLOW_OK);
  EXPECT_EQ(gst_harness_buffers_in_queue(harness_), 2U);
}

TEST_F(TwccBwe, RisesWhileNothingQueuesAndFallsWhenItDoes) {
  EXPECT_EQ(get("estimated-bitrate"), 300'000U);
  for (int i = 0; i < 100; ++i) tenth_of_a_second(0);
  const guint risen = get("estimated-bitrate");
  EXPECT_GT(risen, 500'000U) << "800 kbit/s arrive";
  EXPECT_LT(risen, 1'300'000U);
  EXPECT_GT(notified_, 10U);
  EXPECT_LT(notified_, 60U) << "not for each feedback";
  EXPECT_EQ(statistic("received"), 1000U) << "over the wrap of the sequence numbers";
  for (int i = 0; i < 20; ++i) tenth_of_a_second(5 * kMillisecond);
  EXPECT_LT(get("estimated-bitrate"), risen);
  EXPECT_LT(get("estimated-bitrate"), 600'000U);
  EXPECT_GT(statistic("overuses"), 0U);
}

TEST_F(TwccBwe, StaysWithinItsBounds) {
  g_object_set(harness_->element, "min-bitrate", 280'000, "max-bitrate", 400'000, nullptr);
  for (int i = 0; i < 60; ++i) tenth_of_a_second(0);
  EXPECT_EQ(get("estimated-bitrate"), 400'000U);
  for (int i = 0; i < 60; ++i) tenth_of_a_second(20 * kMillisecond);
  EXPECT_EQ(get("estimated-bitrate"), 280'000U);
  g_object_set(harness_->element, "min-bitrate", 900'000, nullptr);
  EXPECT_EQ(get("estimated-bitrate"), 900'000U) << "at once";
}

TEST_F(TwccBwe, BeginsAnewWithEachStart) {
  for (int i = 0; i < 50; ++i) tenth_of_a_second(0);
  g_object_set(harness_->element, "start-bitrate", 123'000, nullptr);
  EXPECT_NE(get("estimated-bitrate"), 123'000U);
  gst_element_set_state(harness_->element, GST_STATE_READY);
  gst_element_set_state(harness_->element, GST_STATE_PLAYING);
  EXPECT_EQ(get("estimated-bitrate"), 123'000U);
  EXPECT_EQ(statistic("feedbacks"), 0U);
}

TEST_F(TwccBwe, IgnoresAndCountsWhatItCannotHaveSent) {
  tenth_of_a_second(0);
  const guint before = get("estimated-bitrate");
  send_upstream(
      feedback({{1}, {2}, {3, GST_CLOCK_TIME_NONE, 5}, {4, 5 * kMillisecond, G_MAXUINT64 - 1}}));
  EXPECT_EQ(statistic("ignored"), 4U);
  auto* bare = gst_structure_new("RTPTWCCPackets", "packets", G_TYPE_INT, 3, nullptr);
  send_upstream(adopt(gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, bare)));
  send_upstream(adopt(
      gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new_empty("RTPTWCCPackets"))));
  send_upstream(
      adopt(gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new_empty("x"))));
  EXPECT_EQ(get("estimated-bitrate"), before);
  EXPECT_EQ(statistic("feedbacks"), 4U);
}

TEST_F(TwccBwe, FeedbackGoesFurtherUp) {
  tenth_of_a_second(0);
  bool is_seen = false;
  while (const auto event = adopt(gst_harness_try_pull_upstream_event(harness_)))
    is_seen = is_seen || gst_event_has_name(event.get(), "RTPTWCCPackets");
  EXPECT_TRUE(is_seen);
}

constexpr const char* kCaps =
    "application/x-rtp,media=(string)video,encoding-name=(string)VP8,clock-rate=(int)90000,"
    "payload=(int)96,extmap-1=(string)http://www.ietf.org/id/"
    "draft-holmer-rmcat-transport-wide-cc-extensions-01,rtcp-fb-transport-cc=(boolean)true";

/// Sets a description that `source` makes as its `action` at both.
void exchange(GstElement* source, GstElement* other, const char* action, const char* field) {
  const auto made = adopt(gst_promise_new());
  g_signal_emit_by_name(source, action, nullptr, made.get());
  gst_promise_wait(made.get());
  GstWebRTCSessionDescription* raw = nullptr;
  gst_structure_get(gst_promise_get_reply(made.get()), field, GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                    &raw, nullptr);
  ASSERT_NE(raw, nullptr);
  const std::unique_ptr<GstWebRTCSessionDescription, decltype(&gst_webrtc_session_description_free)>
      description(raw, gst_webrtc_session_description_free);
  for (const auto& [element, signal] :
       {std::pair{source, "set-local-description"}, std::pair{other, "set-remote-description"}}) {
    const auto set = adopt(gst_promise_new());
    g_signal_emit_by_name(element, signal, description.get(), set.get());
    gst_promise_wait(set.get());
  }
}

void pass_candidates(GstElement* from, GstElement* to) {
  g_signal_connect(from, "on-ice-candidate",
                   G_CALLBACK(+[](GstElement*, guint line, gchar* candidate, GstElement* other) {
                     g_signal_emit_by_name(other, "add-ice-candidate", line, candidate);
                   }),
                   to);
}

/// Floating: webrtcbin 1.22 would never let go of one that is not.
GstElement* make_estimator(GstElement* /*webrtcbin*/, GObject* /*transport*/,
                           Ref<GstElement>* estimator) {
  GstElement* made = gst_element_factory_make("twccbwe", nullptr);
  g_object_set(made, "max-bitrate", 2'000'000, nullptr);
  *estimator = share(made);
  return made;
}

void swallow(GstElement* /*webrtcbin*/, GstPad* pad, GstBin* pipeline) {
  if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) return;
  GstElement* fakesink = gst_element_factory_make("fakesink", nullptr);
  gst_bin_add(pipeline, fakesink);
  gst_element_sync_state_with_parent(fakesink);
  const auto entry = adopt(gst_element_get_static_pad(fakesink, "sink"));
  gst_pad_link(pad, entry.get());
}

TEST(TwccBweInWebrtcbin, FollowsTheFeedbackOfAnotherWebrtcbin) {
  const std::string line =
      "webrtcbin name=sender bundle-policy=max-bundle webrtcbin name=receiver "
      "bundle-policy=max-bundle videotestsrc is-live=true pattern=snow ! "
      "video/x-raw,width=128,height=96,framerate=30/1 ! vp8enc deadline=1 target-bitrate=400000 ! "
      "rtpvp8pay pt=96 ! " +
      std::string(kCaps) + " ! sender.";
  GError* problem = nullptr;
  const auto pipeline = sink(gst_parse_launch(line.c_str(), &problem));
  ASSERT_EQ(problem, nullptr) << problem->message;
  const auto sender = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sender"));
  const auto receiver = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "receiver"));
  Ref<GstElement> estimator;
  g_signal_connect(sender.get(), "request-aux-sender", G_CALLBACK(make_estimator), &estimator);
  g_signal_connect(receiver.get(), "pad-added", G_CALLBACK(swallow), pipeline.get());
  const auto caps = adopt(gst_caps_from_string(kCaps));
  GstWebRTCRTPTransceiver* transceiver = nullptr;
  g_signal_emit_by_name(receiver.get(), "add-transceiver",
                        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps.get(), &transceiver);
  const auto kept = adopt(transceiver);
  pass_candidates(sender.get(), receiver.get());
  pass_candidates(receiver.get(), sender.get());
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  exchange(sender.get(), receiver.get(), "create-offer", "offer");
  exchange(receiver.get(), sender.get(), "create-answer", "answer");

  ASSERT_TRUE(estimator);
  guint64 received = 0;
  guint64 ignored = 0;
  for (int i = 0; i < 400 && received < 100; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    GstStructure* raw = nullptr;
    g_object_get(estimator.get(), "stats", &raw, nullptr);
    const auto stats = own(raw);
    gst_structure_get(stats.get(), "received", G_TYPE_UINT64, &received, "ignored", G_TYPE_UINT64,
                      &ignored, nullptr);
  }
  guint estimate = 0;
  g_object_get(estimator.get(), "estimated-bitrate", &estimate, nullptr);
  std::printf("estimate %u bit/s after %lu packets, %lu ignored\n", estimate, received, ignored);
  EXPECT_GE(received, 100U);
  EXPECT_NE(estimate, 300'000U) << "where it began";
  EXPECT_GE(estimate, 30'000U);
  EXPECT_LE(estimate, 2'000'000U);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

}  // namespace
}  // namespace rooms::test
