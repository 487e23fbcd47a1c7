// SPDX-License-Identifier: LGPL-2.1-or-later
// Which layer of a simulcast track an output gets.
#include "gst/glue/track_layers_structure.h"
#include "tests/elements/router_fixture.h"

namespace rooms::test {
namespace {

/// Three layers of one camera, in whatever order the publisher named them.
class RouterLayersTest : public RouterTest {
 protected:
  void SetUp() override {
    RouterTest::SetUp();
    // Simulated time runs ahead of the queue's thread.
    g_object_set(router_.get(), "queue-max-time", guint64{3600} * GST_SECOND, nullptr);
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string name = "sink_" + std::to_string(i);
      in_[i] = input(name.c_str());
      set(name.c_str(), "track", "camera");
    }
    out_ = output("src_0");
  }
  void frame(std::size_t layer, bool keyframe, std::uint8_t tag, std::uint16_t width = 0) {
    push(in_[layer], source_[layer].next(keyframe, tag, 100, width));
  }
  int layer_statistic(const char* field) {
    GstStructure* raw = nullptr;
    g_object_get(pad("src_0").get(), "stats", &raw, nullptr);
    const auto stats = own(raw);
    int value = -2;
    EXPECT_TRUE(gst_structure_get_int(stats.get(), field, &value)) << field;
    return value;
  }
  std::vector<TrackLayer> layers_of(const char* track) {
    GstStructure* told = nullptr;
    g_signal_emit_by_name(router_.get(), "track-layers", track, &told);
    return track_layers_in(own(told).get());
  }
  int current_layer() {
    int layer = -2;
    g_object_get(pad("src_0").get(), "current-layer", &layer, nullptr);
    return layer;
  }
  /// As if so many seconds passed: 20 pictures a second on each of these layers.
  void flow(std::initializer_list<std::size_t> layers, int seconds) {
    for (int i = 0; i < seconds * 20; ++i) flow_once(layers);
  }
  void flow_once(std::initializer_list<std::size_t> layers) {
    gst_test_clock_advance_time(clock_.get(), 50 * GST_MSECOND);
    for (const auto layer : layers) frame(layer, false, 0, 0);
  }
  /// The next frame that is not of a `flow`, nor of what came before `skip`.
  Packet next() {
    for (;;) {
      const auto packet = pull(out_);
      if (packet.tag > skipped_ || packet.ssrc == 0) return packet;
    }
  }
  void skip(std::uint8_t up_to) { skipped_ = up_to; }
  void use_test_clock() {
    clock_ = adopt(GST_TEST_CLOCK(gst_test_clock_new()));
    gst_element_set_clock(router_.get(), GST_CLOCK(clock_.get()));
  }
  void TearDown() override {
    gst_element_set_clock(router_.get(), nullptr);
    RouterTest::TearDown();
  }

