// SPDX-License-Identifier: LGPL-2.1-or-later
// One push of a room's programme to another server, on a thread of its own: takes frames, connects,
// and connects again when the connection is lost. What is encoded goes on meanwhile.
//
//   connecting ─▶ live ─▶ waiting ─▶ connecting ..        ended: told to, failed: it is no use
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "gst/core/guarded.h"
#include "gst/core/push/push_gate.h"
#include "gst/core/push/push_retry.h"
#include "gst/glue/executor.h"
#include "pipelines/push_line.h"
#include "pipelines/push_report.h"
#include "pipelines/track_tap.h"

namespace rooms {

class Push {
 public:
  struct Programme {
    std::shared_ptr<TapStream> picture;
    std::shared_ptr<TapStream> sound;
    std::function<void()> request_keyframe;
  };
  /// `changed` comes on the push's thread, with each new state.
  Push(std::string id, PushAddress address, Programme programme,
       std::function<void(const PushInfo&)> changed);
  ~Push() { join(); }
  Push(const Push&) = delete;
  Push& operator=(const Push&) = delete;

  [[nodiscard]] PushInfo info() const;
  /// Any thread. `done` comes on the push's thread, when the server has been told.
  void stop(const std::string& reason, std::function<void()> done);
  /// Waits for its thread; nothing may be asked any more.
  void join();

 private:
  void connect();
  void pump();
  void forward(std::vector<EncodedFrame> frames, bool video);
  /// Whether it lives, by what the network has taken.
  void watch(Timestamp now);
  void lose(PushCause cause, const std::string& detail);
  void enter(PushState state, const Error& error = {});

  const PushAddress address_;
  const Programme programme_;
  const std::function<void(const PushInfo&)> changed_;
  Guarded<PushInfo> info_;

  // The push's thread.
  std::unique_ptr<PushLine> line_;
  PushGate gate_;
  PushRetry retry_;
  std::mt19937 random_{std::random_device{}()};
  DelayedCall pump_timer_;
  DelayedCall retry_timer_;
  std::uint64_t sent_ = 0;                   // by this connection
  std::uint64_t sent_before_ = 0;            // by those before
  std::optional<std::uint64_t> first_sent_;  // when the first frame went on
  Timestamp began_;                          // this connection
  Timestamp progress_;                       // bytes went out
  Timestamp asked_;
  unsigned connects_ = 0;
  bool was_live_ = false;  // this connection
  bool ended_ = false;
  std::unique_ptr<Executor> executor_;  // last: ends first
};

}  // namespace rooms
