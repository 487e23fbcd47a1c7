// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of `roomsink`, and what stands behind them.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "elements/client_properties.h"
#include "elements/room_publisher.h"
#include "gst/core/guarded.h"

namespace rooms {

struct RoomSinkParts {
  struct Own {
    RoomPublisher::Settings settings;
    bool simulcast = false;
    guint layers = 3;
  };
  ClientProperties common;
  Guarded<Own> own;
  std::unique_ptr<RoomPublisher> publisher;

  /// Without those of the client.
  RoomPublisher::Settings settings();
  /// false: no such property.
  bool set(guint id, const GValue* value);
  bool get(guint id, GValue* value);
};

void install_room_sink_properties(GObjectClass* object_class);

}  // namespace rooms
