// SPDX-License-Identifier: LGPL-2.1-or-later
// The recordings of one room: which tracks each takes, and who is told. Room thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipelines/events.h"
#include "pipelines/mix_taker.h"
#include "pipelines/recorder.h"
#include "pipelines/room.h"
#include "pipelines/room_context.h"
#include "pipelines/room_replay.h"
#include "pipelines/room_transcoder.h"
#include "pipelines/track_tap.h"

namespace rooms {

inline constexpr const char* kCompositeRecording = "composite";
/// As recordings name what they take of the mix.
TrackInfo mixed_track(MediaKind kind, Codec codec);

class RoomRecordings {
 public:
  /// What there is to record: a track and the name of who sends it.
  struct Source {
    TrackInfo track;
    std::string participant_name;
  };

  /// `root`: folder of all recordings; empty: there are none. `tell`: everybody.
  RoomRecordings(RoomContext& room, MixTakers& takers, std::string room_id, std::string root,
                 std::function<void(const RoomEvent&)> tell);
  ~RoomRecordings();
  RoomRecordings(const RoomRecordings&) = delete;
  RoomRecordings& operator=(const RoomRecordings&) = delete;

  /// From now on so much of every track is kept, for requests of what was, and of the mix: while
  /// somebody takes it, or always if `mix`. First.
  void keep_past(Duration length, bool mix);
  /// Replies when the folder is made; of what was, when its files have ended. Errors:
  /// "recording-off", "recording-kind", "too-many-recordings", those that begin with "replay-", and
  /// those of Recorder::open.
  void start(const RecordingRequest& request, Reply<RecordingInfo> reply);
  /// Replies when all files have ended. Error: "recording-unknown".
  void stop(const std::string& id, Reply<RecordingInfo> reply);
  [[nodiscard]] Result<RecordingInfo> find(const std::string& id) const;
  /// Also those that have ended, oldest first.
  [[nodiscard]] std::vector<RecordingInfo> all() const;

  /// These are the tracks of the room now.
  void follow(std::vector<Source> sources);
  void set_muted(const std::string& track, bool muted);
  /// Whether somebody takes the best of it that there is.
  [[nodiscard]] bool takes(const std::string& track) const;
  /// Tracks that are recorded in another codec.
  [[nodiscard]] std::vector<RoomTranscoder::Wish> transcodings() const;
  /// Media has to come by the server.
  [[nodiscard]] bool needs_media() const { return replay_ || !running().empty(); }
  /// For whoever comes while they run.
  [[nodiscard]] std::vector<event::RecordingChanged> running() const;
  /// All end; waits for it.
  void close(const std::string& reason);

 private:
  struct Entry {
    std::unique_ptr<Recorder> recorder;
    bool opening = true;
    bool running = false;
    Duration last{};                                        ///< as in the request
    bool transcode = false;                                 ///< likewise
    std::map<std::string, std::unique_ptr<TrackTap>> taps;  // by track
    std::unique_ptr<MixTaker> mix;                          // of a composite, instead
    std::vector<Reply<RecordingInfo>> waiting;
  };
  using Entries = std::map<unsigned, Entry>;

  void opened(unsigned number, const Status& status);
  [[nodiscard]] Status check_past(const RecordingRequest& request);
  void write_past(unsigned number);
  void failed(unsigned number, const Error& error);
  void stopped(unsigned number);
  void follow(Entry& entry);
  /// Of a composite.
  void take_mix(Entry& entry);
  void show_people(Entry& entry) const;
  void follow_past(const std::vector<Source>& sources);
  void release_taps(Entry& entry);
  void add_tap(Entry& entry, const Source& source);
  void forget_oldest();
  [[nodiscard]] event::RecordingChanged change_of(const Entry& entry) const;
  void answer(Entry& entry);
  [[nodiscard]] Entries::const_iterator with_id(const std::string& id) const;
  using Task = std::function<void(RoomRecordings&)>;
  /// For other threads: runs a task on the room's, unless the room has closed by then.
  [[nodiscard]] std::function<void(Task)> poster() const;

  RoomContext& room_;
  MixTakers& takers_;
  const std::string room_id_;
  const std::string root_;
  std::function<void(const RoomEvent&)> tell_;
  std::vector<Source> sources_;
  std::unique_ptr<RoomReplay> replay_;
  bool keeps_mix_ = false;
  std::unique_ptr<MixTaker> kept_mix_;
  Entries entries_;
  unsigned last_number_ = 0;
  std::shared_ptr<RoomRecordings*> self_;
};

}  // namespace rooms
