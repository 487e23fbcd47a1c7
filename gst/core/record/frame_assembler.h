// SPDX-License-Identifier: LGPL-2.1-or-later
// RTP packets of one track in, frames out that a file may hold: whole ones, beginning with a
// keyframe, and after a loss with the next keyframe, so that no picture refers to one that is
// missing. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "gst/core/record/encoded_frame.h"
#include "gst/core/record/packet_order.h"
#include "gst/core/record/track_clock.h"
#include "gst/core/rtp/rtp_header.h"

namespace rooms {

class FrameAssembler {
 public:
  struct Config {
    PacketOrder::Config order;
    /// Bytes of frames that nobody takes; what comes then is left out up to the next keyframe.
    std::size_t most_waiting = 8 << 20;
    /// Of one frame: more is nonsense.
    std::size_t largest_frame = 4 << 20;
  };
  struct Counters {
    std::uint64_t frames = 0;
    std::uint64_t incomplete = 0;  ///< frames of which packets were missing or made no sense
    std::uint64_t skipped = 0;     ///< whole ones between a loss and the next keyframe
    std::uint64_t overflown = 0;   ///< frames that nobody took in time
    std::uint64_t packets_lost = 0;
    std::uint64_t packets_late = 0;
  };

  explicit FrameAssembler(Codec codec) : FrameAssembler(codec, Config()) {}
  FrameAssembler(Codec codec, const Config& config);

  void push(const RtpHeader& header, Timestamp captured, bool by_report, Timestamp now);
  /// Frames that are complete, in decoding order.
  std::vector<EncodedFrame> take(Timestamp now);
  /// The stream ends: what waits for missing packets waits no more.
  std::vector<EncodedFrame> finish(Timestamp now);
  /// Frames are left out until a keyframe comes: ask for one.
  [[nodiscard]] bool wants_keyframe() const { return video_ && waits_for_keyframe_; }
  [[nodiscard]] Codec codec() const { return codec_; }
  [[nodiscard]] Counters counters() const;

 private:
  void advance(Timestamp now);
  void take_packet(OrderedPacket packet);
  void close_frame();
  void lose_frame();

  const Codec codec_;
  const Config config_;
  const bool video_;
  PacketOrder order_;
  TrackClock clock_;
  std::vector<std::vector<std::uint8_t>> payloads_;  // of the frame under way
  std::size_t payload_bytes_ = 0;
  std::uint32_t timestamp_ = 0;  // its RTP timestamp
  Timestamp time_;
  bool waits_for_keyframe_ = true;
  std::deque<EncodedFrame> ready_;
  std::size_t ready_bytes_ = 0;
  Counters counters_;
};

}  // namespace rooms
