// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/timers.h"

#include <utility>

namespace rooms {

bool Timers::add(Timestamp when, std::weak_ptr<TimerClient> client) {
  std::lock_guard hold(mutex_);
  const bool earliest = entries_.empty() || when < entries_.top().when;
  entries_.push({when, std::move(client)});
  return earliest;
}

std::optional<Timestamp> Timers::next() const {
  std::lock_guard hold(mutex_);
  if (entries_.empty()) return std::nullopt;
  return entries_.top().when;
}

void Timers::run(Timestamp now) {
  for (;;) {
    Entry due;
    {
      std::lock_guard hold(mutex_);
      if (entries_.empty() || entries_.top().when > now) return;
      due = entries_.top();
      entries_.pop();
    }
    if (auto client = due.client.lock()) {
      if (auto again = client->on_timer(now)) add(*again, std::move(due.client));
    }
  }
}

}  // namespace rooms
