// SPDX-License-Identifier: LGPL-2.1-or-later
// The pipeline that somebody described and hung on a track: a pipeline, a thread and an error
// boundary of its own.
//
//   appsrc ─▶ queue (leaky) ─▶ [decoder] ─▶ what was described
//
// Any thread, unless it says otherwise.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>

#include "gst/core/guarded.h"
#include "gst/core/result.h"
#include "gst/core/tap/tap_description.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "pipelines/frame_feed.h"

namespace rooms {

class TapPipeline {
 public:
  struct Settings {
    TapDescription description;
    Codec codec = Codec::kUnknown;
    bool raw = false;
  };
  struct Counters {
    std::uint64_t frames = 0;
    std::uint64_t dropped = 0;
  };
  /// `ended` comes on its own thread, once, when it has ended by itself: at an error (`failed`), or
  /// because what was described has had enough.
  TapPipeline(Settings settings, std::function<void(bool failed, const std::string& why)> ended);
  /// As stop(), and waits for it.
  ~TapPipeline();
  TapPipeline(const TapPipeline&) = delete;
  TapPipeline& operator=(const TapPipeline&) = delete;

  /// Makes it. `opened` comes on its thread. Errors: "tap-element" (unknown here), "tap-property",
  /// "tap-unlinked" (also: its first element takes another media type), "tap-syntax",
  /// "codec-unsupported".
  void open(std::function<void(Status)> opened);
  void begin(TapFrames frames);
  /// What has come goes out as far as it does within two seconds. `done` on its thread.
  void stop(std::function<void()> done);
  [[nodiscard]] Counters counters() const;

 private:
  Status build();
  void pump();
  void watch_bus();
  void shut();

  const Settings settings_;
  std::function<void(bool, const std::string&)> ended_;
  Guarded<Counters> counters_;
  // Its thread.
  Ref<GstElement> pipeline_;
  Ref<GstElement> appsrc_;
  std::unique_ptr<FrameFeed> feed_;
  DelayedCall timer_;
  std::unique_ptr<Executor> executor_;  // last: ends first
};

/// Whether GStreamer can make this here: factories that are unknown, properties that are, and those
/// that are elements themselves, which would get round the list. Makes no element.
Status check_tap_factories(const TapDescription& description);

}  // namespace rooms
