// SPDX-License-Identifier: LGPL-2.1-or-later
// The `stats` of `sfusend`.
#pragma once

#include <gst/gst.h>

#include <cstdint>

#include "gst/core/endpoint/send_endpoint.h"
#include "gst/glue/ref.h"

namespace rooms {

/// Packets that never left, by reason.
struct SendDrops {
  std::uint64_t not_ready = 0;
  std::uint64_t not_negotiated = 0;
  std::uint64_t malformed = 0;
};

Owned<GstStructure> send_stats(const SendEndpoint& endpoint, const SendDrops& drops);

}  // namespace rooms
