// SPDX-License-Identifier: LGPL-2.1-or-later
// The bounded hand-off between incoming threads and the task of one output: a consumer that blocks
// fills it and loses packets; whoever puts never waits.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "gst/core/time.h"
#include "gst/glue/ref.h"

namespace rooms {

/// Has a mutex of its own instead of Guarded because the task sleeps on it. A leaf lock: nothing is
/// called while it is held.
class Handoff {
 public:
  struct Limits {
    unsigned packets = 1000;
    Duration time = std::chrono::seconds(2);  ///< between the oldest and the newest
  };

  void set_limits(Limits limits);
  void open();
  /// Forgets what is in it and lets `take` return nothing until the next `open`.
  void close();
  /// Forgets the packets, keeps the events. How many there were.
  std::size_t discard_packets();

  /// Once full, there is no room until all is gone: a consumer that is a little too slow should not
  /// ask for a keyframe each time it made room for one packet. True holds until the caller's next
  /// put if there is one putter at a time.
  bool has_room(Timestamp now);
  [[nodiscard]] bool is_open() const;
  /// false: closed.
  bool put(Ref<GstBuffer> packet, Timestamp now);
  /// Events always find room: there is a handful of them in the life of a stream.
  bool put(Ref<GstEvent> event);

  /// Sleeps until there is something. nullptr: closed.
  Ref<GstMiniObject> take();
  /// Waits until what was taken last has been dealt with, i.e. the task is back in `take`. false:
  /// it is still not.
  [[nodiscard]] bool wait_idle(Duration patience);
  [[nodiscard]] std::size_t packets() const;

 private:
  struct Item {
    Ref<GstMiniObject> what;
    Timestamp since;
    bool packet;
  };
  bool put(Item item);

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable idle_;
  std::deque<Item> items_;
  std::size_t packets_ = 0;
  Limits limits_;
  bool open_ = false;
  bool overflown_ = false;
  bool busy_ = false;
};

}  // namespace rooms
