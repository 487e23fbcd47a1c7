// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/vp8_rewriter.h"

#include <gtest/gtest.h>

#include <random>

namespace rooms {
namespace {

Vp8Numbers wide(unsigned picture, unsigned tl0) {
  Vp8Numbers numbers;
  numbers.picture_id_offset = 2;
  numbers.picture_id_is_long = true;
  numbers.picture_id = static_cast<std::uint16_t>(picture & 0x7FFF);
  numbers.tl0_offset = 4;
  numbers.tl0 = static_cast<std::uint8_t>(tl0);
  return numbers;
}
Vp8Numbers narrow(unsigned picture) {
  Vp8Numbers numbers;
  numbers.picture_id_offset = 2;
  numbers.picture_id = static_cast<std::uint16_t>(picture & 0x7F);
  return numbers;
}

/// What the edit makes of a packet.
struct Seen {
  unsigned picture = 0;
  unsigned tl0 = 0;
};
Seen apply(const PayloadEdit& edit, const Vp8Numbers& in) {
  Seen seen{in.picture_id, in.tl0};
  if (edit.length == 0) return seen;
  unsigned at = 0;
  if (in.has_picture_id()) {
    EXPECT_EQ(edit.offset, in.picture_id_offset);
    seen.picture = edit.bytes[at++];
    if (in.picture_id_is_long) {
      EXPECT_NE(seen.picture & 0x80U, 0U) << "the M bit says 15 bits";
      seen.picture = ((seen.picture & 0x7FU) << 8) | edit.bytes[at++];
    }
  }
  if (in.has_tl0()) seen.tl0 = edit.bytes[at++];
  EXPECT_EQ(at, edit.length);
  return seen;
}

TEST(Vp8Rewriter, LeavesTheFirstSourceAsItIs) {
  Vp8Rewriter rewriter;
  rewriter.switch_to(wide(500, 9));
  EXPECT_EQ(rewriter.next(wide(500, 9)).length, 0);
  EXPECT_EQ(rewriter.next(wide(501, 10)).length, 0);
}

TEST(Vp8Rewriter, GoesOnCountingAtASwitch) {
  Vp8Rewriter rewriter;
  rewriter.switch_to(wide(500, 9));
  rewriter.next(wide(500, 9));
  rewriter.switch_to(wide(20'000, 200));
  auto seen = apply(rewriter.next(wide(20'000, 200)), wide(20'000, 200));
  EXPECT_EQ(seen.picture, 501U);
  EXPECT_EQ(seen.tl0, 10U);
  seen = apply(rewriter.next(wide(20'003, 201)), wide(20'003, 201));
  EXPECT_EQ(seen.picture, 504U) << "two lost pictures stay visible";
  EXPECT_EQ(seen.tl0, 11U);
}

TEST(Vp8Rewriter, GivesAllPacketsOfAPictureTheSameId) {
  Vp8Rewriter rewriter;
  rewriter.switch_to(wide(1, 1));
  rewriter.next(wide(1, 1));
  rewriter.switch_to(wide(9, 9));
  for (int packet = 0; packet < 5; ++packet) {
    EXPECT_EQ(apply(rewriter.next(wide(9, 9)), wide(9, 9)).picture, 2U);
  }
}

TEST(Vp8Rewriter, ClosesUpPicturesLeftOut) {
  Vp8Rewriter rewriter;
  rewriter.switch_to(wide(100, 1));
  rewriter.next(wide(100, 1));
  rewriter.drop(wide(101, 1));
  rewriter.drop(wide(101, 1));
  EXPECT_EQ(apply(rewriter.next(wide(102, 2)), wide(102, 2)).picture, 101U);
  rewriter.drop(wide(103, 2));
  EXPECT_EQ(apply(rewriter.next(wide(104, 3)), wide(104, 3)).picture, 102U);
  EXPECT_EQ(apply(rewriter.next(wide(102, 2)), wide(102, 2)).picture, 101U)
      << "late packet of that picture";
}

TEST(Vp8Rewriter, WrapsIdsOfBothWidths) {
  Vp8Rewriter rewriter;
  rewriter.switch_to(wide(0x7FFE, 254));
  for (unsigned i = 0; i < 5; ++i) {
    const auto seen = apply(rewriter.next(wide(0x7FFE + i, 254 + i)), wide(0x7FFE + i, 254 + i));
    EXPECT_EQ(seen.picture, (0x7FFE + i) & 0x7FFF);
    EXPECT_EQ(seen.tl0, (254 + i) & 0xFF);
  }
  Vp8Rewriter small;
  small.switch_to(narrow(5));
  small.next(narrow(5));
  small.switch_to(narrow(120));
  for (unsigned i = 0; i < 300; ++i) {
    EXPECT_EQ(apply(small.next(narrow(120 + i)), narrow(120 + i)).picture, (6 + i) & 0x7F);
  }
}

TEST(Vp8Rewriter, EditsWhatIsThereAndNothingElse) {
  Vp8Rewriter rewriter;
  rewriter.switch_to(wide(1, 1));
  rewriter.next(wide(1, 1));
  rewriter.switch_to(Vp8Numbers{});
  EXPECT_EQ(rewriter.next(Vp8Numbers{}).length, 0) << "a source without numbers";
  rewriter.switch_to(wide(70, 70));
  EXPECT_EQ(apply(rewriter.next(wide(70, 70)), wide(70, 70)).picture, 2U)
      << "the count survived it";

  Vp8Numbers only_tl0;
  only_tl0.tl0_offset = 2;
  only_tl0.tl0 = 9;
  rewriter.switch_to(only_tl0);
  const auto edit = rewriter.next(only_tl0);
  EXPECT_EQ(edit.offset, 2);
  EXPECT_EQ(edit.length, 1);
  EXPECT_EQ(edit.bytes[0], 3);
}

TEST(Vp8Rewriter, CountsEveryPictureOnceOverSwitchesAndDrops) {
  const unsigned seed = 8;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Vp8Rewriter rewriter;
  unsigned picture = 0, tl0 = 0;
  std::optional<Seen> previous;
  for (int i = 0; i < 50'000; ++i) {
    const bool switches = i == 0 || random() % 100 == 0;
    if (switches) {
      picture = random() & 0x7FFF;
      tl0 = random() & 0xFF;
      rewriter.switch_to(wide(picture, tl0));
    } else {
      ++picture;
      if (random() % 2) {
        rewriter.drop(wide(picture, tl0));
        continue;
      }
      ++tl0;
    }
    const auto seen = apply(rewriter.next(wide(picture, tl0)), wide(picture, tl0));
    if (previous) {
      ASSERT_EQ(seen.picture, (previous->picture + 1) & 0x7FFF);
      ASSERT_EQ(seen.tl0, (previous->tl0 + 1) & 0xFF);
    }
    previous = seen;
  }
}

}  // namespace
}  // namespace rooms
