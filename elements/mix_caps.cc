// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/mix_caps.h"

namespace rooms {

std::optional<SampleFormat> format_of(const GstCaps* caps) {
  const auto* structure = gst_caps_get_structure(caps, 0);
  const char* samples = gst_structure_get_string(structure, "format");
  const char* layout = gst_structure_get_string(structure, "layout");
  int rate = 0;
  int channels = 0;
  if (!gst_structure_has_name(structure, "audio/x-raw") || !samples ||
      !gst_structure_get_int(structure, "rate", &rate) || rate != kMixRate ||
      !gst_structure_get_int(structure, "channels", &channels) || channels < 1 ||
      channels > static_cast<int>(kMixMaxChannels) ||
      (layout && !g_str_equal(layout, "interleaved")))
    return std::nullopt;
  SampleFormat format;
  format.channels = static_cast<unsigned>(channels);
  if (g_str_equal(samples, "S16LE")) {
    format.type = SampleFormat::Type::kS16;
  } else if (!g_str_equal(samples, "F32LE")) {
    return std::nullopt;
  }
  return format;
}

Ref<GstCaps> to_caps(SampleFormat format) {
  return adopt(gst_caps_new_simple("audio/x-raw", "format", G_TYPE_STRING,
                                   format.type == SampleFormat::Type::kS16 ? "S16LE" : "F32LE",
                                   "rate", G_TYPE_INT, static_cast<gint>(kMixRate), "channels",
                                   G_TYPE_INT, static_cast<gint>(format.channels), "layout",
                                   G_TYPE_STRING, "interleaved", nullptr));
}

}  // namespace rooms
