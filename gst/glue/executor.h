// SPDX-License-Identifier: LGPL-2.1-or-later
// A thread with its own GMainContext. Everything posted runs there, in order.
#pragma once

#include <glib.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "gst/core/time.h"

namespace rooms {

/// A call that has not happened yet; destroying or cancelling it (on the executor's thread)
/// prevents it.
class DelayedCall {
 public:
  DelayedCall() = default;
  explicit DelayedCall(GSource* source) : source_(source) {}
  DelayedCall(DelayedCall&& other) noexcept : source_(std::exchange(other.source_, nullptr)) {}
  DelayedCall& operator=(DelayedCall&& other) noexcept {
    if (this != &other) {
      cancel();
      source_ = std::exchange(other.source_, nullptr);
    }
    return *this;
  }
  ~DelayedCall() { cancel(); }
  void cancel();
  [[nodiscard]] bool pending() const;

 private:
  GSource* source_ = nullptr;
};

class Executor {
 public:
  explicit Executor(const std::string& thread_name);
  ~Executor();  ///< as end()
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// Runs what has been posted, then ends the thread; what is posted later never runs. Not from its
  /// own thread. Owners whose tasks use the executor end it before they let go of it: a unique_ptr
  /// that is reset is null already while the last tasks run.
  void end();
  /// Any thread.
  void post(std::function<void()> task);
  /// Own thread only. `every`: again and again until cancelled.
  DelayedCall call_later(Duration delay, std::function<void()> task);
  DelayedCall call_every(Duration interval, std::function<void()> task);
  [[nodiscard]] bool is_current() const;
  /// Opens every method that must run on this thread: a wrong caller is our bug.
  void assert_current() const;
  [[nodiscard]] GMainContext* context() const { return context_; }

 private:
  DelayedCall schedule(Duration delay, bool repeat, std::function<void()> task);
  GMainContext* context_;
  GMainLoop* loop_;
  std::thread thread_;
};

}  // namespace rooms
