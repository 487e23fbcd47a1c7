// SPDX-License-Identifier: LGPL-2.1-or-later
// Connections that have been begun before there is anybody to use them.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "gst/glue/executor.h"
#include "pipelines/connection_start.h"

namespace rooms {

/// To begin a connection takes webrtcbin some eight milliseconds and a dozen hand-overs between
/// threads, more than all the rest of a join. A few are kept ready, in a pipeline of their own; who
/// takes one gets it moved into the pipeline of the room. Any thread.
class ConnectionStock {
 public:
  /// `size`: with data channels and without, so many each. 0: every connection is begun when it is
  /// needed.
  ConnectionStock(Network& network, std::size_t size);
  ~ConnectionStock();
  ConnectionStock(const ConnectionStock&) = delete;
  ConnectionStock& operator=(const ConnectionStock&) = delete;

  /// Waits until the stock is full. The first connection of a process draws the RSA key that all
  /// others share, for up to half a second: that is paid here too.
  Status prepare();
  /// From the stock, or when that is empty begun now.
  Result<std::unique_ptr<ConnectionStart>> take(GstBin* pipeline, const std::string& name,
                                                bool data);

  /// How many are ready now, of both kinds.
  [[nodiscard]] std::size_t waiting();

 private:
  using Kind = std::deque<std::unique_ptr<ConnectionStart>>;
  Status refill();  // on executor_
  [[nodiscard]] bool lacks(bool data);

  Network& network_;
  const std::size_t size_;
  Ref<GstElement> pipeline_;
  std::mutex mutex_;
  std::array<Kind, 2> kinds_;  // under mutex; [data]
  DelayedCall refill_;         // on executor_
  bool closing_ = false;       // on executor_
  std::unique_ptr<Executor> executor_;
};

}  // namespace rooms
