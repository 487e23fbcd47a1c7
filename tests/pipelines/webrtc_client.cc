// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/pipelines/webrtc_client.h"

#include <gst/sdp/sdp.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace rooms::test {
namespace {

using Description =
    std::unique_ptr<GstWebRTCSessionDescription, decltype(&gst_webrtc_session_description_free)>;

Ref<GstElement> parse(const std::string& line) {
  GError* problem = nullptr;
  auto pipeline = sink(gst_parse_launch(line.c_str(), &problem));
  EXPECT_EQ(problem, nullptr) << problem->message;
  return pipeline;
}

Colour colour_of(const GstVideoFrame& frame) {
  const auto at_centre = [&](int component) {
    const auto* data =
        static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_COMP_DATA(&frame, component));
    const int x = GST_VIDEO_FRAME_COMP_WIDTH(&frame, component) / 2;
    const int y = GST_VIDEO_FRAME_COMP_HEIGHT(&frame, component) / 2;
    return int{data[y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, component) + x]};
  };
  const int blue = at_centre(1);
  const int red = at_centre(2);
  if (red > 180 && blue < 128) return Colour::kRed;
  if (blue > 180 && red < 128) return Colour::kBlue;
  return red < 100 && blue < 100 ? Colour::kGreen : Colour::kNone;
}

}  // namespace

WebrtcClient::WebrtcClient(Ref<GstElement> pipeline) : pipeline_(std::move(pipeline)) {
  webrtcbin_ = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "pc"));
  use_loopback();
  const auto notice = +[](GObject*, GParamSpec*, gpointer data) {
    auto* self = static_cast<WebrtcClient*>(data);
    const std::lock_guard hold(self->mutex_);
    self->changed_.notify_all();
  };
  for (const char* property : {"ice-gathering-state", "connection-state"})
    g_signal_connect(webrtcbin_.get(), (std::string("notify::") + property).c_str(),
                     G_CALLBACK(notice), this);
  g_signal_connect(webrtcbin_.get(), "pad-added",
                   G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer self) {
                     static_cast<WebrtcClient*>(self)->on_pad(pad);
                   }),
                   this);
}

WebrtcClient::~WebrtcClient() { stop(); }

void WebrtcClient::stop() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

std::unique_ptr<WebrtcClient> WebrtcClient::publisher(const std::string& colour,
                                                      const std::string& codec) {
  const std::string encoder =
      codec == "H264" ? "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 "
                        "! video/x-h264,profile=constrained-baseline ! rtph264pay name=camera "
                        "config-interval=-1 aggregate-mode=zero-latency "
                      : "vp8enc deadline=1 keyframe-max-dist=60 ! rtpvp8pay name=camera "
                        "picture-id-mode=15-bit ";
  return of(
      "webrtcbin name=pc bundle-policy=max-bundle "
      "videotestsrc name=picture is-live=true pattern=" +
      colour + " ! capsfilter name=size caps=video/x-raw,width=160,height=96,framerate=15/1 ! " +
      encoder + "! application/x-rtp,media=video,encoding-name=" + codec +
      ",payload=96 ! pc. audiotestsrc is-live=true ! opusenc ! rtpopuspay "
      "! application/x-rtp,media=audio,encoding-name=OPUS,payload=97,"
      "encoding-params=(string)2 ! pc.");
}

void WebrtcClient::film(int width, int height, const std::string& colour) {
  const auto picture = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "picture"));
  const auto size = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "size"));
  gst_util_set_object_arg(G_OBJECT(picture.get()), "pattern", colour.c_str());
  gst_util_set_object_arg(G_OBJECT(size.get()), "caps",
                          ("video/x-raw,width=" + std::to_string(width) +
                           ",height=" + std::to_string(height) + ",framerate=15/1")
                              .c_str());
}

std::unique_ptr<WebrtcClient> WebrtcClient::of(const std::string& line) {
  return std::unique_ptr<WebrtcClient>(new WebrtcClient(parse(line)));
}

void WebrtcClient::scramble() {
  constexpr gsize kHeaders = 12 + 4;  // RTP, and the descriptor of the payload
  const auto payloader = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "camera"));
  const auto src = adopt(gst_element_get_static_pad(payloader.get(), "src"));
  const auto ruin = [](GstBuffer** buffer, guint /*index*/, gpointer /*data*/) -> gboolean {
    *buffer = gst_buffer_make_writable(*buffer);
    GstMapInfo map;
    if (!gst_buffer_map(*buffer, &map, GST_MAP_READWRITE)) return TRUE;
    for (gsize i = kHeaders; i < map.size; ++i)
      map.data[i] = static_cast<guint8>(map.data[i] * 7 + i * 31 + 5);
    gst_buffer_unmap(*buffer, &map);
    return TRUE;
  };
  noise_ = gst_pad_add_probe(
      src.get(),
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
      [](GstPad*, GstPadProbeInfo* info, gpointer ruin_one) {
        const auto one = reinterpret_cast<GstBufferListFunc>(ruin_one);
        if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
          auto* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
          one(&buffer, 0, nullptr);
          info->data = buffer;
        } else {
          auto* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
          gst_buffer_list_foreach(list, one, nullptr);
          info->data = list;
        }
        return GST_PAD_PROBE_OK;
      },
      reinterpret_cast<gpointer>(+ruin), nullptr);
}

