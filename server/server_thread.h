// SPDX-License-Identifier: LGPL-2.1-or-later
// The thread of main() and its default main context: everything in server/ lives on it. Rooms
// answer on threads of their own; `reply_to` brings their answers here, to owners that may be gone
// by then.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "gst/core/result.h"
#include "gst/core/time.h"
#include "gst/glue/executor.h"

namespace rooms::server_thread {

/// Any thread. Tasks run in the order they were posted.
void post(std::function<void()> task);
/// Server thread only, like everything below.
[[nodiscard]] DelayedCall call_later(Duration delay, std::function<void()> task);
[[nodiscard]] DelayedCall call_every(Duration interval, std::function<void()> task);
[[nodiscard]] Timestamp now();

/// A reply for a room that calls `then(owner, result)` on the server thread if the owner still
/// lives.
template <class T, class Owner, class Then>
std::function<void(Result<T>)> reply_to(const std::shared_ptr<Owner>& owner, Then then) {
  return [weak = std::weak_ptr<Owner>(owner), then = std::move(then)](Result<T> result) {
    post([weak, then, result = std::move(result)]() mutable {
      if (auto alive = weak.lock()) then(*alive, std::move(result));
    });
  };
}

}  // namespace rooms::server_thread
