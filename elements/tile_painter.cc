// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/tile_painter.h"

#include <cstdint>

namespace rooms {

namespace {

/// Between two matrices of YUV nothing is converted: it would cost four times the scaling, and what
/// decoders say is often a guess from the size of the picture. RGB and full range are.
GstVideoInfo without_matrix(GstVideoInfo info, const GstVideoInfo& canvas) {
  if (GST_VIDEO_INFO_IS_YUV(&info) && info.colorimetry.range == canvas.colorimetry.range) {
    info.colorimetry = canvas.colorimetry;
    info.chroma_site = canvas.chroma_site;
  }
  // Fields and views are taken as they lie in memory.
  info.interlace_mode = canvas.interlace_mode;
  info.fps_n = canvas.fps_n;
  info.fps_d = canvas.fps_d;
  return info;
}

/// The converter reads two bytes at a time where it halves, and may crash on an odd address.
bool is_aligned(const GstVideoFrame& frame) {
  for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(&frame); ++plane) {
    const auto address =
        reinterpret_cast<std::uintptr_t>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane));
    if (address % 2 || GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane) % 2) return false;
  }
  return true;
}

}  // namespace

Placement placement_of(const GstVideoInfo& info, const Tile& tile) {
  return place({{info.width, info.height}, info.par_n, info.par_d}, tile.where, tile.fit);
}

bool TilePainter::prepare(const GstVideoInfo& from, const GstVideoInfo& canvas,
                          const Placement& placement) {
  if (converter_ && placement == placement_ && gst_video_info_is_equal(&from, &from_) &&
      gst_video_info_is_equal(&canvas, &canvas_))
    return true;
  from_ = from;
  canvas_ = canvas;
  placement_ = placement;
  const auto& [source, target] = placement;
  auto* options = gst_structure_new(
      "videogrid", GST_VIDEO_CONVERTER_OPT_SRC_X, G_TYPE_INT, source.x,
      GST_VIDEO_CONVERTER_OPT_SRC_Y, G_TYPE_INT, source.y, GST_VIDEO_CONVERTER_OPT_SRC_WIDTH,
      G_TYPE_INT, source.width, GST_VIDEO_CONVERTER_OPT_SRC_HEIGHT, G_TYPE_INT, source.height,
      GST_VIDEO_CONVERTER_OPT_DEST_X, G_TYPE_INT, target.x, GST_VIDEO_CONVERTER_OPT_DEST_Y,
      G_TYPE_INT, target.y, GST_VIDEO_CONVERTER_OPT_DEST_WIDTH, G_TYPE_INT, target.width,
      GST_VIDEO_CONVERTER_OPT_DEST_HEIGHT, G_TYPE_INT, target.height,
      GST_VIDEO_CONVERTER_OPT_FILL_BORDER, G_TYPE_BOOLEAN, FALSE,
      GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD, GST_TYPE_VIDEO_RESAMPLER_METHOD,
      GST_VIDEO_RESAMPLER_METHOD_LINEAR, nullptr);
  const auto input = without_matrix(from, canvas);
  converter_.reset(gst_video_converter_new(&input, &canvas, options));
  return converter_ != nullptr;
}

bool TilePainter::draw(const GridFrame& frame, GstVideoFrame& canvas, const Placement& placement) {
  if (!prepare(*frame.info, canvas.info, placement)) return false;
  GstVideoFrame picture;
  if (!gst_video_frame_map(&picture, frame.info.get(), frame.buffer.get(), GST_MAP_READ))
    return false;
  const bool readable = is_aligned(picture);
  if (readable) gst_video_converter_frame(converter_.get(), &picture, &canvas);
  gst_video_frame_unmap(&picture);
  return readable;
}

}  // namespace rooms
