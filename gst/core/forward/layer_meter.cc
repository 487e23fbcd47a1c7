// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/layer_meter.h"

#include <bit>
#include <numeric>

namespace rooms {
namespace {

double per_second(std::uint64_t count, Duration span) {
  return span.count() > 0 ? static_cast<double>(count) * 1e9 / static_cast<double>(span.count())
                          : 0.0;
}

}  // namespace

void LayerMeter::begin_picture(std::uint32_t timestamp, Timestamp now) {
  timestamp_ = timestamp;
  ++pictures_;
  if (started_) return;
  started_ = true;
  window_start_ = now;
  next_tick_ = now + kTick;
}

LayerMeter::Tick LayerMeter::tick(Timestamp now) {
  next_tick_ = now + kTick;
  if (now - window_start_ < kWindow) return Tick::kTime;
  roll(now);
  return Tick::kTable;
}

void LayerMeter::resume(Timestamp now) {
  // Nothing measured since the last time: no silence, but a slow stream.
  if (previous_length_ == Duration{}) return;
  previous_length_ = {};
  previous_ = {};
  previous_pictures_ = 0;
  begin_window(now);
}

void LayerMeter::begin_window(Timestamp now) {
  bytes_ = {};
  pictures_ = 0;
  window_start_ = now;
}

void LayerMeter::roll(Timestamp now) {
  const Duration length = now - window_start_;
  const Duration span = length + previous_length_;
  const auto rate = [&](std::uint64_t bytes) {
    return static_cast<std::uint64_t>(per_second(bytes * 8, span));
  };
  const auto of_cell = [&](std::size_t cell) { return bytes_[cell] + previous_[cell]; };

  std::uint64_t all = 0;
  for (std::size_t cell = 0; cell < bytes_.size(); ++cell) all += of_cell(cell);
  table_.bitrate = rate(all);
  table_.frame_rate = per_second(pictures_ + previous_pictures_, span);
  table_.rows.clear();
  for (TargetSet rest = exist_; rest != 0; rest &= rest - 1) {
    const auto index = static_cast<unsigned>(std::countr_zero(rest));
    const LayerTarget target{static_cast<std::uint8_t>(index / LayerTarget::kSide),
                             static_cast<std::uint8_t>(index % LayerTarget::kSide)};
    std::uint64_t bytes = 0;
    for (std::size_t cell = 0; cell < bytes_.size(); ++cell)
      if ((present_[cell] & target.bit()) != 0) bytes += of_cell(cell);
    table_.rows.push_back({target, rate(bytes)});
  }
  if (table_.rows.empty()) table_.rows.push_back({{0, 0}, table_.bitrate});

  previous_ = bytes_;
  previous_pictures_ = pictures_;
  previous_length_ = length;
  begin_window(now);
}

}  // namespace rooms
