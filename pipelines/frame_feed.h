// SPDX-License-Identifier: LGPL-2.1-or-later
// Encoded frames of a room into an `appsrc`: with caps, on the time of the pipeline it is in, and
// never more than a few seconds of them. What is downstream and slow loses frames up to a keyframe.
//
// One thread at a time.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "gst/core/record/encoded_frame.h"
#include "gst/glue/ref.h"
#include "pipelines/room.h"
#include "pipelines/track_tap.h"

namespace rooms {

class FrameFeed {
 public:
  /// Keyframe requests from downstream go to whoever makes the frames.
  FrameFeed(Ref<GstElement> appsrc, TapFrames frames);
  ~FrameFeed();
  FrameFeed(const FrameFeed&) = delete;
  FrameFeed& operator=(const FrameFeed&) = delete;

  /// Passes on what has come since. Until the pipeline plays it is left out.
  void pump();
  /// What has come since is thrown away.
  void discard();
  [[nodiscard]] std::uint64_t passed() const { return passed_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  bool admits(const EncodedFrame& frame, std::uint64_t waiting);
  void push(EncodedFrame frame);

  const Ref<GstElement> appsrc_;
  const TapFrames frames_;
  const Ref<GstPad> pad_;
  gulong probe_ = 0;
  StreamSetup setup_;
  bool waits_for_keyframe_ = true;
  std::optional<GstClockTimeDiff> shift_;  // of running time against the monotonic clock
  Timestamp asked_;                        // for a keyframe
  std::optional<GstClockTimeDiff> last_;   // running time of the frame before
  std::uint64_t passed_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace rooms
