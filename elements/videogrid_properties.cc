// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/videogrid_properties.h"

#include <optional>
#include <utility>

#include "elements/picture_file.h"
#include "elements/videogrid_impl.h"
#include "gst/glue/layout_json.h"

namespace rooms {

namespace {

enum Property {
  kLayout = 1,
  kLayoutJson,
  kWidth,
  kHeight,
  kFramerate,
  kFit,
  kGap,
  kSpeaker,
  kCaptions,
  kBackground,
  kBorderColour,
  kBorderWidth,
  kAnimationDuration,
  kEasing,
  kHoldTime,
  kLatency,
  kIgnoreEos,
  kLastError,
  kStats
};

GType enum_type(const char* name, const GEnumValue* values) {
  const auto type = g_enum_register_static(name, values);
  gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  return type;
}

GType layout_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(LayoutKind::kGrid), "All alike", "grid"},
      {static_cast<int>(LayoutKind::kSpeaker), "The speaker large, others in a strip below",
       "speaker"},
      {static_cast<int>(LayoutKind::kPip), "The speaker, others as small pictures over it", "pip"},
      {static_cast<int>(LayoutKind::kSideBySide), "Two halves", "side-by-side"},
      {static_cast<int>(LayoutKind::kCustom), "As layout-json says; grid until that is set",
       "custom"},
      {0, nullptr, nullptr}};
  static const GType type = enum_type("SfuVideoGridLayout", values);
  return type;
}

GType fit_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(Fit::kCrop), "Fill the tile, cut what stands out", "crop"},
      {static_cast<int>(Fit::kWhole), "Show all, with background beside it", "whole"},
      {0, nullptr, nullptr}};
  static const GType type = enum_type("SfuVideoGridFit", values);
  return type;
}

GType easing_type() {
  static const GEnumValue values[] = {
      {static_cast<int>(Easing::kLinear), "Always as fast", "linear"},
      {static_cast<int>(Easing::kSmooth), "From rest to rest", "smooth"},
      {0, nullptr, nullptr}};
  static const GType type = enum_type("SfuVideoGridEasing", values);
  return type;
}

VideoGrid& grid_of(GObject* object) { return *SFU_VIDEO_GRID(object)->impl; }

Duration duration_of(const GValue* value) {
  return Duration(static_cast<std::int64_t>(g_value_get_uint64(value)));
}

/// Keeps why a value was refused, or that it is good now.
void remember(GObject* object, GParamSpec* spec, const Status& status) {
  auto& grid = grid_of(object);
  grid.refused.with([&](auto& refused) {
    refused.erase(spec->name);
    if (!status) refused[spec->name] = status.error().message;
  });
  if (!status) {
    GST_ELEMENT_WARNING(object, LIBRARY, SETTINGS, ("%s", status.error().message.c_str()),
                        ("%s: %s", spec->name, status.error().code.c_str()));
  }
}

Status set_layout_json(GridSettings& settings, const char* text) {
  settings.layout_json = text ? text : "";
  settings.custom = nullptr;
  settings.picture = nullptr;
  if (settings.layout_json.empty()) return Done{};
  auto layout = parse_layout(settings.layout_json);
  if (!layout) return layout.error();
  if (!layout->background_picture.empty()) {
    auto picture = load_picture(layout->background_picture);
    if (!picture) return picture.error();
    settings.picture = std::move(*picture);
  }
  settings.custom = std::make_shared<const CustomLayout>(std::move(*layout));
  return Done{};
}

/// Values that may be refused. Nothing if `id` is not one of them.
std::optional<Status> set_checked(GridSettings& settings, guint id, const GValue* value) {
  switch (id) {
    case kLayoutJson:
      return set_layout_json(settings, g_value_get_string(value));
    case kWidth:
      settings.canvas.width = g_value_get_int(value);
      return check_canvas({settings.canvas.width, GridSettings{}.canvas.height});
    case kHeight:
      settings.canvas.height = g_value_get_int(value);
      return check_canvas({GridSettings{}.canvas.width, settings.canvas.height});
    case kFramerate:
      settings.fps_n = gst_value_get_fraction_numerator(value);
      settings.fps_d = gst_value_get_fraction_denominator(value);
      return check_framerate(settings.fps_n, settings.fps_d);
    default:
      return std::nullopt;
  }
}

