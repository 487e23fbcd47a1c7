// SPDX-License-Identifier: LGPL-2.1-or-later
// Seeded randomness for property tests. The seed is printed with a failure; ROOMS_TEST_SEED repeats
// it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace rooms {

class Random {
 public:
  explicit Random(std::uint64_t fallback = 1) : seed_(seed_or(fallback)), engine_(seed_) {}

  [[nodiscard]] std::string seed() const { return "ROOMS_TEST_SEED=" + std::to_string(seed_); }
  /// Both ends included.
  template <class T>
  T between(T low, T high) {
    return static_cast<T>(std::uniform_int_distribution<std::int64_t>(
        static_cast<std::int64_t>(low), static_cast<std::int64_t>(high))(engine_));
  }
  /// `probability`: 0 .. 1. Draws nothing for 0.
  bool chance(double probability) {
    return probability > 0 && static_cast<double>(u32()) < probability * 4294967296.0;
  }
  bool one_in(int n) { return between(1, n) == 1; }
  std::uint64_t bits() { return engine_(); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(engine_()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(engine_()); }
  std::uint8_t u8() { return static_cast<std::uint8_t>(engine_()); }
  std::vector<std::uint8_t> bytes(std::size_t size) {
    std::vector<std::uint8_t> result(size);
    for (auto& byte : result) byte = u8();
    return result;
  }

 private:
  static std::uint64_t seed_or(std::uint64_t fallback) {
    const char* wanted = std::getenv("ROOMS_TEST_SEED");
    return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : fallback;
  }
  std::uint64_t seed_;
  std::mt19937_64 engine_;
};

}  // namespace rooms
