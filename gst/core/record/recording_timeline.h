// SPDX-License-Identifier: LGPL-2.1-or-later
// From the frames of tracks that belong together (one picture at most, and its sound) to files:
// when one begins, what goes into it at which time, when the next one must take over. Decides only;
// who carries it out writes. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gst/core/record/container_choice.h"
#include "gst/core/record/encoded_frame.h"
#include "gst/core/record/track_merger.h"

namespace rooms {

class RecordingTimeline {
 public:
  struct Config {
    RecordingFormat format = RecordingFormat::kAuto;
    Duration segment_time{};          ///< zero: as long as it lasts
    std::uint64_t segment_bytes = 0;  ///< 0: as large as it gets
    /// A file begins without a picture if none has come for so long.
    Duration start_patience = std::chrono::seconds(3);
    Duration merge_patience = std::chrono::milliseconds(300);
  };
  struct FileTrack {
    std::string track;
    StreamSetup setup;
  };
  struct Begin {
    Timestamp start;
    Container container = Container::kMp4;
    std::vector<FileTrack> tracks;
  };
  struct Write {
    std::size_t track = 0;  ///< position in Begin::tracks
    EncodedFrame frame;
    Duration time{};  ///< since Begin::start
  };
  struct End {
    Timestamp at;
  };
  /// A Begin comes first and after each End, a Write only in between.
  using Step = std::variant<Begin, Write, End>;

  explicit RecordingTimeline(const Config& config)
      : config_(config), merger_(config.merge_patience) {}

  /// Also when its codec has changed.
  void add_track(const std::string& track, Codec codec);
  /// What it sent before still counts. The file ends with its last track.
  void remove_track(const std::string& track);
  [[nodiscard]] bool has_tracks() const { return !members_.empty(); }
  void push(const std::string& track, EncodedFrame frame, Timestamp now);
  std::vector<Step> advance(Timestamp now);
  /// Everything that is left, and an End if a file is open.
  std::vector<Step> finish();
  /// The next file waits for one.
  [[nodiscard]] bool wants_keyframe() const;

 private:
  struct Member {
    bool video = false;
    StreamSetup setup;  ///< of video as its last keyframe told
    std::optional<Timestamp> last;
  };
  struct File {
    Timestamp start;
    Timestamp last;
    Container container = Container::kMp4;
    std::vector<FileTrack> tracks;
    std::vector<std::optional<Duration>> written;  ///< time of the last frame, by track
    std::uint64_t bytes = 0;
  };
  using Merged = TrackMerger::Merged;

  void consider(Merged merged, std::vector<Step>& steps);
  void gate(Merged merged, std::vector<Step>& steps);
  void begin(Timestamp start, bool with_picture, std::vector<Step>& steps);
  void end(std::vector<Step>& steps);
  void begin_with_gated(Timestamp start, bool with_picture, std::vector<Step>& steps);
  void write(Merged merged, std::vector<Step>& steps);
  [[nodiscard]] bool needs_new_file(const Merged& merged) const;
  [[nodiscard]] bool is_due(Timestamp time) const;
  [[nodiscard]] bool has_picture() const;
  [[nodiscard]] bool picture_flows(Timestamp time) const;
  [[nodiscard]] std::optional<std::size_t> place_of(const std::string& track) const;

  Config config_;
  TrackMerger merger_;
  std::map<std::string, Member> members_;
  std::optional<File> file_;
  std::deque<Merged> gated_;
  std::optional<Timestamp> gated_since_;
  bool wants_new_file_ = false;     // at the next keyframe
  bool picture_needs_key_ = false;  // the file did not begin with one
};

}  // namespace rooms