void WebrtcClient::mend() {
  const auto payloader = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "camera"));
  const auto src = adopt(gst_element_get_static_pad(payloader.get(), "src"));
  gst_pad_remove_probe(src.get(), std::exchange(noise_, 0));
}

std::unique_ptr<WebrtcClient> WebrtcClient::voice() {
  return std::unique_ptr<WebrtcClient>(new WebrtcClient(parse(
      "webrtcbin name=pc bundle-policy=max-bundle "
      "audiotestsrc name=tone is-live=true volume=0 ! level audio-level-meta=true "
      "! opusenc ! rtpopuspay "
      "! application/x-rtp,media=audio,encoding-name=OPUS,payload=97,"
      "encoding-params=(string)2,"
      "extmap-1=(string)<\"\",urn:ietf:params:rtp-hdrext:ssrc-audio-level,\"vad=on\"> ! pc.")));
}

void WebrtcClient::speak(bool loud) {
  const auto tone = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "tone"));
  g_object_set(tone.get(), "volume", loud ? 0.5 : 0.0, nullptr);
}

std::unique_ptr<WebrtcClient> WebrtcClient::player(unsigned audio, unsigned video,
                                                   const std::string& codec) {
  std::unique_ptr<WebrtcClient> client(new WebrtcClient(
      parse("webrtcbin name=pc bundle-policy=max-bundle fakesrc num-buffers=0 ! fakesink")));
  const auto add = [&](const std::string& caps, unsigned count) {
    const auto parsed = adopt(gst_caps_from_string(caps.c_str()));
    for (unsigned i = 0; i < count; ++i) {
      GstWebRTCRTPTransceiver* transceiver = nullptr;
      g_signal_emit_by_name(client->webrtcbin_.get(), "add-transceiver",
                            GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, parsed.get(),
                            &transceiver);
      const auto given = adopt(transceiver);
    }
  };
  add("application/"
      "x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2",
      audio);
  const std::string format =
      codec == "H264" ? ",packetization-mode=(string)1,profile-level-id=(string)42e01f" : "";
  add("application/x-rtp,media=video,payload=96,clock-rate=90000,encoding-name=" + codec + format,
      video);
  return client;
}

void WebrtcClient::use_loopback() {
  GObject* raw = nullptr;
  g_object_get(webrtcbin_.get(), "ice-agent", &raw, nullptr);
  const auto ice = adopt(raw);
  gboolean added = FALSE;
  g_signal_emit_by_name(ice.get(), "add-local-ip-address", "127.0.0.1", &added);
  ASSERT_TRUE(added);
  GObject* nice_raw = nullptr;
  g_object_get(ice.get(), "agent", &nice_raw, nullptr);
  const auto nice = adopt(nice_raw);
  g_object_set(nice.get(), "upnp", FALSE, "ice-tcp", FALSE, nullptr);
}

bool WebrtcClient::wait_for(const char* property, int value) {
  std::unique_lock hold(mutex_);
  return changed_.wait_for(hold, kPatience, [&] {
    int present = -1;
    g_object_get(webrtcbin_.get(), property, &present, nullptr);
    return present == value;
  });
}

bool WebrtcClient::connects() {
  return wait_for("connection-state", GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED);
}

void WebrtcClient::repair() {
  GArray* raw = nullptr;
  g_signal_emit_by_name(webrtcbin_.get(), "get-transceivers", &raw);
  for (guint i = 0; i < raw->len; ++i)
    g_object_set(g_array_index(raw, GstWebRTCRTPTransceiver*, i), "do-nack", TRUE, nullptr);
  g_array_unref(raw);
}

namespace {

bool knows_what_it_sends(GstElement* webrtcbin) {
  const GstElementForeachPadFunc has_caps = [](GstElement*, GstPad* pad, gpointer) -> gboolean {
    const auto source = adopt(gst_pad_get_peer(pad));
    const auto caps = adopt(source ? gst_pad_get_current_caps(source.get()) : nullptr);
    return caps && gst_structure_has_field(gst_caps_get_structure(caps.get(), 0), "ssrc");
  };
  return webrtcbin->numsinkpads == 0 ||
         gst_element_foreach_sink_pad(webrtcbin, has_caps, nullptr) != FALSE;
}

}  // namespace

