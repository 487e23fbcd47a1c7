// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/push_pool.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;

/// A push that takes longer is one that blocks.
constexpr Duration kPrompt = milliseconds(5);
/// A thread that nobody needed for so long ends; one stays.
constexpr Duration kIdle = std::chrono::seconds(2);
constexpr Duration kPatience = milliseconds(200);

bool is_final(GstFlowReturn flow) {
  return flow == GST_FLOW_EOS ||
         (flow < GST_FLOW_OK && flow != GST_FLOW_FLUSHING && flow != GST_FLOW_NOT_LINKED);
}

}  // namespace

template <class Condition>
bool PushPool::wait(std::unique_lock<std::mutex>& hold, Duration patience, Condition&& condition) {
  ++waiting_;
  const bool met = progress_.wait_for(hold, patience, condition);
  --waiting_;
  return met;
}

void PushPool::open() {
  std::lock_guard hold(mutex_);
  if (std::exchange(open_, true)) return;
  start_worker();
}

void PushPool::start_worker() {
  Worker& worker = workers_.emplace_back();
  worker.thread = std::thread([this, &worker] { run(worker); });
  pthread_setname_np(worker.thread.native_handle(), "mix-push");
}

void PushPool::close() {
  std::deque<std::shared_ptr<Output>> forgotten;
  std::unique_lock hold(mutex_);
  open_ = false;
  forgotten.swap(ready_);
  for (const auto& output : forgotten) {
    output->ready_ = false;
    output->items_.clear();
    output->buffers_ = 0;
  }
  filled_.notify_all();
  settled_.notify_all();
  progress_.notify_all();
  wait(hold, kPatience, [this] { return served_.empty(); });
  flush_blocked(hold);
  std::list<Worker> ending;
  ending.swap(workers_);
  hold.unlock();
  for (auto& worker : ending) worker.thread.join();
}

/// A flush sets a consumer free that would block for ever, even one unlinked meanwhile.
void PushPool::flush_blocked(std::unique_lock<std::mutex>& hold) {
  std::vector<Ref<GstPad>> blocked;
  for (const auto& output : served_)
    if (output->peer_) blocked.push_back(output->peer_);
  if (blocked.empty()) return;
  hold.unlock();
  for (const auto& peer : blocked) gst_pad_send_event(peer.get(), gst_event_new_flush_start());
  hold.lock();
  wait(hold, kPatience, [this] { return served_.empty(); });
  hold.unlock();
  for (const auto& peer : blocked) gst_pad_send_event(peer.get(), gst_event_new_flush_stop(FALSE));
  hold.lock();
}

void PushPool::put(std::vector<Item>&& items) {
  std::vector<Ref<GstMiniObject>> refused;  // released after the lock
  {
    const std::lock_guard hold(mutex_);
    for (auto& item : items)
      if (auto back = put(std::move(item))) refused.push_back(std::move(back));
    if (!ready_.empty()) filled_.notify_one();
  }
}

/// What is dropped for it.
Ref<GstMiniObject> PushPool::put(Item&& item) {
  Output& output = *item.output;
  const bool is_buffer = GST_IS_BUFFER(item.what.get());
  if (!open_ || output.closed_ || (is_buffer && is_final(output.flow_)))
    return std::move(item.what);
  Ref<GstMiniObject> oldest;
  auto& items = output.items_;
  if (is_buffer && output.buffers_ >= most_buffers_) {
    const auto found = std::find_if(items.begin(), items.end(),
                                    [](const auto& one) { return GST_IS_BUFFER(one.get()); });
    oldest = std::move(*found);
    items.erase(found);
    --output.buffers_;
    ++output.dropped_;
  }
  items.push_back(std::move(item.what));
  output.buffers_ += is_buffer ? 1 : 0;
  if (!output.ready_ && output.busy_ == std::thread::id()) {
    output.ready_ = true;
    ready_.push_back(std::move(item.output));
  }
  return oldest;
}

void PushPool::renew(Output& output) {
  std::lock_guard hold(mutex_);
  output.flow_ = GST_FLOW_OK;
  output.closed_ = false;
}

void PushPool::close(Output& output) {
  std::deque<Ref<GstMiniObject>> forgotten;
  std::unique_lock hold(mutex_);
  output.closed_ = true;
  forgotten.swap(output.items_);
  output.buffers_ = 0;
  const auto idle = [&output] {
    return output.busy_ == std::thread::id() || output.busy_ == std::this_thread::get_id();
  };
  if (wait(hold, kPatience, idle)) return;
  const auto peer = output.peer_;
  hold.unlock();
  if (peer) gst_pad_send_event(peer.get(), gst_event_new_flush_start());
  hold.lock();
  wait(hold, kPatience, idle);
  hold.unlock();
  if (peer) gst_pad_send_event(peer.get(), gst_event_new_flush_stop(FALSE));
  hold.lock();
}

