// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/recording_timeline.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using Begin = RecordingTimeline::Begin;
using Write = RecordingTimeline::Write;
using End = RecordingTimeline::End;

Timestamp at(int ms) { return Timestamp(milliseconds(ms)); }

EncodedFrame sound(int ms) {
  EncodedFrame frame;
  frame.time = at(ms);
  frame.keyframe = true;
  frame.data = {1};
  frame.setup = {Codec::kOpus, 0, 0, 2, 48000, {}};
  return frame;
}

EncodedFrame picture(int ms, bool keyframe = false, Codec codec = Codec::kVp8,
                     std::uint16_t width = 640) {
  EncodedFrame frame;
  frame.time = at(ms);
  frame.keyframe = keyframe;
  frame.data = std::vector<std::uint8_t>(100);
  if (keyframe) frame.setup = {codec, width, 480, 0, 0, {}};
  return frame;
}

class TimelineTest : public testing::Test {
 protected:
  explicit TimelineTest(const RecordingTimeline::Config& config = {}) : timeline_(config) {
    timeline_.add_track("mic", Codec::kOpus);
    timeline_.add_track("camera", Codec::kVp8);
  }
  void hear(int from, int to) {
    for (int ms = from; ms < to; ms += 20) timeline_.push("mic", sound(ms), at(ms));
  }
  void see(int from, int to) {
    for (int ms = from; ms < to; ms += 40) timeline_.push("camera", picture(ms), at(ms));
  }
  void see_key(int ms, Codec codec = Codec::kVp8, std::uint16_t width = 640) {
    timeline_.push("camera", picture(ms, true, codec, width), at(ms));
  }
  /// Notes what comes until then.
  void advance(int ms) { note(timeline_.advance(at(ms))); }
  void note(std::vector<RecordingTimeline::Step> steps) {
    for (auto& step : steps) steps_.push_back(std::move(step));
  }
  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& step : steps_)
      if (const auto* one = std::get_if<T>(&step)) found.push_back(*one);
    return found;
  }
  [[nodiscard]] std::size_t written(std::size_t file, std::size_t track) const {
    std::size_t count = 0;
    std::size_t number = 0;
    for (const auto& step : steps_) {
      if (std::holds_alternative<Begin>(step)) ++number;
      const auto* write = std::get_if<Write>(&step);
      if (write && number == file && write->track == track) ++count;
    }
    return count;
  }

  RecordingTimeline timeline_;
  std::vector<RecordingTimeline::Step> steps_;
};

TEST_F(TimelineTest, WhoHasGoneBeforeAFileBeganLeavesNone) {
  hear(0, 200);
  advance(300);
  timeline_.remove_track("mic");
  timeline_.remove_track("camera");
  advance(5000);
  note(timeline_.finish());
  EXPECT_TRUE(steps_.empty());
}

TEST_F(TimelineTest, WaitsLongerForAPictureThatCameLate) {
  RecordingTimeline::Config config;
  config.segment_time = milliseconds(2000);
  RecordingTimeline late(config);
  late.add_track("mic", Codec::kOpus);
  late.add_track("camera", Codec::kVp8);
  std::vector<Begin> begun;
  std::vector<std::vector<Write>> files;
  // Sound comes at once, pictures 600 ms later than what is heard with them.
  for (int ms = 0; ms < 4600; ms += 20) {
    if (ms < 4000) late.push("mic", sound(ms), at(ms));
    if (ms >= 600 && ms % 40 == 0)
      late.push("camera", picture(ms - 600, (ms - 600) % 2000 == 0), at(ms));
    for (auto& step : late.advance(at(ms))) {
      if (std::holds_alternative<Begin>(step)) {
        begun.push_back(std::get<Begin>(step));
        files.emplace_back();
      } else if (std::holds_alternative<Write>(step)) {
        files.back().push_back(std::get<Write>(std::move(step)));
      }
    }
  }
  ASSERT_EQ(begun.size(), 2U);
  EXPECT_EQ(begun.back().start, at(2000));
  const auto first_sound =
      std::find_if(files.back().begin(), files.back().end(),
                   [&](const auto& w) { return !begun.back().tracks[w.track].setup.is_video(); });
  ASSERT_NE(first_sound, files.back().end());
  EXPECT_LE(first_sound->time, milliseconds(20));
}

TEST_F(TimelineTest, BeginsWithTheFirstKeyframeAndTheSoundOfThatMoment) {
  hear(0, 300);
  see_key(200);
  see(240, 300);
  advance(300);
  const auto begins = all<Begin>();
  ASSERT_EQ(begins.size(), 1U);
  EXPECT_EQ(begins[0].start, at(200));
  EXPECT_EQ(begins[0].container, Container::kWebm);
  ASSERT_EQ(begins[0].tracks.size(), 2U);
  EXPECT_EQ(begins[0].tracks[0].track, "camera");
  const auto writes = all<Write>();
  ASSERT_GE(writes.size(), 3U);
  for (const auto& write : writes) EXPECT_GE(write.time, Duration::zero());
  EXPECT_EQ(writes[0].time, Duration::zero());
  EXPECT_LT(writes[1].time, milliseconds(20));
}

