// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/output_stream.h"

namespace rooms {
namespace {

Decision refuse(DropReason reason) {
  Decision decision;
  decision.reason = reason;
  return decision;
}

bool can_join(const EncodingFormat& format, const FrameInfo& frame) {
  return format.kind == MediaKind::kAudio || !finds_keyframes(format.codec) || frame.keyframe;
}

RtpClock clock_of(const EncodingFormat& format) {
  RtpClock clock{.rate = format.clock_rate};
  if (format.kind == MediaKind::kAudio) clock.frame = std::chrono::milliseconds(20);
  return clock;
}

}  // namespace

void OutputStream::want(EncodingId encoding) {
  wanted_ = encoding;
  if (encoding == 0 && current_ != 0) {
    current_ = 0;
    waiting_ = true;
  }
}

void OutputStream::pause(bool paused) {
  if (paused_ && !paused) waiting_ = true;
  paused_ = paused;
}

bool OutputStream::continues(EncodingId encoding, const EncodingFormat& format,
                             const RtpHeader& packet) const {
  return encoding == current_ && format == format_ && packet.ssrc == source_ssrc_;
}

bool OutputStream::join(EncodingId encoding, const EncodingFormat& format, const RtpHeader& packet,
                        const FrameInfo& frame, Timestamp now) {
  const bool same = continues(encoding, format, packet);
  if (same) {
    rtp_.resume_at(packet, now);
  } else {
    rtp_.switch_to(packet, clock_of(format), now);
  }
  if (format.codec == Codec::kVp8) vp8_.switch_to(frame.vp8);
  current_ = encoding;
  format_ = format;
  source_ssrc_ = packet.ssrc;
  waiting_ = false;
  return !same;
}

bool OutputStream::above_temporal_limit(const FrameInfo& frame) {
  if (frame.keyframe) temporal_now_ = temporal_limit_;
  if (!frame.temporal_id) return false;
  if (frame.frame_start) {  // never within a frame
    const bool may_rise = frame.layer_sync && *frame.temporal_id <= temporal_limit_;
    if (temporal_limit_ < temporal_now_) temporal_now_ = temporal_limit_;
    if (may_rise && *frame.temporal_id > temporal_now_) temporal_now_ = *frame.temporal_id;
  }
  return *frame.temporal_id > temporal_now_;
}

Decision OutputStream::consider(EncodingId encoding, const EncodingFormat& format,
                                const RtpHeader& packet, const FrameInfo& frame, Timestamp now) {
  if (paused_) return refuse(DropReason::kPaused);
  if (encoding != wanted_ && encoding != current_) return refuse(DropReason::kNotWanted);

  Decision decision;
  bool flows = !waiting_ && continues(encoding, format, packet);
  if (flows) {
    const auto continuity = rtp_.judge(packet);
    if (continuity == RtpRewriter::Continuity::kStray) return refuse(DropReason::kBeforeSwitch);
    if (continuity == RtpRewriter::Continuity::kRestart) {
      flows = false;
      waiting_ = true;
    }
  }
  if (packet.payload.empty()) {
    if (flows) rtp_.drop(packet);
    return refuse(DropReason::kNoPayload);
  }
  if (!flows) {
    if (!can_join(format, frame)) {
      decision.reason = DropReason::kWaitingForKeyframe;
      decision.wants_keyframe = encoding == wanted_;
      return decision;
    }
    decision.switched = join(encoding, format, packet, frame, now);
  }
  if (above_temporal_limit(frame)) {
    rtp_.drop(packet);
    if (format.codec == Codec::kVp8) vp8_.drop(frame.vp8);
    decision.reason = DropReason::kTemporalLayer;
    return decision;
  }

  const Rewritten rewritten = rtp_.next(packet, now);
  if (!rewritten.forward()) return refuse(rewritten.reason);
  decision.forward = true;
  decision.extended_sequence = rewritten.extended_sequence;
  decision.patch.ssrc = rtp_.ssrc();
  decision.patch.sequence = static_cast<std::uint16_t>(rewritten.extended_sequence);
  decision.patch.timestamp = rewritten.timestamp;
  if (format.codec == Codec::kVp8) decision.patch.edit = vp8_.next(frame.vp8);
  return decision;
}

}  // namespace rooms
