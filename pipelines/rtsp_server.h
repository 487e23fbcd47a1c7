// SPDX-License-Identifier: LGPL-2.1-or-later
// What leaves rooms by RTSP (RFC 2326): `rtsp://host:port/{room}`, the mix, and
// `/{room}/{participant}`, as it was published. docs/rtsp.md
//
// One thread accepts and cleans up, one a connection answers its player, one a mount watches its
// pipeline: gst-rtsp-server's. No room waits for any of them.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "pipelines/room_table.h"
#include "pipelines/rtsp_connections.h"
#include "pipelines/rtsp_library.h"
#include "pipelines/rtsp_mounts.h"
#include "pipelines/rtsp_settings.h"

namespace rooms {

class RtspServer {
 public:
  /// Listens when it returns. Error "rtsp-port" says why it cannot.
  static Result<std::unique_ptr<RtspServer>> create(const RtspSettings& settings,
                                                    const RoomTable& rooms);
  /// All players are sent away; waits for that.
  ~RtspServer();
  RtspServer(const RtspServer&) = delete;
  RtspServer& operator=(const RtspServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Any thread. One JSON object.
  [[nodiscard]] std::string stats_json() const;

 private:
  RtspServer(const RtspSettings& settings, const RoomTable& rooms);
  void require_users(const RtspSettings& settings);
  Status listen(const RtspSettings& settings);
  void attach_accept();
  void accept();
  void greet(GstRTSPClient* client);
  /// What plays now.
  [[nodiscard]] std::vector<const GstRTSPMedia*> played() const;

  const unsigned most_connections_;
  const std::shared_ptr<RtspConnections> connections_ = std::make_shared<RtspConnections>();
  std::atomic<std::uint64_t> refused_ = 0;
  Ref<GstRTSPServer> server_;
  Ref<GstRTSPSessionPool> sessions_;
  Ref<GSocket> socket_;
  Ref<GSource> accept_source_;
  Ref<GSocket> accepted_;  // while its client is made
  DelayedCall rest_timer_;
  DelayedCall watch_timer_;
  std::unique_ptr<Executor> executor_;
  std::shared_ptr<RtspMounts> mounts_;
};

}  // namespace rooms
