// SPDX-License-Identifier: LGPL-2.1-or-later
// The TCP connections of the RTSP server, and what ends them otherwise than their player: any
// thread. A connection is ended by shutting its socket down: gst-rtsp-server, whose objects belong
// to the threads of their clients, then cleans up there.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "gst/core/guarded.h"
#include "gst/core/time.h"
#include "gst/glue/ref.h"
#include "pipelines/rtsp_library.h"
#include "pipelines/rtsp_programme.h"

namespace rooms {

class RtspConnections {
 public:
  void add(GstRTSPClient* client, Ref<GSocket> socket, Timestamp now);
  void remove(GstRTSPClient* client);
  /// The client has asked for it.
  void note(GstRTSPClient* client, const RtspProgramme& programme);

  /// Of those who have asked for it.
  void end(const RtspProgramme& programme);
  /// Of those who send more than any player does. Headers have no limit of their own.
  void end_talkers(Timestamp now);
  void end_all();
  [[nodiscard]] std::size_t count() const;
  /// Ended by end_talkers().
  [[nodiscard]] std::uint64_t talkers() const;

 private:
  struct Connection {
    Ref<GSocket> socket;
    Timestamp since;
    std::set<const RtspProgramme*> opened;
    bool ended = false;
  };
  struct State {
    std::map<GstRTSPClient*, Connection> connections;
    std::uint64_t talkers = 0;
  };
  static void shut(Connection& connection);

  Guarded<State> state_;
};

}  // namespace rooms
