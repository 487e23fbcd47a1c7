// SPDX-License-Identifier: LGPL-2.1-or-later
// Pushes to many src pads from few threads: one, as long as no consumer blocks. Whoever is blocked
// keeps the thread that pushes to him, the others get another one; so there are as many threads as
// consumers that block at the same time, and one more.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "gst/core/time.h"
#include "gst/glue/ref.h"

namespace rooms {

/// Any thread. A leaf lock: nothing is called while it is held.
class PushPool {
 public:
  /// One src pad with what waits for its consumer. Owned by who has it and, while something waits,
  /// by the pool.
  class Output {
   public:
    explicit Output(GstPad* pad) : pad_(pad) {}

   private:
    friend class PushPool;
    GstPad* const pad_;  // lives until `close`
    // Under the pool's lock.
    std::deque<Ref<GstMiniObject>> items_;
    std::size_t buffers_ = 0;
    bool ready_ = false;   // in the pool's list
    bool closed_ = false;  // takes nothing
    std::thread::id busy_{};
    Ref<GstPad> peer_;  // of the push that is under way
    GstFlowReturn flow_ = GST_FLOW_OK;
    std::uint64_t pushed_ = 0;
    std::uint64_t dropped_ = 0;
  };
  struct State {
    GstFlowReturn flow = GST_FLOW_OK;
    std::uint64_t pushed = 0;
    std::uint64_t dropped = 0;  ///< buffers that the consumer was too slow for
    std::size_t waiting = 0;
  };

  explicit PushPool(std::size_t most_buffers) : most_buffers_(most_buffers) {}
  ~PushPool() { close(); }
  PushPool(const PushPool&) = delete;
  PushPool& operator=(const PushPool&) = delete;

  void open();
  /// Ends all threads; consumers that block are flushed, or they would block this.
  void close();

  struct Item {
    std::shared_ptr<Output> output;
    Ref<GstMiniObject> what;  ///< a buffer or an event
  };
  /// Of a full output the oldest buffer is dropped; events always find room. What failed takes no
  /// buffer until `renew`.
  void put(std::vector<Item>&& items);
  /// After a new link, a flush or a new start.
  void renew(Output& output);
  /// Takes nothing any more; returns when no push is under way, unless it is the caller's own.
  void close(Output& output);

  /// Waits until all that was put is being pushed, and makes threads for it if need be; at most
  /// `patience`.
  void settle(Duration patience);
  [[nodiscard]] bool has_room(const Output& output) const;
  /// Until some output has got room, or `patience` is over.
  void wait_for_room(Duration patience);
  [[nodiscard]] State state(const Output& output) const;
  [[nodiscard]] std::size_t threads() const;

 private:
  struct Worker {
    std::thread thread;
    Timestamp since{};  // of the push that is under way
    bool busy = false;
    bool ended = false;
  };
  Ref<GstMiniObject> put(Item&& item);
  template <class Condition>
  bool wait(std::unique_lock<std::mutex>& hold, Duration patience, Condition&& condition);
  void run(Worker& worker);
  void push_one(std::unique_lock<std::mutex>& hold, Worker& worker, Output& output);
  void start_worker();
  void start_if_stuck(bool impatient);
  void flush_blocked(std::unique_lock<std::mutex>& hold);

  const std::size_t most_buffers_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable settled_;   // nothing is ready any more
  std::condition_variable progress_;  // a push has ended; only if somebody waits for that
  unsigned waiting_ = 0;
  std::deque<std::shared_ptr<Output>> ready_;
  std::vector<std::shared_ptr<Output>> served_;  // those a worker is busy with
  std::list<Worker> workers_;
  bool open_ = false;
};

}  // namespace rooms
