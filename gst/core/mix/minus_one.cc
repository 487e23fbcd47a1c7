// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/minus_one.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "gst/core/audio/sound_level.h"

namespace rooms {
namespace {

/// Samples are taken so many at a time, for the compiler to make vectors of them.
constexpr std::size_t kRun = 8;

template <class F>
void each(std::size_t count, F&& f) {
  std::size_t i = 0;
  for (; i + kRun <= count; i += kRun)
    for (std::size_t j = 0; j < kRun; ++j) f(i + j);
  for (; i < count; ++i) f(i);
}

double clamp(double value, double low, double high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

float to_f32(double value) { return static_cast<float>(clamp(value, -1, 1)); }

std::int16_t to_s16(double value) {
  // Adding what leaves no bit for fractions rounds to the nearest, ties to even.
  constexpr double kRounding = 0x1.8p52;
  const double scaled = clamp(value * 32768, -32768, 32767);
  return static_cast<std::int16_t>(static_cast<std::int32_t>((scaled + kRounding) - kRounding));
}

template <class Sample, class Value, class Round>
void store(MutableBytes out, std::size_t count, Value&& value, Round&& round) {
  std::uint8_t* to = out.data();
  each(count, [&](std::size_t i) {
    const Sample sample = round(value(i));
    std::memcpy(to + i * sizeof(Sample), &sample, sizeof(Sample));
  });
}

template <class Value>
void store(SampleFormat::Type type, MutableBytes out, std::size_t count, Value&& value) {
  if (type == SampleFormat::Type::kS16) {
    store<std::int16_t>(out, count, value, [](double sample) { return to_s16(sample); });
  } else {
    store<float>(out, count, value, [](double sample) { return to_f32(sample); });
  }
}

}  // namespace

AlignedInput::Config MinusOneMixer::with_live(AlignedInput::Config config, bool live) {
  config.live = live;
  return config;
}

AlignedInput::Config MinusOneMixer::config_of(const Input& input) const {
  return with_live(config_.input, input.live);
}

void MinusOneMixer::configure(const Config& config) {
  config_ = config;
  config_.input.channels = config.format.channels;
  total_.assign(block() * config.format.channels, 0.0);
  for (auto& [id, input] : inputs_) input.samples.configure(config_of(input), position_);
}

AlignedInput& MinusOneMixer::add(Id id, bool live) {
  auto [at, is_new] = inputs_.try_emplace(
      id, Input{AlignedInput(with_live(config_.input, live)), live, 1, 1, 127, {}});
  assert(is_new);
  at->second.samples.pass(position_);
  return at->second.samples;
}

void MinusOneMixer::remove(Id id) { inputs_.erase(id); }

AlignedInput* MinusOneMixer::find(Id id) {
  const auto found = inputs_.find(id);
  return found == inputs_.end() ? nullptr : &found->second.samples;
}

void MinusOneMixer::set_live(Id id, bool live) {
  const auto found = inputs_.find(id);
  if (found == inputs_.end() || found->second.live == live) return;
  found->second.live = live;
  found->second.samples.configure(config_of(found->second), position_);
}

void MinusOneMixer::set_gain(Id id, float gain) {
  const auto found = inputs_.find(id);
  if (found == inputs_.end()) return;
  auto& input = found->second;
  input.gain = gain;
  if (input.samples.counters().written == 0) input.reached = gain;
}

unsigned MinusOneMixer::take_level(Id id) {
  const auto found = inputs_.find(id);
  return found == inputs_.end() ? 127 : std::exchange(found->second.level, 127U);
}

void MinusOneMixer::begin(std::int64_t position) {
  position_ = position;
  contributors_ = 0;
  for (auto& [id, input] : inputs_) {
    input.contribution = input.samples.block(position);
    if (!input.contribution.empty()) {
      if (measures_) input.level = std::min(input.level, sound_level(input.contribution));
      amplify(input);
    }
    input.reached = input.gain;
    if (input.contribution.empty()) continue;
    if (contributors_++ == 0) std::fill(total_.begin(), total_.end(), 0.0);
    double* total = total_.data();
    const float* own = input.contribution.data();
    each(input.contribution.size(), [=](std::size_t i) { total[i] += double{own[i]}; });
  }
}

void MinusOneMixer::amplify(Input& input) const {
  const float from = input.reached;
  const float to = input.gain;
  auto& samples = input.contribution;
  if (from == to && to == 1) return;
  if (from == to && to == 0) {
    samples = {};
    return;
  }
  const unsigned channels = config_.format.channels;
  const std::size_t frames = samples.size() / channels;
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const float part = static_cast<float>(frame + 1) / static_cast<float>(frames);
    const float gain = from + part * (to - from);
    for (unsigned c = 0; c < channels; ++c)
      samples[frame * channels + c] = tame(samples[frame * channels + c] * gain);
  }
}

bool MinusOneMixer::contributes(Id id) const {
  const auto found = inputs_.find(id);
  return found != inputs_.end() && !found->second.contribution.empty();
}

void MinusOneMixer::write_total(MutableBytes out) const {
  const double* total = total_.data();
  store(config_.format.type, out, total_.size(), [=](std::size_t i) { return total[i]; });
}

void MinusOneMixer::write_without(Id id, MutableBytes out) const {
  const double* total = total_.data();
  const float* own = inputs_.at(id).contribution.data();
  store(config_.format.type, out, total_.size(),
        [=](std::size_t i) { return total[i] - double{own[i]}; });
}

void MinusOneMixer::end() {
  skip_to(position_ + static_cast<std::int64_t>(block()));
  contributors_ = 0;
}

void MinusOneMixer::skip_to(std::int64_t position) {
  position_ = position;
  for (auto& [id, input] : inputs_) {
    input.contribution = {};
    input.samples.pass(position);
  }
}

void MinusOneMixer::restart() {
  position_ = 0;
  contributors_ = 0;
  for (auto& [id, input] : inputs_) {
    input.contribution = {};
    input.reached = input.gain;
    input.samples.restart(0);
  }
}

}  // namespace rooms
