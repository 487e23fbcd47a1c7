// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/layer_pace.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

class LayerPaceTest : public testing::Test {
 protected:
  bool window(std::uint64_t own, std::uint64_t lowest, std::uint32_t number = 1) {
    own_ += own;
    lowest_ += lowest;
    return pace_.observe(own_, lowest_, number);
  }

  LayerPace pace_;
  std::uint64_t own_ = 1000;
  std::uint64_t lowest_ = 5000;
};

TEST_F(LayerPaceTest, TwoBadWindowsAfterAGoodOneAreLagging) {
  EXPECT_FALSE(window(10, 10)) << "the first says nothing";
  EXPECT_FALSE(window(10, 10));
  EXPECT_FALSE(window(1, 10));
  EXPECT_FALSE(pace_.lags());
  EXPECT_TRUE(window(2, 10));
  EXPECT_TRUE(pace_.lags());
  EXPECT_FALSE(window(5, 10)) << "half of them is not keeping up";
  EXPECT_TRUE(pace_.lags());
  EXPECT_TRUE(window(8, 10));
  EXPECT_FALSE(pace_.lags());
}

TEST_F(LayerPaceTest, OneBadWindowIsNothing) {
  window(10, 10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(window(10, 10));
    EXPECT_FALSE(window(1, 10));
  }
}

TEST_F(LayerPaceTest, ALayerThatNeverHadAsManyPicturesMayHaveFew) {
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(window(2, 15));
}

TEST_F(LayerPaceTest, WhereTheLowestHasHardlyAnyItSaysNothing) {
  window(10, 10);
  window(10, 10);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(window(0, 3));
}

TEST_F(LayerPaceTest, AnotherLowestLayerBeginsANewWindow) {
  window(10, 10);
  window(10, 10);
  EXPECT_FALSE(window(1, 10));
  EXPECT_FALSE(window(1, 10, 2));
  EXPECT_TRUE(window(1, 10, 2));
}

}  // namespace
}  // namespace rooms