TEST_F(TimelineTest, SoundAloneBeginsWhenNoPictureComes) {
  hear(0, 3400);
  advance(100);
  EXPECT_TRUE(all<Begin>().empty());
  advance(3400);
  const auto begins = all<Begin>();
  ASSERT_EQ(begins.size(), 1U);
  EXPECT_EQ(begins[0].start, at(0));
  EXPECT_EQ(begins[0].tracks.size(), 1U);
  EXPECT_GE(written(1, 0), 150U);
}

TEST_F(TimelineTest, APictureThatComesLaterBeginsAnotherFile) {
  hear(0, 4000);
  advance(0);
  advance(4000);
  hear(4000, 4400);
  see_key(4200);
  note(timeline_.finish());
  const auto begins = all<Begin>();
  ASSERT_EQ(begins.size(), 2U);
  EXPECT_EQ(begins[1].start, at(4200));
  EXPECT_EQ(begins[1].tracks.size(), 2U);
  EXPECT_EQ(all<End>().size(), 2U);
}

TEST_F(TimelineTest, ASilentTrackHoldsNobodyUpForLong) {
  see_key(0);
  hear(0, 40);
  advance(40);
  see(40, 1000);
  advance(1000);
  EXPECT_GE(written(1, 0), 15U);
}

TEST_F(TimelineTest, WebmGoesOnWithAnotherSizeAndMp4DoesNot) {
  see_key(0);
  hear(0, 100);
  see_key(80, Codec::kVp8, 320);
  advance(500);
  EXPECT_EQ(all<Begin>().size(), 1U);
  see_key(600, Codec::kH264, 320);
  see_key(640, Codec::kH264, 1280);
  note(timeline_.finish());
  const auto begins = all<Begin>();
  ASSERT_EQ(begins.size(), 3U);
  EXPECT_EQ(begins[1].container, Container::kMp4);
  EXPECT_EQ(begins[2].tracks[0].setup.width, 1280);
}

class SegmentTest : public TimelineTest {
 protected:
  static RecordingTimeline::Config of(Duration time, std::uint64_t bytes) {
    RecordingTimeline::Config config;
    config.segment_time = time;
    config.segment_bytes = bytes;
    return config;
  }
  SegmentTest() : TimelineTest(of(std::chrono::seconds(1), 0)) {}
};

TEST_F(SegmentTest, NothingIsLostBetweenTwo) {
  see_key(0);
  for (int ms = 0; ms < 3000; ms += 40) {
    hear(ms, ms + 40);
    if (ms == 0) continue;
    // The keyframe that is asked for comes a little later.
    if (timeline_.wants_keyframe() && ms % 120 == 0) {
      see_key(ms);
    } else {
      see(ms, ms + 40);
    }
    advance(ms);
  }
  note(timeline_.finish());
  const auto begins = all<Begin>();
  ASSERT_EQ(begins.size(), 3U);
  std::size_t frames = 0;
  std::size_t sounds = 0;
  for (std::size_t file = 1; file <= begins.size(); ++file) {
    EXPECT_GT(written(file, 0), 5U);
    frames += written(file, 0);
    sounds += written(file, 1);
  }
  EXPECT_EQ(frames, 75U);
  EXPECT_EQ(sounds, 150U);
}

TEST_F(SegmentTest, SoundAloneNeedsNoKeyframe) {
  timeline_.remove_track("camera");
  hear(0, 2500);
  advance(3000);
  note(timeline_.finish());
  EXPECT_EQ(all<Begin>().size(), 3U);
  EXPECT_EQ(all<Write>().size(), 125U);
}

TEST_F(SegmentTest, APictureThatHasStoppedHoldsNoSegmentUp) {
  see_key(0);
  see(40, 200);
  hear(0, 4500);
  advance(5000);
  note(timeline_.finish());
  EXPECT_GE(all<Begin>().size(), 2U);
  // It goes on with a keyframe only.
  const auto before = all<Write>().size();
  see(5000, 5100);
  note(timeline_.advance(at(6000)));
  EXPECT_EQ(all<Write>().size(), before);
}

TEST(SegmentBytesTest, AFileThatHasGrownIsFollowedByAnother) {
  RecordingTimeline::Config config;
  config.segment_bytes = 1000;
  RecordingTimeline timeline(config);
  timeline.add_track("camera", Codec::kVp8);
  std::size_t begins = 0;
  for (int n = 0; n < 40; ++n) timeline.push("camera", picture(n * 40, n % 5 == 0), at(n * 40));
  for (const auto& step : timeline.finish()) begins += std::holds_alternative<Begin>(step) ? 1 : 0;
  EXPECT_EQ(begins, 4U);
}

TEST_F(TimelineTest, TheFileEndsWithItsLastTrack) {
  see_key(0);
  hear(0, 40);
  advance(400);
  timeline_.remove_track("mic");
  timeline_.remove_track("camera");
  advance(500);
  EXPECT_EQ(all<End>().size(), 1U);
  EXPECT_FALSE(timeline_.has_tracks());
}

TEST_F(TimelineTest, LateSoundIsNotShownBeforeEarlierSound) {
  see_key(0);
  hear(0, 200);
  advance(600);
  timeline_.push("mic", sound(100), at(700));
  advance(1100);
  const auto writes = all<Write>();
  EXPECT_EQ(writes.back().time, milliseconds(181));
}

}  // namespace
}  // namespace rooms
