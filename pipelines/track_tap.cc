// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/track_tap.h"

#include <gst/video/video.h>

#include <iterator>
#include <utility>

#include "gst/glue/clock.h"
#include "gst/glue/mapped_buffer.h"

namespace rooms {
namespace {

using StreamPtr = std::shared_ptr<TapStream>;

TapStream& stream_of(GstPad* pad) {
  return **static_cast<StreamPtr*>(gst_pad_get_element_private(pad));
}

GstFlowReturn on_buffer(GstPad* pad, GstObject* /*parent*/, GstBuffer* buffer) {
  const auto owned = adopt(buffer);
  stream_of(pad).on_packet(buffer);
  return GST_FLOW_OK;
}

gboolean on_event(GstPad* pad, GstObject* /*parent*/, GstEvent* event) {
  const auto owned = adopt(event);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return TRUE;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  const auto* structure = gst_caps_get_structure(caps, 0);
  if (const char* name = gst_structure_get_string(structure, "encoding-name"))
    stream_of(pad).on_codec(codec_named(name));
  return TRUE;
}

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

void TapStream::on_packet(GstBuffer* buffer) {
  const MappedBuffer mapped(buffer);
  const auto header = parse_rtp(mapped.bytes());
  const auto time = [&](GstClockTime running) {
    return Timestamp(Duration(static_cast<std::int64_t>(base_time_ + running)));
  };
  const auto now = monotonic_now();
  const bool timed = GST_BUFFER_PTS_IS_VALID(buffer);
  // Before the first sender report the two are the same: the arrival.
  const bool by_report =
      timed && GST_BUFFER_DTS_IS_VALID(buffer) && GST_BUFFER_PTS(buffer) != GST_BUFFER_DTS(buffer);
  state_.with([&](State& state) {
    if (!header || !state.assembler) {
      ++state.malformed;
      return;
    }
    state.assembler->push(*header, timed ? time(GST_BUFFER_PTS(buffer)) : now, by_report, now);
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
      pad_(sink(gst_pad_new("tap", GST_PAD_SINK))) {
  gst_pad_set_element_private(pad_.get(), new StreamPtr(stream_));
  gst_pad_set_chain_function(pad_.get(), on_buffer);
  gst_pad_set_event_function(pad_.get(), on_event);
  gst_pad_set_active(pad_.get(), TRUE);
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
  gst_element_release_request_pad(room_.router, output_->pad());  // waits for its thread
  gst_pad_set_active(pad_.get(), FALSE);
  delete static_cast<StreamPtr*>(gst_pad_get_element_private(pad_.get()));
  gst_pad_set_element_private(pad_.get(), nullptr);
}

std::function<void()> TrackTap::keyframe_request() const {
  return [pad = pad_] {
    gst_pad_push_event(pad.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
  };
}

}  // namespace rooms
