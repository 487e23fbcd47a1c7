// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/grid_canvas.h"

#include <algorithm>
#include <utility>

#include "gst/core/layout/placement.h"

namespace rooms {

namespace {

Plane plane_of(const GstVideoFrame& frame, guint index) {
  return {static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, index)),
          GST_VIDEO_FRAME_PLANE_STRIDE(&frame, index)};
}

PictureView view_of(const GstVideoFrame& frame) {
  return {{GST_VIDEO_FRAME_WIDTH(&frame), GST_VIDEO_FRAME_HEIGHT(&frame)},
          plane_of(frame, 0),
          plane_of(frame, 1),
          plane_of(frame, 2)};
}

Rectangle all_of(Size size) { return {0, 0, size.width, size.height}; }

std::uint64_t serial_of(const TileContent& content) {
  return content.frame ? content.frame->serial : 0;
}

/// Whether what lies below shows.
bool covers(const TileContent& content) {
  if (content.tile.alpha < 1) return false;
  return !content.frame ||
         placement_of(*content.frame->info, content.tile).target == content.tile.where;
}

}  // namespace

GstVideoInfo canvas_info(Size size) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, static_cast<guint>(size.width),
                            static_cast<guint>(size.height));
  gst_video_colorimetry_from_string(&info.colorimetry, GST_VIDEO_COLORIMETRY_BT601);
  return info;
}

void GridCanvas::Sheet::make(const GstVideoInfo& info) {
  drop();
  buffer = adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
  const bool mapped = gst_video_frame_map(&frame, &info, buffer.get(),
                                          static_cast<GstMapFlags>(GST_MAP_READ | GST_MAP_WRITE));
  g_assert(mapped);
}

void GridCanvas::Sheet::drop() {
  if (!buffer) return;
  gst_video_frame_unmap(&frame);
  buffer = nullptr;
}

PictureView GridCanvas::Sheet::view() const { return view_of(frame); }

GridCanvas::~GridCanvas() {
  for (auto* sheet : {&canvas_, &background_, &scratch_}) sheet->drop();
}

void GridCanvas::resize(Size size) {
  info_ = canvas_info(size);
  for (auto* sheet : {&canvas_, &background_, &scratch_}) sheet->make(info_);
}

void GridCanvas::draw_background() {
  fill(background_.view(), all_of(style_.size), colour_of(style_.background));
  if (!style_.picture) return;
  auto info = std::make_shared<GstVideoInfo>();
  if (!gst_video_info_from_caps(info.get(), gst_sample_get_caps(style_.picture.get()))) return;
  const GridFrame picture{share(gst_sample_get_buffer(style_.picture.get())), info, {}, 1};
  Tile whole;
  whole.where = all_of(style_.size);
  TilePainter().draw(picture, background_.frame, placement_of(*info, whole));
}

bool GridCanvas::same_arrangement(const std::vector<TileContent>& tiles) const {
  return std::ranges::equal(tiles, drawn_, [](const auto& a, const auto& b) {
    const bool same_kind = a.frame.has_value() == b.frame.has_value() &&
                           (!a.frame || a.frame->info == b.frame->info ||
                            gst_video_info_is_equal(a.frame->info.get(), b.frame->info.get()));
    return same_kind && a.tile == b.tile && a.letters == b.letters;
  });
}

/// Those with a new frame, and all that overlap them above or below.
std::vector<bool> GridCanvas::changed_tiles(const std::vector<TileContent>& tiles) const {
  std::vector<bool> changed(tiles.size());
  std::vector<std::size_t> spread;
  const auto mark = [&](std::size_t i) {
    changed[i] = true;
    spread.push_back(i);
  };
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    if (serial_of(tiles[i]) != serial_of(drawn_[i])) mark(i);
  }
  while (!spread.empty()) {
    const auto& where = tiles[spread.back()].tile.where;
    spread.pop_back();
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      if (!changed[i] && tiles[i].tile.where.overlaps(where)) mark(i);
    }
  }
  return changed;
}

bool GridCanvas::draw(const CanvasStyle& style, std::vector<TileContent> tiles) {
  std::ranges::stable_sort(tiles, {}, [](const TileContent& content) { return content.tile.z; });
  const bool all = !(style == style_) || !canvas_.buffer || !same_arrangement(tiles);
  if (!(style == style_) || !canvas_.buffer) {
    if (style.size != style_.size || !canvas_.buffer) resize(style.size);
    style_ = style;
    draw_background();
  }
  const auto changed = all ? std::vector<bool>(tiles.size(), true) : changed_tiles(tiles);
  if (all) copy(background_.view(), canvas_.view(), all_of(style_.size));
  for (std::size_t i = 0; !all && i < tiles.size(); ++i) {
    if (changed[i] && !covers(tiles[i]))
      copy(background_.view(), canvas_.view(), tiles[i].tile.where);
  }
  bool any = all;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    if (!changed[i]) continue;
    draw_tile(tiles[i]);
    any = true;
  }
  if (all) {
    labels_.forget_unused();
    std::erase_if(painters_, [&](const auto& entry) {
      return std::ranges::none_of(
          tiles, [&](const auto& content) { return content.tile.input == entry.first; });
    });
  }
  drawn_ = std::move(tiles);
  return any;
}

void GridCanvas::draw_tile(const TileContent& content) {
  const auto& tile = content.tile;
  if (tile.alpha >= 1) return draw_content(content, canvas_);
  copy(canvas_.view(), scratch_.view(), tile.where);
  draw_content(content, scratch_);
  mix(scratch_.view(), canvas_.view(), tile.where, tile.alpha);
}

void GridCanvas::draw_content(const TileContent& content, Sheet& sheet) {
  const auto& tile = content.tile;
  bool placeholder = !content.frame;
  if (content.frame) {
    auto& painter = painters_[tile.input.value_or(0)];
    placeholder =
        !painter.draw(*content.frame, sheet.frame, placement_of(*content.frame->info, tile));
    ++(placeholder ? stats_.broken : stats_.scaled);
  }
  if (placeholder) fill(sheet.view(), tile.where, colour_of(colour_of_name(tile.name)));
  draw_name(content, sheet.view(), placeholder);
  if (tile.border)
    outline(sheet.view(), tile.where, style_.border_width, colour_of(style_.border_colour));
}

void GridCanvas::draw_name(const TileContent& content, const PictureView& to, bool placeholder) {
  const auto& where = content.tile.where;
  if (content.tile.name.empty() || (!placeholder && content.letters == 0)) return;
  if (placeholder) {
    const auto& label = labels_.get(content.tile.name, NameLabels::Style::kPlaceholder,
                                    where.height / 8, where.width * 9 / 10);
    label.draw(to, where, even(where.x + (where.width - label.size().width) / 2),
               even(where.y + (where.height - label.size().height) / 2), 1);
    return;
  }
  const int margin = even(std::max(2, where.height / 40)) + even(style_.border_width);
  const auto& label = labels_.get(content.tile.name, NameLabels::Style::kCaption, content.letters,
                                  where.width - 2 * margin);
  label.draw(to, where, where.x + margin, where.bottom() - margin - label.size().height, 1);
}

void GridCanvas::write(GstVideoFrame& to) const {
  copy(canvas_.view(), view_of(to), all_of(style_.size));
}

}  // namespace rooms
