// SPDX-License-Identifier: LGPL-2.1-or-later
// What leaves the room by a src pad of roombin: encoded frames of a track, or of the mix.
//
//   tap of the room ─▶ FrameFeed ─▶ appsrc ─▶ ghost pad src_0, mix_video
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

#include "bins/room_host.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "pipelines/frame_feed.h"

namespace rooms {

class RoomOutlet {
 public:
  /// Adds its appsrc to `bin`, and `pad` shows it. `track`: an id, or "mix".
  RoomOutlet(GstBin* bin, GstGhostPad* pad, Executor& pump, std::string track, MediaKind kind);
  ~RoomOutlet();
  RoomOutlet(const RoomOutlet&) = delete;
  RoomOutlet& operator=(const RoomOutlet&) = delete;

  [[nodiscard]] GstPad* pad() const { return pad_.get(); }
  [[nodiscard]] const std::string& tap() const { return tap_; }
  /// Errors: those of Room::start_tap().
  Status start(const RoomHost& host);
  void stop(const RoomHost& host);
  /// Nothing comes any more.
  void end() const;

 private:
  struct Flow;
  GstBin* const bin_;
  Executor& pump_;
  const std::string track_;
  const MediaKind kind_;
  const Ref<GstPad> pad_;
  Ref<GstElement> appsrc_;
  std::string tap_;  // id of the room's; empty: it has none
  std::shared_ptr<Flow> flow_;
};

}  // namespace rooms
