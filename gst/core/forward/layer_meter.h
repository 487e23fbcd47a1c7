// SPDX-License-Identifier: LGPL-2.1-or-later
// How much each decode target of one incoming stream takes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gst/core/codec/frame_info.h"
#include "gst/core/codec/frame_layers.h"
#include "gst/core/time.h"

namespace rooms {

struct LayerTable {
  struct Row {
    LayerTarget target;
    std::uint64_t bitrate = 0;  ///< bit/s of all its frames, lower layers that it needs included
  };
  std::vector<Row> rows;  ///< of targets that exist, lowest first; one for a stream without layers
  std::uint64_t bitrate = 0;  ///< bit/s of everything
  double frame_rate = 0;      ///< pictures a second
  std::uint16_t width = 0;    ///< of the highest layer; 0: not known
  std::uint16_t height = 0;

  [[nodiscard]] std::uint32_t pixels() const { return std::uint32_t{width} * height; }
  [[nodiscard]] TargetSet targets() const {
    TargetSet set = 0;
    for (const auto& row : rows) set |= row.target.bit();
    return set;
  }
};

/// Rates are means of the last second, told anew every half second. Not thread-safe: packets of one
/// stream come in turn.
class LayerMeter {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(100);
  static constexpr Duration kWindow = std::chrono::milliseconds(500);

  enum class Tick : std::uint8_t { kNone, kTime, kTable };
  /// kTime: a tenth of a second has passed; kTable: and `table` is new.
  Tick observe(const FrameInfo& frame, std::uint32_t timestamp, std::size_t bytes, Timestamp now) {
    const std::size_t cell = frame.layers.told ? cell_of(frame.layers) : 0;
    bytes_[cell] += bytes;
    if (timestamp != timestamp_ || !started_) begin_picture(timestamp, now);
    if (frame.layers.told) note_layers(cell, frame.layers);
    if (frame.width != 0) note_size(frame);
    return now < next_tick_ ? Tick::kNone : tick(now);
  }
  /// The next packet ends a silence, which says nothing about rates: the table stays until there is
  /// a new one.
  void resume(Timestamp now);
  [[nodiscard]] const LayerTable& table() const { return table_; }

 private:
  using Cells = std::array<std::uint64_t, LayerTarget::kSide * LayerTarget::kSide>;
  static std::size_t cell_of(const FrameLayers& layers) {
    return std::size_t{layers.spatial} * LayerTarget::kSide + layers.temporal;
  }
  void begin_picture(std::uint32_t timestamp, Timestamp now);
  void begin_window(Timestamp now);
  void note_layers(std::size_t cell, const FrameLayers& layers) {
    exist_ = layers.exist;
    present_[cell] = layers.present;
  }
  void note_size(const FrameInfo& frame) {
    table_.width = frame.width;
    table_.height = frame.height;
  }
  Tick tick(Timestamp now);
  void roll(Timestamp now);

  LayerTable table_;
  Cells bytes_{};     // of this window
  Cells previous_{};  // of the one before
  Cells present_{};   // targets that the cell's frames belong to
  TargetSet exist_ = 0;
  unsigned pictures_ = 0;
  unsigned previous_pictures_ = 0;
  std::uint32_t timestamp_ = 0;
  Timestamp next_tick_;
  Timestamp window_start_;
  Duration previous_length_{};
  bool started_ = false;
};

}  // namespace rooms
