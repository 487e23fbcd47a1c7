// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes into the room by a sink pad of roombin: a track of a participant without connection.
//
//   ghost pad sink_0 ─▶ queue ─▶ branch (pipelines/source_branch.h) ─▶ appsink ─▶ SourcePort
//
// The branch is made when caps tell what it is; a track of the room lives as long as its branch.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bins/room_host.h"
#include "gst/core/guarded.h"
#include "gst/glue/ref.h"
#include "pipelines/source_port.h"

namespace rooms {

/// Running time of the bin to the room's clock, the same for all its pads: what was in sync stays
/// in sync. Anew with each start.
class InletClock {
 public:
  Timestamp played_at(GstClockTime running);
  void forget() {
    shift_.with([](auto& shift) { shift.reset(); });
  }

 private:
  Guarded<std::optional<Duration>> shift_;
};

class RoomInlet {
 public:
  /// Adds its queue to `bin`, and `pad` shows it. `participant`: joins if need be; any thread.
  RoomInlet(GstBin* bin, GstGhostPad* pad, const RoomHost& host, InletClock& clock,
            std::function<Result<std::string>()> participant);
  ~RoomInlet();
  RoomInlet(const RoomInlet&) = delete;
  RoomInlet& operator=(const RoomInlet&) = delete;

  [[nodiscard]] GstPad* pad() const { return pad_.get(); }
  /// Whose track it is; empty: nothing has come yet.
  [[nodiscard]] std::string participant() const;
  /// Whoever is in the room with a packet comes out. Before the element goes to READY.
  void interrupt();
  /// The track ends. When nothing flows.
  void stop();

 private:
  static GstPadProbeReturn on_event(GstPad* pad, GstPadProbeInfo* info, gpointer self);
  static GstFlowReturn on_sample(GstElement* appsink, gpointer self);
  void begin(const GstCaps* caps);
  bool add_branch(const std::string& line);
  [[nodiscard]] std::shared_ptr<SourcePort> port() const;
  void complain(const Error& error) const;

  GstBin* const bin_;
  const RoomHost& host_;
  InletClock& clock_;
  const std::function<Result<std::string>()> participant_of_;
  const Ref<GstPad> pad_;
  Ref<GstElement> queue_;
  // The streaming thread's, and whoever stops it.
  Ref<GstElement> branch_;
  bool begun_ = false;
  Guarded<std::string> participant_;
  Guarded<std::shared_ptr<SourcePort>> port_;
};

}  // namespace rooms
