// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/grid_output.h"

#include <utility>

#include "gst/glue/clock.h"

namespace rooms {

namespace {

/// Later than this by the clock, frames are left out instead of sent in a rush.
constexpr std::uint64_t kMostLate = 2;

/// What is drawn is the middle of the time a frame is shown, so that pictures are early as often as
/// late against the sound that belongs to them.
GstClockTime half_a_frame(int fps_n, int fps_d) {
  return gst_util_uint64_scale_int(GST_SECOND, fps_d, 2 * fps_n);
}

struct ClockIdRef {
  GstClockID id;
  ~ClockIdRef() { gst_clock_id_unref(id); }
};

}  // namespace

bool GridOutput::activate(bool active) {
  {
    std::lock_guard hold(mutex_);
    flushing_ = !active;
    if (!active && waiting_) gst_clock_id_unschedule(waiting_);
    changed_.notify_all();
  }
  if (!active) {
    const bool stopped = gst_pad_stop_task(src_);
    if (pool_) gst_buffer_pool_set_active(pool_.get(), FALSE);
    last_ = nullptr;
    pool_ = nullptr;
    return stopped;
  }
  started_ = false;
  size_ = {};
  frame_ = 0;
  fps_n_ = 0;
  first_.reset();
  return gst_pad_start_task(
      src_, [](gpointer self) { static_cast<GridOutput*>(self)->loop(); }, this, nullptr);
}

void GridOutput::set_playing(bool playing) {
  std::lock_guard hold(mutex_);
  playing_ = playing;
  if (!playing && waiting_) gst_clock_id_unschedule(waiting_);
  changed_.notify_all();
}

void GridOutput::set_upstream_latency(GstClockTime latency) {
  std::lock_guard hold(mutex_);
  upstream_latency_ = latency;
}

GstClockTime GridOutput::latency() const {
  const auto settings = mixer_.settings();
  const auto own = static_cast<GstClockTime>(settings.latency.count());
  const auto half = half_a_frame(settings.fps_n, settings.fps_d);
  std::lock_guard hold(mutex_);
  return upstream_latency_ + own + half;
}

GstClockTime GridOutput::duration_of(std::uint64_t frames) const {
  return gst_util_uint64_scale(frames, static_cast<guint64>(fps_d_) * GST_SECOND,
                               static_cast<guint64>(fps_n_));
}

bool GridOutput::wait_for_playing() {
  std::unique_lock hold(mutex_);
  changed_.wait(hold, [this] { return playing_ || flushing_; });
  return !flushing_;
}

std::optional<GstClockTime> GridOutput::running_time() {
  const auto clock = adopt(gst_element_get_clock(element_));
  if (!clock) return std::nullopt;
  const auto now = gst_clock_get_time(clock.get());
  const auto base = gst_element_get_base_time(element_);
  return now > base ? now - base : 0;
}

/// False: the state changed meanwhile, or there is no clock.
bool GridOutput::wait_until(GstClockTime running_time) {
  const auto clock = adopt(gst_element_get_clock(element_));
  if (!clock) return false;
  const ClockIdRef wait{gst_clock_new_single_shot_id(
      clock.get(), gst_element_get_base_time(element_) + running_time)};
  {
    std::lock_guard hold(mutex_);
    if (flushing_ || !playing_) return false;
    waiting_ = wait.id;
  }
  const auto result = gst_clock_id_wait(wait.id, nullptr);
  std::lock_guard hold(mutex_);
  waiting_ = nullptr;
  return result != GST_CLOCK_UNSCHEDULED && !flushing_;
}

void GridOutput::loop() {
  if (!wait_for_playing()) return give_up(GST_FLOW_FLUSHING);
  if (!started_) follow_downstream();
  follow_rate();
  const auto latency = this->latency();
  const auto now = running_time();
  if (!now) return give_up(GST_FLOW_ERROR);
  if (!first_) first_ = *now > latency ? *now - latency : 0;
  if (!wait_until(*first_ + duration_of(frame_) + latency)) return;

  std::uint64_t skipped = 0;
  const auto late = running_time().value_or(0);
  const auto due = *first_ + duration_of(frame_) + latency;
  if (late > due + duration_of(kMostLate)) {
    skipped = gst_util_uint64_scale(late - due, static_cast<guint64>(fps_n_),
                                    static_cast<guint64>(fps_d_) * GST_SECOND);
    frame_ += skipped;
  }
  if (started_ && mixer_.all_ended() && !mixer_.settings().ignore_eos) {
    gst_pad_push_event(src_, gst_event_new_eos());
    return give_up(GST_FLOW_EOS);
  }
  const auto flow = push_frame(*first_ + duration_of(frame_), skipped);
  ++frame_;
  if (flow != GST_FLOW_OK) give_up(flow);
}

void GridOutput::give_up(GstFlowReturn flow) {
  gst_pad_pause_task(src_);
  if (flow == GST_FLOW_FLUSHING || flow == GST_FLOW_EOS) return;
  gst_pad_push_event(src_, gst_event_new_eos());
  GST_ELEMENT_FLOW_ERROR(element_, flow);
}

/// A size or rate that downstream fixes, by a caps filter for instance, is the one to make.
void GridOutput::follow_downstream() {
  const auto caps = adopt(gst_pad_peer_query_caps(src_, nullptr));
  if (!caps || gst_caps_is_any(caps.get()) || gst_caps_is_empty(caps.get())) return;
  const auto* wanted = gst_caps_get_structure(caps.get(), 0);
  for (const char* side : {"width", "height"}) {
    int pixels = 0;
    if (gst_structure_get_int(wanted, side, &pixels)) g_object_set(element_, side, pixels, nullptr);
  }
  int n = 0;
  int d = 0;
  if (gst_structure_get_fraction(wanted, "framerate", &n, &d))
    g_object_set(element_, "framerate", n, d, nullptr);
}

/// Frames are counted anew from a change of the rate on.
void GridOutput::follow_rate() {
  const auto settings = mixer_.settings();
  if (settings.fps_n == fps_n_ && settings.fps_d == fps_d_) return;
  if (first_) first_ = *first_ + duration_of(frame_);
  frame_ = 0;
  fps_n_ = settings.fps_n;
  fps_d_ = settings.fps_d;
  size_ = {};  // caps come again
}

/// Stream-start once; caps with every change of size or rate.
bool GridOutput::announce() {
  if (started_ && mixer_.drawn_size() == size_) return true;
  if (!started_) {
    const auto id = own(g_strdup_printf("videogrid-%08x", g_random_int()));
    gst_pad_push_event(src_, gst_event_new_stream_start(id.get()));
  }
  size_ = mixer_.drawn_size();
  info_ = canvas_info(size_);
  info_.fps_n = fps_n_;
  info_.fps_d = fps_d_;
  const auto caps = adopt(gst_video_info_to_caps(&info_));
  last_ = nullptr;
  // Whether downstream takes them is told by the first buffer.
  gst_pad_push_event(src_, gst_event_new_caps(caps.get()));
  if (!prepare_pool(caps.get())) return false;
  if (!started_) {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(src_, gst_event_new_segment(&segment));
  }
  return started_ = true;
}

bool GridOutput::prepare_pool(GstCaps* caps) {
  if (pool_) gst_buffer_pool_set_active(pool_.get(), FALSE);
  pool_ = adopt(gst_video_buffer_pool_new());
  auto* config = gst_buffer_pool_get_config(pool_.get());
  gst_buffer_pool_config_set_params(config, caps, static_cast<guint>(info_.size), 2, 0);
  return gst_buffer_pool_set_config(pool_.get(), config) &&
         gst_buffer_pool_set_active(pool_.get(), TRUE);
}

/// What did not change is sent again over the same memory.
Ref<GstBuffer> GridOutput::picture(bool changed) {
  if (changed || !last_) {
    GstBuffer* buffer = nullptr;
    if (gst_buffer_pool_acquire_buffer(pool_.get(), &buffer, nullptr) != GST_FLOW_OK) return {};
    last_ = adopt(buffer);
    GstVideoFrame frame;
    if (!gst_video_frame_map(&frame, &info_, last_.get(), GST_MAP_WRITE)) return {};
    mixer_.write(frame);
    gst_video_frame_unmap(&frame);
  }
  return adopt(gst_buffer_copy(last_.get()));
}

GstFlowReturn GridOutput::push_frame(GstClockTime pts, std::uint64_t skipped) {
  const auto begin = monotonic_now();
  const auto moment = pts + half_a_frame(fps_n_, fps_d_);
  const bool changed = mixer_.draw(Timestamp(Duration(static_cast<std::int64_t>(moment))));
  if (!announce()) return GST_FLOW_ERROR;
  const bool repeated = !changed && last_;
  auto buffer = picture(changed);
  if (!buffer) return GST_FLOW_ERROR;
  mixer_.count_frame(repeated, skipped, monotonic_now() - begin);
  GST_BUFFER_PTS(buffer.get()) = pts;
  GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION(buffer.get()) = duration_of(frame_ + 1) - duration_of(frame_);
  return gst_pad_push(src_, buffer.release());
}

}  // namespace rooms
