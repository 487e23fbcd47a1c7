// SPDX-License-Identifier: LGPL-2.1-or-later
// The sources of one room: participants who have no connection, because we fetch what they send.
// Room thread only.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipelines/events.h"
#include "pipelines/media_source.h"
#include "pipelines/room.h"
#include "pipelines/room_context.h"

namespace rooms {

class RoomSources {
 public:
  struct Carried {
    std::string mid;
    std::shared_ptr<SourcePort> port;
  };
  /// What a room does for them.
  struct Room {
    std::function<Result<JoinReply>(JoinRequest request)> join;
    std::function<void(const std::string& participant, const std::string& reason)> leave;
    /// These are its streams now; returns its tracks, in the same order.
    std::function<std::vector<TrackInfo>(const std::string& participant,
                                         const std::vector<Carried>& streams)>
        carry;
    std::function<void(const RoomEvent& event)> tell;  ///< everybody
  };
  struct Rules {
    std::vector<std::string> schemes;
    unsigned most = 0;
  };

  RoomSources(RoomContext& context, Rules rules, Room room);
  /// All end; waits for it. Its participants stay: the room is closing.
  ~RoomSources();
  RoomSources(const RoomSources&) = delete;
  RoomSources& operator=(const RoomSources&) = delete;

  /// Errors: "source-uri", "source-scheme", "too-many-sources", and those of joining.
  Result<SourceInfo> start(const SourceRequest& request);
  /// Error: "source-unknown".
  Result<SourceInfo> stop(const std::string& id);
  [[nodiscard]] Result<SourceInfo> find(const std::string& id) const;
  /// Also those that are over, oldest first.
  [[nodiscard]] std::vector<SourceInfo> all() const;
  /// Those that are not live, for whoever comes.
  [[nodiscard]] std::vector<event::SourceChanged> missing() const;

 private:
  struct Entry {
    SourceInfo info;
    std::vector<MediaSource::Stream> streams;
    std::unique_ptr<MediaSource> source;  // null: it is over
    std::function<void(const std::string& id)> over;
  };
  using Entries = std::map<unsigned, Entry>;

  void on_state(unsigned number, const MediaSource::Report& report);
  void on_streams(unsigned number, std::vector<MediaSource::Stream> streams);
  /// Its participant leaves, its pipeline ends.
  void end(unsigned number, const std::string& reason);
  void retire(Entry& entry);
  void forget_oldest();
  [[nodiscard]] Entries::const_iterator with_id(const std::string& id) const;
  [[nodiscard]] static SourceInfo info_of(const Entry& entry);
  using Task = std::function<void(RoomSources&)>;
  /// For other threads: runs a task on the room's, unless this has gone by then.
  [[nodiscard]] std::function<void(Task)> poster() const;

  RoomContext& context_;
  const Rules rules_;
  const Room room_;
  Entries entries_;
  unsigned last_number_ = 0;
  std::vector<std::future<void>> leaving_;  // pipelines that are being stopped
  std::shared_ptr<RoomSources*> self_;
};

}  // namespace rooms
