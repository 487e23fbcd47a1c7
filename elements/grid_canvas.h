// SPDX-License-Identifier: LGPL-2.1-or-later
// The picture of everybody. Only what changed since the last time is drawn again.
#pragma once

#include <gst/video/video.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elements/grid_input.h"
#include "elements/name_labels.h"
#include "elements/tile_painter.h"
#include "gst/core/layout/layout.h"
#include "gst/core/picture/planar_picture.h"
#include "gst/glue/ref.h"

namespace rooms {

struct TileContent {
  Tile tile;
  std::optional<GridFrame> frame;  // none: a placeholder with the name
  int letters = 0;                 // height of the caption, pixels; 0: none
};

struct CanvasStyle {
  Size size;
  std::uint32_t background = 0;  // 0xRRGGBB
  Ref<GstSample> picture;        // over the background, cropped to the canvas; null: none
  int border_width = 0;
  std::uint32_t border_colour = 0;
  bool operator==(const CanvasStyle&) const = default;
};

/// Of one thread.
class GridCanvas {
 public:
  struct Stats {
    std::uint64_t scaled = 0;  // tiles drawn from a frame
    std::uint64_t broken = 0;  // frames that could not be read
  };
  ~GridCanvas();

  /// In any order; drawn by z. False: the picture is what it was.
  bool draw(const CanvasStyle& style, std::vector<TileContent> tiles);
  /// A copy, of a size that `draw` was told.
  void write(GstVideoFrame& to) const;
  [[nodiscard]] Stats stats() const { return stats_; }

 private:
  struct Sheet {  // one I420 frame of ours
    Ref<GstBuffer> buffer;
    GstVideoFrame frame{};
    void make(const GstVideoInfo& info);
    void drop();
    [[nodiscard]] PictureView view() const;
  };
  void resize(Size size);
  void draw_background();
  bool same_arrangement(const std::vector<TileContent>& tiles) const;
  std::vector<bool> changed_tiles(const std::vector<TileContent>& tiles) const;
  void draw_tile(const TileContent& content);
  void draw_content(const TileContent& content, Sheet& sheet);
  void draw_name(const TileContent& content, const PictureView& to, bool placeholder);

  CanvasStyle style_;
  GstVideoInfo info_{};
  Sheet canvas_, background_, scratch_;
  std::vector<TileContent> drawn_;
  std::map<std::uint32_t, TilePainter> painters_;  // by input
  NameLabels labels_;
  Stats stats_;
};

/// What all canvases of that size are: I420, BT.601.
GstVideoInfo canvas_info(Size size);

}  // namespace rooms
