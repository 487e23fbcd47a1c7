// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/aligned_input.h"

#include <bit>
#include <cmath>

namespace rooms {
namespace {

constexpr std::int64_t kMillisecond = kMixRate / 1000;
constexpr std::int64_t kJump = 10 * kMillisecond;
constexpr std::int64_t kStep = kMillisecond;
constexpr std::int64_t kFade = 5 * kMillisecond;
constexpr std::int64_t kWatch = 200 * kMillisecond;
/// Of the average: an eighth of a second of buffers of 20 ms.
constexpr double kGain = 1.0 / 8;

bool is_silent(std::span<const float> samples) {
  // In runs of fixed length, which compilers turn into vectors. -0 counts as loud: no matter.
  constexpr std::size_t kRun = 32;
  std::size_t i = 0;
  for (; i + kRun <= samples.size(); i += kRun) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < kRun; ++j) bits |= std::bit_cast<std::uint32_t>(samples[i + j]);
    if (bits != 0) return false;
  }
  return std::all_of(samples.begin() + static_cast<std::ptrdiff_t>(i), samples.end(),
                     [](float sample) { return sample == 0; });
}

}  // namespace

void AlignedInput::configure(const Config& config, std::int64_t position) {
  const auto block = static_cast<std::int64_t>(config.block);
  const std::int64_t capacity = (config.capacity / block + 2) * block;
  const bool anew =
      config.block != config_.block || config.channels != config_.channels || ring_.empty();
  if (!anew && capacity <= capacity_) {  // a ring that is larger than it need be does no harm
    config_ = config;
    return;
  }
  std::vector<float> held;
  const std::int64_t from = read_;
  if (!anew)
    for (std::int64_t at = from; at < loud_until_; ++at)
      held.insert(held.end(), slot(at), slot(at) + config.channels);
  config_ = config;
  capacity_ = capacity;
  ring_.assign(static_cast<std::size_t>(capacity) * config.channels, 0.0F);
  if (anew) return restart(position);
  for (std::size_t i = 0; i < held.size() / config.channels; ++i)
    std::copy_n(held.begin() + static_cast<std::ptrdiff_t>(i * config.channels), config.channels,
                slot(from + static_cast<std::int64_t>(i)));
}

void AlignedInput::clear() {
  std::fill(ring_.begin(), ring_.end(), 0.0F);
  next_ = loud_until_ = known_until_ = read_;
  shift_ = watched_ = 0;
  placed_ = false;
  error_ = 0;
}

std::int64_t AlignedInput::align(std::optional<std::int64_t> position,
                                 std::vector<float>& samples) {
  const auto frames = static_cast<std::int64_t>(samples.size() / config_.channels);
  if (!position) {
    if (!placed_) next_ = read_ + config_.slack;
    placed_ = true;
    next_ = std::max(next_, read_);
    return next_;
  }
  const std::int64_t at = place(*position, frames);
  if (std::fabs(error_) >= kStep) absorb(samples);
  return at;
}

std::int64_t AlignedInput::align_silence(std::int64_t position, std::int64_t frames) {
  return place(position, frames);
}

std::int64_t AlignedInput::place(std::int64_t position, std::int64_t frames) {
  if (config_.live) watch_lead(position + shift_ - read_, frames);
  const std::int64_t target = position + shift_;
  const std::int64_t error = target - next_;
  if (!placed_ || std::abs(error) >= kJump) {
    counters_.jumps += placed_ ? 1 : 0;
    placed_ = true;
    error_ = 0;
    return target;
  }
  error_ += (static_cast<double>(error) - error_) * kGain;
  return next_;
}

void AlignedInput::watch_lead(std::int64_t lead, std::int64_t frames) {
  if (watched_ == 0) {
    least_lead_ = most_lead_ = lead;
  } else {
    least_lead_ = std::min(least_lead_, lead);
    most_lead_ = std::max(most_lead_, lead);
  }
  watched_ += std::max<std::int64_t>(frames, 1);
  if (watched_ < kWatch) return;
  watched_ = 0;
  const std::int64_t low = std::min(kStep, config_.slack / 2);
  if (most_lead_ < -kJump) {
    change_shift(config_.slack - most_lead_);
  } else if (most_lead_ < low) {
    change_shift(low + kStep - most_lead_);
  } else if (least_lead_ > config_.max_lead) {
    change_shift(config_.max_lead - least_lead_ - kStep);
  } else if (shift_ > 0 && least_lead_ > config_.slack + 2 * kStep) {
    change_shift(-std::min(shift_, least_lead_ - config_.slack));
  }
}

void AlignedInput::change_shift(std::int64_t by) {
  shift_ += by;
  ++counters_.shift_changes;
}

void AlignedInput::absorb(std::vector<float>& samples) {
  const auto frames = static_cast<std::int64_t>(samples.size() / config_.channels);
  const std::int64_t step =
      std::min({std::llround(std::fabs(error_)), static_cast<long long>(kStep),
                static_cast<long long>(frames / 4)});
  if (step == 0) return;
  if (error_ > 0) {
    insert(samples, static_cast<std::size_t>(step));
    counters_.inserted += static_cast<std::uint64_t>(step);
    error_ -= static_cast<double>(step);
  } else {
    remove(samples, static_cast<std::size_t>(step));
    counters_.removed += static_cast<std::uint64_t>(step);
    error_ += static_cast<double>(step);
  }
}

