// SPDX-License-Identifier: LGPL-2.1-or-later
// What the parts of one room share. Lives as long as the room; room thread only.
#pragma once

#include <gst/gst.h>

#include <random>
#include <string>

#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "pipelines/connection_stock.h"

namespace rooms {

struct RoomContext {
  ConnectionStock& stock;
  Executor& executor;
  GstBin* pipeline;
  GstElement* router;
  std::mt19937 random{std::random_device{}()};
  unsigned connections = 0;
  unsigned mix_parts = 0;

  std::uint32_t random_ssrc() {
    return std::uniform_int_distribution<std::uint32_t>(1, 0xFFFFFFFE)(random);
  }
};

/// Makes an element, adds it to the room's pipeline and starts it.
inline Ref<GstElement> add_element(RoomContext& room, const char* factory,
                                   const std::string& name) {
  auto element = sink(gst_element_factory_make(factory, name.c_str()));
  if (!element) return nullptr;
  gst_bin_add(room.pipeline, element.get());
  gst_element_sync_state_with_parent(element.get());
  return element;
}

/// Stops an element and takes it out.
inline void remove_element(RoomContext& room, GstElement* element) {
  gst_element_set_locked_state(element, TRUE);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_bin_remove(room.pipeline, element);
}

}  // namespace rooms
