// SPDX-License-Identifier: LGPL-2.1-or-later
// Pixels of I420 pictures: filled, copied, mixed, and labels laid over them. Rectangles are even
// and within the pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gst/core/layout/geometry.h"

namespace rooms {

/// BT.601, limited range.
struct Colour {
  std::uint8_t y = 16;
  std::uint8_t u = 128;
  std::uint8_t v = 128;
  friend bool operator==(const Colour&, const Colour&) = default;
};
Colour colour_of(std::uint32_t rgb);  // 0xRRGGBB

struct Plane {
  std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;
};

/// Somebody else's memory. u and v have half the size both ways.
struct PictureView {
  Size size;
  Plane y;
  Plane u;
  Plane v;
};

void fill(const PictureView& to, const Rectangle& where, Colour colour);
/// From the same place of a picture of the same size.
void copy(const PictureView& from, const PictureView& to, const Rectangle& where);
/// As copy; `alpha` from 0 (nothing) to 1 (copy).
void mix(const PictureView& from, const PictureView& to, const Rectangle& where, double alpha);
/// A frame along the inner edge of `where`, `width` pixels thick.
void outline(const PictureView& to, const Rectangle& where, int width, Colour colour);

/// A small picture with an alpha of its own; even each way.
class Label {
 public:
  Label() = default;
  /// Of 32-bit pixels 0xAARRGGBB, colours multiplied by alpha, as cairo draws them. `stride` in
  /// bytes; an odd last row or column is left away.
  Label(std::span<const std::uint8_t> argb, Size size, std::size_t stride);

  [[nodiscard]] Size size() const { return size_; }
  /// With its top left corner at x, y (even); what stands over the edge of `within` is cut.
  void draw(const PictureView& to, const Rectangle& within, int x, int y, double alpha) const;

 private:
  Size size_;
  std::vector<std::uint8_t> y_, alpha_;            // one a pixel
  std::vector<std::uint8_t> u_, v_, alpha_small_;  // one for two by two
};

}  // namespace rooms
