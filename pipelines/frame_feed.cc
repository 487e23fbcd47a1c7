// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/frame_feed.h"

#include <gst/app/app.h>
#include <gst/video/video.h>

#include <algorithm>
#include <utility>

#include "gst/glue/clock.h"
#include "pipelines/frame_caps.h"

namespace rooms {
namespace {

/// What waits for a slow element.
constexpr std::uint64_t kMostWaiting = 4 << 20;
constexpr std::uint64_t kMostFramesWaiting = 250;
constexpr Duration kFeedKeyframePatience = std::chrono::seconds(1);
/// A frame is so old at most when it comes: mixed, and put together of packets that were sent
/// again.
constexpr GstClockTime kOldest = 300 * GST_MSECOND;
/// Parsers take the time away from a frame that has that of the one before.
constexpr GstClockTimeDiff kLeastStep = GST_MSECOND;

}  // namespace

FrameFeed::FrameFeed(Ref<GstElement> appsrc, TapFrames frames)
    : appsrc_(std::move(appsrc)),
      frames_(std::move(frames)),
      pad_(adopt(gst_element_get_static_pad(appsrc_.get(), "src"))),
      waits_for_keyframe_(frames_.video) {
  g_object_set(appsrc_.get(), "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes", guint64{0},
               "min-latency", static_cast<gint64>(kOldest), nullptr);
  using Request = std::function<void()>;
  probe_ = gst_pad_add_probe(
      pad_.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      [](GstPad*, GstPadProbeInfo* info, gpointer request) {
        if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
          return GST_PAD_PROBE_OK;
        (*static_cast<Request*>(request))();
        return GST_PAD_PROBE_DROP;
      },
      new Request(frames_.request_keyframe),
      [](gpointer request) { delete static_cast<Request*>(request); });
}

FrameFeed::~FrameFeed() { gst_pad_remove_probe(pad_.get(), probe_); }

bool FrameFeed::admits(const EncodedFrame& frame, std::uint64_t waiting) {
  guint64 frames = 0;
  g_object_get(appsrc_.get(), "current-level-buffers", &frames, nullptr);
  const bool full = waiting > kMostWaiting || frames > kMostFramesWaiting;
  if (full && frames_.video) waits_for_keyframe_ = true;
  if (full || (waits_for_keyframe_ && !frame.keyframe)) return false;
  waits_for_keyframe_ = false;
  return true;
}

void FrameFeed::push(EncodedFrame frame) {
  if (frame.keyframe && frame.setup.codec != Codec::kUnknown && frame.setup != setup_) {
    setup_ = frame.setup;
    if (const auto caps = frame_caps(setup_))
      gst_app_src_set_caps(GST_APP_SRC(appsrc_.get()), caps.get());
  }
  // Those from before the pipeline ran follow each other closely at its beginning.
  const auto earliest = last_ ? *last_ + kLeastStep : 0;
  const auto at = std::max(static_cast<GstClockTimeDiff>(to_gst(frame.time)) + *shift_, earliest);
  last_ = at;
  auto* buffer = gst_buffer_new_memdup(frame.data.data(), frame.data.size());
  GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(at);
  GST_BUFFER_DTS(buffer) = GST_BUFFER_PTS(buffer);
  if (!frame.keyframe) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_app_src_push_buffer(GST_APP_SRC(appsrc_.get()), buffer);  // takes it
  ++passed_;
}

void FrameFeed::discard() {
  if (!frames_.stream->take().empty()) waits_for_keyframe_ = frames_.video;
}

void FrameFeed::pump() {
  auto frames = frames_.stream->take();
  const auto now = monotonic_now();
  if (!shift_) {
    const auto running = gst_element_get_current_running_time(appsrc_.get());
    if (!GST_CLOCK_TIME_IS_VALID(running)) {
      waits_for_keyframe_ = frames_.video;
      return;
    }
    shift_ = static_cast<GstClockTimeDiff>(running) - static_cast<GstClockTimeDiff>(to_gst(now));
  }
  auto waiting = gst_app_src_get_current_level_bytes(GST_APP_SRC(appsrc_.get()));
  for (auto& frame : frames) {
    if (!admits(frame, waiting)) {
      ++dropped_;
      continue;
    }
    waiting += frame.data.size();
    push(std::move(frame));
  }
  if ((waits_for_keyframe_ || frames_.stream->wants_keyframe()) && frames_.video &&
      now - asked_ >= kFeedKeyframePatience) {
    asked_ = now;
    frames_.request_keyframe();
  }
}

}  // namespace rooms
