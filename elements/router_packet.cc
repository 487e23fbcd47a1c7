// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/router_packet.h"

#include <cstring>
#include <string_view>

namespace rooms {
namespace {

MediaKind kind_named(const char* media) {
  const std::string_view name = media ? media : "";
  if (name == "audio") return MediaKind::kAudio;
  if (name == "video") return MediaKind::kVideo;
  return MediaKind::kApplication;
}

/// RFC 3551 6: of the payload types with a fixed meaning, those we carry.
Codec static_codec(int payload_type) {
  switch (payload_type) {
    case 0:
      return Codec::kPcmu;
    case 8:
      return Codec::kPcma;
    case 9:
      return Codec::kG722;
    default:
      return Codec::kUnknown;
  }
}

/// The id in "extmap-7"; the value is the URI, or an array of direction, URI and attributes.
gboolean note_descriptor(GQuark field, const GValue* value, gpointer id) {
  const char* name = g_quark_to_string(field);
  if (!g_str_has_prefix(name, "extmap-")) return TRUE;
  const GValue* uri = value;
  if (GST_VALUE_HOLDS_ARRAY(value) && gst_value_array_get_size(value) > 1)
    uri = gst_value_array_get_value(value, 1);
  const char* text = G_VALUE_HOLDS_STRING(uri) ? g_value_get_string(uri) : nullptr;
  guint64 number = 0;
  if (text && extension_with_uri(text) == Extension::kDependencyDescriptor &&
      g_ascii_string_to_unsigned(name + strlen("extmap-"), 10, 1, 255, &number, nullptr))
    *static_cast<std::uint8_t*>(id) = static_cast<std::uint8_t>(number);
  return TRUE;
}

/// RFC 5576 attributes ("ssrc-1234-cname") speak of the source's SSRC.
gboolean keep(GQuark field, GValue* /*value*/, gpointer /*data*/) {
  return !g_str_has_prefix(g_quark_to_string(field), "ssrc-");
}

}  // namespace

std::shared_ptr<const InputFormat> read_format(GstCaps* caps) {
  auto format = std::make_shared<InputFormat>();
  format->caps = share(caps);
  const GstStructure* fields = gst_caps_get_structure(caps, 0);
  EncodingFormat& encoding = format->encoding;
  encoding.kind = kind_named(gst_structure_get_string(fields, "media"));

  const char* name = gst_structure_get_string(fields, "encoding-name");
  int payload_type = -1;
  gst_structure_get_int(fields, "payload", &payload_type);
  encoding.codec = name ? codec_named(name) : static_codec(payload_type);
  if (const auto* profile = profile_of(encoding.codec)) {
    encoding.kind = profile->kind;
    encoding.clock_rate = profile->clock_rate;
  }
  gst_structure_foreach(fields, note_descriptor, &format->descriptor_id);
  int clock_rate = 0;
  if (gst_structure_get_int(fields, "clock-rate", &clock_rate) && clock_rate > 0) {
    encoding.clock_rate = static_cast<std::uint32_t>(clock_rate);
  }
  return format;
}

Ref<GstCaps> outgoing_caps(const InputFormat& format, std::uint32_t ssrc) {
  auto caps = adopt(gst_caps_copy(format.caps.get()));
  GstStructure* fields = gst_caps_get_structure(caps.get(), 0);
  gst_structure_filter_and_map_in_place(fields, keep, nullptr);
  gst_structure_remove_fields(fields, "timestamp-offset", "seqnum-offset", "clock-base",
                              "seqnum-base", "npt-start", "npt-stop", "play-speed", "play-scale",
                              nullptr);
  gst_structure_set(fields, "ssrc", G_TYPE_UINT, ssrc, nullptr);
  return caps;
}

}  // namespace rooms
