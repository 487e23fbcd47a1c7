// SPDX-License-Identifier: LGPL-2.1-or-later
// What all rooms of a process share: the media sockets, candidates, the certificate paid for at
// start-up.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/time.h"
#include "pipelines/rtsp_settings.h"

namespace rooms {

struct MediaSettings {
  std::uint16_t udp_port = 8443;
  bool tcp = true;  ///< media also over TCP, on the same port number; not with libnice
  std::vector<std::string>
      announce_ips;      ///< addresses written into candidates instead of those of the interfaces
  bool libnice = false;  ///< the stock ICE agent's library instead of our own socket
  std::uint16_t port_min = 0;  ///< libnice only; 0: any
  std::uint16_t port_max = 0;
  unsigned workers = 0;                            ///< 0: one per core
  Duration gather = std::chrono::milliseconds(2);  ///< that busy workers let datagrams; 0: never
  RtspSettings rtsp;
  struct Relay {
    std::string host;  ///< an IP address
    std::uint16_t port = 3478;
    std::string user;
    std::string password;
    bool tcp = false;
  };
  std::vector<Relay> relays;  ///< libnice only: TURN servers this server may go through
};

class MediaServer {
 public:
  /// Errors: "udp-port", "tcp-port", "tcp-port-taken" (say which process to look for),
  /// "announce-ip", "rtsp-port", "plugin-missing".
  static Result<std::unique_ptr<MediaServer>> create(const MediaSettings& settings);
  ~MediaServer();

  /// Counters of the sockets, one JSON object.
  [[nodiscard]] std::string stats_json() const;
  [[nodiscard]] std::uint16_t udp_port() const;
  /// 0: there is no RTSP server.
  [[nodiscard]] std::uint16_t rtsp_port() const;

  /// For this storey only (media_server_impl.h).
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  MediaServer();
  std::unique_ptr<Impl> impl_;
};

}  // namespace rooms
