// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/upstream_demand.h"

#include <algorithm>
#include <utility>

namespace rooms {

bool UpstreamDemand::update(std::size_t encodings, const std::vector<LayerWish>& wishes,
                            Timestamp now) {
  bool changed = demand_.size() != encodings;
  demand_.resize(encodings);
  states_.resize(encodings);
  std::vector<std::optional<DataRate>> most(encodings);
  for (const auto& wish : wishes) {
    if (wish.encoding >= encodings) {
      ++ignored_;
      continue;
    }
    auto& one = most[wish.encoding];
    one = std::max(one.value_or(DataRate()), wish.most);
  }
  for (std::size_t i = 0; i < encodings; ++i) {
    changed |= update_active(demand_[i], states_[i], most[i].has_value(), now);
    if (most[i]) changed |= update_cap(demand_[i], states_[i], *most[i], now);
  }
  return changed;
}

void UpstreamDemand::note(std::size_t encoding, bool flows) {
  if (encoding < states_.size()) states_[encoding].flows = flows;
}

bool UpstreamDemand::update_active(EncodingDemand& demand, State& state, bool wanted,
                                   Timestamp now) const {
  if (wanted) {
    state.unwanted_since.reset();
    return !std::exchange(demand.active, true);
  }
  state.too_high_since.reset();
  if (!demand.active) return false;
  if (!state.flows) {
    state.unwanted_since.reset();
    return false;
  }
  if (!state.unwanted_since) state.unwanted_since = now;
  if (now - *state.unwanted_since < config_.hold_off) return false;
  state.unwanted_since.reset();
  demand = {false, std::nullopt};
  return true;
}

bool UpstreamDemand::update_cap(EncodingDemand& demand, State& state, DataRate most,
                                Timestamp now) const {
  std::optional<DataRate> wanted;
  if (most < DataRate::unlimited()) wanted = std::max(most, config_.least_cap);
  const auto in_force = demand.max_bitrate.value_or(DataRate::unlimited());
  const auto target = wanted.value_or(DataRate::unlimited());
  const bool rises =
      target > in_force * (1 + config_.least_change) || (!wanted && demand.max_bitrate.has_value());
  const bool falls = target < in_force * (1 - config_.least_change);
  if (!falls) state.too_high_since.reset();
  if (falls) {
    if (!state.too_high_since) state.too_high_since = now;
    if (now - *state.too_high_since < config_.cap_hold_off) return false;
    state.too_high_since.reset();
  }
  if (!rises && !falls) return false;
  demand.max_bitrate = wanted;
  return true;
}

std::optional<Timestamp> UpstreamDemand::next_change() const {
  std::optional<Timestamp> next;
  const auto consider = [&](const std::optional<Timestamp>& since, Duration hold_off) {
    if (since && (!next || *since + hold_off < *next)) next = *since + hold_off;
  };
  for (const auto& state : states_) {
    consider(state.unwanted_since, config_.hold_off);
    consider(state.too_high_since, config_.cap_hold_off);
  }
  return next;
}

}  // namespace rooms