void AlignedInput::remove(std::vector<float>& samples, std::size_t frames) {
  const std::size_t skip = frames * config_.channels;
  const std::size_t rest = samples.size() - skip;
  const std::size_t fade = std::min(rest, static_cast<std::size_t>(kFade) * config_.channels);
  for (std::size_t i = 0; i < rest; ++i) {
    const float later = samples[i + skip];
    const float weight = i < fade ? static_cast<float>(i / config_.channels * config_.channels) /
                                        static_cast<float>(fade)
                                  : 1.0F;
    samples[i] += weight * (later - samples[i]);
  }
  samples.resize(rest);
}

void AlignedInput::insert(std::vector<float>& samples, std::size_t frames) {
  const std::size_t again = frames * config_.channels;
  const std::size_t fade =
      std::min(samples.size() - again, static_cast<std::size_t>(kFade) * config_.channels);
  const std::size_t length = samples.size();
  samples.resize(length + again);
  for (std::size_t i = samples.size(); i-- > again;) {  // backwards: sources are further ahead
    const float earlier = samples[i - again];
    const std::size_t faded = i - again;
    if (faded >= fade) {
      samples[i] = earlier;
    } else {
      const float weight = static_cast<float>(faded / config_.channels * config_.channels) /
                           static_cast<float>(fade);
      samples[i] += weight * (earlier - samples[i]);
    }
  }
}

/// Counts what comes too late on the way.
std::int64_t AlignedInput::first_free(std::int64_t at, std::int64_t end) {
  const std::int64_t unread = std::clamp(read_, at, end);
  const std::int64_t free = std::clamp(next_, unread, end);
  counters_.late += static_cast<std::uint64_t>(unread - at);
  counters_.overlapped += static_cast<std::uint64_t>(free - unread);
  return free;
}

void AlignedInput::write(std::int64_t at, std::span<const float> samples) {
  const std::int64_t end = at + static_cast<std::int64_t>(samples.size() / config_.channels);
  const std::int64_t from = first_free(at, end);
  const std::int64_t to = std::clamp(read_ + capacity_, from, end);
  counters_.overflowed += static_cast<std::uint64_t>(end - to);
  counters_.written += static_cast<std::uint64_t>(to - from);
  const auto kept = samples.subspan(static_cast<std::size_t>(from - at) * config_.channels,
                                    static_cast<std::size_t>(to - from) * config_.channels);
  if (!is_silent(kept)) {
    const std::int64_t around = (from / capacity_ + 1) * capacity_;  // where the ring begins again
    const auto first = static_cast<std::size_t>(std::min(to, around) - from) * config_.channels;
    std::copy_n(kept.begin(), first, slot(from));
    std::copy(kept.begin() + static_cast<std::ptrdiff_t>(first), kept.end(), ring_.begin());
    loud_until_ = std::max(loud_until_, to);
  }
  go_on(from, to);
}

void AlignedInput::write_silence(std::int64_t at, std::int64_t frames) {
  const std::int64_t end = at + frames;
  const std::int64_t from = first_free(at, end);
  const std::int64_t to = std::clamp(read_ + capacity_, from, end);
  counters_.overflowed += static_cast<std::uint64_t>(end - to);
  counters_.written += static_cast<std::uint64_t>(to - from);
  go_on(from, to);
}

/// What found no room at all moves nothing, or one wrong timestamp would shut out all after it.
void AlignedInput::go_on(std::int64_t from, std::int64_t to) {
  if (next_ <= read_ && to <= read_) {
    next_ = to;
  } else if (to > from) {
    next_ = std::max(next_, to);
  }
  promise(next_);
}

std::span<float> AlignedInput::block(std::int64_t position) {
  if (position > read_) pass(position);
  if (position < read_ || loud_until_ <= position) return {};
  const std::span<float> samples(slot(position), config_.block * config_.channels);
  return is_silent(samples) ? std::span<float>{} : samples;
}

void AlignedInput::pass(std::int64_t position) {
  if (position <= read_) return;
  erase(read_, std::min(position, loud_until_));
  read_ = position;
  loud_until_ = std::max(loud_until_, read_);
  known_until_ = std::max(known_until_, read_);
}

void AlignedInput::erase(std::int64_t from, std::int64_t to) {
  if (to <= from) return;
  const std::int64_t around = (from / capacity_ + 1) * capacity_;
  std::fill_n(slot(from), (std::min(to, around) - from) * config_.channels, 0.0F);
  if (to > around) std::fill_n(ring_.begin(), (to - around) * config_.channels, 0.0F);
}

float* AlignedInput::slot(std::int64_t at) {
  return ring_.data() + static_cast<std::size_t>(at % capacity_) * config_.channels;
}

}  // namespace rooms
