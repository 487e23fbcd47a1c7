// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/picture/planar_picture.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace rooms {

namespace {

constexpr unsigned kOpaque = 256;

std::uint8_t* at(const Plane& plane, int x, int y) { return plane.data + y * plane.stride + x; }

/// Each plane with the rectangle in its own pixels.
template <class F>
void each_plane(const Rectangle& where, F&& f) {
  const Rectangle half{where.x / 2, where.y / 2, where.width / 2, where.height / 2};
  f(&PictureView::y, where);
  f(&PictureView::u, half);
  f(&PictureView::v, half);
}

std::uint8_t clamped(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

// BT.601 limited range in 1/256; 128 rounds. Black is {16, 128, 128}; `scale` brings 255 to that
// range for colours that are multiplied by an alpha already.
int luma(int r, int g, int b) { return (66 * r + 129 * g + 25 * b + 128) >> 8; }
int chroma_u(int r, int g, int b) { return (-38 * r - 74 * g + 112 * b + 128) >> 8; }
int chroma_v(int r, int g, int b) { return (112 * r - 94 * g - 18 * b + 128) >> 8; }

std::uint8_t over(std::uint8_t below, std::uint8_t premultiplied, unsigned alpha, unsigned share) {
  // below * (1 - alpha * share) + premultiplied * share, alpha of 255, share of 256
  const unsigned covered = alpha * share / 255;
  return static_cast<std::uint8_t>(
      std::min(255U, (below * (kOpaque - covered) + premultiplied * share + 128) >> 8));
}

}  // namespace

Colour colour_of(std::uint32_t rgb) {
  const int r = static_cast<int>(rgb >> 16 & 0xFF);
  const int g = static_cast<int>(rgb >> 8 & 0xFF);
  const int b = static_cast<int>(rgb & 0xFF);
  return {clamped(16 + luma(r, g, b)), clamped(128 + chroma_u(r, g, b)),
          clamped(128 + chroma_v(r, g, b))};
}

void fill(const PictureView& to, const Rectangle& where, Colour colour) {
  each_plane(where, [&](Plane PictureView::*plane, const Rectangle& part) {
    const auto value = plane == &PictureView::y   ? colour.y
                       : plane == &PictureView::u ? colour.u
                                                  : colour.v;
    for (int row = 0; row < part.height; ++row) {
      std::memset(at(to.*plane, part.x, part.y + row), value, static_cast<std::size_t>(part.width));
    }
  });
}

void copy(const PictureView& from, const PictureView& to, const Rectangle& where) {
  each_plane(where, [&](Plane PictureView::*plane, const Rectangle& part) {
    for (int row = part.y; row < part.bottom(); ++row) {
      std::memcpy(at(to.*plane, part.x, row), at(from.*plane, part.x, row),
                  static_cast<std::size_t>(part.width));
    }
  });
}

void mix(const PictureView& from, const PictureView& to, const Rectangle& where, double alpha) {
  const auto share = static_cast<unsigned>(std::lround(std::clamp(alpha, 0.0, 1.0) * kOpaque));
  if (share == 0) return;
  if (share == kOpaque) return copy(from, to, where);
  each_plane(where, [&](Plane PictureView::*plane, const Rectangle& part) {
    for (int row = part.y; row < part.bottom(); ++row) {
      const auto* source = at(from.*plane, part.x, row);
      auto* target = at(to.*plane, part.x, row);
      for (int i = 0; i < part.width; ++i) {
        target[i] = static_cast<std::uint8_t>(
            (source[i] * share + target[i] * (kOpaque - share) + 128) >> 8);
      }
    }
  });
}

void outline(const PictureView& to, const Rectangle& where, int width, Colour colour) {
  const int thick = std::min({even(width), even(where.width / 2), even(where.height / 2)});
  if (thick <= 0) return;
  fill(to, {where.x, where.y, where.width, thick}, colour);
  fill(to, {where.x, where.bottom() - thick, where.width, thick}, colour);
  fill(to, {where.x, where.y, thick, where.height}, colour);
  fill(to, {where.right() - thick, where.y, thick, where.height}, colour);
}

Label::Label(std::span<const std::uint8_t> argb, Size size, std::size_t stride)
    : size_{even(size.width), even(size.height)} {
  const auto width = static_cast<std::size_t>(size_.width);
  const auto height = static_cast<std::size_t>(size_.height);
  y_.resize(width * height);
  alpha_.resize(width * height);
  u_.resize(width * height / 4);
  v_.resize(width * height / 4);
  alpha_small_.resize(width * height / 4);
  struct Sum {
    int r = 0, g = 0, b = 0, a = 0;
  };
  std::vector<Sum> sums(width / 2);
  for (std::size_t row = 0; row < height; ++row) {
    if (row % 2 == 0) std::ranges::fill(sums, Sum{});
    for (std::size_t column = 0; column < width; ++column) {
      std::uint32_t pixel = 0;
      std::memcpy(&pixel, &argb[row * stride + column * 4], sizeof pixel);
      const int a = static_cast<int>(pixel >> 24);
      const int r = static_cast<int>(pixel >> 16 & 0xFF);
      const int g = static_cast<int>(pixel >> 8 & 0xFF);
      const int b = static_cast<int>(pixel & 0xFF);
      alpha_[row * width + column] = static_cast<std::uint8_t>(a);
      y_[row * width + column] = clamped(luma(r, g, b) + 16 * a / 255);
      auto& sum = sums[column / 2];
      sum = {sum.r + r, sum.g + g, sum.b + b, sum.a + a};
    }
    if (row % 2 == 0) continue;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const auto [r, g, b, a] = sums[i];
      const auto place = row / 2 * (width / 2) + i;
      alpha_small_[place] = static_cast<std::uint8_t>(a / 4);
      u_[place] = clamped(chroma_u(r / 4, g / 4, b / 4) + 128 * (a / 4) / 255);
      v_[place] = clamped(chroma_v(r / 4, g / 4, b / 4) + 128 * (a / 4) / 255);
    }
  }
}

void Label::draw(const PictureView& to, const Rectangle& within, int x, int y, double alpha) const {
  const int left = std::max(x, within.x);
  const int top = std::max(y, within.y);
  const Rectangle where{left, top, std::min(x + size_.width, within.right()) - left,
                        std::min(y + size_.height, within.bottom()) - top};
  const auto share = static_cast<unsigned>(std::lround(std::clamp(alpha, 0.0, 1.0) * kOpaque));
  if (where.empty() || share == 0) return;
  each_plane(where, [&](Plane PictureView::*plane, const Rectangle& part) {
    const bool full = plane == &PictureView::y;
    const auto& colours = full ? y_ : plane == &PictureView::u ? u_ : v_;
    const auto& alphas = full ? alpha_ : alpha_small_;
    const int divisor = full ? 1 : 2;
    const int stride = size_.width / divisor;
    for (int row = part.y; row < part.bottom(); ++row) {
      const auto first =
          static_cast<std::size_t>((row - y / divisor) * stride + part.x - x / divisor);
      auto* target = at(to.*plane, part.x, row);
      for (std::size_t i = 0; i < static_cast<std::size_t>(part.width); ++i) {
        target[i] = over(target[i], colours[first + i], alphas[first + i], share);
      }
    }
  });
}

}  // namespace rooms
