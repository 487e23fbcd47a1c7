// SPDX-License-Identifier: LGPL-2.1-or-later
// The segments of one rendition that a playlist lists, the one under way, and those that have left
// the playlist but must still be there (RFC 8216bis 6.2.2). Knows names and lengths, no bytes. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/time.h"

namespace rooms {

struct HlsPart {
  Duration duration{};
  bool independent = false;  ///< begins with a keyframe
};

struct HlsSegment {
  std::uint64_t number = 0;  ///< media sequence number
  Duration duration{};       ///< of one under way: of its parts so far
  Duration wall_clock{};     ///< since 1970, of its first moment
  unsigned init = 0;         ///< which init segment it needs
  bool discontinuity = false;
  bool independent = false;
  std::vector<HlsPart> parts;
};

class SegmentWindow {
 public:
  struct Config {
    std::chrono::seconds target_duration{3};
    Duration part{};  ///< longest; zero: there are no parts
    Duration window = std::chrono::seconds(60);
  };

  explicit SegmentWindow(const Config& config) : config_(config) {}

  /// The first one's number; before anything begins.
  void number_from(std::uint64_t first) { next_number_ = first; }
  void begin(Duration wall_clock, unsigned init, bool discontinuity);
  /// A part of the segment under way has ended; `bytes` count for the bit rate.
  void add_part(const HlsPart& part, std::size_t bytes);
  /// The segment under way has ended.
  void end(Timestamp now);
  /// Another rendition had one before this one began.
  void skip_discontinuity() { ++discontinuity_sequence_; }
  /// Segments that nobody may ask for any more.
  std::vector<HlsSegment> take_expired(Timestamp now);

  [[nodiscard]] const Config& config() const { return config_; }
  /// In the playlist, oldest first.
  [[nodiscard]] const std::deque<HlsSegment>& segments() const { return segments_; }
  /// Under way, with the parts that have ended.
  [[nodiscard]] const std::optional<HlsSegment>& open() const { return open_; }
  [[nodiscard]] std::uint64_t media_sequence() const;
  [[nodiscard]] std::uint64_t discontinuity_sequence() const { return discontinuity_sequence_; }
  [[nodiscard]] bool has_parts() const { return config_.part > Duration::zero(); }
  /// Earlier init segments are not needed any more.
  [[nodiscard]] unsigned oldest_init() const;
  /// Bits per second of the segment with the most (4.4.6.2: short ones do not count), and of all so
  /// far.
  [[nodiscard]] std::uint64_t peak_bitrate() const;
  [[nodiscard]] std::uint64_t average_bitrate() const;

 private:
  struct Retired {
    HlsSegment segment;
    Timestamp until;
  };
  Config config_;
  std::deque<HlsSegment> segments_;
  std::optional<HlsSegment> open_;
  std::deque<Retired> retired_;
  std::uint64_t next_number_ = 0;
  std::uint64_t discontinuity_sequence_ = 0;
  Duration length_{};   // of those in the playlist
  Duration longest_{};  // playlist so far
  std::uint64_t open_bytes_ = 0;
  std::uint64_t peak_bitrate_ = 0;
  std::uint64_t total_bytes_ = 0;
  Duration total_{};
};

}  // namespace rooms
