// SPDX-License-Identifier: LGPL-2.1-or-later
// The inside of MediaServer, for this storey only.
#pragma once

#include "gst/transport/network.h"
#include "pipelines/connection_stock.h"
#include "pipelines/media_server.h"
#include "pipelines/room_table.h"
#include "pipelines/rtsp_server.h"

namespace rooms {

struct MediaServer::Impl {
  std::unique_ptr<Network> network;
  std::unique_ptr<ConnectionStock> stock;
  RoomTable rooms;
  std::unique_ptr<RtspServer> rtsp;  ///< null: there is none
};

ConnectionStock& stock_of(MediaServer& media);

}  // namespace rooms
