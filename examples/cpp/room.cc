// SPDX-License-Identifier: LGPL-2.1-or-later
// A room in a program: two test pictures are its people, and what it mixes of them is counted.
//
//   meson setup build && ninja -C build && build/room [SECONDS]
//
// Real people come with an offer each, by whatever way you like:
//
//   char* answer = nullptr;
//   g_signal_emit_by_name(room, "add-participant", "ada", "Ada", &id);
//   g_signal_emit_by_name(room, "publish", "ada", offer, &answer);
//   g_signal_emit_by_name(room, "subscribe", "ada", offer, nullptr, &answer);
#include <gst/gst.h>

#include <atomic>
#include <cstdlib>

namespace {

std::atomic<int> pictures{0};

void on_track(GstElement*, const char* track, const char* participant, const char* kind,
              const char* /*label*/, const char* codec, gpointer) {
  g_print("%s sends %s: %s in %s\n", participant, track, kind, codec);
}

void on_picture(GstElement*, GstBuffer*, GstPad*, gpointer) { ++pictures; }

void name_pad(GstElement* room, const char* pad_name, const char* participant) {
  GstPad* pad = gst_element_get_static_pad(room, pad_name);
  g_object_set(pad, "participant", participant, nullptr);
  gst_object_unref(pad);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 10;
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(
      "roombin name=room udp-port=0 layout=side-by-side "
      "videotestsrc is-live=true ! video/x-raw,width=320,height=180 ! vp8enc deadline=1 ! "
      "room.sink_0 "
      "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180 ! "
      "vp8enc deadline=1 ! room.sink_1 "
      "room.mix_video ! fakesink name=out signal-handoffs=true sync=false",
      &error);
  if (!pipeline) {
    g_printerr("%s\n", error->message);
    g_clear_error(&error);
    return 1;
  }
  GstElement* room = gst_bin_get_by_name(GST_BIN(pipeline), "room");
  name_pad(room, "sink_0", "ada");
  name_pad(room, "sink_1", "bob");
  g_signal_connect(room, "track-added", G_CALLBACK(on_track), nullptr);
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  g_signal_connect(out, "handoff", G_CALLBACK(on_picture), nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);

  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* failure = gst_bus_timed_pop_filtered(bus, seconds * GST_SECOND, GST_MESSAGE_ERROR);
  if (failure) {
    gst_message_parse_error(failure, &error, nullptr);
    g_printerr("%s\n", error->message);
    g_clear_error(&error);
    gst_message_unref(failure);
  }
  g_print("%d pictures were mixed\n", pictures.load());
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(out);
  gst_object_unref(room);
  gst_object_unref(pipeline);
  return pictures > 10 && !failure ? 0 : 1;
}
