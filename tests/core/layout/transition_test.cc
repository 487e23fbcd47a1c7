// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/transition.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;

constexpr Timestamp kStart{std::chrono::seconds(5)};

Tile tile(std::uint32_t input, Rectangle where) {
  Tile made;
  made.input = input;
  made.where = where;
  return made;
}

TEST(Transition, GoesFromOneLayoutToTheOther) {
  const Transition t({tile(1, {0, 0, 1280, 720})}, {tile(1, {640, 360, 640, 360})}, kStart,
                     milliseconds(400), Easing::kLinear);
  EXPECT_EQ(t.at(kStart)[0].where, (Rectangle{0, 0, 1280, 720}));
  EXPECT_EQ(t.at(kStart + milliseconds(200))[0].where, (Rectangle{320, 180, 960, 540}));
  EXPECT_FALSE(t.done(kStart + milliseconds(399)));
  EXPECT_TRUE(t.done(kStart + milliseconds(400)));
  EXPECT_EQ(t.at(kStart + milliseconds(400)), t.target());
}

TEST(Transition, WhoComesFadesInAndWhoGoesFadesOutBelow) {
  const Transition t({tile(1, {0, 0, 640, 720})}, {tile(2, {0, 0, 640, 720})}, kStart,
                     milliseconds(400), Easing::kLinear);
  const auto half = t.at(kStart + milliseconds(100));
  ASSERT_EQ(half.size(), 2U);
  EXPECT_EQ(half[0].input, 1U);
  EXPECT_DOUBLE_EQ(half[0].alpha, 0.75);
  EXPECT_EQ(half[1].input, 2U);
  EXPECT_DOUBLE_EQ(half[1].alpha, 0.25);
  EXPECT_GT(half[1].z, half[0].z);
}

TEST(Transition, WithoutADurationItIsDoneAtOnce) {
  const Transition t({}, {tile(1, {0, 0, 2, 2})}, kStart, Duration::zero(), Easing::kSmooth);
  EXPECT_TRUE(t.done(kStart));
  EXPECT_EQ(t.at(kStart), t.target());
}

TEST(Transition, EasingKeepsTheEndsAndNeverGoesBack) {
  for (const auto easing : {Easing::kLinear, Easing::kSmooth}) {
    EXPECT_DOUBLE_EQ(eased(-1, easing), 0);
    EXPECT_DOUBLE_EQ(eased(0.5, easing), 0.5);
    EXPECT_DOUBLE_EQ(eased(2, easing), 1);
    for (int i = 0; i < 100; ++i)
      EXPECT_LT(eased(i / 100.0, easing), eased((i + 1) / 100.0, easing));
  }
  EXPECT_LT(eased(0.1, Easing::kSmooth), 0.05) << "smooth starts slowly";
}

TEST(Transition, IsEvenAndWithinTheCanvasAllTheWay) {
  std::vector<LayoutInput> inputs;
  for (unsigned i = 0; i < 12; ++i) inputs.push_back({i, "", false});
  const Size canvas{1280, 720};
  const auto from = arrange({.kind = LayoutKind::kGrid, .canvas = canvas, .inputs = inputs});
  const auto to = arrange({.kind = LayoutKind::kPip, .canvas = canvas, .inputs = inputs});
  const Transition t(from, to, kStart, milliseconds(300), Easing::kSmooth);
  for (int ms = 0; ms <= 300; ms += 7) {
    for (const auto& one : t.at(kStart + milliseconds(ms))) {
      const auto& r = one.where;
      EXPECT_TRUE(r.inside(canvas) && !r.empty());
      EXPECT_EQ((r.x | r.y | r.width | r.height) % 2, 0);
      EXPECT_TRUE(one.alpha >= 0 && one.alpha <= 1);
    }
  }
}

}  // namespace
}  // namespace rooms