  GstHarness* in_[3] = {};
  GstHarness* out_ = nullptr;
  Vp8Source source_[3] = {Vp8Source(7), Vp8Source(8), Vp8Source(9)};
  Ref<GstTestClock> clock_;
  std::uint8_t skipped_ = 0;
};

TEST_F(RouterLayersTest, TakesTheHighestThatIsActiveAtItsKeyframe) {
  frame(0, true, 1);
  EXPECT_EQ(next().tag, 1) << "the only one there is";
  keyframe_requests(in_[2]);
  frame(2, false, 2);
  EXPECT_GE(keyframe_requests(in_[2]), 1U);
  frame(0, false, 3);
  frame(2, true, 4);
  frame(0, false, 5);
  EXPECT_EQ(next().tag, 3) << "the lower one flows meanwhile";
  EXPECT_EQ(next().tag, 4);
  EXPECT_EQ(current_layer(), 2);
  gst_harness_push_event(in_[2], gst_event_new_eos());
  frame(0, true, 6);
  EXPECT_EQ(next().tag, 6) << "the layer ended, the other takes over";
  EXPECT_EQ(current_layer(), 0);
}

TEST_F(RouterLayersTest, ObeysTheLimitAndTellsOfEachChange) {
  int notified = 0;
  const auto src = pad("src_0");
  g_signal_connect_swapped(src.get(), "notify::current-layer",
                           G_CALLBACK(+[](int* count) { ++*count; }), &notified);
  set("src_0", "max-spatial", 0);
  for (std::size_t i = 0; i < 3; ++i) frame(i, true, static_cast<std::uint8_t>(1 + i));
  EXPECT_EQ(next().tag, 1);
  EXPECT_TRUE(is_quiet(out_));
  set("src_0", "max-spatial", 1);
  EXPECT_EQ(keyframe_requests(in_[1]), 1U);
  EXPECT_EQ(layer_statistic("layer"), 0);
  EXPECT_EQ(layer_statistic("target-layer"), 1);
  EXPECT_EQ(layer_statistic("temporal-layer"), 0);
  EXPECT_EQ(layer_statistic("target-temporal-layer"), 0);
  frame(0, false, 4);
  frame(1, true, 5);
  EXPECT_EQ(next().tag, 4);
  const auto second = next();
  EXPECT_EQ(second.tag, 5);
  set("src_0", "max-spatial", -1);
  frame(2, true, 6);
  const auto third = next();
  EXPECT_EQ(third.tag, 6);
  EXPECT_EQ(third.sequence, static_cast<std::uint16_t>(second.sequence + 1));
  EXPECT_EQ(notified, 3);
  g_signal_handlers_disconnect_by_data(src.get(), &notified);
}

TEST_F(RouterLayersTest, OrdersThemBySizeWhateverTheOrderOfThePads) {
  use_test_clock();
  set("src_0", "max-spatial", 0);
  frame(0, true, 1, 1280);
  frame(1, true, 2, 640);
  frame(2, true, 3, 320);
  flow({0, 1, 2}, 2);
  skip(3);
  frame(2, true, 9, 320);
  EXPECT_EQ(next().tag, 9) << "the smallest is layer 0";
  EXPECT_EQ(current_layer(), 0);
  EXPECT_EQ(statistic("sink_2", "bitrate") / 1000, 17U) << "112 bytes, 20 times a second";
}

TEST_F(RouterLayersTest, GoesToAnotherWhenTheOneThatFlowsFallsSilent) {
  use_test_clock();
  for (std::size_t i = 0; i < 3; ++i) frame(i, true, static_cast<std::uint8_t>(1 + i));
  flow({0, 1, 2}, 2);
  skip(3);
  EXPECT_EQ(current_layer(), 2);
  keyframe_requests(in_[1]);
  flow({0, 1}, 1);
  EXPECT_GE(keyframe_requests(in_[1]), 1U) << "the next lower one is asked for";
  frame(1, true, 50);
  EXPECT_EQ(next().tag, 50);
  EXPECT_EQ(current_layer(), 1);
  keyframe_requests(in_[2]);
  frame(2, false, 51);
  EXPECT_EQ(keyframe_requests(in_[2]), 0U) << "a packet now and then is no picture";
  flow({1, 2}, 1);
  EXPECT_GE(keyframe_requests(in_[2]), 1U) << "back again";
  frame(2, true, 52);
  EXPECT_EQ(next().tag, 52);
}

TEST_F(RouterLayersTest, ComesBackAtOnceWithAKeyframe) {
  use_test_clock();
  for (std::size_t i = 0; i < 3; ++i) frame(i, true, static_cast<std::uint8_t>(1 + i));
  flow({0, 1, 2}, 2);
  flow({0, 1}, 1);
  frame(1, true, 50);
  EXPECT_EQ(current_layer(), 1);
  frame(2, true, 51);
  EXPECT_EQ(current_layer(), 2);
}

TEST_F(RouterLayersTest, LeavesALayerThatTricklesAndTakesItAgainWhenItKeepsUp) {
  use_test_clock();
  for (std::size_t i = 0; i < 3; ++i)
    frame(i, true, static_cast<std::uint8_t>(1 + i), static_cast<std::uint16_t>(320U << i));
  flow({0, 1, 2}, 2);
  skip(3);
  // A picture in 200 ms: never silent.
  const auto trickle = [&](int pictures) {
    for (int i = 0; i < pictures; ++i) {
      for (int without = 0; without < 3; ++without) flow_once({0, 1});
      flow_once({0, 1, 2});
    }
  };
  keyframe_requests(in_[1]);
  trickle(10);
  EXPECT_GE(keyframe_requests(in_[1]), 1U);
  frame(1, true, 50, 640);
  EXPECT_EQ(next().tag, 50);
  trickle(5);
  frame(2, true, 51, 1280);
  EXPECT_EQ(current_layer(), 1) << "a keyframe alone is not enough";
  flow({0, 1, 2}, 2);
  frame(2, true, 52, 1280);
  EXPECT_EQ(next().tag, 52);
}

TEST_F(RouterLayersTest, RetransmissionsAreNoSignOfLife) {
  use_test_clock();
  for (std::size_t i = 0; i < 3; ++i) frame(i, true, static_cast<std::uint8_t>(1 + i));
  const auto late = source_[2];  // writes numbers anew that layer 2 is going to have had
  flow({0, 1, 2}, 2);
  skip(3);
  keyframe_requests(in_[1]);
  auto again = late;
  for (int i = 0; i < 20; ++i) {
    flow_once({0, 1});
    push(in_[2], again.next(false, 0, 100, 0));
  }
  EXPECT_GE(keyframe_requests(in_[1]), 1U) << "the next lower one is asked for";
}

TEST_F(RouterLayersTest, LeavesADeadLayerAlsoWhereTheOthersComeInBursts) {
  use_test_clock();
  for (std::size_t i = 0; i < 3; ++i) frame(i, true, static_cast<std::uint8_t>(1 + i));
  flow({0, 1, 2}, 2);
  keyframe_requests(in_[0]);
  for (int burst = 0; burst < 8; ++burst) {
    gst_test_clock_advance_time(clock_.get(), 700 * GST_MSECOND);
    for (int i = 0; i < 3; ++i) {
      gst_test_clock_advance_time(clock_.get(), 50 * GST_MSECOND);
      frame(0, false, 0);
    }
  }
  EXPECT_GE(keyframe_requests(in_[0]), 1U);
}

TEST_F(RouterLayersTest, StaysWhereItIsWhenAllFallSilentTogether) {
  use_test_clock();
  for (std::size_t i = 0; i < 3; ++i) frame(i, true, static_cast<std::uint8_t>(1 + i));
  flow({0, 1, 2}, 2);
  skip(3);
  keyframe_requests(in_[0]);
  gst_test_clock_advance_time(clock_.get(), 20 * GST_SECOND);
  frame(0, false, 60);
  flow({0, 1, 2}, 1);
  frame(2, false, 61);
  EXPECT_EQ(next().tag, 61);
  EXPECT_EQ(current_layer(), 2);
  EXPECT_EQ(keyframe_requests(in_[0]), 0U) << "the first to go on is not alone";
}

TEST_F(RouterLayersTest, ChoosesByMeasuredBitrate) {
  use_test_clock();
  for (std::size_t i = 0; i < 3; ++i) frame(i, true, static_cast<std::uint8_t>(1 + i));
  const auto flow_sized = [&](int seconds) {
    for (int i = 0; i < seconds * 20; ++i) {
      gst_test_clock_advance_time(clock_.get(), 50 * GST_MSECOND);
      for (std::size_t layer = 0; layer < 3; ++layer)  // 36, 100 and 300 kbit/s, about
        push(in_[layer], source_[layer].next(false, 0, layer == 0 ? 200 : layer == 1 ? 600 : 1900));
    }
  };
  flow_sized(2);
  skip(3);
  EXPECT_EQ(current_layer(), 2);
  set("src_0", "target-bitrate", guint64{150'000});
  frame(1, true, 20);
  EXPECT_EQ(next().tag, 20);
  EXPECT_EQ(current_layer(), 1);
  set("src_0", "target-bitrate", guint64{1000});
  frame(0, true, 21);
  EXPECT_EQ(next().tag, 21) << "nothing fits: the least there is";
  set("src_0", "target-bitrate", guint64{0});
  frame(2, true, 22);
  EXPECT_EQ(next().tag, 22);
}

TEST_F(RouterLayersTest, TakesALimitBeyondAllLayersForNone) {
  set("src_0", "max-spatial", 7);
  frame(1, true, 1);
  EXPECT_EQ(next().tag, 1);
}

TEST_F(RouterLayersTest, TellsTheLayersOfATrack) {
  use_test_clock();
  for (std::size_t i = 0; i < 3; ++i) frame(i, true, 0, static_cast<std::uint16_t>(320 << (2 - i)));
  flow({0, 1, 2}, 2);
  flow({0, 1}, 2);
  const auto layers = layers_of("camera");
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_EQ(layers[0].width, 320U) << "lowest first, whatever the order of the pads";
  EXPECT_EQ(layers[2].width, 1280U);
  EXPECT_FALSE(layers[0].active) << "the third fell silent";
  EXPECT_TRUE(layers[1].active);
  EXPECT_GT(layers[1].bitrate, 10'000U);
  EXPECT_TRUE(layers_of("nobody").empty());
}

}  // namespace
}  // namespace rooms::test
