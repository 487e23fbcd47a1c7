// SPDX-License-Identifier: LGPL-2.1-or-later
// Layer tables as browsers make them, and random ones.
#pragma once

#include <string>
#include <vector>

#include "gst/core/allocation/bitrate_allocator.h"
#include "tests/core/wire/random.h"

namespace rooms {

inline DataRate kbps(std::int64_t rate) { return DataRate::kilobits_per_second(rate); }

/// 320x180, 640x360 and 1280x720 with three temporal layers each: what Chromium sends as VP8
/// simulcast.
inline std::vector<LayerOption> camera() {
  std::vector<LayerOption> layers;
  const std::int64_t whole[] = {150, 500, 1700};
  for (std::uint8_t spatial = 0; spatial < 3; ++spatial) {
    const std::int64_t parts[] = {whole[spatial] * 4 / 10, whole[spatial] * 6 / 10, whole[spatial]};
    for (std::uint8_t temporal = 0; temporal < 3; ++temporal)
      layers.push_back(
          {{spatial, temporal}, 320U << spatial, 180U << spatial, kbps(parts[temporal])});
  }
  return layers;
}

/// One encoding without layers.
inline std::vector<LayerOption> plain(std::int64_t rate) {
  return {{{0, 0}, 1280, 720, kbps(rate)}};
}

inline std::vector<LayerOption> random_layers(Random& random) {
  std::vector<LayerOption> layers;
  const int spatials = random.between(0, 3);
  const int temporals = random.between(1, 3);
  std::int64_t rate = random.between(20, 200);
  for (int spatial = 0; spatial < spatials; ++spatial) {
    for (int temporal = 0; temporal < temporals; ++temporal) {
      const LayerChoice layer{static_cast<std::uint8_t>(spatial),
                              static_cast<std::uint8_t>(temporal)};
      layers.push_back(
          {layer, 320U << spatial, 180U << spatial, kbps(random.one_in(15) ? 0 : rate)});
      rate = random.one_in(12) ? rate / 2 : rate * random.between(11, 25) / 10;
    }
  }
  return layers;
}

inline AllocationRequest random_request(Random& random) {
  AllocationRequest request;
  request.audio = kbps(random.between(0, 120));
  request.budget = kbps(random.between(0, 6000));
  const int slots = random.between(0, 12);
  for (int i = 0; i < slots; ++i) {
    AllocationSlot slot;
    slot.priority = static_cast<SlotPriority>(random.between(0, 3));
    slot.layers = random_layers(random);
    if (random.one_in(3)) slot.tile_pixels = random.between(0, 1000) * std::uint64_t{1000};
    if (random.one_in(8)) slot.most = LayerChoice{random.u8(), random.u8()};
    slot.paused = random.one_in(15);
    request.slots.push_back(slot);
  }
  return request;
}

/// The next request begins where this allocation ended.
inline void remember(AllocationRequest& request, const Allocation& allocation) {
  for (std::size_t i = 0; i < request.slots.size(); ++i)
    request.slots[i].current = allocation.slots[i].layer;
}

inline std::string text_of(const std::optional<LayerChoice>& layer) {
  return layer ? std::to_string(layer->spatial) + "." + std::to_string(layer->temporal) : "-";
}
inline std::string layers_of(const Allocation& allocation) {
  std::string text;
  for (const auto& slot : allocation.slots) text += (text.empty() ? "" : " ") + text_of(slot.layer);
  return text;
}
inline std::string reasons_of(const Allocation& allocation) {
  std::string text;
  for (const auto& slot : allocation.slots)
    text += (text.empty() ? "" : " ") + std::string(name_of(slot.reason));
  return text;
}

}  // namespace rooms
