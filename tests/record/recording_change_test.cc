// SPDX-License-Identifier: LGPL-2.1-or-later
// What changes while it is recorded: sizes, muted tracks, files that are full.
#include <algorithm>
#include <vector>

#include "tests/record/recording_fixture.h"

namespace rooms {
namespace {

using Names = std::set<std::string>;

class RecordingChangeTest : public RecordingTest {
 protected:
  void mute(const std::string& who, bool muted) {
    const auto reply =
        http("PATCH", server_->http("/api/rooms/demo"), {{"Content-Type", "application/json"}},
             "{\"mute\":{\"" + who + "\":" + (muted ? "true" : "false") + "}}");
    EXPECT_LT(reply.status, 300U) << reply.body;
  }
  /// The files of that participant, first to last.
  std::vector<test::ProbedFile> files_in_order(const std::string& id, const std::string& word,
                                               const std::string& extension) {
    std::vector<test::ProbedFile> files;
    for (std::size_t n = 0;; ++n) {
      const auto name = part_name(word, n, extension);
      if (!fs::exists(path_of(id, name))) return files;
      files.push_back(probe(path_of(id, name)));
      EXPECT_EQ(files.back().complaints, "") << name;
      EXPECT_TRUE(files.back().video() && files.back().audio()) << name;
      // Three encoders run here: on a busy machine their pictures come behind the sound.
      EXPECT_EQ(verify(path_of(id, name), 1000, 1000), 0);
    }
  }
  /// `index`: from 0.
  static std::string part_name(const std::string& word, std::size_t index,
                               const std::string& extension) {
    return word + (index == 0 ? "" : "-" + std::to_string(index + 1)) + "." + extension;
  }
};

TEST_F(RecordingChangeTest, WhatIsMutedIsAGapAndWhatFollowsIsInSync) {
  const auto ada = publish();
  wait(1);
  const auto id = start();
  wait(2);
  mute("ada", true);
  wait(2);
  mute("ada", false);
  wait(5);
  const auto stopped = stop(id);
  EXPECT_EQ(files_of(stopped), Names{"ada.webm"}) << stopped.raw();
  const auto path = path_of(id, "ada.webm");
  const auto file = probe(path);
  EXPECT_EQ(file.complaints, "");
  ASSERT_TRUE(file.video() && file.audio());
  std::printf("  gaps: picture %.2f s, sound %.2f s, of %.2f s\n", file.video()->longest_gap,
              file.audio()->longest_gap, file.duration);
  EXPECT_GT(file.video()->longest_gap, 1.5);
  EXPECT_GT(file.audio()->longest_gap, 1.5);
  EXPECT_GT(file.duration, 6.5);
  EXPECT_LT(std::abs(test::sound_lateness(path)), 0.3);
}

TEST_F(RecordingChangeTest, AnotherFileFollowsWhenOneIsFullOrTellsAnotherSize) {
  const auto ada = publish({.codec = "H264"});
  const auto bob = publish({.codec = "VP8"}, "bob");
  const auto carol = publish({.codec = "VP8", .busy = true}, "carol");
  wait(1);
  const auto id = start();
  const auto small = start(R"({"segmentBytes":400000,"name":"small"})");
  wait(2);
  ada->resize(160, 120);
  bob->resize(160, 120);
  wait(4);
  stop(small);
  const auto stopped = stop(id);
  // MP4 tells the size once, WebM with VP8 in each keyframe.
  EXPECT_EQ(files_of(stopped), (Names{"ada.mp4", "ada-2.mp4", "bob.webm", "carol.webm"}))
      << stopped.raw();
  const auto files = files_in_order(id, "ada", "mp4");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].video()->width, 320U);
  EXPECT_EQ(files[1].video()->width, 160U);
  EXPECT_GT(files[1].duration, 1.5);
  const auto one = probe(path_of(id, "bob.webm"));
  EXPECT_EQ(one.complaints, "");
  EXPECT_LT(one.video()->longest_gap, 2.5);
  EXPECT_GT(one.duration, 3.5);

  const auto whole = files_in_order(id, "carol", "webm");
  const auto parts = files_in_order(small, "carol", "webm");
  ASSERT_EQ(whole.size(), 1U);
  ASSERT_GE(parts.size(), 2U);
  unsigned pictures = 0;
  unsigned sounds = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    pictures += parts[i].video()->packets;
    sounds += parts[i].audio()->packets;
    const auto size = fs::file_size(path_of(small, part_name("carol", i, "webm")));
    std::printf("  file %zu: %ju bytes\n", i + 1, std::uintmax_t{size});
    if (i + 1 < parts.size()) {
      EXPECT_GE(size, 400'000U);
    }
  }
  // Nothing is lost between them; one recording began after the other, and ended before.
  EXPECT_NEAR(pictures, whole.front().video()->packets, 25);
  EXPECT_NEAR(sounds, whole.front().audio()->packets, 50);
}

}  // namespace
}  // namespace rooms
