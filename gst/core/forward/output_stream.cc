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

/// Capture and arrival times of one stream drift apart by less than this.
constexpr Duration kUnlikely = std::chrono::seconds(2);

/// Rounded to the nearest: both times come from timestamps, and should give them back.
std::int64_t ticks_of(Duration span, std::int64_t rate) {
  const std::int64_t seconds = span.count() / 1'000'000'000;
  const std::int64_t rest = span.count() % 1'000'000'000 * rate;
  return seconds * rate + (rest + (rest >= 0 ? 500'000'000 : -500'000'000)) / 1'000'000'000;
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
  if (paused_ && !paused) {
    waiting_ = true;
    if (current_ != wanted_) current_ = 0;
  }
  paused_ = paused;
}

bool OutputStream::continues(const SourcePacket& packet) const {
  return packet.encoding == current_ && packet.format == format_ &&
         packet.header.ssrc == source_ssrc_;
}

std::optional<std::uint32_t> OutputStream::aligned(const SourcePacket& packet) const {
  if (!anchor_ || !packet.captured || packet.track == 0 || packet.track != track_ ||
      packet.format.clock_rate != format_.clock_rate)
    return std::nullopt;
  const Duration by_capture = *packet.captured - anchor_->captured;
  const Duration by_arrival = packet.now - anchor_->arrived;
  // Such a publisher's clocks are of no use.
  if (by_capture - by_arrival > kUnlikely || by_arrival - by_capture > kUnlikely)
    return std::nullopt;
  return anchor_->timestamp +
         static_cast<std::uint32_t>(ticks_of(by_capture, std::int64_t{packet.format.clock_rate}));
}

bool OutputStream::join(const SourcePacket& packet) {
  const bool same = continues(packet);
  if (same) {
    rtp_.resume_at(packet.header, packet.now);
  } else {
    rtp_.switch_to(packet.header, clock_of(packet.format), packet.now, aligned(packet));
  }
  if (packet.format.codec == Codec::kVp8) vp8_.switch_to(packet.frame.vp8);
  if (packet.format.codec == Codec::kVp9) vp9_.switch_to(packet.frame.vp9);
  if (packet.frame.frame_number_offset != 0) frame_numbers_.switch_to(packet.frame.frame_number);
  layers_.join();
  layered_ = false;
  current_ = packet.encoding;
  format_ = packet.format;
  source_ssrc_ = packet.header.ssrc;
  track_ = packet.track;
  waiting_ = false;
  return !same;
}

bool OutputStream::passes_layers(const SourcePacket& packet, Decision& decision) {
  const std::uint8_t before = spatial_layer();
  const auto verdict = layers_.consider(packet.frame, packet.header.timestamp);
  layered_ = true;
  decision.layer_changed = spatial_layer() != before;
  decision.wants_keyframe = verdict.wants_keyframe && packet.encoding == wanted_;
  decision.reason = verdict.reason;
  decision.patch.marker = verdict.ends_picture && !packet.header.marker;
  if (verdict.forward()) return true;
  rtp_.drop(packet.header);
  if (packet.format.codec == Codec::kVp8) vp8_.drop(packet.frame.vp8);
  return false;
}

void OutputStream::write_patch(const SourcePacket& packet, const Rewritten& rewritten,
                               Decision& decision) {
  auto& patch = decision.patch;
  patch.ssrc = rtp_.ssrc();
  patch.sequence = static_cast<std::uint16_t>(rewritten.extended_sequence);
  patch.timestamp = rewritten.timestamp;
  const auto& frame = packet.frame;
  if (packet.format.codec == Codec::kVp8) patch.edit = vp8_.next(frame.vp8);
  if (packet.format.codec == Codec::kVp9) patch.edit = vp9_.next(frame.vp9, packet.header.payload);
  if (frame.frame_number_offset != 0)
    frame_numbers_.next(frame.frame_number, frame.frame_number_offset, patch);
}

Decision OutputStream::consider(const SourcePacket& packet) {
  if (paused_) return refuse(DropReason::kPaused);
  if (packet.encoding != wanted_ && packet.encoding != current_)
    return refuse(DropReason::kNotWanted);

  Decision decision;
  bool flows = !waiting_ && continues(packet);
  if (flows) {
    const auto continuity = rtp_.judge(packet.header);
    if (continuity == RtpRewriter::Continuity::kStray) return refuse(DropReason::kBeforeSwitch);
    if (continuity == RtpRewriter::Continuity::kRestart) {
      flows = false;
      waiting_ = true;
    }
  }
  if (packet.header.payload.empty()) {
    if (flows) rtp_.drop(packet.header);
    return refuse(DropReason::kNoPayload);
  }
  if (!flows) {
    if (!can_join(packet.format, packet.frame)) {
      decision.reason = DropReason::kWaitingForKeyframe;
      decision.wants_keyframe = packet.encoding == wanted_;
      return decision;
    }
    decision.switched = join(packet);
  }
  if (packet.frame.layers.told && !passes_layers(packet, decision)) return decision;

  const Rewritten rewritten = rtp_.next(packet.header, packet.now);
  if (!rewritten.forward()) return refuse(rewritten.reason);
  decision.forward = true;
  decision.extended_sequence = rewritten.extended_sequence;
  write_patch(packet, rewritten, decision);
  if (packet.captured && !rtp_.catches_up())
    anchor_ = Anchor{*packet.captured, packet.now, rewritten.timestamp};
  return decision;
}

}  // namespace rooms
