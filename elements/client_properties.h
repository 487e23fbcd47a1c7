// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties that roomsink and roomsrc have in common, and how both tell their state.
#pragma once

#include <gst/gst.h>

#include <atomic>

#include "elements/room_client.h"
#include "gst/core/guarded.h"

namespace rooms {

/// Ids from 1 on; an element's own begin with kFirstOwnProperty.
constexpr guint kFirstOwnProperty = 32;

struct ClientProperties {
  Guarded<RoomClient::Settings> settings;
  std::atomic<ConnectionState> state{ConnectionState::kDisconnected};

  ClientProperties();
  /// false: it is not one of them.
  bool set(guint id, const GValue* value);
  bool get(guint id, GValue* value);
  /// What a client starts with; `name` of its thread and elements.
  [[nodiscard]] RoomClient::Settings snapshot(GstElement* element);
  /// Property `connection-state` with notify, and an element message. Any thread.
  void tell(GstElement* element, const ConnectionNews& news);
};

void install_client_properties(GObjectClass* object_class, const char* uri_example);
/// Whether there is something to connect to; if not, the error message is posted.
bool check_uri(GstElement* element, const RoomClient::Settings& settings);
/// An error message whose text a person understands, of the kind that `error.code` means.
void post_client_error(GstElement* element, const Error& error);

}  // namespace rooms
