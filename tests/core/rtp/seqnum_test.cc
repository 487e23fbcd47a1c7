// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/seqnum.h"

#include <gtest/gtest.h>

#include <random>

namespace rooms {
namespace {

TEST(IsNewer, ComparesAcrossTheWrap) {
  struct Row {
    std::uint16_t a, b;
    bool newer;
  };
  for (const auto& [a, b, newer] :
       {Row{1, 0, true}, Row{0, 1, false}, Row{0, 65535, true}, Row{65535, 0, false},
        Row{5, 5, false}, Row{0x7FFF, 0, true}, Row{0x8000, 0, false}, Row{0, 0x8000, false},
        Row{100, 65000, true}}) {
    EXPECT_EQ(is_newer(a, b), newer) << a << " after " << b;
  }
  EXPECT_TRUE(is_newer(std::uint32_t{3}, std::uint32_t{0xFFFFFFF0}));
  EXPECT_FALSE(is_newer(std::uint32_t{0xFFFFFFF0}, std::uint32_t{3}));
}

TEST(IsNewer, IsNeverTrueBothWays) {
  for (unsigned a = 0; a < 0x10000; a += 257) {
    for (unsigned b = 0; b < 0x10000; b += 129) {
      const auto x = static_cast<std::uint16_t>(a);
      const auto y = static_cast<std::uint16_t>(b);
      EXPECT_FALSE(is_newer(x, y) && is_newer(y, x));
    }
  }
}

TEST(UnwrapNear, FindsTheNearestNumber) {
  struct Row {
    std::int64_t reference;
    std::uint32_t value;
    unsigned bits;
    std::int64_t expected;
  };
  for (const auto& row :
       {Row{0, 0, 16, 0}, Row{0, 65535, 16, -1}, Row{65535, 0, 16, 65536},
        Row{65536, 65535, 16, 65535}, Row{200000, 200000 & 0xFFFF, 16, 200000}, Row{-1, 0, 16, 0},
        Row{127, 0, 7, 128}, Row{32767, 3, 15, 32771}, Row{0xFFFFFFFFLL, 5, 32, 0x100000005LL}}) {
    EXPECT_EQ(unwrap_near(row.reference, row.value, row.bits), row.expected)
        << row.reference << " " << row.value;
  }
}

TEST(Unwrapper, FollowsAWalkOverManyWraps) {
  const unsigned seed = 4711;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  SequenceUnwrapper unwrapper;
  std::int64_t truth = 65000;
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_EQ(unwrapper.unwrap(static_cast<std::uint16_t>(truth)), truth);
    const std::int64_t back = truth - static_cast<std::int64_t>(random() % 500);
    if (back >= 0) {
      EXPECT_EQ(unwrapper.unwrap(static_cast<std::uint16_t>(back)), back);
    }
    truth += 1 + static_cast<std::int64_t>(random() % 3000);
  }
}

}  // namespace
}  // namespace rooms
