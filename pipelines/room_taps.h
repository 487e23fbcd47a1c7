// SPDX-License-Identifier: LGPL-2.1-or-later
// What hangs on the tracks and the mix of one room: pipelines that somebody described, and whoever
// takes frames himself. Room thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipelines/events.h"
#include "pipelines/mix_taker.h"
#include "pipelines/room.h"
#include "pipelines/tap_pipeline.h"

namespace rooms {

class RoomTaps {
 public:
  /// `find`: nullopt, if there is no such track. `tell`: everybody.
  RoomTaps(RoomContext& room, MixTakers& takers, std::vector<std::string> allowed,
           std::function<std::optional<TrackInfo>(const std::string& id)> find,
           std::function<void(const RoomEvent&)> tell);
  ~RoomTaps();
  RoomTaps(const RoomTaps&) = delete;
  RoomTaps& operator=(const RoomTaps&) = delete;

  /// Errors: "tap-off", "track-unknown", "too-many-taps", "codec-unsupported", and those of
  /// read_tap_description(), check_tap_elements() and TapPipeline::open().
  void start(const TapRequest& request, Reply<TapInfo> reply);
  /// Replies when it has ended. Error: "tap-unknown".
  void stop(const std::string& id, Reply<TapInfo> reply);
  [[nodiscard]] Result<TapInfo> find(const std::string& id) const;
  /// Also some of those that have ended, oldest first.
  [[nodiscard]] std::vector<TapInfo> all() const;

  /// Those that tapped a track which is not there any more end.
  void follow();
  void set_muted(const std::string& track, bool muted);
  /// Whether somebody takes that track.
  [[nodiscard]] bool takes(const std::string& track) const;
  [[nodiscard]] bool needs_media() const;
  /// All end; waits a few seconds at most for pipelines that do not stop.
  void close(const std::string& reason);

 private:
  struct Entry {
    TapInfo info;
    std::function<void(TapFrames)> take;
    std::shared_ptr<TapPipeline> pipeline;  // null: the frames are taken otherwise
    std::unique_ptr<TrackTap> track;
    std::unique_ptr<MixTaker> mix;
    std::vector<Reply<TapInfo>> waiting;
    DelayedCall deadline;  // for its end
    [[nodiscard]] bool running() const { return info.state == "running"; }
  };
  using Entries = std::map<unsigned, Entry>;
  using Task = std::function<void(RoomTaps&)>;

  [[nodiscard]] Status check(const TapRequest& request) const;
  void opened(unsigned number, const Status& status);
  Status attach(Entry& entry);
  void end(unsigned number, const std::string& state, const std::string& reason);
  void detach(Entry& entry);
  void answer(Entry& entry);
  void forget_oldest();
  [[nodiscard]] Entries::const_iterator with_id(const std::string& id) const;
  [[nodiscard]] static TapInfo info_of(const Entry& entry);
  [[nodiscard]] std::function<void(Task)> poster() const;

  RoomContext& room_;
  MixTakers& takers_;
  const std::vector<std::string> allowed_;
  const std::function<std::optional<TrackInfo>(const std::string& id)> find_;
  const std::function<void(const RoomEvent&)> tell_;
  Entries entries_;
  unsigned last_number_ = 0;
  std::shared_ptr<RoomTaps*> self_;
};

}  // namespace rooms
