// SPDX-License-Identifier: LGPL-2.1-or-later
// The addresses that RTSP players have asked for: each takes of its room what it plays when its
// first player comes, and gives it back when the last one has left or the room has no more of it.
//
//   player's thread: open() ─▶ room: Playout ─▶ RtspProgramme ─▶ factory at the mount point
//   unprepared, ended by the room, asked for but never played ─▶ given back, on the server's thread
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gst/core/guarded.h"
#include "gst/core/playout/rtsp_path.h"
#include "gst/core/result.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "pipelines/room_table.h"
#include "pipelines/rtsp_connections.h"
#include "pipelines/rtsp_library.h"
#include "pipelines/rtsp_programme.h"

namespace rooms {

/// The role of players, where they have to say who they are.
inline constexpr const char* kRtspRole = "player";

class RtspMounts : public std::enable_shared_from_this<RtspMounts> {
 public:
  struct Server {
    const RoomTable& rooms;
    Executor& executor;
    RtspConnections& connections;
    Ref<GstRTSPMountPoints> points;
    bool guarded = false;  ///< players have to say who they are
  };
  explicit RtspMounts(Server server) : server_(std::move(server)) {}
  RtspMounts(const RtspMounts&) = delete;
  RtspMounts& operator=(const RtspMounts&) = delete;

  /// A player's thread, which waits: after this its mount plays. Errors: "rtsp-path",
  /// "room-unknown", "participant-unknown", "nothing-to-play", "codec-unsupported", "room-closing",
  /// "rtsp-busy".
  Status open(const std::string& path, GstRTSPClient* client);
  /// Any thread: another player plays it.
  void join(GstRTSPMedia* media);

  struct Info {
    std::string path;
    std::vector<Ref<GstRTSPMedia>> media;  ///< one a player
    RtspProgramme::Counters counters;
  };
  /// Any thread.
  [[nodiscard]] std::vector<Info> all() const;

  // The server's thread.
  /// Nothing is opened any more, and who waits waits no longer.
  void close();
  /// When no player is left.
  void release_all();

 private:
  using ProgrammePtr = std::shared_ptr<RtspProgramme>;
  struct Current {
    unsigned number = 0;
    ProgrammePtr programme;
  };
  struct Mount {
    std::mutex opening;  ///< players of one mount wait for the first one's outcome
    Guarded<Current> current;
  };
  struct State {
    bool closed = false;
    unsigned last_number = 0;
    std::set<unsigned> opening;
    std::map<std::string, std::shared_ptr<Mount>> mounts;  ///< by address
  };
  struct Run {
    std::string path;
    ProgrammePtr programme;
    Ref<GstRTSPMediaFactory> factory;
    bool finished = false;
    DelayedCall timer;
  };

  Result<ProgrammePtr> begin(const RtspPath& path, Mount& mount);
  Result<std::shared_ptr<Playout>> ask_room(const RtspPath& path, unsigned number);
  void install(const std::string& path, unsigned number, const ProgrammePtr& made);
  void forget_unused(const std::string& path);
  /// For other threads: runs a task on the server's, unless all has ended by then.
  void post(std::function<void(RtspMounts&)> task);

  // The server's thread.
  /// Unless somebody plays it `later`.
  void release_if_unused(unsigned number, Duration later);
  void adopt_run(unsigned number, Run run);
  void finish(unsigned number, const std::string& reason);
  void release(unsigned number);

  const Server server_;
  Guarded<State> state_;
  std::map<unsigned, Run> runs_;
  std::map<unsigned, std::string> gone_;  // before they were adopted; and why
};

}  // namespace rooms
