// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/name_labels.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <utility>

#include "gst/glue/ref.h"

namespace rooms {

namespace {

constexpr long kMostLetters = 64;
constexpr double kShade = 0.55;  // alpha behind a caption

struct CairoDeleter {
  void operator()(cairo_t* p) const { cairo_destroy(p); }
  void operator()(cairo_surface_t* p) const { cairo_surface_destroy(p); }
  void operator()(PangoFontDescription* p) const { pango_font_description_free(p); }
};
template <class T>
using Cairo = std::unique_ptr<T, CairoDeleter>;

/// Names come from anywhere: valid UTF-8, one line, not endless.
std::string printable(const std::string& name) {
  const auto valid = own(g_utf8_make_valid(name.data(), static_cast<gssize>(name.size())));
  const auto length = std::min(g_utf8_strlen(valid.get(), -1), kMostLetters);
  std::string text(valid.get(), static_cast<std::size_t>(
                                    g_utf8_offset_to_pointer(valid.get(), length) - valid.get()));
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

Cairo<cairo_surface_t> surface_of(int width, int height) {
  return Cairo<cairo_surface_t>(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height));
}

Ref<PangoLayout> layout_of(cairo_t* cairo, const std::string& text, int height, int width) {
  auto layout = adopt(pango_cairo_create_layout(cairo));
  const Cairo<PangoFontDescription> font(pango_font_description_new());
  pango_font_description_set_family_static(font.get(), "Sans");
  pango_font_description_set_absolute_size(font.get(), double{PANGO_SCALE} * height);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
  pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  pango_layout_set_width(layout.get(), width * PANGO_SCALE);
  pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
  return layout;
}

void rounded(cairo_t* cairo, double width, double height, double radius) {
  constexpr double kQuarter = std::numbers::pi / 2;
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, width - radius, radius, radius, -kQuarter, 0);
  cairo_arc(cairo, width - radius, height - radius, radius, 0, kQuarter);
  cairo_arc(cairo, radius, height - radius, radius, kQuarter, 2 * kQuarter);
  cairo_arc(cairo, radius, radius, radius, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(cairo);
}

Label draw(const std::string& name, NameLabels::Style style, int height, int width) {
  const auto text = printable(name);
  const int padding = style == NameLabels::Style::kCaption ? std::max(2, height / 3) : 0;
  const int letters = width - 2 * padding;
  if (text.empty() || letters < height) return {};

  const auto ruler = surface_of(1, 1);
  const Cairo<cairo_t> measure(cairo_create(ruler.get()));
  int text_width = 0;
  int text_height = 0;
  const auto measured = layout_of(measure.get(), text, height, letters);
  pango_layout_get_pixel_size(measured.get(), &text_width, &text_height);

  const Size size{even(text_width + 2 * padding + 1), even(text_height + padding + 1)};
  const auto surface = surface_of(size.width, size.height);
  const Cairo<cairo_t> cairo(cairo_create(surface.get()));
  if (padding > 0) {
    rounded(cairo.get(), size.width, size.height, padding);
    cairo_set_source_rgba(cairo.get(), 0, 0, 0, kShade);
    cairo_fill(cairo.get());
  }
  cairo_set_source_rgb(cairo.get(), 1, 1, 1);
  cairo_move_to(cairo.get(), padding, padding / 2.0);
  pango_cairo_show_layout(cairo.get(), layout_of(cairo.get(), text, height, letters).get());
  cairo_surface_flush(surface.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
  const auto* data = cairo_image_surface_get_data(surface.get());
  if (!data) return {};  // no memory
  return Label({data, stride * static_cast<std::size_t>(size.height)}, size, stride);
}

}  // namespace

const Label& NameLabels::get(const std::string& name, Style style, int height, int width) {
  // While a tile grows, not every pixel of it makes a new picture.
  height = std::max(8, even(height));
  width = std::max(8, width / 16 * 16);
  const auto key = std::tuple(name, style, height, width);
  auto found = entries_.find(key);
  if (found == entries_.end())
    found = entries_.emplace(key, Entry{draw(name, style, height, width)}).first;
  found->second.used = true;
  return found->second.label;
}

void NameLabels::forget_unused() {
  std::erase_if(entries_, [](const auto& entry) { return !entry.second.used; });
  for (auto& [key, entry] : entries_) entry.used = false;
}

void find_fonts() { (void)draw("Ag", NameLabels::Style::kCaption, 16, 256); }

std::uint32_t colour_of_name(const std::string& name) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  const double turn = hash % 360 / 360.0 * 2 * std::numbers::pi;
  const auto channel = [&](double shift) {
    return static_cast<std::uint32_t>(std::lround(64 + 28 * std::cos(turn + shift)));
  };
  constexpr double kThird = 2 * std::numbers::pi / 3;
  return channel(0) << 16 | channel(kThird) << 8 | channel(2 * kThird);
}

}  // namespace rooms
