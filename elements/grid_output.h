// SPDX-License-Identifier: LGPL-2.1-or-later
// The src pad of `videogrid`: one picture per frame duration by the pipeline's clock, whatever the
// inputs do.
#pragma once

#include <gst/video/video.h>

#include <condition_variable>
#include <mutex>
#include <optional>

#include "elements/grid_mixer.h"
#include "gst/glue/ref.h"

namespace rooms {

class GridOutput {
 public:
  GridOutput(GstElement* element, GstPad* src, GridMixer& mixer)
      : element_(element), src_(src), mixer_(mixer) {}

  // Any thread.
  bool activate(bool active);
  void set_playing(bool playing);
  /// What the inputs need before their frames are here, as their peers answered the latency query.
  void set_upstream_latency(GstClockTime latency);
  [[nodiscard]] GstClockTime latency() const;  // upstream and our own

 private:
  void loop();  // the src pad's task
  void give_up(GstFlowReturn flow);
  bool wait_for_playing();
  bool wait_until(GstClockTime running_time);
  std::optional<GstClockTime> running_time();
  void follow_rate();
  void follow_downstream();
  bool announce();
  bool prepare_pool(GstCaps* caps);
  GstFlowReturn push_frame(GstClockTime pts, std::uint64_t skipped);
  Ref<GstBuffer> picture(bool changed);
  [[nodiscard]] GstClockTime duration_of(std::uint64_t frames) const;

  GstElement* element_;
  GstPad* src_;
  GridMixer& mixer_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool playing_ = false;
  bool flushing_ = true;
  GstClockID waiting_ = nullptr;
  GstClockTime upstream_latency_ = 0;

  // The task's.
  bool started_ = false;  // stream-start and segment are sent
  Size size_;
  int fps_n_ = 0;
  int fps_d_ = 1;
  Ref<GstBufferPool> pool_;
  Ref<GstBuffer> last_;
  GstVideoInfo info_{};
  std::optional<GstClockTime> first_;  // running time of frame 0 at this rate
  std::uint64_t frame_ = 0;
};

}  // namespace rooms
