// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/media_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tests/load/clocks.h"

namespace rooms::load {

Status MediaLoop::start() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ < 0 || wake_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0)
    return Error{"epoll", std::string("Cannot set up epoll: ") + std::strerror(errno)};
  thread_ = std::thread([this] { run(); });
  return Done{};
}

MediaLoop::~MediaLoop() {
  if (thread_.joinable()) {
    call([this] { stop_ = true; });
    thread_.join();
  }
  if (wake_ >= 0) close(wake_);
  if (epoll_ >= 0) close(epoll_);
}

void MediaLoop::call(const std::function<void()>& work) {
  std::lock_guard only_one(one_caller_);
  call_.store(&work, std::memory_order_release);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
  call_.wait(&work, std::memory_order_acquire);
}

bool MediaLoop::take_call() {
  const auto* work = call_.load(std::memory_order_acquire);
  if (!work) return false;
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(wake_, &count, sizeof count);
  (*work)();
  call_.store(nullptr, std::memory_order_release);
  call_.notify_one();
  return true;
}

void MediaLoop::begin(Transport& transport, const RemoteEnd& remote, Media& media, Timestamp now) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &transport;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, transport.fd(), &event);
  transports_[&transport] = due_.emplace(now, &transport).first;
  transport.start(remote, media, now);
}

void MediaLoop::end(Transport& transport) {
  const auto found = transports_.find(&transport);
  if (found == transports_.end()) return;
  due_.erase(found->second);
  transports_.erase(found);
  epoll_ctl(epoll_, EPOLL_CTL_DEL, transport.fd(), nullptr);
  transport.close(*arena_);
}

void MediaLoop::reschedule(Transport& transport, Timestamp due) {
  auto& place = transports_[&transport];
  auto node = due_.extract(place);
  node.value().first = due;
  place = due_.insert(std::move(node)).position;
}

bool MediaLoop::receive(int timeout_ms) {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  if (count <= 0) return false;
  const auto began = monotonic_now();
  for (int i = 0; i < count; ++i) {
    auto* transport = static_cast<Transport*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (!transport) continue;
    const auto before = transport->state();
    transport->readable(*received_, *arena_);
    if (transport->state() != before) {
      reschedule(*transport, began);
      if (transport->state() == Transport::State::kFailed)
        epoll_ctl(epoll_, EPOLL_CTL_DEL, transport->fd(), nullptr);
    }
  }
  return true;
}

void MediaLoop::drain() {
  for (int i = 0; i < 1000 && receive(0); ++i) {
    // The wake-up of this very call is readable, too.
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(wake_, &count, sizeof count);
  }
}

bool MediaLoop::advance_due(Timestamp now) {
  if (due_.empty() || due_.begin()->first > now) return false;
  while (!due_.empty() && due_.begin()->first <= now) {
    auto& transport = *due_.begin()->second;
    const auto next = transport.advance(*arena_, now);
    reschedule(transport, std::max(next, now + std::chrono::microseconds(50)));
  }
  return true;
}

void MediaLoop::run() {
  auto before = monotonic_now();
  while (!stop_) {
    int timeout_ms = 0;
    if (!spin_) {
      timeout_ms = 100;
      if (!due_.empty()) {
        const auto wait = due_.begin()->first - monotonic_now() + std::chrono::microseconds(999);
        timeout_ms = static_cast<int>(std::clamp<std::int64_t>(wait.count() / 1'000'000, 0, 100));
      }
    }
    const bool received = receive(timeout_ms);
    const auto now = monotonic_now();
    const bool advanced = advance_due(now);
    const auto late = now - before - std::chrono::milliseconds(timeout_ms);
    if (late > std::chrono::milliseconds(5)) stalled_ += late;
    if (take_call() || received || advanced) {
      before = monotonic_now();
    } else {
      // Longer than this, somebody else had the core.
      if (spin_ && now - before < std::chrono::microseconds(20)) idle_ += now - before;
      before = now;
    }
  }
}

}  // namespace rooms::load
