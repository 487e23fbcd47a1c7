// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/vp9_rewriter.h"

#include <gtest/gtest.h>

#include <vector>

#include "gst/core/codec/vp9.h"

namespace rooms {
namespace {

/// A payload descriptor with picture id, layer indices and, if not flexible, TL0PICIDX.
std::vector<std::uint8_t> payload(unsigned picture, unsigned tl0, bool flexible = false) {
  std::vector<std::uint8_t> bytes = {static_cast<std::uint8_t>(flexible ? 0xB8 : 0xA8),
                                     static_cast<std::uint8_t>(0x80 | (picture >> 8)),
                                     static_cast<std::uint8_t>(picture), 0x30};
  if (!flexible) bytes.push_back(static_cast<std::uint8_t>(tl0));
  bytes.push_back(0x77);
  return bytes;
}

struct Numbers {
  unsigned picture = 0;
  unsigned tl0 = 0;
  unsigned layers = 0;
};

Numbers sent(Vp9Rewriter& rewriter, std::vector<std::uint8_t> bytes) {
  const auto edit = rewriter.next(inspect_vp9(bytes).vp9, bytes);
  std::copy_n(edit.bytes.begin(), edit.length, bytes.begin() + edit.offset);
  const auto info = inspect_vp9(bytes);
  return {info.vp9.picture_id, info.vp9.tl0, bytes[3]};
}

TEST(Vp9Rewriter, LeavesTheFirstSourceAsItIs) {
  Vp9Rewriter rewriter;
  const auto first = payload(100, 7);
  rewriter.switch_to(inspect_vp9(first).vp9);
  EXPECT_EQ(rewriter.next(inspect_vp9(first).vp9, first).length, 0);
}

TEST(Vp9Rewriter, GoesOnWhereTheLastSourceEnded) {
  Vp9Rewriter rewriter;
  rewriter.switch_to(inspect_vp9(payload(0x7FFE, 255)).vp9);
  sent(rewriter, payload(0x7FFE, 255));
  rewriter.switch_to(inspect_vp9(payload(20, 3)).vp9);
  const auto first = sent(rewriter, payload(20, 3));
  EXPECT_EQ(first.picture, 0x7FFFU);
  EXPECT_EQ(first.tl0, 0U);
  EXPECT_EQ(first.layers, 0x30U) << "stands between the two and stays";
  EXPECT_EQ(sent(rewriter, payload(22, 4)).picture, 1U) << "what was left out stays a gap";
  EXPECT_EQ(sent(rewriter, payload(21, 3)).picture, 0U) << "late";
  rewriter.switch_to(inspect_vp9(payload(5, 0)).vp9);
  EXPECT_EQ(sent(rewriter, payload(5, 0)).picture, 2U);
}

TEST(Vp9Rewriter, HasNothingElseToWriteInFlexibleMode) {
  Vp9Rewriter rewriter;
  sent(rewriter, payload(10, 0, true));
  rewriter.switch_to(inspect_vp9(payload(500, 0, true)).vp9);
  const auto bytes = payload(500, 0, true);
  const auto edit = rewriter.next(inspect_vp9(bytes).vp9, bytes);
  EXPECT_EQ(edit.length, 2);
  EXPECT_EQ(sent(rewriter, payload(501, 0, true)).picture, 12U);
}

TEST(Vp9Rewriter, KeepsToSevenBitsWhereTheSourceHasNoMore) {
  const auto short_payload = [](unsigned picture) {
    return std::vector<std::uint8_t>{0x88, static_cast<std::uint8_t>(picture), 0x77};
  };
  Vp9Rewriter rewriter;
  const auto write = [&](unsigned picture) {
    auto bytes = short_payload(picture);
    const auto edit = rewriter.next(inspect_vp9(bytes).vp9, bytes);
    std::copy_n(edit.bytes.begin(), edit.length, bytes.begin() + edit.offset);
    return unsigned{bytes[1]};
  };
  write(126);
  rewriter.switch_to(inspect_vp9(short_payload(50)).vp9);
  EXPECT_EQ(write(50), 127U);
  EXPECT_EQ(write(51), 0U);
  EXPECT_EQ(write(52), 1U);
  rewriter.switch_to(inspect_vp9(short_payload(90)).vp9);
  EXPECT_EQ(write(90), 2U);
}

}  // namespace
}  // namespace rooms
