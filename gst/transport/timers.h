// SPDX-License-Identifier: LGPL-2.1-or-later
// Timers of a network worker: cheap to set from any thread, run between two receive batches.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <vector>

#include "gst/core/time.h"

namespace rooms {

class TimerClient {
 public:
  virtual ~TimerClient() = default;
  /// On the worker's thread. Returns when to be called next; nullopt: not again.
  virtual std::optional<Timestamp> on_timer(Timestamp now) = 0;
};

class Timers {
 public:
  /// Any thread. True: this is now the earliest, so whoever sleeps must be woken.
  bool add(Timestamp when, std::weak_ptr<TimerClient> client);
  /// When the earliest is due.
  [[nodiscard]] std::optional<Timestamp> next() const;
  /// Runs all that are due.
  void run(Timestamp now);

 private:
  struct Entry {
    Timestamp when;
    std::weak_ptr<TimerClient> client;
    bool operator>(const Entry& other) const { return when > other.when; }
  };
  mutable std::mutex mutex_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;  // under mutex_
};

}  // namespace rooms
