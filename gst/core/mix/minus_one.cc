// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/minus_one.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "gst/core/audio/sound_level.h"
#include "gst/core/mix/sample_loops.h"

namespace rooms {

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
  for (auto& input : inputs_) input.samples.configure(config_of(input), position_);
}

MinusOneMixer::Input* MinusOneMixer::input_of(Id id) {
  const auto at = std::ranges::lower_bound(inputs_, id, {}, &Input::id);
  return at == inputs_.end() || at->id != id ? nullptr : &*at;
}

const MinusOneMixer::Input* MinusOneMixer::input_of(Id id) const {
  return const_cast<MinusOneMixer*>(this)->input_of(id);
}

AlignedInput& MinusOneMixer::add(Id id, bool live) {
  assert(!input_of(id));
  const auto at =
      inputs_.insert(std::ranges::lower_bound(inputs_, id, {}, &Input::id),
                     Input{id, AlignedInput(with_live(config_.input, live)), live, 1, 1, 127, {}});
  at->samples.pass(position_);
  return at->samples;
}

void MinusOneMixer::remove(Id id) {
  std::erase_if(inputs_, [id](const Input& input) { return input.id == id; });
}

AlignedInput* MinusOneMixer::find(Id id) {
  auto* input = input_of(id);
  return input ? &input->samples : nullptr;
}

void MinusOneMixer::set_live(Id id, bool live) {
  auto* input = input_of(id);
  if (!input || input->live == live) return;
  input->live = live;
  input->samples.configure(config_of(*input), position_);
}

void MinusOneMixer::set_gain(Id id, float gain) {
  auto* input = input_of(id);
  if (!input) return;
  input->gain = gain;
  if (input->samples.counters().written == 0) input->reached = gain;
}

unsigned MinusOneMixer::take_level(Id id) {
  auto* input = input_of(id);
  return input ? std::exchange(input->level, 127U) : 127;
}

void MinusOneMixer::begin(std::int64_t position) {
  position_ = position;
  contributors_ = 0;
  for (auto& input : inputs_) {
    input.contribution = input.samples.block(position);
    if (!input.contribution.empty()) {
      if (measures_) input.level = std::min(input.level, sound_level(input.contribution));
      amplify(input);
    }
    input.reached = input.gain;
    if (input.contribution.empty()) continue;
    if (contributors_++ == 0) std::fill(total_.begin(), total_.end(), 0.0);
    add_samples(input.contribution, total_);
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
  const auto* input = input_of(id);
  return input && !input->contribution.empty();
}

void MinusOneMixer::write_total(MutableBytes out) const {
  store_samples(total_, config_.format.type, out);
}

void MinusOneMixer::write_without(Id id, MutableBytes out) const {
  store_without(total_, input_of(id)->contribution, config_.format.type, out);
}

void MinusOneMixer::end() {
  skip_to(position_ + static_cast<std::int64_t>(block()));
  contributors_ = 0;
}

void MinusOneMixer::skip_to(std::int64_t position) {
  position_ = position;
  for (auto& input : inputs_) {
    input.contribution = {};
    input.samples.pass(position);
  }
}

void MinusOneMixer::restart() {
  position_ = 0;
  contributors_ = 0;
  for (auto& input : inputs_) {
    input.contribution = {};
    input.reached = input.gain;
    input.samples.restart(0);
  }
}

}  // namespace rooms
