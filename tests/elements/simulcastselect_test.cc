// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>

#include "tests/elements/router_fixture.h"

namespace rooms::test {
namespace {

class SimulcastSelectTest : public testing::Test {
 protected:
  void SetUp() override {
    select_ = sink(gst_element_factory_make("simulcastselect", nullptr));
    ASSERT_TRUE(select_);
    out_.reset(gst_harness_new_with_element(select_.get(), nullptr, "src"));
  }
  void TearDown() override {
    in_.clear();
    out_.reset();
    EXPECT_EQ(GST_OBJECT_REFCOUNT_VALUE(select_.get()), 1) << "somebody still holds it";
  }
  GstHarness* layer(const char* pad) {
    in_.emplace_back(gst_harness_new_with_element(select_.get(), pad, nullptr));
    gst_harness_set_src_caps_str(in_.back().get(), kVp8Caps);
    return in_.back().get();
  }
  Packet pull() {
    const auto buffer = adopt(gst_harness_pull(out_.get()));
    return buffer ? read_packet(buffer.get()) : Packet{};
  }
  static void push(GstHarness* h, Ref<GstBuffer> buffer) {
    EXPECT_EQ(gst_harness_push(h, buffer.release()), GST_FLOW_OK);
  }
  static unsigned keyframe_requests(GstHarness* h) {
    unsigned count = 0;
    while (const auto event = adopt(gst_harness_try_pull_upstream_event(h)))
      count += gst_video_event_is_force_key_unit(event.get()) ? 1 : 0;
    return count;
  }
  int current_layer() {
    int value = -2;
    g_object_get(select_.get(), "current-layer", &value, nullptr);
    return value;
  }

  Ref<GstElement> select_;
  Harness out_;
  std::vector<Harness> in_;
  Vp8Source low_{7};
  Vp8Source high_{8};
};

TEST_F(SimulcastSelectTest, MakesOneStreamOfTwoLayers) {
  auto* low = layer("sink_0");
  auto* high = layer("sink_1");
  int notified = 0;
  g_signal_connect_swapped(select_.get(), "notify::current-layer",
                           G_CALLBACK(+[](int* count) { ++*count; }), &notified);
  push(low, low_.next(true, 1));
  const auto first = pull();
  EXPECT_EQ(first.tag, 1);
  EXPECT_EQ(current_layer(), 0);
  push(high, high_.next(true, 2));
  const auto second = pull();
  EXPECT_EQ(second.tag, 2);
  EXPECT_EQ(current_layer(), 1);
  EXPECT_EQ(notified, 2);
  g_object_set(select_.get(), "max-spatial", 0, nullptr);
  push(high, high_.next(false, 3));
  push(low, low_.next(true, 4));
  push(high, high_.next(false, 5));
  push(low, low_.next(false, 6));
  std::vector<Packet> rest = {second, pull(), pull(), pull()};
  for (std::size_t i = 1; i < rest.size(); ++i) {
    EXPECT_EQ(rest[i].tag, (std::array{3, 4, 6})[i - 1]);
    EXPECT_EQ(rest[i].ssrc, first.ssrc);
    EXPECT_EQ(rest[i].sequence, static_cast<std::uint16_t>(rest[i - 1].sequence + 1));
    EXPECT_EQ(rest[i].picture, (rest[i - 1].picture + 1) & 0x7FFF);
    EXPECT_GT(static_cast<std::int32_t>(rest[i].timestamp - rest[i - 1].timestamp), 0);
  }
  g_signal_handlers_disconnect_by_data(select_.get(), &notified);
}

TEST_F(SimulcastSelectTest, PausesAndAsksForAKeyframeWhenResumed) {
  auto* low = layer("sink_0");
  push(low, low_.next(true, 1));
  EXPECT_EQ(pull().tag, 1);
  g_object_set(select_.get(), "paused", TRUE, nullptr);
  push(low, low_.next(false, 2));
  keyframe_requests(low);
  gst_harness_set_time(low, GST_SECOND);  // requests are spaced
  g_object_set(select_.get(), "paused", FALSE, nullptr);
  EXPECT_EQ(keyframe_requests(low), 1U);
  push(low, low_.next(true, 3));
  EXPECT_EQ(pull().tag, 3);
}

TEST_F(SimulcastSelectTest, TakesAndReleasesPadsWhileItRuns) {
  auto* low = layer("sink_4");
  push(low, low_.next(true, 1));
  EXPECT_EQ(pull().tag, 1);
  for (int i = 0; i < 20; ++i) {
    auto* other = layer("sink_9");
    push(other, high_.next(true, 2));
    EXPECT_EQ(pull().tag, 2);
    in_.pop_back();
    push(low, low_.next(true, 3));
    EXPECT_EQ(pull().tag, 3);
  }
}

TEST_F(SimulcastSelectTest, RefusesPadsThatAreThereOrHaveOtherNames) {
  layer("sink_0");
  EXPECT_FALSE(adopt(gst_element_request_pad_simple(select_.get(), "sink_0")));
  EXPECT_FALSE(adopt(gst_element_request_pad_simple(select_.get(), "layer_0")));
}

TEST_F(SimulcastSelectTest, TellsTheStatisticsOfItsLayers) {
  auto* low = layer("sink_0");
  push(low, low_.next(true, 1));
  pull();
  GstStructure* raw = nullptr;
  g_object_get(select_.get(), "stats", &raw, nullptr);
  const auto stats = own(raw);
  EXPECT_TRUE(gst_structure_has_field(stats.get(), "sink_0"));
  EXPECT_TRUE(gst_structure_has_field(stats.get(), "src_0"));
}

}  // namespace
}  // namespace rooms::test
