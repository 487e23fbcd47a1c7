// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/rtsp_play.h"

#include <gst/app/gstappsrc.h>

#include <algorithm>
#include <string>

#include "gst/glue/clock.h"
#include "pipelines/frame_caps.h"
#include "pipelines/rtsp_payload.h"

namespace rooms {
namespace {

/// Frames of a mix are as old when they come, and more; no time is below zero.
constexpr Duration kOldest = std::chrono::seconds(5);

std::string source_line(const char* name, const std::string& payloader, unsigned number) {
  // Nothing here waits for a clock: what comes goes out.
  return "appsrc name=" + std::string(name) +
         " is-live=true format=time max-bytes=0 min-latency=0 ! " + payloader + " name=pay" +
         std::to_string(number) + " ";
}

}  // namespace

std::shared_ptr<RtspPlay> RtspPlay::create(const std::optional<StreamSetup>& picture,
                                           const std::optional<StreamSetup>& sound) {
  std::string line;
  unsigned number = 0;
  if (picture) line += source_line("picture", *rtsp_payloader(picture->codec), number++);
  if (sound) line += source_line("sound", *rtsp_payloader(sound->codec), number++);
  GError* problem = nullptr;
  auto play = std::make_shared<RtspPlay>();
  play->bin_ = sink(gst_parse_bin_from_description(line.c_str(), FALSE, &problem));
  const auto error = own(problem);
  if (!play->bin_) return nullptr;
  const auto source = [&](const char* name, const std::optional<StreamSetup>& setup) {
    auto element = adopt(gst_bin_get_by_name(GST_BIN(play->bin_.get()), name));
    if (element && setup)
      gst_app_src_set_caps(GST_APP_SRC(element.get()), frame_caps(*setup).get());
    return element;
  };
  play->picture_.source = source("picture", picture);
  play->sound_.source = source("sound", sound);
  return play;
}

void RtspPlay::attach(GstRTSPMedia* media) {
  const auto pipeline = adopt(GST_ELEMENT_CAST(gst_object_get_parent(GST_OBJECT(bin_.get()))));
  // Times are those of the room: sound and picture stay together, and pauses of players count.
  const auto clock = adopt(gst_system_clock_obtain());
  gst_pipeline_use_clock(GST_PIPELINE(pipeline.get()), clock.get());
  base_time_ = to_gst(std::max(monotonic_now() - kOldest, Timestamp()));
  gst_element_set_start_time(pipeline.get(), GST_CLOCK_TIME_NONE);
  gst_element_set_base_time(pipeline.get(), base_time_);
  media_ = share(media);
}

void RtspPlay::bind() {
  unsigned number = 0;
  for (auto* stream : {&picture_, &sound_}) {
    if (!stream->source) continue;
    if (auto* rtsp = gst_rtsp_media_get_stream(media_.get(), number++)) stream->rtsp = share(rtsp);
  }
  bound_ = true;
}

bool RtspPlay::follow() {
  const bool flowed = picture_.gate.is_flowing();
  follow(picture_);
  follow(sound_);
  return !flowed && picture_.gate.is_flowing();
}

void RtspPlay::follow(Stream& stream) {
  if (!stream.rtsp) return;
  if (!stream.prerolled) preroll(stream);
  GstState state = GST_STATE_NULL;
  gst_element_get_state(stream.source.get(), &state, nullptr, 0);
  stream.gate.set_flowing(stream.prerolled && state == GST_STATE_PLAYING &&
                          gst_rtsp_stream_is_complete(stream.rtsp.get()) &&
                          !gst_rtsp_stream_is_blocking(stream.rtsp.get()));
}

void RtspPlay::preroll(Stream& stream) const {
  GstState state = GST_STATE_NULL;
  gst_element_get_state(stream.source.get(), &state, nullptr, 0);
  if (state < GST_STATE_PAUSED) return;
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_element_send_event(stream.source.get(), gst_event_new_segment(&segment));
  gst_element_send_event(stream.source.get(),
                         gst_event_new_gap(to_gst(monotonic_now()) - base_time_, 0));
  stream.prerolled = true;
}

void RtspPlay::describe(const StreamSetup& picture) {
  if (picture_.source)
    gst_app_src_set_caps(GST_APP_SRC(picture_.source.get()), frame_caps(picture).get());
}

void RtspPlay::push(bool picture, const EncodedFrame& frame, GstBuffer* data) {
  auto& to = stream(picture);
  const auto waiting = gst_app_src_get_current_level_bytes(GST_APP_SRC(to.source.get()));
  if (!to.gate.admit(frame, waiting)) return;
  const auto captured = to_gst(frame.time);
  auto* buffer = gst_buffer_copy(data);  // of its description; the bytes are shared
  GST_BUFFER_PTS(buffer) = captured - std::min(captured, base_time_);
  GST_BUFFER_DTS(buffer) = GST_BUFFER_PTS(buffer);
  if (picture && !frame.keyframe) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_app_src_push_buffer(GST_APP_SRC(to.source.get()), buffer);  // takes it
}

void RtspPlay::end() {
  for (auto* stream : {&picture_, &sound_})
    if (stream->source) gst_app_src_end_of_stream(GST_APP_SRC(stream->source.get()));
}

}  // namespace rooms
