// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/handoff.h"

#include <algorithm>

namespace rooms {

void Handoff::set_limits(Limits limits) {
  std::lock_guard hold(mutex_);
  limits_ = limits;
}

void Handoff::open() {
  std::lock_guard hold(mutex_);
  open_ = true;
}

void Handoff::close() {
  std::deque<Item> forgotten;  // buffers are released after the lock
  std::lock_guard hold(mutex_);
  open_ = overflown_ = false;
  forgotten.swap(items_);
  packets_ = 0;
  filled_.notify_all();
}

std::size_t Handoff::discard_packets() {
  std::deque<Item> all;
  std::deque<Item> events;
  std::unique_lock hold(mutex_);
  all.swap(items_);
  const std::size_t count = packets_;
  packets_ = 0;
  for (auto& item : all) {
    if (!item.packet) items_.push_back(std::move(item));
  }
  hold.unlock();
  return count;
}

bool Handoff::has_room(Timestamp now) {
  std::lock_guard hold(mutex_);
  if (packets_ == 0) {
    overflown_ = false;
    return limits_.packets > 0;
  }
  const auto oldest =
      std::find_if(items_.begin(), items_.end(), [](const Item& item) { return item.packet; });
  if (packets_ >= limits_.packets || now - oldest->since >= limits_.time) overflown_ = true;
  return !overflown_;
}

bool Handoff::is_open() const {
  std::lock_guard hold(mutex_);
  return open_;
}

bool Handoff::put(Item item) {
  std::lock_guard hold(mutex_);
  if (!open_) return false;
  packets_ += item.packet ? 1 : 0;
  items_.push_back(std::move(item));
  filled_.notify_one();
  return true;
}

bool Handoff::put(Ref<GstBuffer> packet, Timestamp now) {
  return put(Item{adopt(GST_MINI_OBJECT_CAST(packet.release())), now, true});
}

bool Handoff::put(Ref<GstEvent> event) {
  return put(Item{adopt(GST_MINI_OBJECT_CAST(event.release())), {}, false});
}

Ref<GstMiniObject> Handoff::take() {
  std::unique_lock hold(mutex_);
  busy_ = false;
  idle_.notify_all();
  filled_.wait(hold, [this] { return !open_ || !items_.empty(); });
  if (!open_) return {};
  Item item = std::move(items_.front());
  items_.pop_front();
  packets_ -= item.packet ? 1 : 0;
  busy_ = true;
  return std::move(item.what);
}

bool Handoff::wait_idle(Duration patience) {
  std::unique_lock hold(mutex_);
  return idle_.wait_for(hold, patience, [this] { return !busy_; });
}

std::size_t Handoff::packets() const {
  std::lock_guard hold(mutex_);
  return packets_;
}

}  // namespace rooms
