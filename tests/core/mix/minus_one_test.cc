// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/minus_one.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

namespace rooms {
namespace {

using Type = SampleFormat::Type;
constexpr std::size_t kBlock = 480;

MinusOneMixer::Config config_of(SampleFormat format) {
  MinusOneMixer::Config config;
  config.format = format;
  config.input.block = kBlock;
  config.input.live = false;
  return config;
}

std::vector<double> decoded(const std::vector<std::uint8_t>& bytes, Type type) {
  std::vector<double> samples(bytes.size() / (type == Type::kS16 ? 2 : 4));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (type == Type::kS16) {
      std::int16_t sample;
      std::memcpy(&sample, bytes.data() + 2 * i, 2);
      samples[i] = sample;
    } else {
      float sample;
      std::memcpy(&sample, bytes.data() + 4 * i, 4);
      samples[i] = double{sample};
    }
  }
  return samples;
}

/// What the mixer's outputs are compared with: everything that was to be heard, kept for ever, and
/// added up anew for each listener.
class Oracle {
 public:
  void write(unsigned id, std::int64_t at, const std::vector<float>& samples, double gain) {
    auto& track = tracks_[id];
    const auto end = static_cast<std::size_t>(at) + samples.size();
    if (track.size() < end) track.resize(end, 0.0F);
    for (std::size_t i = 0; i < samples.size(); ++i)
      track[static_cast<std::size_t>(at) + i] =
          gain == 1 ? samples[i] : tame(samples[i] * static_cast<float>(gain));
  }
  void remove(unsigned id) { tracks_.erase(id); }
  /// `at` and `count` in samples.
  std::vector<double> without(unsigned id, std::int64_t at, std::size_t count, Type type) const {
    std::vector<double> mix(count, 0.0);
    for (const auto& [other, track] : tracks_) {
      if (other == id) continue;
      for (std::size_t i = 0; i < count && static_cast<std::size_t>(at) + i < track.size(); ++i)
        mix[i] += double{track[static_cast<std::size_t>(at) + i]};
    }
    for (double& sample : mix)
      sample = type == Type::kS16 ? std::nearbyint(std::clamp(sample * 32768, -32768.0, 32767.0))
                                  : double{static_cast<float>(std::clamp(sample, -1.0, 1.0))};
    return mix;
  }

 private:
  std::map<unsigned, std::vector<float>> tracks_;
};

class Output {
 public:
  Output(const MinusOneMixer& mixer, Type type) : bytes_(mixer.block_size()), type_(type) {}
  std::vector<double> without(const MinusOneMixer& mixer, unsigned id) {
    if (mixer.contributes(id)) {
      mixer.write_without(id, bytes_);
    } else {
      write_total(mixer);
    }
    return decoded(bytes_, type_);
  }
  std::vector<double> total(const MinusOneMixer& mixer) {
    write_total(mixer);
    return decoded(bytes_, type_);
  }

 private:
  void write_total(const MinusOneMixer& mixer) {
    std::fill(bytes_.begin(), bytes_.end(), std::uint8_t{0});
    if (mixer.contributors() > 0) mixer.write_total(bytes_);
  }
  std::vector<std::uint8_t> bytes_;
  Type type_;
};

class MinusOne : public testing::TestWithParam<SampleFormat> {};

INSTANTIATE_TEST_SUITE_P(Formats, MinusOne,
                         testing::Values(SampleFormat{Type::kS16, 1}, SampleFormat{Type::kS16, 2},
                                         SampleFormat{Type::kF32, 1}, SampleFormat{Type::kF32, 2}),
                         [](const auto& tested) {
                           return std::string(tested.param.type == Type::kS16 ? "S16" : "F32") +
                                  (tested.param.channels == 1 ? "Mono" : "Stereo");
                         });

/// One run of a room in which everything happens: people come and go, pause, are loud and silent,
/// have volumes, lose packets. Every sample of every output is the oracle's.
void live_through(SampleFormat format, unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto chance = [&](unsigned of) { return random() % of == 0; };
  MinusOneMixer mixer;
  mixer.configure(config_of(format));
  Output output(mixer, format.type);
  Oracle oracle;
  struct Source {
    std::int64_t next = 0;
    bool talks = false;
    double loudness = 0.1;
    double gain = 1;
  };
  std::map<unsigned, Source> sources;
  unsigned next_id = 0;
  const auto samples_of = [&](const Source& source, std::size_t frames) {
    std::vector<float> samples(frames * format.channels, 0.0F);
    if (source.talks)
      for (float& sample : samples)
        // Full 16 or 24 bits; at times far beyond full scale.
        sample = format.type == Type::kS16
                     ? static_cast<float>(static_cast<std::int16_t>(random())) / 32768
                     : tame(static_cast<float>(source.loudness *
                                               (static_cast<double>(random()) / 2147483648.0 - 1)));
    return samples;
  };
  for (int round = 0; round < 150; ++round) {
    const std::int64_t position = round * static_cast<std::int64_t>(kBlock);
    if ((sources.size() < 3 || chance(6)) && sources.size() < 20) {
      Source source;
      source.next = position + static_cast<std::int64_t>(random() % (2 * kBlock));
      source.gain = chance(3) ? 0.3 : 1;
      source.loudness = chance(4) ? 3 : 0.1;
      mixer.add(next_id, false);
      mixer.set_gain(next_id, static_cast<float>(source.gain));
      sources[next_id++] = source;
    }
    if (sources.size() > 3 && chance(9)) {
      const auto gone = std::next(sources.begin(), static_cast<long>(random() % sources.size()));
      mixer.remove(gone->first);
      oracle.remove(gone->first);
      sources.erase(gone);
    }
    for (auto& [id, source] : sources) {
      if (chance(10)) source.talks = !source.talks;
      while (source.next < position + 3 * static_cast<std::int64_t>(kBlock)) {
        const auto frames = 1 + random() % 1200;
        const bool lost = chance(12) && frames > kBlock;
        if (!lost) {
          auto samples = samples_of(source, frames);
          auto* input = mixer.find(id);
          const auto at = input->align(source.next, samples);
          ASSERT_EQ(at, source.next);
          input->write(at, samples);
          oracle.write(id, at * format.channels, samples, source.gain);
        }
        source.next += static_cast<std::int64_t>(frames);
      }
    }
    mixer.begin(position);
    const auto at = position * format.channels;
    const auto count = kBlock * format.channels;
    for (const auto& [id, source] : sources)
      ASSERT_EQ(output.without(mixer, id), oracle.without(id, at, count, format.type))
          << "output " << id << ", round " << round;
    ASSERT_EQ(output.total(mixer), oracle.without(next_id, at, count, format.type));
    mixer.end();
  }
}

TEST_P(MinusOne, IsSampleExactWhateverHappens) {
  for (unsigned seed = 1; seed <= 3; ++seed) live_through(GetParam(), seed);
}

/// A mixer of S16 mono with inputs that carry a constant.
class Constants {
 public:
  explicit Constants(std::vector<std::int16_t> values) : values_(std::move(values)) {
    mixer.configure(config_of({Type::kS16, 1}));
    for (unsigned id = 0; id < values_.size(); ++id) mixer.add(id, false);
  }
  void begin() {
    for (unsigned id = 0; id < values_.size(); ++id) {
      std::vector<float> samples(kBlock, static_cast<float>(values_[id]) / 32768);
      auto* input = mixer.find(id);
      input->write(input->align(mixer.position(), samples), samples);
    }
    mixer.begin(mixer.position());
  }
  double heard(unsigned id, std::size_t frame) {
    return Output(mixer, Type::kS16).without(mixer, id)[frame];
  }

