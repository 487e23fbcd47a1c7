// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/record/beating_publisher.h"

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstlfocontrolsource.h>
#include <gtest/gtest.h>

#include "tests/server/test_clients.h"

namespace rooms::test {
namespace {

std::string size_caps(unsigned width, unsigned height) {
  return "video/x-raw,format=I420,framerate=" + std::to_string(BeatingPublisher::kFrameRate) +
         "/1,width=" + std::to_string(width) + ",height=" + std::to_string(height);
}

std::string encoder(const std::string& codec) {
  if (codec == "H264")
    return "openh264enc complexity=low bitrate=400000 gop-size=500 ! h264parse "
           "! rtph264pay config-interval=-1 aggregate-mode=zero-latency ";
  const std::string name = codec == "VP9" ? "vp9" : "vp8";
  return name + "enc deadline=1 cpu-used=8 target-bitrate=400000 keyframe-max-dist=500 ! rtp" +
         name + "pay picture-id-mode=15-bit ";
}

std::string line_of(const BeatingSettings& settings) {
  std::string line = "webrtcbin name=pc bundle-policy=max-bundle ";
  if (!settings.codec.empty())
    line +=
        "videotestsrc is-live=true " +
        std::string(settings.busy ? "pattern=snow " : "pattern=ball ! videobalance name=light ") +
        "! videoconvert ! videoscale ! capsfilter name=size caps=" +
        size_caps(settings.width, settings.height) + " ! " + encoder(settings.codec) +
        "! application/x-rtp,media=video,encoding-name=" + settings.codec +
        ",payload=96 ! identity name=loss ! pc. ";
  if (settings.sound)
    line +=
        "audiotestsrc is-live=true freq=1000 volume=0.05 samplesperbuffer=480 "
        "! audio/x-raw,rate=48000,channels=1 ! volume name=loud ! opusenc frame-size=20 "
        "! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97,"
        "encoding-params=(string)2 ! valve name=speech ! pc. ";
  return line;
}

/// A square wave over the property's whole range.
void beat(GstElement* pipeline, const char* element, const char* property) {
  const auto target = adopt(gst_bin_get_by_name(GST_BIN(pipeline), element));
  if (!target) return;
  const auto wave = sink(gst_lfo_control_source_new());
  g_object_set(wave.get(), "waveform", GST_LFO_WAVEFORM_SQUARE, "frequency", 1.0, "amplitude", 0.5,
               "offset", 0.5, nullptr);
  gst_object_add_control_binding(
      GST_OBJECT(target.get()),
      gst_direct_control_binding_new(GST_OBJECT(target.get()), property, wave.get()));
}

}  // namespace

BeatingPublisher::BeatingPublisher(const std::string& server, const std::string& room,
                                   const std::string& name, const BeatingSettings& settings)
    : client_(WebrtcClient::of(line_of(settings))) {
  beat(client_->pipeline(), "light", "brightness");
  beat(client_->pipeline(), "loud", "volume");
  // Without this its sender reports tell no time (GStreamer 1.22), and nobody could keep sound and
  // picture together.
  const auto session = adopt(gst_bin_get_by_name(GST_BIN(client_->pipeline()), "rtpbin"));
  g_object_set(session.get(), "rtcp-sync-send-time", FALSE, nullptr);
  const auto reply = http("POST", server + "/whip/" + room + "/" + name,
                          {{"Content-Type", "application/sdp"}}, client_->offer());
  EXPECT_EQ(reply.status, 201U) << reply.body;
  resource_ = server + reply.header("location");
  client_->accept(reply.body);
  EXPECT_TRUE(client_->connects());
}

BeatingPublisher::~BeatingPublisher() {
  client_->stop();
  if (!resource_.empty()) http("DELETE", resource_);
}

void BeatingPublisher::vanish() {
  client_->stop();
  resource_.clear();
}

void BeatingPublisher::resize(unsigned width, unsigned height) {
  const auto filter = adopt(gst_bin_get_by_name(GST_BIN(client_->pipeline()), "size"));
  const auto caps = adopt(gst_caps_from_string(size_caps(width, height).c_str()));
  g_object_set(filter.get(), "caps", caps.get(), nullptr);
}

void BeatingPublisher::lose(double share) {
  const auto identity = adopt(gst_bin_get_by_name(GST_BIN(client_->pipeline()), "loss"));
  g_object_set(identity.get(), "drop-probability", share, nullptr);
}

void BeatingPublisher::stop_sound() {
  const auto valve = adopt(gst_bin_get_by_name(GST_BIN(client_->pipeline()), "speech"));
  g_object_set(valve.get(), "drop", TRUE, nullptr);
}

}  // namespace rooms::test
