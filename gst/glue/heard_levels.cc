// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/heard_levels.h"

#include <algorithm>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

constexpr const char* kAudioLevels = "application/x-sfu-audio-levels";

void append(GValue* array, GType type, guint64 number) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, type);
  if (type == G_TYPE_UINT64) {
    g_value_set_uint64(&value, number);
  } else {
    g_value_set_uint(&value, static_cast<guint>(number));
  }
  gst_value_array_append_and_take_value(array, &value);
}

const GValue* array_in(const GstStructure* structure, const char* field) {
  const auto* value = gst_structure_get_value(structure, field);
  return value && GST_VALUE_HOLDS_ARRAY(value) ? value : nullptr;
}

}  // namespace

Owned<GstStructure> to_structure(const std::vector<HeardLevel>& heard) {
  GValue times = G_VALUE_INIT;
  GValue levels = G_VALUE_INIT;
  gst_value_array_init(&times, static_cast<guint>(heard.size()));
  gst_value_array_init(&levels, static_cast<guint>(heard.size()));
  for (const auto& one : heard) {
    append(&times, G_TYPE_UINT64, to_gst(one.when));
    append(&levels, G_TYPE_UINT, one.level);
  }
  auto structure = own(gst_structure_new_empty(kAudioLevels));
  gst_structure_take_value(structure.get(), "times", &times);
  gst_structure_take_value(structure.get(), "levels", &levels);
  return structure;
}

std::vector<HeardLevel> heard_levels_in(const GstStructure* structure) {
  std::vector<HeardLevel> heard;
  if (!structure || !gst_structure_has_name(structure, kAudioLevels)) return heard;
  const auto* times = array_in(structure, "times");
  const auto* levels = array_in(structure, "levels");
  if (!times || !levels) return heard;
  const guint count = std::min(gst_value_array_get_size(times), gst_value_array_get_size(levels));
  for (guint i = 0; i < count; ++i) {
    const auto* time = gst_value_array_get_value(times, i);
    const auto* level = gst_value_array_get_value(levels, i);
    if (!G_VALUE_HOLDS_UINT64(time) || !G_VALUE_HOLDS_UINT(level)) continue;
    heard.push_back({Timestamp(Duration(static_cast<std::int64_t>(g_value_get_uint64(time)))),
                     static_cast<std::uint8_t>(std::min(g_value_get_uint(level), 127U))});
  }
  return heard;
}

}  // namespace rooms