  MinusOneMixer mixer;

 private:
  std::vector<std::int16_t> values_;
};

TEST(MinusOneMixer, SumsSaturateAndWhatIsSubtractedComesBack) {
  Constants room({30000, 20000, -10000});
  room.begin();
  EXPECT_EQ(room.heard(2, 0), 32767);
  EXPECT_EQ(room.heard(0, 0), 10000);
  EXPECT_EQ(room.heard(1, kBlock - 1), 20000);
  Constants low({-30000, -20000, 10000});
  low.begin();
  EXPECT_EQ(low.heard(2, 0), -32768);
}

TEST(MinusOneMixer, AVolumeIsReachedWithinABlockWithoutAStep) {
  Constants room({1000, 0});
  room.begin();
  EXPECT_EQ(room.heard(1, 0), 1000);
  room.mixer.end();
  room.mixer.set_gain(0, 0.5F);
  room.begin();
  EXPECT_NEAR(room.heard(1, 0), 1000, 2);
  EXPECT_NEAR(room.heard(1, kBlock / 2), 750, 2);
  EXPECT_EQ(room.heard(1, kBlock - 1), 500);
  room.mixer.end();
  room.begin();
  EXPECT_EQ(room.heard(1, 0), 500);
}

TEST(MinusOneMixer, TheMutedContributeNothingAndHearTheOthers) {
  Constants room({1000, 500});
  room.mixer.set_gain(0, 0);
  room.begin();
  EXPECT_FALSE(room.mixer.contributes(0));
  EXPECT_EQ(room.mixer.contributors(), 1U);
  EXPECT_EQ(room.heard(0, 0), 500);
  EXPECT_EQ(room.heard(1, 0), 0);
}

TEST(MinusOneMixer, TheSilentContributeNothing) {
  Constants room({0, 0, 7});
  room.begin();
  EXPECT_EQ(room.mixer.contributors(), 1U);
  EXPECT_FALSE(room.mixer.contributes(0));
  EXPECT_TRUE(room.mixer.contributes(2));
}

TEST(MinusOneMixer, LevelsAreOfTheLoudestBlockBeforeVolume) {
  Constants room({32767, 3277, 0});
  room.mixer.measure_levels(true);
  room.mixer.set_gain(1, 0);
  room.begin();
  room.mixer.end();
  EXPECT_EQ(room.mixer.take_level(0), 0U);
  EXPECT_EQ(room.mixer.take_level(1), 20U);
  EXPECT_EQ(room.mixer.take_level(2), 127U);
  EXPECT_EQ(room.mixer.take_level(0), 127U);  // nothing since
}

TEST(MinusOneMixer, SkippedTimeIsForgotten) {
  Constants room({1000, 0});
  room.begin();
  room.mixer.end();
  room.mixer.skip_to(100 * kBlock);
  EXPECT_EQ(room.mixer.position(), 100 * static_cast<std::int64_t>(kBlock));
  room.begin();
  EXPECT_EQ(room.heard(1, 0), 1000);
  room.mixer.restart();
  EXPECT_EQ(room.mixer.position(), 0);
  room.mixer.begin(0);
  EXPECT_EQ(room.mixer.contributors(), 0U);
}

}  // namespace
}  // namespace rooms
