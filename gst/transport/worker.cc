// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/worker.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "gst/core/ice/datagram_kind.h"
#include "gst/glue/clock.h"
#include "gst/transport/counting.h"

namespace rooms {
namespace {

thread_local Worker* this_threads_worker = nullptr;

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/// SO_RXQ_OVFL: how many datagrams the kernel has dropped on this socket so far.
std::optional<std::uint32_t> overflow_in(msghdr& header) {
  for (auto* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SO_RXQ_OVFL) continue;
    std::uint32_t total = 0;
    std::memcpy(&total, CMSG_DATA(control), sizeof total);
    return total;
  }
  return std::nullopt;
}

}  // namespace

Worker::Worker(Network& network, unsigned index, Duration gather, UdpSocket ipv4, UdpSocket ipv6)
    : network_(network),
      index_(index),
      ipv4_(std::move(ipv4)),
      ipv6_(std::move(ipv6)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      tcp_(std::make_shared<TcpConnections>(network, epoll_, timers_)),
      moderation_(gather),
      batch_(ipv4_.fd(), ipv6_.fd(), network.send_counters()) {
  watch(epoll_, wake_);
  for (const auto* socket : {&ipv4_, &ipv6_}) {
    if (socket->fd() < 0) continue;
    const int on = 1;
    setsockopt(socket->fd(), SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    watch(epoll_, socket->fd());
  }
}

Worker::~Worker() {
  stop();
  ::close(wake_);
  ::close(epoll_);
}

Worker* Worker::of_this_thread() { return this_threads_worker; }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), ("network-" + std::to_string(index_)).c_str());
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake();
  thread_.join();
  {
    std::vector<std::function<void()>> late;
    std::lock_guard hold(posted_mutex_);
    late.swap(posted_);
  }
  tcp_->close_all();
}

void Worker::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

bool Worker::post(std::function<void()> task) {
  bool first = false;
  {
    std::lock_guard hold(posted_mutex_);
    if (posted_.size() >= kMaxPosted) return false;
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (first) wake();
  return true;
}

void Worker::run_posted() {
  {
    std::lock_guard hold(posted_mutex_);
    running_.swap(posted_);
  }
  for (const auto& task : running_) task();
  running_.clear();
}

void Worker::call_at(Timestamp when, std::weak_ptr<TimerClient> client) {
  if (timers_.add(when, std::move(client)) && std::this_thread::get_id() != thread_.get_id())
    wake();
}

int Worker::wait_milliseconds() const {
  const auto next = timers_.next();
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - monotonic_now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Worker::run() {
  BatchScope scope(batch_);
  this_threads_worker = this;
  TcpRound tcp_round;
  make_room(kBatch);
  while (!stopping_) {
    std::array<epoll_event, 32> events;
    const int ready = epoll_wait(epoll_, events.data(), events.size(), wait_milliseconds());
    const auto began = monotonic_now();
    std::size_t received = 0;
    bool drained = true;
    for (int i = 0; i < ready; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      const int fd = event.data.fd;
      if (fd == wake_) {
        std::uint64_t ignored = 0;
        (void)!::read(wake_, &ignored, sizeof ignored);
        run_posted();
        batch_.flush();
      } else if (fd == ipv4_.fd() || fd == ipv6_.fd()) {
        const auto datagrams = receive(fd);
        received += datagrams;
        drained = drained && datagrams < kBatch;
      } else {
        tcp_->on_ready(fd, event.events);
        batch_.flush();
      }
    }
    run_timers();
    tcp_round.flush();
    const auto until = moderation_.pause_after(received, began);
    if (until && drained) pause(*until);
  }
}

void Worker::run_timers() {
  timers_.run(monotonic_now());
  batch_.flush();
}

void Worker::pause(Timestamp until) {
  for (auto now = monotonic_now(); !stopping_ && now < until; now = monotonic_now()) {
    const int timer = wait_milliseconds();
    const auto turn = timer < 0 ? until : std::min(until, now + std::chrono::milliseconds(timer));
    const auto since_start = turn.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_start);
    const timespec when{seconds.count(), (since_start - seconds).count()};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
    if (turn < until) run_timers();
  }
}

/// In place of what so many datagrams took.
void Worker::make_room(std::size_t datagrams) {
  for (std::size_t i = 0; i < datagrams; ++i) {
    const auto room = slots_[i].room();
    vectors_[i] = {room.data(), room.size()};
    auto& header = headers_[i].msg_hdr;
    header = {};
    header.msg_name = &names_[i];
    header.msg_namelen = sizeof names_[i];
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].data();
    header.msg_controllen = controls_[i].size();
  }
}

std::size_t Worker::receive(int socket) {
  const int received = recvmmsg(socket, headers_.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (received <= 0) return 0;
  const auto now = monotonic_now();
  const auto total = static_cast<std::size_t>(received);

  auto& counters = network_.counters();
  count(counters.receive_calls);
  count(counters.received, total);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < total; ++i) {
    const bool whole = (headers_[i].msg_hdr.msg_flags & MSG_TRUNC) == 0;
    if (!whole) count(counters.dropped_oversized);
    sizes_[i] = whole ? headers_[i].msg_len : 0;
    bytes += headers_[i].msg_len;
    from_[i] = SocketAddress::from_sockaddr(names_[i]);
  }
  count(counters.received_bytes, bytes);
  auto& last_overflow = last_overflow_[socket == ipv6_.fd() ? 1 : 0];
  if (auto overflow = overflow_in(headers_[total - 1].msg_hdr);
      overflow && *overflow != last_overflow) {
    count(counters.dropped_kernel, *overflow - last_overflow);
    last_overflow = *overflow;
  }
  sort_out(total, now);
  batch_.flush();
  make_room(total);
  return total;
}

void Worker::sort_out(std::size_t total, Timestamp now) {
  network_.find_by_address({from_.data(), total}, {transports_.data(), total});
  Network::TransportRef speaker;  // whose media the last datagrams were
  for (std::size_t i = 0; i < total; ++i) {
    const auto transport = std::move(transports_[i]);
    transports_[i].reset();
    if (speaker && speaker != transport) std::exchange(speaker, nullptr)->on_media_end();
    if (sizes_[i] == 0) continue;
    const auto datagram = slots_[i].room().first(sizes_[i]);
    const auto kind = kind_of(datagram);
    if (kind == DatagramKind::kStun) {
      network_.on_stun(datagram, Path{from_[i], nullptr}, now);
    } else if (kind == DatagramKind::kUnknown) {
      count(network_.counters().dropped_unknown_kind);
    } else if (!transport) {
      count(network_.counters().dropped_unknown_peer);
      network_.on_stranger(from_[i], now);
    } else if (kind == DatagramKind::kDtls) {
      transport->on_dtls(datagram, Path{from_[i], nullptr});
    } else {
      transport->on_media(slots_[i], sizes_[i], now);
      speaker = transport;
    }
  }
  if (speaker) speaker->on_media_end();
}

}  // namespace rooms