bool set_plain(GridSettings& settings, guint id, const GValue* value) {
  switch (id) {
    case kLayout:
      settings.layout = static_cast<LayoutKind>(g_value_get_enum(value));
      return true;
    case kFit:
      settings.fit = static_cast<Fit>(g_value_get_enum(value));
      return true;
    case kGap:
      settings.gap = g_value_get_int(value);
      return true;
    case kSpeaker:
      settings.speaker = g_value_get_string(value) ? g_value_get_string(value) : "";
      return true;
    case kCaptions:
      settings.captions = g_value_get_boolean(value);
      return true;
    case kBackground:
      settings.background = g_value_get_uint(value);
      return true;
    case kBorderColour:
      settings.border_colour = g_value_get_uint(value);
      return true;
    case kBorderWidth:
      settings.border_width = g_value_get_int(value);
      return true;
    case kAnimationDuration:
      settings.animation = duration_of(value);
      return true;
    case kEasing:
      settings.easing = static_cast<Easing>(g_value_get_enum(value));
      return true;
    case kHoldTime:
      settings.hold = duration_of(value);
      return true;
    case kLatency:
      settings.latency = duration_of(value);
      return true;
    case kIgnoreEos:
      settings.ignore_eos = g_value_get_boolean(value);
      return true;
    default:
      return false;
  }
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto& mixer = grid_of(object).mixer;
  // What takes long, reading a picture, is done before anybody has to wait for it.
  auto checked = mixer.settings();
  const auto status = set_checked(checked, id, value);
  if (status) {
    remember(object, spec, *status);
    if (!*status) return;
  }
  const auto resized = mixer.change_settings([&](GridSettings& settings) {
    if (id == kLayoutJson) {
      settings.layout_json = checked.layout_json;
      settings.custom = checked.custom;
      settings.picture = checked.picture;
    } else if (status) {
      (void)set_checked(settings, id, value);
    } else if (!set_plain(settings, id, value)) {
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
  });
  tell_resized(GST_ELEMENT(object), resized);
  if (id == kLatency || id == kFramerate)  // half a frame is part of it
    gst_element_post_message(GST_ELEMENT(object), gst_message_new_latency(GST_OBJECT(object)));
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const auto& grid = grid_of(object);
  const auto settings = grid.mixer.settings();
  const auto nanoseconds = [](Duration d) { return static_cast<guint64>(d.count()); };
  switch (id) {
    case kLayout:
      return g_value_set_enum(value, static_cast<int>(settings.layout));
    case kLayoutJson:
      return g_value_set_string(value, settings.layout_json.c_str());
    case kWidth:
      return g_value_set_int(value, settings.canvas.width);
    case kHeight:
      return g_value_set_int(value, settings.canvas.height);
    case kFramerate:
      return gst_value_set_fraction(value, settings.fps_n, settings.fps_d);
    case kFit:
      return g_value_set_enum(value, static_cast<int>(settings.fit));
    case kGap:
      return g_value_set_int(value, settings.gap);
    case kSpeaker:
      return g_value_set_string(value, settings.speaker.c_str());
    case kCaptions:
      return g_value_set_boolean(value, settings.captions);
    case kBackground:
      return g_value_set_uint(value, settings.background);
    case kBorderColour:
      return g_value_set_uint(value, settings.border_colour);
    case kBorderWidth:
      return g_value_set_int(value, settings.border_width);
    case kAnimationDuration:
      return g_value_set_uint64(value, nanoseconds(settings.animation));
    case kEasing:
      return g_value_set_enum(value, static_cast<int>(settings.easing));
    case kHoldTime:
      return g_value_set_uint64(value, nanoseconds(settings.hold));
    case kLatency:
      return g_value_set_uint64(value, nanoseconds(settings.latency));
    case kIgnoreEos:
      return g_value_set_boolean(value, settings.ignore_eos);
    case kLastError:
      return g_value_set_string(value, refusals(grid).c_str());
    case kStats:
      return g_value_take_boxed(value, grid.mixer.stats().release());
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING);
constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

void install_picture(GObjectClass* object) {
  const GridSettings defaults;
  const auto install = [object](guint id, GParamSpec* spec) {
    g_object_class_install_property(object, id, spec);
  };
  install(kLayout, g_param_spec_enum("layout", "Layout", "Where inputs are", layout_type(),
                                     static_cast<int>(defaults.layout), kSetting));
  install(
      kLayoutJson,
      g_param_spec_string("layout-json", "Layout JSON",
                          "Rectangles of layout=custom: {\"tiles\": [{x, y, width, height as "
                          "fractions; participant: caption of a pad, speaker: true or slot: n; z, "
                          "alpha, fit, caption, border}], background: {color, "
                          "picture}, border: {color, width}, canvas: {width, height}}; x .. height "
                          "are pixels of a canvas if there is one",
                          "", kSetting));
  // As wide as int: who sets what is not possible shall get a sentence, not a silent limit.
  install(kWidth, g_param_spec_int("width", "Width", "Of the output, pixels: even, 16 to 4096",
                                   G_MININT, G_MAXINT, defaults.canvas.width, kSetting));
  install(kHeight, g_param_spec_int("height", "Height", "Of the output, pixels: even, 16 to 4096",
                                    G_MININT, G_MAXINT, defaults.canvas.height, kSetting));
  install(kFramerate, gst_param_spec_fraction(
                          "framerate", "Frame rate", "Of the output, frames per second: up to 120",
                          0, 1, G_MAXINT, 1, defaults.fps_n, defaults.fps_d, kSetting));
  install(kFit, g_param_spec_enum("fit", "Fit", "Pictures of another shape than their tile",
                                  fit_type(), static_cast<int>(defaults.fit), kSetting));
  install(kGap,
          g_param_spec_int("gap", "Gap", "Pixels between tiles", 0, 256, defaults.gap, kSetting));
  install(kSpeaker, g_param_spec_string("speaker", "Speaker",
                                        "Name of the sink pad of who speaks; empty: nobody, and "
                                        "layouts take the first input",
                                        "", kSetting));
  install(kCaptions, g_param_spec_boolean("captions", "Captions", "Names in the tiles",
                                          defaults.captions, kSetting));
  install(kBackground, g_param_spec_uint("background", "Background", "Colour, 0xRRGGBB", 0,
                                         0xFFFFFF, defaults.background, kSetting));
  install(kBorderColour,
          g_param_spec_uint("border-color", "Border colour", "Of the speaker's border, 0xRRGGBB", 0,
                            0xFFFFFF, defaults.border_colour, kSetting));
  install(kBorderWidth, g_param_spec_int("border-width", "Border width",
                                         "Of the speaker's border, pixels; 0: none", 0, 64,
                                         defaults.border_width, kSetting));
}

void install_time(GObjectClass* object) {
  const GridSettings defaults;
  const auto install = [object](guint id, GParamSpec* spec) {
    g_object_class_install_property(object, id, spec);
  };
  const auto install_duration = [&](guint id, const char* name, const char* nick, const char* blurb,
                                    guint64 most, Duration standard) {
    install(id, g_param_spec_uint64(name, nick, blurb, 0, most,
                                    static_cast<guint64>(standard.count()), kSetting));
  };
  install_duration(kAnimationDuration, "animation-duration", "Animation duration",
                   "How long tiles move to a new layout, in nanoseconds; 0: at once",
                   10 * GST_SECOND, defaults.animation);
  install(kEasing, g_param_spec_enum("easing", "Easing", "How tiles move", easing_type(),
                                     static_cast<int>(defaults.easing), kSetting));
  install_duration(
      kHoldTime, "hold-time", "Hold time",
      "How long the last frame of an input that is silent is shown, in nanoseconds; then "
      "a placeholder",
      3600 * GST_SECOND, defaults.hold);
  install_duration(kLatency, "latency", "Latency",
                   "Time for frames to arrive beyond what upstream says it needs, in nanoseconds",
                   10 * GST_SECOND, defaults.latency);
  install(kIgnoreEos,
          g_param_spec_boolean("ignore-eos", "Ignore EOS", "Goes on when all inputs have ended",
                               defaults.ignore_eos, kSetting));
  install(kLastError, g_param_spec_string("last-error", "Last error",
                                          "Why values were refused and not yet corrected; empty: "
                                          "nothing is wrong",
                                          "", kFact));
  install(kStats,
          g_param_spec_boxed("stats", "Statistics",
                             "frames sent, of these repeated unchanged; skipped because it was too "
                             "late; tiles scaled, frames broken; average-time per frame in "
                             "nanoseconds; and for each sink pad a structure of its name: what it "
                             "shows (picture, placeholder, nothing), frames that came, were passed "
                             "over for newer ones, dropped by overflow; tile-width, tile-height",
                             GST_TYPE_STRUCTURE, kFact));
}

}  // namespace

std::string refusals(const VideoGrid& grid) {
  return grid.refused.with([](const auto& refused) {
    std::string text;
    for (const auto& [name, why] : refused) text += (text.empty() ? "" : " ") + why;
    return text;
  });
}

void install_grid_properties(GObjectClass* object) {
  object->set_property = set_property;
  object->get_property = get_property;
  install_picture(object);
  install_time(object);
}

}  // namespace rooms
