// SPDX-License-Identifier: LGPL-2.1-or-later
// What came in at one pad of `videogrid` and waits for its moment. Upstream puts, the output takes;
// neither waits for the other except a source that is not live, which may be ahead by a few frames.
#pragma once

#include <gst/video/video.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "gst/core/time.h"
#include "gst/glue/ref.h"

namespace rooms {

struct GridFrame {
  Ref<GstBuffer> buffer;
  std::shared_ptr<const GstVideoInfo> info;
  Timestamp time{};          // running time at which it is due
  std::uint64_t serial = 0;  // never the same for two frames of one input; 0: not yet taken in
};

class GridInput {
 public:
  struct Stats {
    std::uint64_t frames = 0;    // came in
    std::uint64_t passed = 0;    // a newer one was due as well
    std::uint64_t overflow = 0;  // dropped: live, and the queue was full
  };

  /// Upstream's thread. False: flushing. Blocks while the queue is full unless `live`.
  bool put(GridFrame frame, bool live);
  /// Any thread; true also ends a put that waits.
  void set_flushing(bool flushing);
  void set_ended(bool ended);
  [[nodiscard]] bool ended() const;
  [[nodiscard]] Stats stats() const;

  /// The output's thread: the frame that stands for this input at `now`; none if there never was
  /// one or the last one was taken longer than `hold` ago.
  std::optional<GridFrame> at(Timestamp now, Duration hold);
  [[nodiscard]] bool ended_and_empty() const;

 private:
  static constexpr std::size_t kCapacity = 8;

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::deque<GridFrame> queue_;
  std::optional<GridFrame> shown_;
  std::optional<Timestamp> taken_at_;
  std::uint64_t next_serial_ = 1;
  Stats stats_;
  bool flushing_ = true;
  bool ended_ = false;
};

}  // namespace rooms
