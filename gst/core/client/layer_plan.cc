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

namespace {

std::size_t layers_on(const LinePlan& plan) {
  return static_cast<std::size_t>(std::count_if(plan.layers.begin(), plan.layers.end(),
                                                [](DataRate rate) { return rate > DataRate{}; }));
}

constexpr double kNarrowed = 0.85;
constexpr double kMostOfDue = 2;

}  // namespace

const LinePlan& LinePlanner::next(const Line& line, const Media& media, Timestamp now) {
  judge_trial(line, now);
  auto plan =
      plan_line(line.estimate, media.most, media.sound, media.pictures, media.layers, plan_);
  std::size_t on = layers_on(plan);
  consider_trial(line, media, on, now);
  const DataRate wanted = share(media.most, media.sound, media.pictures);
  for (; on < std::min(granted_, media.layers); ++on)
    plan.layers[on] = due(wanted, on, media.layers) * kToStay;
  if (on > 0 && on < media.layers && granted_ < on) {
    DataRate left = share(std::min(line.estimate, media.most), media.sound, media.pictures);
    for (const auto rate : plan.layers) left = left > rate ? left - rate : DataRate{};
    auto& top = plan.layers[on - 1];
    top = std::min(top + left, std::max(top, due(wanted, on - 1, media.layers) * kMostOfDue));
  }
  plan_ = std::move(plan);
  return plan_;
}

void LinePlanner::judge_trial(const Line& line, Timestamp now) {
  if (granted_ == 0) return;
  if (!line.overused && line.estimate >= before_trial_ * kNarrowed) {
    before_trial_ = std::max(before_trial_, line.estimate);
    return;
  }
  granted_ = 0;
  rest_ = std::min(rest_ * 2, kLongestRest);
  idle_since_ = now;
}

void LinePlanner::consider_trial(const Line& line, const Media& media, std::size_t on,
                                 Timestamp now) {
  const bool more = std::max(on, granted_) < media.layers;
  if (!more || !line.application_limited || line.overused) {
    idle_since_.reset();
    if (granted_ > 0 && on >= granted_) granted_ = 0, rest_ = kFirstRest;
    return;
  }
  if (!idle_since_) idle_since_ = now;
  if (now - *idle_since_ < rest_) return;
  granted_ = std::max(on, granted_) + 1;
  before_trial_ = line.estimate;
  idle_since_ = now;
}

}  // namespace rooms
