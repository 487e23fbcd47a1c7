// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/layer_rates.h"

#include <algorithm>
#include <utility>

#include "gst/core/units.h"

namespace rooms {

LayerRates::Rate LayerRates::of_active(std::optional<Rate> known, double sample,
                                       Timestamp now) const {
  const auto least_jump = static_cast<double>(config_.least_jump);
  if (!known || sample > known->mean * config_.jump + least_jump) return {sample, now, now, {}};
  Rate rate = *known;
  rate.resting_since.reset();
  // A plain mean at first.
  const double age = std::min(in_seconds(now - rate.begun), in_seconds(config_.memory));
  const double since = in_seconds(now - rate.updated);
  if (age > 0) rate.mean += std::min(since / age, 1.0) * (sample - rate.mean);
  rate.updated = now;
  return rate;
}

LayerRates::Rate LayerRates::of_resting(std::optional<Rate> known, double sample,
                                        Timestamp now) const {
  Rate rate = known.value_or(Rate{sample, now, now, {}});
  if (!rate.resting_since) rate.resting_since = now;
  rate.updated = now;
  return rate;
}

void LayerRates::apply(std::vector<TrackLayer>& layers, Timestamp now) {
  std::map<Key, Rate> rates;
  for (auto& layer : layers) {
    if (layer.bitrate == 0) continue;  // not measured yet
    const Key key{layer.rid, layer.spatial, layer.temporal};
    const auto at = rates_.find(key);
    const auto known = at != rates_.end() ? std::optional(at->second) : std::nullopt;
    const auto sample = static_cast<double>(layer.bitrate);
    const auto rate = layer.active ? of_active(known, sample, now) : of_resting(known, sample, now);
    const double rested = rate.resting_since ? in_seconds(now - *rate.resting_since) : 0;
    const double part = std::max(1 - config_.aging * rested, config_.least);
    layer.bitrate = static_cast<std::uint64_t>(std::max(rate.mean * part, 1.0));
    rates.emplace(key, rate);
  }
  rates_ = std::move(rates);
}

}  // namespace rooms
