// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/aligned_input.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

namespace rooms {
namespace {

constexpr std::int64_t kBlock = 960;
constexpr std::int64_t kMs = kMixRate / 1000;

/// Writes as a source does, and reads blocks as a mixer does.
class Line {
 public:
  explicit Line(AlignedInput::Config config = {}) : input(config), config_(config) {}

  void write(std::int64_t position, std::vector<float> samples) {
    const auto at = input.align(position, samples);
    input.write(at, samples);
  }
  std::vector<float> read() {
    const auto block = input.block(read_);
    std::vector<float> copy(block.begin(), block.end());
    copy.resize(static_cast<std::size_t>(kBlock) * config_.channels, 0.0F);
    read_ += kBlock;
    input.pass(read_);
    return copy;
  }
  std::int64_t position() const { return read_; }

  AlignedInput input;

 private:
  AlignedInput::Config config_;
  std::int64_t read_ = 0;
};

std::vector<float> counting(std::int64_t from, std::int64_t frames) {
  std::vector<float> samples;
  for (std::int64_t i = from; i < from + frames; ++i)
    samples.push_back(static_cast<float>(i % 4096 + 1) / 8192);
  return samples;
}

std::vector<float> tone(std::int64_t from, std::int64_t frames, double frequency) {
  std::vector<float> samples;
  for (std::int64_t i = from; i < from + frames; ++i)
    samples.push_back(static_cast<float>(
        0.5 * std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) / kMixRate)));
  return samples;
}

TEST(AlignedInput, SamplesAreReadWhereTheirTimestampsSay) {
  Line line;
  std::int64_t written = 0;
  for (const std::int64_t frames : {100, 37, 1500, 960, 3, 2000}) {  // whatever the buffers' sizes
    line.write(written, counting(written, frames));
    written += frames;
  }
  for (int i = 0; i < 4; ++i) EXPECT_EQ(line.read(), counting(i * kBlock, kBlock)) << i;
}

TEST(AlignedInput, TheRingGoesRound) {
  Line line;
  for (std::int64_t block = 0; block < 200; ++block) {
    line.write(block * kBlock + 100, counting(block * kBlock, kBlock));
    const auto read = line.read();
    ASSERT_EQ(read[100], counting(block * kBlock, 1)[0]) << block;
    ASSERT_EQ(read[99], block == 0 ? 0 : counting(block * kBlock - 1, 1)[0]) << block;
  }
  EXPECT_EQ(line.input.counters().jumps, 0U);
}

TEST(AlignedInput, WhatIsMissingIsSilenceOfItsLength) {
  Line line;
  line.write(0, counting(0, kBlock));
  line.write(2 * kBlock, counting(2 * kBlock, kBlock));
  EXPECT_EQ(line.read(), counting(0, kBlock));
  EXPECT_TRUE(line.input.block(kBlock).empty());
  line.read();
  EXPECT_EQ(line.read(), counting(2 * kBlock, kBlock));
  EXPECT_TRUE(line.input.block(3 * kBlock).empty());
}

TEST(AlignedInput, SilenceIsFoundBeforeItIsMixed) {
  Line line;
  line.write(0, std::vector<float>(kBlock, 0.0F));
  EXPECT_TRUE(line.input.block(0).empty());
  line.read();
  line.input.write_silence(line.input.align_silence(kBlock, kBlock), kBlock);
  EXPECT_TRUE(line.input.covers(2 * kBlock));
  EXPECT_TRUE(line.input.block(kBlock).empty());
}

TEST(AlignedInput, LateSamplesAreLostAndTheRestOfTheirBufferIsNot) {
  Line line;
  line.read();
  line.write(kBlock - 100, counting(0, kBlock));
  const auto read = line.read();
  EXPECT_EQ(read[0], counting(100, 1)[0]);
  EXPECT_EQ(read[kBlock - 100], 0);
  EXPECT_EQ(line.input.counters().late, 100U);
}

