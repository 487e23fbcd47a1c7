// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/track_tap.h"

#include <gst/video/video.h>

#include <iterator>
#include <utility>

#include "gst/glue/clock.h"
#include "pipelines/tap_pad.h"

namespace rooms {
namespace {

FrameAssembler::Counters sum(FrameAssembler::Counters a, const FrameAssembler::Counters& b) {
  a.frames += b.frames;
  a.incomplete += b.incomplete;
  a.skipped += b.skipped;
  a.overflown += b.overflown;
  a.packets_lost += b.packets_lost;
  a.packets_late += b.packets_late;
  return a;
}

void append(std::vector<EncodedFrame>& to, std::vector<EncodedFrame> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

TapStream::TapStream(std::vector<SharedFrame> past) : base_time_(0) {
  state_.with([&](State& state) { state.past = std::move(past); });
}

void TapStream::on_codec(Codec codec) {
  state_.with([&](State& state) {
    if (state.assembler && state.assembler->codec() == codec) return;
    if (state.assembler) {
      append(state.former, state.assembler->finish(monotonic_now()));
      state.counters = sum(state.counters, state.assembler->counters());
    }
    state.assembler = std::make_unique<FrameAssembler>(codec);
  });
}

void TapStream::on_packet(const RtpForward::Packet& packet, GstBuffer* buffer) {
  auto header = *packet.source;
  header.sequence = packet.patch.sequence;
  header.timestamp = packet.patch.timestamp;
  header.marker = header.marker || packet.patch.marker;
  // What else the patch changes are the numbers of pictures, which no file has.
  const auto time = [&](GstClockTime running) {
    return Timestamp(Duration(static_cast<std::int64_t>(base_time_ + running)));
  };
  const auto now = monotonic_now();
  const bool timed = GST_BUFFER_PTS_IS_VALID(buffer);
  // Before the first sender report the two are the same: the arrival.
  const bool by_report =
      timed && GST_BUFFER_DTS_IS_VALID(buffer) && GST_BUFFER_PTS(buffer) != GST_BUFFER_DTS(buffer);
  state_.with([&](State& state) {
    if (!state.assembler) return;  // no caps yet
    state.assembler->push(header, timed ? time(GST_BUFFER_PTS(buffer)) : now, by_report, now);
  });
}

std::vector<EncodedFrame> TapStream::State::take_former() {
  auto frames = std::exchange(former, {});
  for (const auto& frame : std::exchange(past, {})) frames.push_back(*frame);
  return frames;
}

std::vector<EncodedFrame> TapStream::take() {
  return state_.with([](State& state) {
    auto frames = state.take_former();
    if (state.assembler) append(frames, state.assembler->take(monotonic_now()));
    return frames;
  });
}

std::vector<EncodedFrame> TapStream::finish() {
  return state_.with([](State& state) {
    auto frames = state.take_former();
    if (state.assembler) append(frames, state.assembler->finish(monotonic_now()));
    return frames;
  });
}

bool TapStream::wants_keyframe() const {
  return state_.with(
      [](const State& state) { return state.assembler && state.assembler->wants_keyframe(); });
}

std::optional<Codec> TapStream::codec() const {
  return state_.with([](const State& state) {
    return state.assembler ? std::optional(state.assembler->codec()) : std::nullopt;
  });
}

FrameAssembler::Counters TapStream::counters() const {
  return state_.with([](const State& state) {
    return state.assembler ? sum(state.counters, state.assembler->counters()) : state.counters;
  });
}

TrackTap::TrackTap(RoomContext& room, const std::string& track, bool muted, int max_spatial)
    : room_(room),
      stream_(
          std::make_shared<TapStream>(gst_element_get_base_time(GST_ELEMENT_CAST(room.pipeline)))),
      output_(std::make_unique<SlotOutput>(
          adopt(gst_element_request_pad_simple(room.router, "src_%u")), room.random_ssrc())),
      pad_(make_tap_pad(stream_)) {
  gst_pad_link(output_->pad(), pad_.get());
  output_->show(track);
  output_->set_muted(muted);
  SlotLimit limit;
  limit.max_spatial = max_spatial;
  output_->limit(limit);
  output_->start();
}

TrackTap::~TrackTap() {
  gst_pad_unlink(output_->pad(), pad_.get());
  gst_element_release_request_pad(room_.router, output_->pad());
  gst_pad_set_active(pad_.get(), FALSE);  // waits for a packet that is being taken
}

std::function<void()> TrackTap::keyframe_request() const {
  return [pad = pad_] {
    gst_pad_push_event(pad.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
  };
}

}  // namespace rooms