std::string WebrtcClient::offer() {
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  // Else it names no SSRC, and gives the payload type of the sound to the video's retransmissions.
  for (int i = 0; i < 500 && !knows_what_it_sends(webrtcbin_.get()); ++i) g_usleep(10'000);
  const auto created = adopt(gst_promise_new());
  g_signal_emit_by_name(webrtcbin_.get(), "create-offer", nullptr, created.get());
  gst_promise_wait(created.get());
  GstWebRTCSessionDescription* raw = nullptr;
  gst_structure_get(gst_promise_get_reply(created.get()), "offer",
                    GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &raw, nullptr);
  const Description offer(raw, gst_webrtc_session_description_free);
  const auto set = adopt(gst_promise_new());
  g_signal_emit_by_name(webrtcbin_.get(), "set-local-description", offer.get(), set.get());
  gst_promise_wait(set.get());
  EXPECT_TRUE(wait_for("ice-gathering-state", GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE));
  GstWebRTCSessionDescription* local_raw = nullptr;
  g_object_get(webrtcbin_.get(), "local-description", &local_raw, nullptr);
  const Description local(local_raw, gst_webrtc_session_description_free);
  const auto text = own(gst_sdp_message_as_text(local->sdp));
  return text.get();
}

void WebrtcClient::accept(const std::string& answer) {
  GstSDPMessage* message = nullptr;
  ASSERT_EQ(gst_sdp_message_new_from_text(answer.c_str(), &message), GST_SDP_OK);
  const Description description(
      gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message),
      gst_webrtc_session_description_free);
  const auto set = adopt(gst_promise_new());
  g_signal_emit_by_name(webrtcbin_.get(), "set-remote-description", description.get(), set.get());
  gst_promise_wait(set.get());
  const auto* reply = gst_promise_get_reply(set.get());
  EXPECT_FALSE(reply && gst_structure_has_field(reply, "error")) << answer;
}

/// webrtcbin's streaming thread.
void WebrtcClient::on_pad(GstPad* pad) {
  if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) return;
  const auto caps = adopt(gst_pad_get_current_caps(pad));
  const auto* structure = gst_caps_get_structure(caps.get(), 0);
  const bool video = g_strcmp0(gst_structure_get_string(structure, "media"), "video") == 0;
  const auto codec = std::string(gst_structure_get_string(structure, "encoding-name"));
  const std::string decoder = !video            ? "rtpopusdepay ! opusdec"
                              : codec == "H264" ? "rtph264depay ! h264parse ! openh264dec"
                              : codec == "VP9"  ? "rtpvp9depay ! vp9dec"
                                                : "rtpvp8depay ! vp8dec";
  GError* problem = nullptr;
  auto bin = sink(gst_parse_bin_from_description(
      (decoder + (video ? " ! videoconvert ! video/x-raw,format=I420" : "") +
       " ! fakesink name=end signal-handoffs=true sync=false")
          .c_str(),
      TRUE, &problem));
  ASSERT_EQ(problem, nullptr);
  const auto end = adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "end"));
  GObject* raw = nullptr;
  g_object_get(pad, "transceiver", &raw, nullptr);
  const auto transceiver = adopt(raw);
  guint section = 0;
  g_object_get(transceiver.get(), "mlineindex", &section, nullptr);
  g_object_set_data(G_OBJECT(end.get()), "section", GUINT_TO_POINTER(section));
  g_signal_connect(end.get(), "handoff", G_CALLBACK(video ? on_frame : on_sound), this);
  gst_bin_add(GST_BIN(pipeline_.get()), GST_ELEMENT(gst_object_ref(bin.get())));
  gst_element_sync_state_with_parent(bin.get());
  const auto entry = adopt(gst_element_get_static_pad(bin.get(), "sink"));
  gst_pad_link(pad, entry.get());
}

void WebrtcClient::on_frame(GstElement* fakesink, GstBuffer* buffer, GstPad* pad, gpointer self) {
  auto& client = *static_cast<WebrtcClient*>(self);
  const auto section = GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(fakesink), "section"));
  const auto caps = adopt(gst_pad_get_current_caps(pad));
  GstVideoInfo info;
  GstVideoFrame frame;
  if (!gst_video_info_from_caps(&info, caps.get()) ||
      !gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ))
    return;
  const auto colour = colour_of(frame);
  gst_video_frame_unmap(&frame);
  const std::lock_guard hold(client.mutex_);
  ++client.pictures_[section][colour];
  client.changed_.notify_all();
}

void WebrtcClient::on_sound(GstElement*, GstBuffer*, GstPad*, gpointer self) {
  auto& client = *static_cast<WebrtcClient*>(self);
  const std::lock_guard hold(client.mutex_);
  ++client.sounds_;
  client.changed_.notify_all();
}

bool WebrtcClient::sees(unsigned section, Colour colour, unsigned count) {
  std::unique_lock hold(mutex_);
  const unsigned before = pictures_[section][colour];
  return changed_.wait_for(hold, kPatience,
                           [&] { return pictures_[section][colour] >= before + count; });
}

bool WebrtcClient::hears(unsigned count) {
  std::unique_lock hold(mutex_);
  const unsigned before = sounds_;
  return changed_.wait_for(hold, kPatience, [&] { return sounds_ >= before + count; });
}

unsigned WebrtcClient::frames() {
  const std::lock_guard hold(mutex_);
  unsigned sum = 0;
  for (const auto& [section, colours] : pictures_)
    for (const auto& [colour, count] : colours) sum += count;
  return sum;
}

}  // namespace rooms::test
