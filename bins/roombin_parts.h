// SPDX-License-Identifier: LGPL-2.1-or-later
// The C++ half of roombin: its room, and its pads.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "bins/room_host.h"
#include "bins/room_inlet.h"
#include "bins/room_notifier.h"
#include "bins/room_outlet.h"
#include "bins/roombin.h"

namespace rooms {

class RoomBinParts {
 public:
  explicit RoomBinParts(GstBin* bin);
  ~RoomBinParts();
  RoomBinParts(const RoomBinParts&) = delete;
  RoomBinParts& operator=(const RoomBinParts&) = delete;

  Guarded<RoomHost::Settings> settings;
  Guarded<std::string> participant{"host"};  // of sink pads that name none

  [[nodiscard]] RoomHost& host() { return host_; }
  [[nodiscard]] RoomNotifier& notifier() { return *notifier_; }
  /// For whoever must not let it end on its own thread.
  std::shared_ptr<RoomNotifier> take_notifier() { return std::move(notifier_); }

  GstPad* request_pad(GstPadTemplate* templ, const char* name);
  void release_pad(GstPad* pad);
  /// A pad that gives out a track; its name.
  Result<std::string> add_tap(const std::string& track);
  Status remove_tap(const std::string& pad);
  /// Everything ends; before the bin lets go of its children.
  void clear();

  // Changes of the element's state.
  Status start_outlets();
  void interrupt();
  void stop();
  void remove_taps();

 private:
  GstPad* add_inlet(GstPadTemplate* templ, const char* name);
  GstPad* add_mix_outlet(GstPadTemplate* templ, MediaKind kind);
  Result<std::string> join_for(GstPad* pad);
  void leave_if_unused(const std::string& who);
  void on_tap(const event::TapChanged& change);
  void remove_outlet(std::unique_ptr<RoomOutlet> outlet);

  GstBin* const bin_;
  std::shared_ptr<RoomNotifier> notifier_;
  RoomHost host_;
  Executor pump_{"roombin-out"};
  InletClock clock_;
  std::mutex mutex_;  // of what follows; nobody waits for the room meanwhile
  std::vector<std::unique_ptr<RoomInlet>> inlets_;
  std::vector<std::unique_ptr<RoomOutlet>> outlets_;
  std::set<std::string> joined_;  // because of pads
  unsigned next_inlet_ = 0;
  unsigned next_tap_ = 0;
};

/// Of the last request of this thread; empty: it went well.
std::string& last_error();
/// Its action signals.
void install_room_actions(GType type);
RoomBinParts& parts_of(SfuRoomBin* self);

}  // namespace rooms
