// SPDX-License-Identifier: LGPL-2.1-or-later
// One recording of tracks: a folder of its own with files and `recording.json`, written on a thread
// of its own. What the disk does is never felt by the room, whose thread only posts.
//
//   taps ─▶ frames wait in memory ─▶ every 250 ms: FileSeries (one a participant, one a screen)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/guarded.h"
#include "gst/core/result.h"
#include "gst/glue/executor.h"
#include "pipelines/file_series.h"
#include "pipelines/recording_report.h"
#include "pipelines/room.h"

namespace rooms {

class Recorder {
 public:
  struct Settings {
    std::string root;  ///< of all recordings
    std::string room;
    RecordingRequest request;
  };

  explicit Recorder(Settings settings);
  ~Recorder() { join(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Any thread. What is given runs on the recorder's thread.
  /// Makes the folder. Errors of `write_error`; "name-taken".
  void open(std::function<void(Status)> opened, std::function<void(const Error&)> failed);
  void add_track(RecordedTrack track);
  void remove_track(const std::string& track);
  /// Of a composite: these are in the picture from now on. Of each, `from` and `until` are noted.
  void show_people(std::vector<RecordedPerson> people);
  /// Ends the files. `done` is called when they are, also if it has ended already.
  void stop(const std::string& reason, std::function<void()> done);
  [[nodiscard]] RecordingReport report() const;
  /// Waits for what has been asked of it; nothing may be asked any more.
  void join();

 private:
  Status make_folder();
  [[nodiscard]] bool is_composite() const { return settings_.request.kind == "composite"; }
  void note_person(const std::string& id, const std::string& name);
  void write();
  void write_report();
  void end(RecordingState state, const std::string& reason);
  void refresh_report();
  FileSeries& series_for(const TrackInfo& track, const std::string& participant_name);

  const Settings settings_;
  const Duration wall_offset_;
  Guarded<RecordingReport> report_;

  // The recorder's thread.
  std::string folder_;
  std::function<void(const Error&)> failed_;
  std::map<std::string, std::unique_ptr<FileSeries>> series_;  // by what belongs together
  std::vector<RecordedPerson> participants_;
  DelayedCall timer_;
  Timestamp reported_;
  bool ended_ = false;
  std::unique_ptr<Executor> executor_;  // last: ends first
};

}  // namespace rooms
