// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/channel_errors.h"

#include <gst/webrtc/webrtc.h>
#include <gtest/gtest.h>

#include <vector>

#include "gst/glue/ref.h"

namespace rooms {
namespace {

/// The elements of a webrtcbin's data channels, which end with it unless somebody holds them.
class ChannelErrors : public testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
  ChannelErrors() : pipeline_(sink(gst_pipeline_new(nullptr))) {
    webrtcbin_ = sink(gst_element_factory_make("webrtcbin", nullptr));
    g_signal_connect(webrtcbin_.get(), "deep-element-added",
                     G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer self) {
                       let_go_of_channel_errors(element);
                       auto* factory = gst_element_get_factory(element);
                       if (factory && g_str_equal(GST_OBJECT_NAME(factory), "appsrc"))
                         static_cast<ChannelErrors*>(self)->sources_.push_back(share(element));
                     }),
                     this);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtcbin_.get());
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  }
  ~ChannelErrors() override { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

  Ref<GstWebRTCDataChannel> open_channel() {
    GstWebRTCDataChannel* channel = nullptr;
    g_signal_emit_by_name(webrtcbin_.get(), "create-data-channel", "chat", nullptr, &channel);
    return adopt(channel);
  }

  Ref<GstElement> pipeline_;
  Ref<GstElement> webrtcbin_;
  std::vector<Ref<GstElement>> sources_;
};

TEST_F(ChannelErrors, AreFreedWithTheElementsTheyCameFrom) {
  auto channel = open_channel();
  ASSERT_TRUE(channel);
  ASSERT_EQ(sources_.size(), 1U);
  auto source = std::move(sources_.front());
  sources_.clear();
  GST_ELEMENT_ERROR(source.get(), STREAM, FAILED, (nullptr), ("the association ended"));

  bool gone = false;
  g_object_weak_ref(
      G_OBJECT(source.get()), [](gpointer flag, GObject*) { *static_cast<bool*>(flag) = true; },
      &gone);
  source = nullptr;
  channel = nullptr;
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  gst_bin_remove(GST_BIN(pipeline_.get()), webrtcbin_.get());
  webrtcbin_ = nullptr;
  EXPECT_TRUE(gone);
}

TEST_F(ChannelErrors, StayAwayFromThePipeline) {
  const auto channel = open_channel();
  ASSERT_EQ(sources_.size(), 1U);
  GST_ELEMENT_ERROR(sources_.front().get(), STREAM, FAILED, (nullptr), ("the association ended"));
  const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
  EXPECT_FALSE(adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR)));
}

}  // namespace
}  // namespace rooms
