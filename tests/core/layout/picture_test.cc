// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "gst/core/picture/planar_picture.h"

namespace rooms {
namespace {

class Picture {
 public:
  Picture(int width, int height)
      : size_{width, height}, bytes_(static_cast<std::size_t>(width * height * 3 / 2)) {
    fill(view(), {0, 0, width, height}, {});
  }
  PictureView view() {
    auto* u = bytes_.data() + size_.width * size_.height;
    return {size_,
            {bytes_.data(), size_.width},
            {u, size_.width / 2},
            {u + size_.width * size_.height / 4, size_.width / 2}};
  }
  Colour at(int x, int y) {
    const auto v = view();
    return {v.y.data[y * v.y.stride + x], v.u.data[y / 2 * v.u.stride + x / 2],
            v.v.data[y / 2 * v.v.stride + x / 2]};
  }

 private:
  Size size_;
  std::vector<std::uint8_t> bytes_;
};

std::vector<std::uint8_t> argb(int count, std::uint32_t pixel) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count) * 4);
  for (int i = 0; i < count; ++i) std::memcpy(&bytes[static_cast<std::size_t>(i) * 4], &pixel, 4);
  return bytes;
}

constexpr Colour kWhite{235, 128, 128};

TEST(Picture, ColoursAreThoseOfBt601) {
  EXPECT_EQ(colour_of(0x000000), (Colour{16, 128, 128}));
  EXPECT_EQ(colour_of(0xFFFFFF), kWhite);
  EXPECT_EQ(colour_of(0xFF0000), (Colour{82, 90, 240}));
}

TEST(Picture, FillingAndOutliningTouchNothingElse) {
  Picture picture(16, 16);
  fill(picture.view(), {4, 4, 8, 8}, kWhite);
  outline(picture.view(), {4, 4, 8, 8}, 2, colour_of(0xFF0000));
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      const bool inside = x >= 4 && x < 12 && y >= 4 && y < 12;
      const bool edge = inside && (x < 6 || x >= 10 || y < 6 || y >= 10);
      EXPECT_EQ(picture.at(x, y), edge ? colour_of(0xFF0000) : inside ? kWhite : Colour{});
    }
  }
}

TEST(Picture, MixingIsProportional) {
  Picture from(8, 8), to(8, 8);
  fill(from.view(), {0, 0, 8, 8}, {216, 228, 28});
  mix(from.view(), to.view(), {2, 2, 4, 4}, 0.5);
  EXPECT_EQ(to.at(2, 2), (Colour{116, 178, 78}));
  EXPECT_EQ(to.at(0, 0), Colour{});
  mix(from.view(), to.view(), {2, 2, 4, 4}, 1);
  EXPECT_EQ(to.at(5, 5), (Colour{216, 228, 28}));
  mix(from.view(), to.view(), {0, 0, 8, 8}, 0);
  EXPECT_EQ(to.at(0, 0), Colour{});
}

TEST(Picture, ALabelIsLaidOverAndCutAtTheEdge) {
  Picture picture(16, 16);
  const Label opaque(argb(6 * 6, 0xFFFFFFFF), {6, 6}, 24);
  opaque.draw(picture.view(), {0, 0, 16, 16}, 12, -2, 1);
  EXPECT_EQ(picture.at(12, 0).y, kWhite.y);
  EXPECT_EQ(picture.at(15, 3).y, kWhite.y);
  EXPECT_EQ(picture.at(15, 4), Colour{});
  EXPECT_EQ(picture.at(11, 0), Colour{});

  const Label half(argb(4, 0x80808080), {2, 2}, 8);  // white at half strength
  half.draw(picture.view(), {0, 0, 16, 16}, 0, 8, 1);
  EXPECT_NEAR(picture.at(0, 8).y, (16 + 235) / 2, 2);
  EXPECT_NEAR(picture.at(0, 8).u, 128, 1);
  half.draw(picture.view(), {0, 0, 16, 16}, 4, 8, 0.5);
  EXPECT_NEAR(picture.at(4, 8).y, 16 + (235 - 16) / 4, 2);
  EXPECT_NEAR(picture.at(4, 8).v, 128, 1);
}

TEST(Picture, ALabelThatIsClearChangesNothing) {
  Picture picture(4, 4);
  fill(picture.view(), {0, 0, 4, 4}, {200, 10, 250});
  Label(argb(16, 0), {4, 4}, 16).draw(picture.view(), {0, 0, 4, 4}, 0, 0, 1);
  EXPECT_EQ(picture.at(1, 1), (Colour{200, 10, 250}));
}

}  // namespace
}  // namespace rooms
