// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/frame_caps.h"

namespace rooms {
namespace {

Ref<GstCaps> picture_caps(const char* media_type, const StreamSetup& setup) {
  return adopt(gst_caps_new_simple(media_type, "width", G_TYPE_INT, int{setup.width}, "height",
                                   G_TYPE_INT, int{setup.height}, nullptr));
}

Ref<GstCaps> sound_caps(const char* media_type, const StreamSetup& setup) {
  return adopt(gst_caps_new_simple(media_type, "rate", G_TYPE_INT,
                                   static_cast<int>(setup.sample_rate), "channels", G_TYPE_INT,
                                   int{setup.channels}, nullptr));
}

void set_record(GstCaps* caps, const StreamSetup& setup) {
  if (setup.record.empty()) return;
  const auto record = adopt(gst_buffer_new_memdup(setup.record.data(), setup.record.size()));
  gst_caps_set_simple(caps, "codec_data", GST_TYPE_BUFFER, record.get(), nullptr);
}

}  // namespace

Ref<GstCaps> frame_caps(const StreamSetup& setup) {
  Ref<GstCaps> caps;
  switch (setup.codec) {
    case Codec::kH264:
      caps = picture_caps("video/x-h264", setup);
      gst_caps_set_simple(caps.get(), "stream-format", G_TYPE_STRING, "avc", "alignment",
                          G_TYPE_STRING, "au", nullptr);
      set_record(caps.get(), setup);
      return caps;
    case Codec::kVp8:
      return picture_caps("video/x-vp8", setup);
    case Codec::kVp9:
      caps = picture_caps("video/x-vp9", setup);
      gst_caps_set_simple(caps.get(), "alignment", G_TYPE_STRING, "super-frame", nullptr);
      return caps;
    case Codec::kAv1:
      caps = picture_caps("video/x-av1", setup);
      gst_caps_set_simple(caps.get(), "stream-format", G_TYPE_STRING, "obu-stream", "alignment",
                          G_TYPE_STRING, "tu", nullptr);
      return caps;
    case Codec::kOpus:
    case Codec::kRed:
      caps = sound_caps("audio/x-opus", setup);
      gst_caps_set_simple(caps.get(), "channel-mapping-family", G_TYPE_INT, 0, nullptr);
      return caps;
    case Codec::kAac:
      caps = sound_caps("audio/mpeg", setup);
      gst_caps_set_simple(caps.get(), "mpegversion", G_TYPE_INT, 4, "stream-format", G_TYPE_STRING,
                          "raw", "framed", G_TYPE_BOOLEAN, TRUE, nullptr);
      set_record(caps.get(), setup);
      return caps;
    case Codec::kPcmu:
      return sound_caps("audio/x-mulaw", setup);
    case Codec::kPcma:
      return sound_caps("audio/x-alaw", setup);
    case Codec::kG722:
      return sound_caps("audio/G722", setup);
    default:
      return nullptr;
  }
}

}  // namespace rooms
