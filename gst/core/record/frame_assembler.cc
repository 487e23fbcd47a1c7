// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/frame_assembler.h"

#include <iterator>
#include <utility>

#include "gst/core/record/depacketizer.h"

namespace rooms {
namespace {

std::uint32_t clock_rate_of(Codec codec) {
  const auto* profile = profile_of(codec);
  return profile ? profile->clock_rate : 90000;
}

bool is_video(Codec codec) {
  const auto* profile = profile_of(codec);
  return profile && profile->kind == MediaKind::kVideo;
}

}  // namespace

FrameAssembler::FrameAssembler(Codec codec, const Config& config)
    : codec_(codec),
      config_(config),
      video_(is_video(codec)),
      order_(config.order),
      clock_(clock_rate_of(codec)),
      waits_for_keyframe_(video_) {}

void FrameAssembler::push(const RtpHeader& header, Timestamp captured, bool by_report,
                          Timestamp now) {
  OrderedPacket packet;
  packet.marker = header.marker;
  packet.timestamp = header.timestamp;
  packet.captured = captured;
  packet.by_report = by_report;
  packet.payload.assign(header.payload.begin(), header.payload.end());
  order_.push(header.sequence, std::move(packet), now);
  advance(now);
}

void FrameAssembler::advance(Timestamp now) {
  while (auto packet = order_.pop(now)) take_packet(std::move(*packet));
}

void FrameAssembler::take_packet(OrderedPacket packet) {
  if (packet.after_loss) {
    // What is missing may have been the end of one frame and the beginning of the next. The rest
    // of a frame whose beginning is missing is no keyframe to any codec.
    if (!payloads_.empty()) lose_frame();
    waits_for_keyframe_ = video_;
  }
  if (packet.payload.empty()) return;  // a probe
  if (!payloads_.empty() && packet.timestamp != timestamp_) close_frame();
  timestamp_ = packet.timestamp;
  if (payloads_.empty())
    time_ = clock_.time_of(packet.timestamp, packet.captured, packet.by_report);
  payload_bytes_ += packet.payload.size();
  payloads_.push_back(std::move(packet.payload));
  if (payload_bytes_ > config_.largest_frame) return lose_frame();
  if (packet.marker || !video_) close_frame();
}

void FrameAssembler::lose_frame() {
  payloads_.clear();
  payload_bytes_ = 0;
  ++counters_.incomplete;
  waits_for_keyframe_ = video_;
}

void FrameAssembler::close_frame() {
  auto frame = depacketize(codec_, payloads_);
  const bool is_keyframe = frame && frame->keyframe;
  payloads_.clear();
  payload_bytes_ = 0;
  if (!frame) {
    ++counters_.incomplete;
    waits_for_keyframe_ = video_;
    return;
  }
  if (waits_for_keyframe_ && !is_keyframe) {
    ++counters_.skipped;
    return;
  }
  if (ready_bytes_ + frame->data.size() > config_.most_waiting) {
    ++counters_.overflown;
    waits_for_keyframe_ = video_;
    return;
  }
  waits_for_keyframe_ = false;
  frame->time = time_;
  ready_bytes_ += frame->data.size();
  ready_.push_back(std::move(*frame));
  ++counters_.frames;
}

std::vector<EncodedFrame> FrameAssembler::take(Timestamp now) {
  advance(now);
  ready_bytes_ = 0;
  std::vector<EncodedFrame> frames(std::make_move_iterator(ready_.begin()),
                                   std::make_move_iterator(ready_.end()));
  ready_.clear();
  return frames;
}

std::vector<EncodedFrame> FrameAssembler::finish(Timestamp now) {
  order_.give_up();
  advance(now);
  // Without a marker nobody knows whether the last frame is whole.
  payloads_.clear();
  return take(now);
}

FrameAssembler::Counters FrameAssembler::counters() const {
  auto counters = counters_;
  counters.packets_lost = order_.lost();
  counters.packets_late = order_.late();
  return counters;
}

}  // namespace rooms
