// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/programme.h"

#include <gtest/gtest.h>

#include <sstream>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = HlsAnswer::State;
using Kind = HlsAnswer::Kind;

Timestamp at(std::int64_t ms) { return Timestamp(milliseconds(ms)); }

class ProgrammeTest : public testing::Test {
 protected:
  explicit ProgrammeTest(HlsSettings settings = {})
      : programme_({settings, "r1", 1, true, seconds(1'795'867'200)}) {}

  explicit ProgrammeTest(HlsProgramme::Config config) : programme_(std::move(config)) {}

  void see(std::int64_t ms, bool keyframe, std::uint16_t width = 640, std::size_t rendition = 0) {
    EncodedFrame frame;
    frame.time = at(ms);
    frame.keyframe = keyframe;
    frame.data.assign(500, 0xAB);
    if (keyframe) frame.setup = {Codec::kH264, width, 360, 0, 0, {1, 0x42, 0xC0, 0x1F, 0xFF}};
    programme_.add_picture(rendition, std::move(frame), at(ms));
  }
  void hear(std::int64_t ms) {
    EncodedFrame frame;
    frame.time = at(ms);
    frame.keyframe = true;
    frame.data.assign(50, 0xCD);
    frame.setup = {Codec::kOpus, 0, 0, 2, 48000, {}};
    programme_.add_sound(std::move(frame), at(ms));
  }
  /// Both, with a keyframe every two seconds.
  void play(std::int64_t from, std::int64_t to, std::uint16_t width = 640) {
    for (auto ms = from; ms < to; ms += 20) {
      hear(ms);
      if (ms % 40 == 0) see(ms, ms % 2000 == 0, width);
    }
    programme_.expire(at(to));
  }
  [[nodiscard]] HlsAnswer get(std::string_view file, const HlsReload& reload = {}) const {
    return programme_.answer(file, reload);
  }
  [[nodiscard]] static std::string text(const HlsAnswer& answer) {
    std::string text;
    for (const auto& piece : answer.body) text.append(piece->begin(), piece->end());
    return text;
  }
  [[nodiscard]] static std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }
  HlsProgramme programme_;
};

TEST_F(ProgrammeTest, BeginsWithTheFirstSegmentOfEachRendition) {
  EXPECT_EQ(get(kHlsIndex).state, State::kWait);
  hear(0);
  play(2000, 4000);
  EXPECT_EQ(get(kHlsIndex).state, State::kWait);
  play(4000, 4200);
  const auto index = get(kHlsIndex);
  ASSERT_EQ(index.state, State::kReady);
  EXPECT_NE(text(index).find("CODECS=\"avc1.42C01F,Opus\",RESOLUTION=640x360"), std::string::npos);
  EXPECT_EQ(get("v0-r1.m3u8").state, State::kReady);
  EXPECT_EQ(get("v0-r1-init1.mp4").kind, Kind::kInit);
  EXPECT_EQ(get("v0-r2.m3u8").state, State::kUnknown);
  EXPECT_EQ(get("../index.m3u8").state, State::kUnknown);
}

TEST_F(ProgrammeTest, WaitsForSoundAlsoWhereTheFirstSegmentsAreShort) {
  for (int ms = 0; ms < 3000; ms += 40) see(ms, ms % 400 == 0);
  EXPECT_EQ(get(kHlsIndex).state, State::kWait) << "segments of a second or less";
  for (int ms = 3000; ms < 9000; ms += 40) see(ms, ms % 400 == 200);
  const auto index = get(kHlsIndex);
  ASSERT_EQ(index.state, State::kReady) << "but not for ever";
  EXPECT_EQ(text(index).find("AUDIO"), std::string::npos);
}

TEST_F(ProgrammeTest, ASegmentIsItsPartsBehindEachOther) {
  play(0, 4400);
  const auto segment = text(get("v0-r1-0.m4s"));
  std::string parts;
  for (int n = 0; n < 5; ++n) parts += text(get("v0-r1-0." + std::to_string(n) + ".m4s"));
  EXPECT_EQ(segment, parts);
  EXPECT_EQ(count(segment, "moof"), 5U);
  EXPECT_EQ(count(text(get("v0-r1.m3u8")), "#EXT-X-PART:DURATION=0.44000"), 8U);
}

TEST_F(ProgrammeTest, TheHintedPartIsWaitedForAndThenThere) {
  play(0, 4100);
  const auto playlist = text(get("v0-r1.m3u8"));
  EXPECT_NE(playlist.find("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"v0-r1-2.0.m4s\""),
            std::string::npos);
  EXPECT_EQ(get("v0-r1-2.0.m4s").state, State::kWait);
  EXPECT_EQ(get("v0-r1-2.1.m4s").state, State::kUnknown);
  EXPECT_EQ(get("v0-r1.m3u8", {2, 0}).state, State::kWait);
  play(4100, 4600);
  EXPECT_EQ(get("v0-r1-2.0.m4s").state, State::kReady);
  EXPECT_EQ(get("v0-r1.m3u8", {2, 0}).kind, Kind::kBlockedPlaylist);
  EXPECT_EQ(get("v0-r1.m3u8", {2, 0}).state, State::kReady);
  EXPECT_EQ(get("v0-r1.m3u8", {200, 0}).state, State::kWrong);
}

TEST_F(ProgrammeTest, MemoryIsBoundedByTheWindow) {
  play(0, 200'000);
  const auto held = programme_.bytes();
  play(200'000, 600'000);
  EXPECT_LT(programme_.bytes(), held * 11 / 10);
  EXPECT_EQ(get("v0-r1-0.m4s").state, State::kUnknown);
  EXPECT_EQ(get("v0-r1-0.0.m4s").state, State::kUnknown);
  EXPECT_EQ(count(text(get("v0-r1.m3u8")), "#EXTINF:"), 30U);
}

TEST_F(ProgrammeTest, ThePictureOfAnotherSizeIsADiscontinuityOfAll) {
  play(0, 4000);
  play(4000, 8100, 1280);
  for (const char* playlist : {"v0-r1.m3u8", "a0-r1.m3u8"})
    EXPECT_EQ(count(text(get(playlist)), "#EXT-X-DISCONTINUITY\n"), 1U) << playlist;
  EXPECT_EQ(count(text(get("v0-r1.m3u8")), "#EXT-X-MAP:"), 2U);
  EXPECT_EQ(count(text(get("a0-r1.m3u8")), "#EXT-X-MAP:"), 1U);
  EXPECT_NE(text(get(kHlsIndex)).find("RESOLUTION=1280x360"), std::string::npos);
}

TEST_F(ProgrammeTest, GoesOnAfterAnInterruption) {
  play(0, 4000);
  play(10'000, 14'100);
  const auto playlist = text(get("v0-r1.m3u8"));
  EXPECT_EQ(count(playlist, "#EXT-X-DISCONTINUITY\n"), 1U);
  EXPECT_NE(
      playlist.find("#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-28T12:00:10.000Z"),
      std::string::npos);
}

/// Two pictures whose keyframes come every two seconds, at odd ones.
class TwoPicturesTest : public ProgrammeTest {
 protected:
  TwoPicturesTest()
      : ProgrammeTest(HlsProgramme::Config{
            {}, "r1", 2, true, seconds(1'795'867'200), at(9000), false, {1'600'000, 400'000}}) {}

  void play_two(std::int64_t from, std::int64_t to, std::int64_t small_from = 0) {
    for (auto ms = from; ms < to; ms += 20) {
      hear(ms);
      if (ms % 40 != 0) continue;
      const bool key = ms % 2000 == 1000;
      see(ms, key || ms == 10'200, large_, 0);
      if (ms >= small_from) see(ms, key || ms == small_from, 640, 1);
    }
  }
  std::uint16_t large_ = 1280;
  /// Moments at which segments of a playlist begin, and their numbers.
  [[nodiscard]] std::vector<std::string> segments_of(const std::string& stem) const {
    std::vector<std::string> found;
    std::istringstream lines(text(get(stem + ".m3u8")));
    std::string date;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("#EXT-X-PROGRAM-DATE-TIME:")) date = line.substr(36);
      if (line.starts_with(stem + "-")) found.push_back(date + line.substr(stem.size()));
    }
    return found;
  }
};

TEST_F(TwoPicturesTest, AreCutAtTheSameMomentsUnderTheSameNumbers) {
  play_two(10'200, 18'000, 11'600);
  const auto large = segments_of("v0-r1");
  const auto small = segments_of("v1-r1");
  const auto sound = segments_of("a0-r1");
  ASSERT_EQ(large.size(), 4U);
  EXPECT_EQ(large[0], "12:00:10.200Z-0.m4s");
  EXPECT_EQ(large[1], "12:00:11.000Z-1.m4s");
  ASSERT_EQ(small.size(), 3U);
  EXPECT_EQ(small[0], "12:00:11.600Z-1.m4s");
  EXPECT_EQ(small[1], large[2]);
  EXPECT_EQ(small[2], large[3]);
  EXPECT_EQ(sound, large);
}

TEST_F(TwoPicturesTest, ThatBeginsEarlierIsNotLeftOut) {
  see(10'240, true, 1280, 0);
  see(10'200, true, 640, 1);
  play_two(10'280, 15'100);
  EXPECT_EQ(segments_of("v1-r1").front(), "12:00:10.200Z-0.m4s");
}

TEST_F(TwoPicturesTest, TheIndexTellsAtLeastTheRatesTheyAreMeantToHave) {
  play_two(10'200, 14'000);
  const auto index = text(get(kHlsIndex));
  const auto large = index.find("BANDWIDTH=20");  // and a quarter, and the sound
  const auto small = index.find("BANDWIDTH=5");
  EXPECT_LT(large, index.find("RESOLUTION=1280x360"));
  EXPECT_LT(small, index.find("RESOLUTION=640x360"));
  EXPECT_EQ(count(index, "AUDIO=\"sound\""), 2U);
  EXPECT_EQ(count(index, "EXT-X-MEDIA:"), 1U);
}

TEST_F(TwoPicturesTest, AnotherSizeOfOneIsADiscontinuityOfBoth) {
  play_two(10'200, 14'000);
  EXPECT_FALSE(programme_.wants_keyframe(1));
  large_ = 1920;
  see(14'000, true, large_, 0);
  EXPECT_TRUE(programme_.wants_keyframe(1));
  see(14'000, false, 640, 1);
  see(14'040, true, 640, 1);
  play_two(14'080, 20'000);
  for (const char* playlist : {"v0-r1.m3u8", "v1-r1.m3u8", "a0-r1.m3u8"})
    EXPECT_EQ(count(text(get(playlist)), "#EXT-X-DISCONTINUITY\n"), 1U) << playlist;
  EXPECT_EQ(segments_of("v0-r1").back(), segments_of("v1-r1").back());
}

class MutedProgrammeTest : public ProgrammeTest {
 protected:
  MutedProgrammeTest()
      : ProgrammeTest(HlsProgramme::Config{
            {}, "r1", 1, true, seconds(1'795'867'200), std::nullopt, true, {}}) {}
};

TEST_F(MutedProgrammeTest, SilenceIsHeardWhereNoSoundComes) {
  for (std::int64_t ms = 0; ms < 14'000; ms += 20) {
    if (ms % 40 == 0) see(ms, ms % 2000 == 0);
    if (ms < 3000 || ms >= 9000) hear(ms);
  }
  const auto sound = text(get("a0-r1.m3u8"));
  EXPECT_EQ(count(sound, "#EXTINF:2.0"), 6U) << sound;
  EXPECT_EQ(count(sound, "#EXT-X-DISCONTINUITY\n"), 0U);
  EXPECT_EQ(count(text(get("a0-r1-2.m4s")), "\xF8\xFF\xFE"), 100U);
  EXPECT_EQ(count(text(get("a0-r1-0.m4s")), "\xF8\xFF\xFE"), 0U);
}

class PlainProgrammeTest : public ProgrammeTest {
 protected:
  PlainProgrammeTest() : ProgrammeTest(HlsSettings{false, seconds(2), seconds(60)}) {}
};

TEST_F(PlainProgrammeTest, HasNoPartsWithoutLowLatency) {
  play(0, 6100);
  const auto playlist = text(get("v0-r1.m3u8"));
  EXPECT_EQ(count(playlist, "#EXT-X-PART"), 0U);
  EXPECT_EQ(count(playlist, "#EXTINF:2.00000"), 3U);
  EXPECT_EQ(count(text(get("v0-r1-0.m4s")), "moof"), 1U);
  EXPECT_EQ(get("v0-r1-3.m4s").state, State::kUnknown);
}

}  // namespace
}  // namespace rooms
