// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps the sequence numbers and timestamps of one outgoing stream continuous while its sources
// come and go.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>

#include "gst/core/forward/drop_reason.h"
#include "gst/core/forward/seqnum.h"
#include "gst/core/forward/sequence_map.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/core/time.h"

namespace rooms {

/// Where the outgoing stream begins; from a random source of the caller's. A sequence below 2^15
/// keeps an SRTP receiver that loses the first packets from guessing a wrong rollover counter (RFC
/// 3711 3.3.1).
struct RtpStart {
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
};

struct RtpClock {
  std::uint32_t rate = 90000;
  /// The least distance between the last frame of one source and the first of the next.
  Duration frame = std::chrono::milliseconds(33);
};

struct Rewritten {
  /// Low 16 bits go on the wire; the rest is the rollover counter (RFC 3711 3.3.1).
  std::uint64_t extended_sequence = 0;
  std::uint32_t timestamp = 0;
  DropReason reason = DropReason::kNone;  ///< anything else: do not send it

  [[nodiscard]] bool forward() const { return reason == DropReason::kNone; }
};

/// A source begins with `switch_to` or `resume_at`; then each of its packets goes through `next`,
/// or through `drop` when it is left out on purpose. Promises: what is forwarded without loss is
/// numbered without gap; what got lost stays a gap; no number is given out twice; the first
/// timestamp after a switch is later than all before.
class RtpRewriter {
 public:
  explicit RtpRewriter(RtpStart start);

  /// `first` is the packet the new source is joined at. Its timestamp becomes `aligned` (an
  /// outgoing timestamp) if given, else the last one plus the time that has passed. An `aligned`
  /// that has been reached already is kept to all the same: until the source has caught up, its
  /// frames follow the newest a millisecond apart.
  void switch_to(const RtpHeader& first, RtpClock clock, Timestamp now,
                 std::optional<std::uint32_t> aligned = std::nullopt);
  /// The same source after a pause: numbers close up, timestamps go on in the source's own clock.
  void resume_at(const RtpHeader& first, Timestamp now);

  Rewritten next(const RtpHeader& packet, Timestamp now);
  void drop(const RtpHeader& packet);

  enum class Continuity : std::uint8_t { kUsual, kStray, kRestart };
  /// A packet too far from its predecessors is a stray; two such in a row mean that the source
  /// started anew (RFC 3550 A.1). Ask once for each packet, before `next` or `drop`.
  Continuity judge(const RtpHeader& packet);

  void set_ssrc(std::uint32_t ssrc) { start_.ssrc = ssrc; }
  [[nodiscard]] std::uint32_t ssrc() const { return start_.ssrc; }
  /// Of the newest packet given out; before the first, one less than the start.
  [[nodiscard]] std::int64_t newest_sequence() const { return newest_out_; }
  [[nodiscard]] std::uint32_t newest_timestamp() const { return newest_timestamp_; }
  [[nodiscard]] bool catches_up() const { return pushed_count_ > 0; }
  [[nodiscard]] bool started() const { return started_; }

 private:
  static constexpr std::size_t kMemory = 1024;
  static constexpr std::int64_t kMaxDropout = 3000;
  [[nodiscard]] std::int64_t unwrap(const RtpHeader& packet) const;
  void number_from(const RtpHeader& first);
  /// false: given out before.
  bool mark_sent(std::int64_t out);
  std::uint32_t outgoing_timestamp(std::uint32_t incoming);
  std::uint32_t pushed_timestamp(std::uint32_t incoming);

  RtpStart start_;
  RtpClock clock_;
  SequenceMap<kMemory> map_;
  std::optional<std::uint16_t> after_stray_;  // what would confirm a restart
  std::bitset<kMemory> sent_;                 // by outgoing number
  std::int64_t newest_out_;
  std::uint32_t timestamp_offset_ = 0;  // outgoing minus incoming
  std::uint32_t newest_timestamp_;
  Timestamp newest_timestamp_at_{};  // when the first packet with it went out
  Duration borrowed_{0};             // how far shortest steps have put us ahead of real time
  /// Frames that would have gone back in time, and where they went instead; the newest last.
  struct Pushed {
    std::uint32_t in = 0;
    std::uint32_t out = 0;
  };
  static constexpr std::size_t kMostPushed = 8;
  std::array<Pushed, kMostPushed> pushed_{};
  std::size_t pushed_count_ = 0;
  bool caught_up_ = false;
  bool started_ = false;
};

}  // namespace rooms
