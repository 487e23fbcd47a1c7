// SPDX-License-Identifier: LGPL-2.1-or-later
// The inside of MediaServer, for this storey only.
#pragma once

#include "gst/transport/network.h"
#include "pipelines/media_server.h"

namespace rooms {

struct MediaServer::Impl {
  std::unique_ptr<Network> network;
};

Network& network_of(MediaServer& media);

}  // namespace rooms
