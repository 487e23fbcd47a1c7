// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the queue on the way grows: the slope of the smoothed one-way delay over the latest
// groups, by least squares. Zero: as much arrives as leaves; 0.1: a second of sending takes 1.1
// seconds to arrive.
#pragma once

#include <array>
#include <cstddef>

#include "gst/core/bwe/arrival_groups.h"

namespace rooms {

class Trendline {
 public:
  void observe(const GroupDelta& delta);
  void reset() { *this = Trendline(); }
  /// The slope, weighted by how much it rests on: comparable with the threshold of the detector, in
  /// milliseconds.
  [[nodiscard]] double weighted() const;
  [[nodiscard]] double slope() const { return slope_; }

 private:
  static constexpr std::size_t kWindow = 20;
  struct Point {
    double arrival = 0;  // ms, since the first
    double delay = 0;    // ms, smoothed
  };
  void fit();

  std::array<Point, kWindow> points_{};
  std::size_t count_ = 0;  // ever
  double arrival_ = 0;
  double delay_ = 0;
  double smoothed_ = 0;
  double slope_ = 0;
};

}  // namespace rooms