void PushPool::run(Worker& worker) {
  std::unique_lock hold(mutex_);
  while (open_) {
    if (ready_.empty()) {
      const bool woken =
          filled_.wait_for(hold, kIdle, [this] { return !open_ || !ready_.empty(); });
      if (!woken && workers_.size() > 1) break;
      continue;
    }
    auto output = std::move(ready_.front());
    ready_.pop_front();
    output->ready_ = false;
    served_.push_back(output);
    push_one(hold, worker, *output);
    auto peer = std::move(output->peer_);
    std::erase(served_, output);
    output->busy_ = {};
    // Others first: a consumer that has a backlog is a slow one.
    if (!output->items_.empty() && open_) {
      output->ready_ = true;
      ready_.push_back(output);
    }
    if (waiting_ > 0) progress_.notify_all();
    if (ready_.empty()) settled_.notify_all();
    hold.unlock();  // the last reference may be the one here
    output.reset();
    peer = nullptr;
    hold.lock();
  }
  worker.ended = true;
}

void PushPool::push_one(std::unique_lock<std::mutex>& hold, Worker& worker, Output& output) {
  if (output.items_.empty()) return;
  auto item = std::move(output.items_.front());
  output.items_.pop_front();
  const bool is_buffer = GST_IS_BUFFER(item.get());
  output.buffers_ -= is_buffer ? 1 : 0;
  output.busy_ = std::this_thread::get_id();
  const auto pad = share(output.pad_);
  output.peer_ = adopt(gst_pad_get_peer(pad.get()));
  worker.busy = true;
  worker.since = monotonic_now();
  hold.unlock();
  GstFlowReturn flow = GST_FLOW_OK;
  if (is_buffer) {
    flow = gst_pad_push(pad.get(), GST_BUFFER_CAST(item.release()));
  } else {
    gst_pad_push_event(pad.get(), GST_EVENT_CAST(item.release()));
  }
  hold.lock();
  worker.busy = false;
  if (!is_buffer || output.closed_) return;
  output.pushed_ += flow == GST_FLOW_OK ? 1 : 0;
  output.flow_ = flow;
  if (!is_final(flow)) return;
  auto waiting = std::exchange(output.items_, {});
  output.buffers_ = 0;
  for (auto& one : waiting)
    if (!GST_IS_BUFFER(one.get())) output.items_.push_back(std::move(one));
  hold.unlock();
  waiting.clear();
  hold.lock();
}

void PushPool::settle(Duration patience) {
  std::unique_lock hold(mutex_);
  const auto settled = [this] { return !open_ || ready_.empty(); };
  for (Duration waited{}; waited < patience; waited += kPrompt) {
    if (settled_.wait_for(hold, kPrompt, settled)) return;
    start_if_stuck(waited > kPrompt);
  }
}

void PushPool::start_if_stuck(bool impatient) {
  for (auto one = workers_.begin(); one != workers_.end();) {
    if (!one->ended) {
      ++one;
      continue;
    }
    one->thread.join();
    one = workers_.erase(one);
  }
  const auto now = monotonic_now();
  const auto prompt = std::count_if(workers_.begin(), workers_.end(), [now](const Worker& worker) {
    return !worker.busy || now - worker.since < kPrompt;
  });
  const auto wanted = impatient ? std::max<unsigned>(std::thread::hardware_concurrency(), 1) : 1U;
  if (prompt < static_cast<std::ptrdiff_t>(wanted)) start_worker();
}

bool PushPool::has_room(const Output& output) const {
  std::lock_guard hold(mutex_);
  return output.buffers_ < most_buffers_ || is_final(output.flow_);
}

void PushPool::wait_for_room(Duration patience) {
  std::unique_lock hold(mutex_);
  ++waiting_;
  progress_.wait_for(hold, patience);
  --waiting_;
}

PushPool::State PushPool::state(const Output& output) const {
  std::lock_guard hold(mutex_);
  return {output.flow_, output.pushed_, output.dropped_, output.buffers_};
}

std::size_t PushPool::threads() const {
  std::lock_guard hold(mutex_);
  return static_cast<std::size_t>(std::count_if(
      workers_.begin(), workers_.end(), [](const Worker& worker) { return !worker.ended; }));
}

}  // namespace rooms
