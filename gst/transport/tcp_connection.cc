// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/tcp_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "gst/glue/clock.h"
#include "gst/transport/counting.h"

namespace rooms {
namespace {

thread_local TcpRound* this_threads_round = nullptr;

/// What the kernel holds of us that has not left yet. More only makes the picture late: it should
/// wait where whole frames can be dropped.
constexpr int kUnsentInKernel = 64 * 1024;

}  // namespace

TcpConnection::TcpConnection(int fd, int epoll, const SocketAddress& remote, std::uint64_t number,
                             TcpCounters& counters, Timestamp now)
    : epoll_(epoll),
      remote_(remote),
      number_(number),
      counters_(counters),
      reader_(kMaxDatagram),
      fd_(fd) {
  progress_.accepted = progress_.last_frame = now;
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentInKernel, sizeof kUnsentInKernel);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd_;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event);
}

TcpConnection::~TcpConnection() { close(); }

void TcpConnection::close() {
  std::lock_guard hold(mutex_);
  if (fd_ < 0) return;
  ::close(std::exchange(fd_, -1));  // which takes it out of the epoll set too
  queue_.clear();
  blocked_.reset();
}

bool TcpConnection::send(Bytes datagram) {
  auto* round = TcpRound::of_this_thread();
  {
    std::lock_guard hold(mutex_);
    if (fd_ < 0 || retired_) return false;
    bool taken = queue_.push(datagram);
    if (!taken && !blocked_) {
      flush_locked();
      taken = queue_.push(datagram);
    }
    if (!taken) {
      count(counters_.dropped_full);
      return false;
    }
    count(counters_.sent);
    if (blocked_ || in_round_) return true;
    if (!round) {
      flush_locked();
      return true;
    }
    in_round_ = true;
  }
  round->add(shared_from_this());
  return true;
}

void TcpConnection::flush() {
  std::lock_guard hold(mutex_);
  in_round_ = false;
  if (fd_ >= 0 && !retired_) flush_locked();
}

void TcpConnection::flush_locked() {
  bool progress = false;
  while (!queue_.empty()) {
    const auto bytes = queue_.front();
    const auto written = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written >= 0) {
      progress = true;
      count(counters_.sent_bytes, static_cast<std::uint64_t>(written));
      queue_.written(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      // It broke. The worker reads that from the socket and closes it.
      queue_.clear();
      break;
    }
    if (!blocked_) watch(true);
    if (!blocked_ || progress) blocked_ = monotonic_now();
    return;
  }
  if (blocked_) watch(false);
  blocked_.reset();
}

void TcpConnection::watch(bool for_writing) {
  epoll_event event{};
  event.events = for_writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.fd = fd_;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &event);
}

void TcpConnection::retire() {
  std::lock_guard hold(mutex_);
  if (fd_ < 0 || retired_) return;
  flush_locked();  // the farewell of DTLS
  retired_ = true;
  // The worker finds the end of the stream, and closes.
  ::shutdown(fd_, SHUT_RDWR);
}

bool TcpConnection::retired() {
  std::lock_guard hold(mutex_);
  return retired_;
}

std::optional<std::size_t> TcpConnection::read_some() {
  const auto room = reader_.writable();
  ssize_t size = 0;
  do {
    // Only this thread closes, so the descriptor is good without the lock.
    size = ::recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    return 0;
  }
  const auto read = static_cast<std::size_t>(size);
  reader_.written(read);
  count(counters_.received_bytes, read);
  if (!progress_.claimed) progress_.received += read;
  return read;
}

std::optional<Bytes> TcpConnection::next_frame(Timestamp now) {
  const auto frame = reader_.next();
  if (!frame) return std::nullopt;
  count(counters_.received);
  progress_.last_frame = now;
  return frame;
}

StreamVerdict TcpConnection::judge(const StreamPatience& patience, Timestamp now) {
  auto progress = progress_;
  {
    std::lock_guard hold(mutex_);
    progress.blocked = blocked_;
  }
  return rooms::judge(progress, patience, now);
}

Path TcpConnection::path() { return {remote_, shared_from_this(), number_}; }

void TcpConnection::claim(const std::shared_ptr<MediaTransport>& owner) {
  progress_.claimed = true;
  owner_ = owner;
}

TcpRound::TcpRound() { this_threads_round = this; }
TcpRound::~TcpRound() { this_threads_round = nullptr; }
TcpRound* TcpRound::of_this_thread() { return this_threads_round; }

void TcpRound::flush() {
  for (const auto& connection : waiting_) connection->flush();
  waiting_.clear();
}

}  // namespace rooms
