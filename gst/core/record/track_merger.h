// SPDX-License-Identifier: LGPL-2.1-or-later
// Frames of several tracks in the order of their times. A track that is silent is waited for a
// moment only, and longer once it has shown to be late: a picture whose encoder or line is busy
// comes behind its sound. Not thread-safe.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "gst/core/record/encoded_frame.h"

namespace rooms {

class TrackMerger {
 public:
  struct Merged {
    std::string track;
    EncodedFrame frame;
  };

  /// What a process that is killed has not handed on: no more than that.
  static constexpr Duration kMostPatience = std::chrono::milliseconds(700);

  /// How much later than another one a frame of the same moment may come, to begin with.
  explicit TrackMerger(Duration patience = std::chrono::milliseconds(300)) : patience_(patience) {}

  void push(const std::string& track, EncodedFrame frame, Timestamp now);
  /// The next in time; nullopt: none, or an earlier one may still come from another track.
  std::optional<Merged> pop(Timestamp now);
  /// The next in time, whatever may still come.
  std::optional<Merged> pop_any();
  /// It sends nothing any more; what it sent stays.
  void end(const std::string& track);

 private:
  struct Waiting {
    EncodedFrame frame;
    Timestamp since;
  };
  struct Track {
    std::deque<Waiting> waiting;
    bool ended = false;
  };
  using Tracks = std::map<std::string, Track>;
  Tracks::iterator earliest();
  Merged take(Tracks::iterator track);

  Duration patience_;
  std::optional<Timestamp> handed_on_;  // the latest
  Tracks tracks_;
};

}  // namespace rooms
