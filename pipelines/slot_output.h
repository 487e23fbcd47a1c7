// SPDX-License-Identifier: LGPL-2.1-or-later
// The router's output behind one slot: which track, whether it flows, and up to which layers. That
// comes from three sides: the room (track, muted), the client (its limits, how large its tile is)
// and the allocator (what the line carries).
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

#include "gst/core/allocation/bitrate_allocator.h"
#include "gst/glue/ref.h"
#include "pipelines/room.h"

namespace rooms {

class SlotOutput {
 public:
  /// An output that nobody gave a track takes the first there is: it begins paused.
  SlotOutput(Ref<GstPad> router_src, std::uint32_t ssrc);

  [[nodiscard]] GstPad* pad() const { return pad_.get(); }
  [[nodiscard]] const std::string& track() const { return track_; }
  [[nodiscard]] bool muted() const { return muted_; }

  /// Empty: nothing. What was said of the former track (its tile, its share) counts no more.
  void show(const std::string& track);
  /// What it shows comes from another track of the router, which takes over with its next packet.
  /// Until something else is shown.
  void redirect(const std::string& source);
  /// The router's track.
  [[nodiscard]] const std::string& source() const { return source_.empty() ? track_ : source_; }
  void set_muted(bool muted);
  /// The room's media takes another way.
  void set_resting(bool resting);
  /// The peer takes the slot, and the connection is up.
  void set_open(bool open);
  /// As set_open(true), and the router hears of the track anew.
  void start();

  void limit(const SlotLimit& limit);
  void view(const ViewRequest::Slot& view);
  /// `bounded`: no more than that, even if better layers appear. `at_once`: what flows stops, for
  /// the line does not even carry it until the lower layer begins.
  void give(const SlotAllocation& share, bool bounded, bool at_once);

  /// The client's.
  [[nodiscard]] std::optional<LayerChoice> most() const;
  /// The client's; 0: none.
  [[nodiscard]] std::uint64_t target_bitrate() const { return limit_.target_bitrate; }
  [[nodiscard]] std::optional<std::uint64_t> tile_pixels() const { return tile_pixels_; }
  [[nodiscard]] std::optional<SlotPriority> priority() const { return priority_; }

 private:
  void update(bool track_changed);
  void update_layers();
  /// What comes next begins with a keyframe.
  void rest();

  Ref<GstPad> pad_;
  std::string track_;
  std::string source_;  // empty: the track itself
  bool open_ = false;
  bool muted_ = false;
  bool resting_ = false;
  SlotLimit limit_;
  std::optional<std::uint64_t> tile_pixels_;
  std::optional<SlotPriority> priority_;
  std::optional<LayerChoice> given_;  // nullopt: whatever there is
  bool withheld_ = false;             // the allocator gave nothing
  SlotLimit applied_;                 // what the router knows
};

}  // namespace rooms
