// SPDX-License-Identifier: LGPL-2.1-or-later
// Sizes and rectangles in pixels. Tiles have even edges everywhere: I420 has one chroma sample for
// two pixels each way.
#pragma once

namespace rooms {

struct Size {
  int width = 0;
  int height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

struct Rectangle {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  [[nodiscard]] int right() const { return x + width; }
  [[nodiscard]] int bottom() const { return y + height; }
  [[nodiscard]] bool empty() const { return width <= 0 || height <= 0; }
  [[nodiscard]] bool overlaps(const Rectangle& other) const {
    return x < other.right() && other.x < right() && y < other.bottom() && other.y < bottom();
  }
  [[nodiscard]] bool inside(Size canvas) const {
    return x >= 0 && y >= 0 && right() <= canvas.width && bottom() <= canvas.height;
  }
  friend bool operator==(const Rectangle&, const Rectangle&) = default;
};

constexpr int even(int pixels) { return pixels & ~1; }

/// In the same proportions, and no larger than it is; 0: as it is.
constexpr Size scaled_to_height(Size size, int height) {
  if (height <= 0 || height >= size.height) return size;
  return {even((size.width * even(height) + size.height / 2) / size.height + 1), even(height)};
}

}  // namespace rooms
