// SPDX-License-Identifier: LGPL-2.1-or-later
// Amounts and rates of data that cannot be mistaken for one another: size / time is a rate, rate *
// time is a size, size / rate is a time.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

#include "gst/core/time.h"

namespace rooms {

class DataSize {
 public:
  constexpr DataSize() = default;
  static constexpr DataSize bytes(std::int64_t count) { return DataSize(count); }
  [[nodiscard]] constexpr std::int64_t bytes() const { return bytes_; }

  friend constexpr auto operator<=>(const DataSize&, const DataSize&) = default;
  constexpr DataSize& operator+=(DataSize other) {
    bytes_ += other.bytes_;
    return *this;
  }
  constexpr DataSize& operator-=(DataSize other) {
    bytes_ -= other.bytes_;
    return *this;
  }
  friend constexpr DataSize operator+(DataSize a, DataSize b) { return a += b; }
  friend constexpr DataSize operator-(DataSize a, DataSize b) { return a -= b; }

 private:
  explicit constexpr DataSize(std::int64_t count) : bytes_(count) {}
  std::int64_t bytes_ = 0;
};

class DataRate {
 public:
  constexpr DataRate() = default;
  static constexpr DataRate bits_per_second(std::int64_t count) { return DataRate(count); }
  static constexpr DataRate kilobits_per_second(std::int64_t count) {
    return DataRate(count * 1000);
  }
  /// More than any link carries, and still safe to calculate with.
  static constexpr DataRate unlimited() { return DataRate(std::int64_t{1} << 50); }
  [[nodiscard]] constexpr std::int64_t bits_per_second() const { return bits_; }
  [[nodiscard]] constexpr double kilobits_per_second() const {
    return static_cast<double>(bits_) / 1000;
  }

  friend constexpr auto operator<=>(const DataRate&, const DataRate&) = default;
  friend constexpr DataRate operator+(DataRate a, DataRate b) {
    return DataRate(a.bits_ + b.bits_);
  }
  friend constexpr DataRate operator-(DataRate a, DataRate b) {
    return DataRate(a.bits_ - b.bits_);
  }
  /// Saturates at unlimited().
  friend constexpr DataRate operator*(DataRate a, double factor) {
    return DataRate(static_cast<std::int64_t>(
        std::min(static_cast<double>(a.bits_) * factor, static_cast<double>(unlimited().bits_))));
  }
  friend constexpr double operator/(DataRate a, DataRate b) {
    return static_cast<double>(a.bits_) / static_cast<double>(b.bits_);
  }

 private:
  explicit constexpr DataRate(std::int64_t bits) : bits_(bits) {}
  std::int64_t bits_ = 0;
};

/// As precise as clocks are; `time` > 0.
constexpr DataRate operator/(DataSize size, Duration time) {
  return DataRate::bits_per_second(1) *
         (static_cast<double>(size.bytes()) * 8e9 / static_cast<double>(time.count()));
}
constexpr DataSize operator*(DataRate rate, Duration time) {
  return DataSize::bytes(static_cast<std::int64_t>(static_cast<double>(rate.bits_per_second()) *
                                                   static_cast<double>(time.count()) / 8e9));
}
/// `rate` > 0.
constexpr Duration operator/(DataSize size, DataRate rate) {
  return Duration(static_cast<std::int64_t>(static_cast<double>(size.bytes()) * 8e9 /
                                            static_cast<double>(rate.bits_per_second())));
}

/// For filters that calculate in milliseconds.
constexpr double in_milliseconds(Duration time) { return static_cast<double>(time.count()) / 1e6; }
constexpr double in_seconds(Duration time) { return static_cast<double>(time.count()) / 1e9; }

}  // namespace rooms