TEST(AlignedInput, OverlappingSamplesLoseTheirTimeToEarlierOnes) {
  Line line;
  line.write(0, counting(0, kBlock));
  line.write(kBlock - 12 * kMs, std::vector<float>(kBlock, 0.25F));
  EXPECT_EQ(line.read(), counting(0, kBlock));
  EXPECT_EQ(line.input.counters().overlapped, static_cast<std::uint64_t>(12 * kMs));
  const auto read = line.read();
  EXPECT_EQ(read[0], 0.25F);
  EXPECT_EQ(read[kBlock - 12 * kMs], 0);
}

TEST(AlignedInput, ATimestampFarInTheFutureShutsNobodyOut) {
  Line line;
  line.write(0, counting(0, kBlock));
  line.write(std::int64_t{1} << 50, counting(0, kBlock));
  line.write(kBlock, counting(kBlock, kBlock));
  EXPECT_EQ(line.read(), counting(0, kBlock));
  EXPECT_EQ(line.read(), counting(kBlock, kBlock));
  EXPECT_EQ(line.input.counters().overflowed, static_cast<std::uint64_t>(kBlock));
}

TEST(AlignedInput, TimestampsBeforeTheBeginningAreLate) {
  Line line;
  line.write(-3 * kBlock, counting(0, kBlock));
  line.write(-100, counting(0, 200));
  EXPECT_EQ(line.read()[0], counting(100, 1)[0]);
}

/// Plays `seconds` of a tone whose timestamps run `drift` times as fast as its samples, and returns
/// what is heard. The writer stays `lead` frames ahead by its timestamps.
std::vector<float> play_drifting(Line& line, double drift, int seconds, std::int64_t lead,
                                 double jitter = 0) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> spread(-jitter, jitter);
  std::vector<float> heard;
  std::int64_t samples = 0;
  const auto position = [&] {
    return static_cast<std::int64_t>(
        std::llround(static_cast<double>(samples) * drift + spread(random)));
  };
  while (line.position() < seconds * kMixRate) {
    while (static_cast<double>(samples) * drift < static_cast<double>(line.position() + lead)) {
      line.write(position(), tone(samples, kBlock, 440));
      samples += kBlock;
    }
    const auto block = line.read();
    heard.insert(heard.end(), block.begin(), block.end());
  }
  return heard;
}

/// The largest step between two samples; of the tone itself it is 0.0288.
float largest_step(const std::vector<float>& samples, std::size_t from) {
  float largest = 0;
  for (std::size_t i = from; i < samples.size(); ++i)
    largest = std::max(largest, std::fabs(samples[i] - samples[i - 1]));
  return largest;
}

TEST(AlignedInput, DriftIsAbsorbedWithoutAClickOrAGap) {
  for (const double drift : {1.001, 0.999, 1.0001, 0.9999}) {
    AlignedInput::Config config;
    config.live = false;
    Line line(config);
    const auto heard = play_drifting(line, drift, 20, 3 * kBlock);
    const auto& counters = line.input.counters();
    EXPECT_EQ(counters.jumps, 0U) << drift;
    EXPECT_EQ(counters.late + counters.overlapped + counters.overflowed, 0U) << drift;
    EXPECT_LT(largest_step(heard, kBlock), 0.04F) << drift;
    const auto changed =
        static_cast<double>(counters.inserted) - static_cast<double>(counters.removed);
    EXPECT_NEAR(changed, 20.0 * kMixRate * (drift - 1), 3 * kMs) << drift;
  }
}

TEST(AlignedInput, JitterOfTimestampsChangesNothing) {
  Line line;
  const auto heard = play_drifting(line, 1, 10, 3 * kBlock, 2 * kMs);
  EXPECT_EQ(line.input.counters().jumps, 0U);
  EXPECT_LT(largest_step(heard, kBlock), 0.04F);
  EXPECT_LT(line.input.counters().inserted + line.input.counters().removed,
            static_cast<std::uint64_t>(40 * kMs));
}

/// A live input whose buffers come when `lead(n)` frames are left; counts those heard whole.
template <class Lead>
int heard_of(Line& line, int buffers, Lead&& lead) {
  int heard = 0;
  for (int i = 0; i < buffers; ++i) {
    line.write(line.position() + lead(i), std::vector<float>(kBlock, 0.5F));
    for (const float sample : line.read()) heard += sample != 0 ? 1 : 0;
  }
  return heard / static_cast<int>(kBlock);
}

