// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/channel_upkeep.h"

#include <gst/webrtc/webrtc.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "gst/glue/ref.h"

namespace rooms {
namespace {

/// The elements of a webrtcbin's data channels, which end with it unless somebody holds them.
class ChannelUpkeepTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
  ChannelUpkeepTest() : pipeline_(sink(gst_pipeline_new(nullptr))) {
    webrtcbin_ = sink(gst_element_factory_make("webrtcbin", nullptr));
    upkeep_.emplace(webrtcbin_.get(), [this](std::size_t made) { told_ = made; });
    g_signal_connect(webrtcbin_.get(), "deep-element-added",
                     G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer self) {
                       auto* factory = gst_element_get_factory(element);
                       if (factory && g_str_equal(GST_OBJECT_NAME(factory), "appsrc"))
                         static_cast<ChannelUpkeepTest*>(self)->sources_.push_back(share(element));
                     }),
                     this);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtcbin_.get());
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  }
  ~ChannelUpkeepTest() override { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

  Ref<GstWebRTCDataChannel> open_channel() {
    GstWebRTCDataChannel* channel = nullptr;
    g_signal_emit_by_name(webrtcbin_.get(), "create-data-channel", "chat", nullptr, &channel);
    return adopt(channel);
  }

  void end_webrtcbin() {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline_.get()), webrtcbin_.get());
    webrtcbin_ = nullptr;
  }

  static void fail(GstElement* source) {
    GST_ELEMENT_ERROR(source, STREAM, FAILED, (nullptr), ("the association ended"));
  }

  /// `flag` is set when `object` is freed.
  static void watch(GObject* object, bool& flag) {
    g_object_weak_ref(
        object, [](gpointer set, GObject*) { *static_cast<bool*>(set) = true; }, &flag);
  }

  std::size_t told_ = 0;
  Ref<GstElement> pipeline_;
  Ref<GstElement> webrtcbin_;
  std::optional<ChannelUpkeep> upkeep_;
  std::vector<Ref<GstElement>> sources_;
};

TEST_F(ChannelUpkeepTest, FreesErrorsWithTheElementsTheyCameFrom) {
  auto channel = open_channel();
  ASSERT_TRUE(channel);
  ASSERT_EQ(sources_.size(), 1U);
  auto source = std::move(sources_.front());
  sources_.clear();
  fail(source.get());

  bool gone = false;
  watch(G_OBJECT(source.get()), gone);
  source = nullptr;
  channel = nullptr;
  end_webrtcbin();
  upkeep_->release();
  EXPECT_TRUE(gone);
}

TEST_F(ChannelUpkeepTest, KeepsErrorsFromThePipeline) {
  const auto channel = open_channel();
  ASSERT_EQ(sources_.size(), 1U);
  fail(sources_.front().get());
  const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
  EXPECT_FALSE(adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR)));
}

TEST_F(ChannelUpkeepTest, HoldsChannelsUntilReleased) {
  bool gone = false;
  watch(G_OBJECT(open_channel().get()), gone);
  sources_.clear();
  end_webrtcbin();
  EXPECT_FALSE(gone);
  upkeep_->release();
  EXPECT_TRUE(gone);
}

TEST_F(ChannelUpkeepTest, CountsChannels) {
  EXPECT_EQ(upkeep_->made(), 0U);
  const auto first = open_channel();
  const auto second = open_channel();
  EXPECT_EQ(upkeep_->made(), 2U);
  EXPECT_EQ(told_, 2U);
}

}  // namespace
}  // namespace rooms
