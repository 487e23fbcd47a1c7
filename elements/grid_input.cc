// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/grid_input.h"

#include <ranges>
#include <utility>

#include "gst/core/layout/frame_choice.h"

namespace rooms {

bool GridInput::put(GridFrame frame, bool live) {
  std::unique_lock hold(mutex_);
  if (live && queue_.size() >= kCapacity) {
    // Its clock runs ahead of ours, or nobody takes: the oldest gives way, the next is due at once,
    // for shown early is better than never.
    queue_.pop_front();
    queue_.front().time = Timestamp{};
    ++stats_.overflow;
  }
  room_.wait(hold, [&] { return flushing_ || live || queue_.size() < kCapacity; });
  if (flushing_) return false;
  frame.serial = next_serial_++;
  queue_.push_back(std::move(frame));
  ++stats_.frames;
  return true;
}

void GridInput::set_flushing(bool flushing) {
  std::lock_guard hold(mutex_);
  flushing_ = flushing;
  if (flushing) {
    queue_.clear();
    room_.notify_all();
  }
}

void GridInput::set_ended(bool ended) {
  std::lock_guard hold(mutex_);
  ended_ = ended;
}

bool GridInput::ended() const {
  std::lock_guard hold(mutex_);
  return ended_;
}

GridInput::Stats GridInput::stats() const {
  std::lock_guard hold(mutex_);
  return stats_;
}

std::optional<GridFrame> GridInput::at(Timestamp now, Duration hold_time) {
  std::lock_guard hold(mutex_);
  const auto due = due_frames(queue_ | std::views::transform(&GridFrame::time), now);
  if (due > 0) {
    stats_.passed += due - 1;
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(due) - 1);
    shown_ = std::move(queue_.front());
    queue_.pop_front();
    taken_at_ = now;
    room_.notify_all();
  }
  return is_fresh(taken_at_, now, hold_time) ? shown_ : std::nullopt;
}

bool GridInput::ended_and_empty() const {
  std::lock_guard hold(mutex_);
  return ended_ && queue_.empty();
}

}  // namespace rooms