TEST(AlignedInput, WhoIsAlwaysLateIsPlayedLater) {
  Line line;
  // 70 ms late: half a second is lost at most, and then nothing.
  EXPECT_GE(heard_of(line, 100, [](int) { return -70 * kMs; }), 85);
  EXPECT_GT(line.input.shift(), 70 * kMs);
  EXPECT_LT(line.input.shift(), 100 * kMs);
}

TEST(AlignedInput, WhoIsLateNoMoreIsPlayedInTimeAgain) {
  Line line;
  heard_of(line, 50, [](int) { return -70 * kMs; });
  heard_of(line, 50, [](int) { return 15 * kMs; });
  heard_of(line, 300, [](int) { return 15 * kMs; });
  EXPECT_LE(line.input.shift(), 2 * kMs);
}

TEST(AlignedInput, OneLateBufferChangesNothing) {
  Line line;
  heard_of(line, 200, [](int i) { return i % 9 == 0 ? -40 * kMs : 15 * kMs; });
  EXPECT_EQ(line.input.shift(), 0);
}

TEST(AlignedInput, WhoIsFarTooEarlyWaitsNoLongerThanTheBound) {
  Line line;
  heard_of(line, 100, [](int) { return 400 * kMs; });
  EXPECT_LE(400 * kMs + line.input.shift(), 7200);
  // As a clock that is fast by one in a hundred, until it would have been half a second ahead.
  Line fast;
  const int heard = heard_of(fast, 2500, [](int i) { return i * 10; });
  EXPECT_LE(25000 + fast.input.shift(), 7200 + 12 * kMs);
  EXPECT_GE(heard, 2450);
}

TEST(AlignedInput, ASlowClockIsFollowedWithoutLoss) {
  Line line;
  // Each buffer comes 2 frames (0.2 %) later than the one before.
  const int heard = heard_of(line, 2000, [](int i) { return 15 * kMs - 2 * i; });
  EXPECT_GE(heard, 1990);
  EXPECT_GT(line.input.shift(), 3000);
}

TEST(AlignedInput, WithoutTimestampsSamplesFollowOneAnother) {
  Line line;
  std::vector<float> first = counting(0, kBlock);
  line.input.write(line.input.align(std::nullopt, first), first);
  std::vector<float> second = counting(kBlock, kBlock);
  line.input.write(line.input.align(std::nullopt, second), second);
  line.read();
  const auto read = line.read();
  EXPECT_EQ(read[0], counting(480, 1)[0]);  // behind the slack of 10 ms
  EXPECT_EQ(read[479], counting(959, 1)[0]);
  EXPECT_EQ(read[480], counting(960, 1)[0]);
}

TEST(AlignedInput, AFileWaitsForRoomAndIsWhole) {
  AlignedInput::Config config;
  config.live = false;
  Line line(config);
  std::int64_t written = 0;
  for (int block = 0; block < 200; ++block) {
    while (line.input.has_room(written, kBlock)) {
      line.write(written, counting(written, kBlock));
      written += kBlock;
    }
    EXPECT_LT(written, line.position() + config.capacity + 3 * kBlock);
    ASSERT_EQ(line.read(), counting(block * kBlock, kBlock)) << block;
  }
}

TEST(AlignedInput, AGrowingRingKeepsWhatIsInIt) {
  AlignedInput::Config config;
  config.live = false;
  Line line(config);
  for (int i = 0; i < 40; ++i) {  // so that the samples go round the end of the ring
    line.write(i * kBlock, counting(i * kBlock, kBlock));
    if (i < 25) line.read();
  }
  config.capacity *= 2;
  line.input.configure(config, line.position());
  for (int i = 25; i < 40; ++i) ASSERT_EQ(line.read(), counting(i * kBlock, kBlock)) << i;
}

TEST(AlignedInput, ClearForgetsSamplesAndWhereTheyWere) {
  Line line;
  line.write(0, counting(0, 4 * kBlock));
  line.read();
  line.input.clear();
  EXPECT_TRUE(line.input.block(kBlock).empty());
  line.write(2 * kBlock, counting(7, kBlock));
  line.read();
  EXPECT_EQ(line.read(), counting(7, kBlock));
}

}  // namespace
}  // namespace rooms
