// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens in the room becomes signals of roombin, on a thread that is nobody else's: handlers
// may ask the room, and wait.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>

#include "gst/glue/executor.h"
#include "pipelines/events.h"

namespace rooms {

class RoomNotifier : public RoomListener, public std::enable_shared_from_this<RoomNotifier> {
 public:
  /// `on_tap`: a tap of the room has ended; the notifier's thread, while `element` lives.
  RoomNotifier(GstElement* element, std::function<void(const event::TapChanged&)> on_tap);
  ~RoomNotifier() override;

  void on_room_event(const RoomEvent& event) override;
  /// For what is told to one participant only.
  std::shared_ptr<RoomListener> of_participant(const std::string& id);
  [[nodiscard]] bool is_current() const { return executor_.is_current(); }

  static void install_signals(GType type);

 private:
  friend class MemberListener;
  void tell(std::function<void(GstElement* element)> signal);

  GWeakRef element_;
  const std::function<void(const event::TapChanged&)> on_tap_;
  Executor executor_{"roombin"};
};

}  // namespace rooms
