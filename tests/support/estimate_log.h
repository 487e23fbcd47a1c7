// SPDX-License-Identifier: LGPL-2.1-or-later
// How an estimate went, next to the truth, in simulated time: one sample every 50 ms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gst/core/units.h"

namespace rooms::test {

class EstimateLog {
 public:
  static constexpr Duration kSampling = std::chrono::milliseconds(50);
  struct Sample {
    Duration at{};
    DataRate estimate;
    DataRate capacity;
    Duration queue{};
  };

  void note(const Sample& sample) { samples_.push_back(sample); }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
  /// Mean of the samples in [from, to).
  [[nodiscard]] DataRate mean_estimate(Duration from, Duration to) const {
    double sum = 0;
    std::int64_t count = 0;
    for (const auto& sample : samples_) {
      if (sample.at < from || sample.at >= to) continue;
      sum += static_cast<double>(sample.estimate.bits_per_second());
      ++count;
    }
    return DataRate::bits_per_second(static_cast<std::int64_t>(sum) /
                                     std::max<std::int64_t>(count, 1));
  }
  /// When the estimate first satisfies `claim` at or after `from`; nullopt: never.
  template <class Claim>
  [[nodiscard]] std::optional<Duration> first(Duration from, Claim claim) const {
    for (const auto& sample : samples_)
      if (sample.at >= from && claim(sample)) return sample.at;
    return std::nullopt;
  }
  /// The longest time without a break in which `claim` holds of the samples since `from`.
  template <class Claim>
  [[nodiscard]] Duration longest(Duration from, Claim claim) const {
    Duration longest{};
    Duration present{};
    for (const auto& sample : samples_) {
      if (sample.at < from) continue;
      present = claim(sample) ? present + kSampling : Duration{};
      longest = std::max(longest, present);
    }
    return longest;
  }
  /// So that a failure says how the estimate went.
  [[nodiscard]] std::string story() const {
    using std::chrono::seconds;
    std::string text;
    for (const auto& sample : samples_) {
      if (sample.at % seconds(1) != Duration{}) continue;
      text += "\n" + std::to_string(sample.at / seconds(1)) +
              " s: " + std::to_string(sample.estimate.bits_per_second() / 1000) + " of " +
              std::to_string(sample.capacity.bits_per_second() / 1000) + " kbit/s, queue " +
              std::to_string(sample.queue / std::chrono::milliseconds(1)) + " ms";
    }
    return text;
  }

 private:
  std::vector<Sample> samples_;
};

/// Estimate within `part` of the truth.
inline bool is_within(const EstimateLog::Sample& sample, double part) {
  return sample.estimate > sample.capacity * (1 - part) &&
         sample.estimate < sample.capacity * (1 + part);
}

}  // namespace rooms::test
