// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/layer_plan.h"

#include <algorithm>
#include <cmath>

namespace rooms {
namespace {

constexpr double kForMedia = 0.9;
constexpr double kToStay = 0.5;
constexpr double kToReturn = 0.75;
constexpr DataRate kLeast = DataRate::kilobits_per_second(30);
/// A layer has four times the pixels of the one below; what looks as good costs about three times
/// as much.
constexpr double kStep = 3;

int even(int side) { return std::max(16, side - side % 2); }

DataRate due(DataRate most, std::size_t index, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::pow(kStep, static_cast<double>(i));
  return most * (std::pow(kStep, static_cast<double>(index)) / sum);
}

/// What is left for one picture.
DataRate share(DataRate line, DataRate sound, std::size_t pictures) {
  const DataRate media = line * kForMedia;
  const DataRate rest = media > sound ? media - sound : DataRate{};
  return rest * (1.0 / static_cast<double>(std::max<std::size_t>(pictures, 1)));
}

}  // namespace

std::vector<std::string> layer_rids(std::size_t count) {
  if (count <= 1) return {""};
  if (count == 2) return {"h", "f"};
  return {"q", "h", "f"};
}

PictureSize layer_size(PictureSize input, std::size_t index, std::size_t count) {
  const int divisor = index + 1 < count ? 1 << (count - 1 - index) : 1;
  return {even(input.width / divisor), even(input.height / divisor)};
}

LinePlan plan_line(DataRate line, DataRate most, DataRate sound, std::size_t pictures,
                   std::size_t layers, const LinePlan& before) {
  LinePlan plan;
  DataRate left = share(std::min(line, most), sound, pictures);
  const DataRate wanted = share(most, sound, pictures);
  bool open = true;
  for (std::size_t i = 0; i < layers; ++i) {
    const DataRate full = due(wanted, i, layers);
    const DataRate given = std::min(left, full);
    const bool was_on = i < before.layers.size() && before.layers[i] > DataRate{};
    open = open && (i == 0 || given >= full * (was_on ? kToStay : kToReturn));
    plan.layers.push_back(!open ? DataRate{} : i == 0 ? std::max(given, kLeast) : given);
    if (open) left = left - given;
  }
  return plan;
}

}  // namespace rooms
