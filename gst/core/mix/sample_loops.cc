// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/sample_loops.h"

#include <algorithm>
#include <bit>
#include <cstring>

// Which version is taken is decided when the library is loaded, before sanitizers are ready.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define ROOMS_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define ROOMS_WIDE
#endif

namespace rooms {
namespace {

/// Samples are taken so many at a time, for the compiler to make vectors of them: enough that it
/// leaves the loop a loop.
constexpr std::size_t kRun = 32;

// Limits are applied to what has been rounded, which gives the same and which vectors can do.

inline float to_f32(double value) {
  const auto rounded = static_cast<float>(value);
  return rounded < -1 ? -1 : rounded > 1 ? 1 : rounded;
}

/// Up to 2^31 / 32768 times full scale: 4096 inputs as loud as `tame` lets them be.
inline std::int16_t to_s16(double value) {
  // Adding what leaves no bit for fractions rounds to the nearest, ties to even, and puts the
  // integer into the lowest bits.
  constexpr double kRounding = 0x1.8p52;
  const auto bits = std::bit_cast<std::uint64_t>(value * 32768 + kRounding);
  const auto rounded = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
  return static_cast<std::int16_t>(std::clamp(rounded, -32768, 32767));
}

template <class Sample, class Value, class Round>
inline void store(MutableBytes out, std::size_t count, Value&& value, Round&& round) {
  std::uint8_t* to = out.data();
  std::size_t i = 0;
  for (; i + kRun <= count; i += kRun, to += kRun * sizeof(Sample)) {
    Sample samples[kRun];  // of our own: what `to` points at could be any of the others
    for (std::size_t j = 0; j < kRun; ++j) samples[j] = round(value(i + j));
    std::memcpy(to, samples, sizeof(samples));
  }
  for (; i < count; ++i, to += sizeof(Sample)) {
    const Sample sample = round(value(i));
    std::memcpy(to, &sample, sizeof(sample));
  }
}

template <class Value>
inline void store(SampleFormat::Type type, MutableBytes out, std::size_t count, Value&& value) {
  if (type == SampleFormat::Type::kS16) {
    store<std::int16_t>(out, count, value, [](double sample) { return to_s16(sample); });
  } else {
    store<float>(out, count, value, [](double sample) { return to_f32(sample); });
  }
}

}  // namespace

ROOMS_WIDE void add_samples(std::span<const float> samples, std::span<double> total) {
  const float* from = samples.data();
  double* to = total.data();
  std::size_t i = 0;
  for (; i + kRun <= samples.size(); i += kRun)
    for (std::size_t j = 0; j < kRun; ++j) to[i + j] += double{from[i + j]};
  for (; i < samples.size(); ++i) to[i] += double{from[i]};
}

ROOMS_WIDE void store_samples(std::span<const double> total, SampleFormat::Type type,
                              MutableBytes out) {
  store(type, out, total.size(), [from = total.data()](std::size_t i) { return from[i]; });
}

ROOMS_WIDE void store_without(std::span<const double> total, std::span<const float> samples,
                              SampleFormat::Type type, MutableBytes out) {
  store(type, out, total.size(), [all = total.data(), own = samples.data()](std::size_t i) {
    return all[i] - double{own[i]};
  });
}

}  // namespace rooms
