// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/recording_names.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

constexpr Duration kMoment = std::chrono::seconds(1'795'821'426) + std::chrono::milliseconds(42);

TEST(RecordingNames, TimesAreIso8601InUtcWithMilliseconds) {
  EXPECT_EQ(iso_time(kMoment), "2026-11-27T23:17:06.042Z");
  EXPECT_EQ(folder_time(kMoment), "20261127-231706");
  EXPECT_EQ(iso_time(Duration{}), "1970-01-01T00:00:00.000Z");
}

TEST(RecordingNames, NothingThatSomebodyCallsThemselvesLeavesTheFolder) {
  EXPECT_EQ(file_word("ada"), "ada");
  EXPECT_EQ(file_word("../../etc/passwd"), "etc-passwd");
  EXPECT_EQ(file_word("..."), "track");
  EXPECT_EQ(file_word(".hidden"), "hidden");
  EXPECT_EQ(file_word("a/b\\c\n\0d"), "a-b-c-");
  EXPECT_EQ(file_word("Zoë"), "Zo--");
  EXPECT_EQ(file_word(std::string(300, 'x')).size(), 64U);
  EXPECT_EQ(file_word(""), "track");
}

TEST(RecordingNames, SegmentsAreNumberedFromTheSecondOn) {
  EXPECT_EQ(file_name("ada", 1, Container::kWebm), "ada.webm");
  EXPECT_EQ(file_name("ada", 2, Container::kMp4), "ada-2.mp4");
}

}  // namespace
}  // namespace rooms
