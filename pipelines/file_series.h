// SPDX-License-Identifier: LGPL-2.1-or-later
// The files of tracks that belong together, one after the other: takes frames from taps, asks
// RecordingTimeline what becomes of them, and writes. On the recorder's thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/record/recording_timeline.h"
#include "gst/core/result.h"
#include "pipelines/output_file.h"
#include "pipelines/recording_report.h"
#include "pipelines/track_tap.h"

namespace rooms {

/// What a recorder is given of a track.
struct RecordedTrack {
  TrackInfo info;
  std::string participant_name;
  std::shared_ptr<TapStream> stream;
  std::function<void()> request_keyframe;
};

class FileSeries {
 public:
  struct About {
    std::string folder;
    std::string word;  ///< of the file names
    std::string participant;
    std::string participant_name;
  };

  /// `wall_offset`: what the wall clock shows more than the monotonic one.
  FileSeries(About about, const RecordingTimeline::Config& config, Duration wall_offset);

  [[nodiscard]] bool has_picture() const;
  void add_track(RecordedTrack track);
  void remove_track(const std::string& track);
  [[nodiscard]] bool has_tracks() const { return !tracks_.empty(); }

  /// Writes what has come. After an error nothing more is written but by `finish`.
  Status write_frames(Timestamp now);
  /// Ends the file that is open, as well as the disk allows.
  Status finish();

  [[nodiscard]] const std::vector<RecordedFile>& files() const { return files_; }
  /// Files have begun or ended since this was asked last.
  bool take_news() { return std::exchange(news_, false); }

 private:
  struct Track {
    RecordedTrack source;
    Codec codec = Codec::kUnknown;
    Duration patience{};  ///< until the next keyframe request
    Timestamp asked;
  };
  void take_frames(const std::string& id, Track& track, bool all, Timestamp now);
  void ask_for_keyframe(Track& track, Timestamp now);
  Status perform(std::vector<RecordingTimeline::Step> steps);
  Status begin(const RecordingTimeline::Begin& begin);
  Status append_frames();
  Status end();

  About about_;
  const Duration wall_offset_;
  RecordingTimeline timeline_;
  std::map<std::string, Track> tracks_;
  std::map<std::string, TrackInfo> known_;  // also those that have gone
  std::vector<RecordedFile> files_;
  std::unique_ptr<OutputFile> output_;
  std::unique_ptr<ContainerWriter> writer_;
  std::vector<std::uint8_t> unwritten_;  // refused by the disk
  unsigned segment_ = 0;
  bool news_ = false;
};

}  // namespace rooms
