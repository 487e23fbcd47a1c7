// SPDX-License-Identifier: LGPL-2.1-or-later
// What came in together on one sink pad of `sfurouter`, and everything that forwarding it needs:
// either for the duration of a call, or for as long as network workers still forward their share.
#pragma once

#include <gst/gst.h>

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "elements/router_input.h"
#include "elements/router_packet.h"
#include "gst/glue/mapped_buffer.h"
#include "gst/glue/ref.h"

namespace rooms {

/// Not thread-safe until it has been filled; not to be moved, because packets refer to the plan.
struct RouterRound {
  RouterRound() { packets.reserve(kMaxRun); }
  RouterRound(const RouterRound&) = delete;
  RouterRound& operator=(const RouterRound&) = delete;

  /// Keeps the element, its pad and the buffers alive, instead of the caller.
  void keep(GstElement* owner, SfuRouterSink* sink, std::span<GstBuffer* const> buffers,
            GstBufferList* whole) {
    element = share(owner);
    pad = share(sink);
    kept.reserve(buffers.size());
    for (auto* buffer : buffers) kept.push_back(share(buffer));
    if (whole) kept_list = share(whole);
  }

  // In this order, so that what refers to something goes before it.
  Ref<GstElement> element;
  Ref<SfuRouterSink> pad;
  std::vector<Ref<GstBuffer>> kept;
  Ref<GstBufferList> kept_list;
  RouterInput::Plan plan;
  std::array<std::optional<MappedBuffer>, kMaxRun> mapped;
  std::vector<RouterPacket> packets;
  GstBufferList* list = nullptr;  ///< of just these packets, or nullptr

  [[nodiscard]] RouterRun run() const { return {packets, packets.size() > 1 ? list : nullptr}; }
};

}  // namespace rooms
