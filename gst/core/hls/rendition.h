// SPDX-License-Identifier: LGPL-2.1-or-later
// One rendition of a programme: frames of one track in, the files of HTTP Live Streaming out. Sans
// I/O; not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/hls/hls_names.h"
#include "gst/core/hls/segment_cutter.h"
#include "gst/core/hls/segment_window.h"
#include "gst/core/record/segment_writer.h"

namespace rooms {

using SharedBytes = std::shared_ptr<const std::vector<std::uint8_t>>;

class HlsRendition {
 public:
  struct Config {
    HlsNames names;
    bool video = true;
    Duration segment = std::chrono::seconds(2);
    Duration part{};
    Duration phase{};  ///< see SegmentCutter
    Duration window = std::chrono::seconds(60);
    Duration presentation_wall_clock{};  ///< since 1970, of time zero
  };

  explicit HlsRendition(const Config& config);

  struct Change {
    bool playlist = false;  ///< it has another text now
    bool discontinuity = false;
  };
  /// `time` since the presentation began.
  Change add(EncodedFrame frame, Duration time, Timestamp now);
  /// The next segment is behind a discontinuity.
  void interrupt();
  /// So many it has had, or will have had when it begins.
  [[nodiscard]] std::uint64_t discontinuities() const { return discontinuities_; }
  /// Lets go of what nobody may ask for any more.
  void expire(Timestamp now);
  [[nodiscard]] bool wants_keyframe() const { return cutter_.wants_keyframe(); }

  [[nodiscard]] const SegmentWindow& window() const { return window_; }
  [[nodiscard]] const HlsNames& names() const { return config_.names; }
  [[nodiscard]] bool is_video() const { return config_.video; }
  /// Of its last segment.
  [[nodiscard]] const StreamSetup& setup() const { return setup_; }
  /// A playlist of it has something to play.
  [[nodiscard]] bool has_segment() const { return !window_.segments().empty(); }

  /// Pieces that make up the file; empty: there is none of that name.
  [[nodiscard]] std::vector<SharedBytes> file(std::string_view name) const;
  /// It is the part that a playlist hints at, and will be there soon.
  [[nodiscard]] bool is_hinted(std::string_view name) const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void end_part(Duration end);
  void end_segment(Timestamp now);
  void take_setup(const StreamSetup& setup);
  void keep(const std::string& name, const SharedBytes& bytes);

  Config config_;
  SegmentCutter cutter_;
  SegmentWindow window_;
  StreamSetup setup_;
  std::unique_ptr<SegmentWriter> writer_;
  std::uint64_t discontinuities_ = 0;
  unsigned inits_ = 0;        // the last one's number
  unsigned oldest_init_ = 1;  // that there is
  Duration part_start_{};
  bool part_independent_ = false;
  std::map<std::string, std::vector<SharedBytes>, std::less<>> files_;
  std::vector<SharedBytes> open_;  // of the segment under way
  std::size_t bytes_ = 0;          // of all files; parts and their segment share theirs
};

}  // namespace rooms
