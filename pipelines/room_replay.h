// SPDX-License-Identifier: LGPL-2.1-or-later
// The last seconds of every track of a room, and of its mix, so that a recording may begin before
// it was asked for. Room thread only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/record/frame_ring.h"
#include "pipelines/events.h"
#include "pipelines/room_context.h"
#include "pipelines/track_tap.h"

namespace rooms {

class RoomReplay {
 public:
  RoomReplay(RoomContext& room, Duration length);
  RoomReplay(const RoomReplay&) = delete;
  RoomReplay& operator=(const RoomReplay&) = delete;

  void add(const TrackInfo& track, const std::string& participant_name);
  /// What is in a track of that participant is never asked for keyframes, nor among the members'.
  void add_programme(const TrackInfo& track);
  /// What it sent before is kept as long as that of others.
  void remove(const std::string& track);
  void set_muted(const std::string& track, bool muted);
  [[nodiscard]] bool takes(const std::string& track) const;
  [[nodiscard]] Duration length() const { return length_; }

  struct Past {
    TrackInfo track;
    std::string participant_name;
    std::shared_ptr<TapStream> stream;  ///< all of it at once
  };
  /// As much of the last `length` as there is; `participant`: of that one only, who is no member;
  /// empty: of the members.
  std::vector<Past> last(Duration length, const std::string& participant = {});

 private:
  struct Entry {
    TrackInfo track;
    std::string participant_name;
    std::unique_ptr<TrackTap> tap;  // nullptr: it has gone
    FrameRing ring;
    bool programme = false;
  };
  void collect();
  void take_frames(Entry& entry);
  void ask_for_keyframes();

  RoomContext& room_;
  const Duration length_;
  std::vector<Entry> entries_;
  DelayedCall timer_;
  DelayedCall keyframe_timer_;
};

}  // namespace rooms
