// SPDX-License-Identifier: LGPL-2.1-or-later
// A stream that somebody sends us, between the thread that receives it and the pipeline that reads
// it. It outlives pipelines: a source that is opened again goes on with what comes then, or, when
// it was opened only to find out what comes, begins with the first byte.
//
//   SrtListener --> PushedStream --> appsrc ! parsebin ..
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/glue/ref.h"

namespace rooms {

/// Any thread.
class PushedStream {
 public:
  /// `caps`: of what comes, as "video/mpegts,systemstream=true".
  explicit PushedStream(std::string caps) : caps_(std::move(caps)) {}

  // Who receives it.
  /// What comes before somebody reads waits; what waits longer than 4 MiB is dropped and counted.
  void push(Bytes packet);
  /// Nothing more comes.
  void end();
  /// False: nobody reads it any more, so the sender can be let go of.
  [[nodiscard]] bool is_wanted() const { return wanted_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  // Who reads it.
  /// An appsrc that gives what comes from now on, with the time at which it came; the one before
  /// gets nothing more. Null: that element is missing.
  Ref<GstElement> open();
  /// The next one who opens it gets all that came since the beginning, unless that was more than 4
  /// MiB or is no longer kept.
  void rewind();
  /// Nobody will want to begin anew: what came before is no longer kept.
  void forget_beginning();
  void hang_up();
  [[nodiscard]] bool has_ended() const { return ended_; }

 private:
  void clear_beginning();

  const std::string caps_;
  std::mutex mutex_;
  Ref<GstElement> entry_;                  // under the mutex, as the next
  std::vector<Ref<GstBuffer>> beginning_;  // for the first who opens it, and after a rewind
  std::size_t beginning_bytes_ = 0;
  bool keeps_beginning_ = true;
  bool rewound_ = true;
  std::atomic<bool> wanted_ = true;
  std::atomic<bool> ended_ = false;
  std::atomic<std::uint64_t> dropped_ = 0;
};

}  // namespace rooms
