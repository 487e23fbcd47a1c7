// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/signalling.h"

#include "tests/load/janus_bridge.h"
#include "tests/load/janus_signalling.h"
#include "tests/load/socket_signalling.h"
#include "tests/load/whip_signalling.h"

namespace rooms::load {

std::unique_ptr<Signalling> make_signalling(const Options& options) {
  if (options.server == ServerKind::kJanus) return std::make_unique<JanusSignalling>(options);
  if (options.server == ServerKind::kJanusBridge) return std::make_unique<JanusBridge>(options);
  if (options.server == ServerKind::kGstRooms && options.meeting())
    return std::make_unique<SocketSignalling>(options);
  return std::make_unique<WhipSignalling>(options);
}

}  // namespace rooms::load
