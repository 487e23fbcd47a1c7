// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/roomsink_properties.h"

#include <string>

namespace rooms {
namespace {

enum Property {
  kVideoCodec = rooms::kFirstOwnProperty,
  kSimulcast,
  kLayers,
  kBitrate,
  kMinBitrate,
  kMaxBitrate,
  kAudioBitrate,
  kSync,
  kEstimatedBitrate,
  kStats,
};

GType codec_type() {
  static const GEnumValue values[] = {{static_cast<int>(VideoEncoding::kVp8), "VP8", "vp8"},
                                      {static_cast<int>(VideoEncoding::kVp9), "VP9", "vp9"},
                                      {static_cast<int>(VideoEncoding::kH264), "H.264", "h264"},
                                      {0, nullptr, nullptr}};
  static const GType type = [] {
    const auto made = g_enum_register_static("SfuRoomSinkVideoCodec", values);
    gst_type_mark_as_plugin_api(made, static_cast<GstPluginAPIFlags>(0));
    return made;
  }();
  return type;
}

GstStructure* stats_of(const RoomPublisher& publisher) {
  auto* stats =
      gst_structure_new("application/x-room-sink-stats", "estimated-bitrate", G_TYPE_UINT,
                        static_cast<guint>(publisher.estimate().bits_per_second()), nullptr);
  for (const auto& input : publisher.inputs()) {
    auto* one = gst_structure_new("application/x-room-sink-input-stats", "packets-sent",
                                  G_TYPE_UINT64, input->packets_sent(), nullptr);
    const auto rates = input->bitrates();
    for (std::size_t i = 0; i < rates.size() && i < input->encoder_layers(); ++i)
      gst_structure_set(one, ("layer-" + std::to_string(i)).c_str(), G_TYPE_UINT,
                        static_cast<guint>(rates[i].bits_per_second()), nullptr);
    gst_structure_set(stats, input->name().c_str(), GST_TYPE_STRUCTURE, one, nullptr);
    gst_structure_free(one);
  }
  return stats;
}

}  // namespace

RoomPublisher::Settings RoomSinkParts::settings() {
  return own.with([](const Own& known) {
    auto copy = known.settings;
    copy.layers = known.simulcast ? known.layers : 1;
    return copy;
  });
}

bool RoomSinkParts::set(guint id, const GValue* value) {
  if (common.set(id, value)) return true;
  const auto rate = [&] { return DataRate::bits_per_second(g_value_get_uint(value)); };
  bool known_id = true;
  const bool bounds = own.with([&](Own& mine) {
    switch (id) {
      case kVideoCodec:
        mine.settings.encoding = static_cast<VideoEncoding>(g_value_get_enum(value));
        return false;
      case kSimulcast:
        mine.simulcast = g_value_get_boolean(value);
        return false;
      case kLayers:
        mine.layers = g_value_get_uint(value);
        return false;
      case kBitrate:
        mine.settings.first = rate();
        return false;
      case kMinBitrate:
        mine.settings.least = rate();
        return true;
      case kMaxBitrate:
        mine.settings.most = rate();
        return true;
      case kAudioBitrate:
        mine.settings.audio_bitrate = rate();
        return false;
      case kSync:
        mine.settings.sync = g_value_get_boolean(value);
        return false;
      default:
        known_id = false;
        return false;
    }
  });
  if (bounds) {
    const auto now = settings();
    publisher->set_bounds(now.least, now.most);
  }
  return known_id;
}

bool RoomSinkParts::get(guint id, GValue* value) {
  if (common.get(id, value)) return true;
  const auto mine = own.with([](const Own& known) { return known; });
  const auto set_rate = [&](DataRate rate) {
    g_value_set_uint(value, static_cast<guint>(rate.bits_per_second()));
  };
  switch (id) {
    case kVideoCodec:
      g_value_set_enum(value, static_cast<int>(mine.settings.encoding));
      return true;
    case kSimulcast:
      g_value_set_boolean(value, gboolean{mine.simulcast});
      return true;
    case kLayers:
      g_value_set_uint(value, mine.layers);
      return true;
    case kBitrate:
      set_rate(mine.settings.first);
      return true;
    case kMinBitrate:
      set_rate(mine.settings.least);
      return true;
    case kMaxBitrate:
      set_rate(mine.settings.most);
      return true;
    case kAudioBitrate:
      set_rate(mine.settings.audio_bitrate);
      return true;
    case kSync:
      g_value_set_boolean(value, gboolean{mine.settings.sync});
      return true;
    case kEstimatedBitrate:
      set_rate(publisher->estimate());
      return true;
    case kStats:
      g_value_take_boxed(value, stats_of(*publisher));
      return true;
    default:
      return false;
  }
}

void install_room_sink_properties(GObjectClass* object_class) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_READY);
  constexpr auto kLive = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                  GST_PARAM_MUTABLE_PLAYING);
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const RoomPublisher::Settings defaults;
  const auto install = [&](guint id, GParamSpec* spec) {
    g_object_class_install_property(object_class, id, spec);
  };
  const auto rate = [&](guint id, const char* name, const char* nick, const char* blurb,
                        DataRate standard, GParamFlags flags) {
    install(id, g_param_spec_uint(name, nick, blurb, 1000, G_MAXINT,
                                  static_cast<guint>(standard.bits_per_second()), flags));
  };
  install_client_properties(object_class, "http://host:8080/whip/ROOM or any other WHIP endpoint");
  install(kVideoCodec,
          g_param_spec_enum("video-codec", "Video codec",
                            "Of raw pictures; counts for pads that are requested afterwards",
                            codec_type(), static_cast<int>(VideoEncoding::kVp8), kSetting));
  install(kSimulcast,
          g_param_spec_boolean("simulcast", "Simulcast",
                               "Raw pictures in several sizes; counts for pads that are requested "
                               "afterwards",
                               FALSE, kSetting));
  install(kLayers,
          g_param_spec_uint("simulcast-layers", "Simulcast layers",
                            "How many sizes, each half as wide as the next", 2, 3, 3, kSetting));
  rate(
      kBitrate, "bitrate", "First bitrate",
      "Before anything is known of the line, and where the server tells nothing of it, in bit/s of "
      "all media together",
      defaults.first, kSetting);
  rate(kMinBitrate, "min-bitrate", "Least bitrate",
       "The estimate falls no lower, in bit/s of all media together", defaults.least, kLive);
  rate(kMaxBitrate, "max-bitrate", "Most bitrate",
       "What is sent if the line carries it, in bit/s of all media together", defaults.most, kLive);
  rate(kAudioBitrate, "audio-bitrate", "Audio bitrate",
       "Of each raw sound, in bit/s; counts for pads that are requested afterwards",
       defaults.audio_bitrate, kSetting);
  install(kSync,
          g_param_spec_boolean("sync", "Sync",
                               "Whether packets leave by the clock; counts for pads that are "
                               "requested afterwards",
                               TRUE, kSetting));
  rate(kEstimatedBitrate, "estimated-bitrate", "Estimated bitrate",
       "What the line carries, in bit/s, as twccbwe says", defaults.first, kFact);
  install(kStats, g_param_spec_boxed(
                      "stats", "Statistics",
                      "estimated-bitrate in bit/s; of each pad a structure with packets-sent "
                      "and, of a raw picture, layer-N: bit/s asked of the encoder, 0: not "
                      "encoded",
                      GST_TYPE_STRUCTURE, kFact));
}

}  // namespace rooms
