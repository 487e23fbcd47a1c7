// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a simulcast layer keeps up with the lowest one. A publisher whose line has become too
// narrow goes on with its small layer and lets a large one trickle: a packet now and then, so that
// it is never silent, and hardly a picture.
#pragma once

#include <cstdint>

namespace rooms {

/// Looks at windows of about half a second, in which pictures are counted that came to their end.
class LayerPace {
 public:
  /// Pictures of the lowest layer that a window needs to say anything.
  static constexpr std::uint64_t kTelling = 4;
  /// Windows in a row in which it lagged, until it is left.
  static constexpr int kPatience = 2;

  /// `own` pictures of the layer came while `others` came of the lowest; `number` tells which that
  /// is, and another one begins a new window. True if `lags` has changed.
  bool observe(std::uint64_t own, std::uint64_t others, std::uint32_t number) {
    const auto own_before = own_;
    const auto others_before = others_;
    own_ = own;
    others_ = others;
    const bool same = number == number_;
    number_ = number;
    return same && judge(own - own_before, others - others_before);
  }
  /// It has fewer than a third of the pictures, and had as many before; until it has two thirds.
  [[nodiscard]] bool lags() const { return lags_; }

 private:
  bool judge(std::uint64_t own, std::uint64_t others) {
    if (others < kTelling) return false;
    if (own * 3 >= others * 2) {
      has_kept_up_ = true;
      late_windows_ = 0;
      const bool news = lags_;
      lags_ = false;
      return news;
    }
    if (own * 3 >= others || !has_kept_up_) {
      late_windows_ = 0;
      return false;
    }
    if (lags_ || ++late_windows_ < kPatience) return false;
    lags_ = true;
    return true;
  }

  std::uint64_t own_ = 0;
  std::uint64_t others_ = 0;
  std::uint32_t number_ = 0;
  int late_windows_ = 0;
  bool has_kept_up_ = false;  // some layers have fewer pictures by their nature
  bool lags_ = false;
};

}  // namespace rooms
