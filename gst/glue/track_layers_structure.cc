// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/track_layers_structure.h"

#include <optional>

namespace rooms {
namespace {

constexpr const char* kTrackLayers = "application/x-sfu-track-layers";
constexpr guint kHighestLayer = LayerTarget::kAll;

std::optional<TrackLayer> layer_in(const GValue* value) {
  if (!GST_VALUE_HOLDS_STRUCTURE(value)) return std::nullopt;
  const auto* structure = gst_value_get_structure(value);
  const char* rid = gst_structure_get_string(structure, "rid");
  guint spatial = 0;
  guint temporal = 0;
  guint width = 0;
  guint height = 0;
  guint64 bitrate = 0;
  gboolean active = FALSE;
  if (!gst_structure_get(structure, "spatial", G_TYPE_UINT, &spatial, "temporal", G_TYPE_UINT,
                         &temporal, "width", G_TYPE_UINT, &width, "height", G_TYPE_UINT, &height,
                         "bitrate", G_TYPE_UINT64, &bitrate, "active", G_TYPE_BOOLEAN, &active,
                         nullptr))
    return std::nullopt;
  if (spatial > kHighestLayer || temporal > kHighestLayer) return std::nullopt;
  return TrackLayer{rid ? rid : "",
                    static_cast<std::uint8_t>(spatial),
                    static_cast<std::uint8_t>(temporal),
                    width,
                    height,
                    bitrate,
                    active != FALSE};
}

}  // namespace

Owned<GstStructure> to_structure(const std::vector<TrackLayer>& layers) {
  GValue list = G_VALUE_INIT;
  gst_value_array_init(&list, static_cast<guint>(layers.size()));
  for (const auto& layer : layers) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed(
        &value, gst_structure_new("layer", "rid", G_TYPE_STRING, layer.rid.c_str(), "spatial",
                                  G_TYPE_UINT, guint{layer.spatial}, "temporal", G_TYPE_UINT,
                                  guint{layer.temporal}, "width", G_TYPE_UINT, layer.width,
                                  "height", G_TYPE_UINT, layer.height, "bitrate", G_TYPE_UINT64,
                                  layer.bitrate, "active", G_TYPE_BOOLEAN, layer.active, nullptr));
    gst_value_array_append_and_take_value(&list, &value);
  }
  auto structure = own(gst_structure_new_empty(kTrackLayers));
  gst_structure_take_value(structure.get(), "layers", &list);
  return structure;
}

std::vector<TrackLayer> track_layers_in(const GstStructure* structure) {
  std::vector<TrackLayer> layers;
  if (!structure || !gst_structure_has_name(structure, kTrackLayers)) return layers;
  const auto* list = gst_structure_get_value(structure, "layers");
  if (!list || !GST_VALUE_HOLDS_ARRAY(list)) return layers;
  for (guint i = 0; i < gst_value_array_get_size(list); ++i)
    if (auto layer = layer_in(gst_value_array_get_value(list, i)))
      layers.push_back(std::move(*layer));
  return layers;
}

}  // namespace rooms
