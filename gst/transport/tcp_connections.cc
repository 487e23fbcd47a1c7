// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/tcp_connections.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "gst/core/ice/datagram_kind.h"
#include "gst/core/ice/stun.h"
#include "gst/glue/clock.h"
#include "gst/transport/counting.h"
#include "gst/transport/network.h"

namespace rooms {
namespace {

/// How much of a worker's time one event may take; the rest comes with the next.
constexpr int kAcceptsPerTurn = 64;
constexpr int kReadsPerTurn = 8;
/// How exact the limits of stream_patience.h are kept.
constexpr Duration kCheckInterval = std::chrono::seconds(1);

TcpEnd end_for(StreamVerdict verdict) {
  switch (verdict) {
    case StreamVerdict::kUnclaimedTooLong:
      return TcpEnd::kUnclaimedTooLong;
    case StreamVerdict::kUnclaimedTooMuch:
      return TcpEnd::kUnclaimedTooMuch;
    case StreamVerdict::kIdle:
      return TcpEnd::kIdle;
    case StreamVerdict::kStuck:
      return TcpEnd::kStuck;
    case StreamVerdict::kKeep:
      break;
  }
  return TcpEnd::kReleased;
}

}  // namespace

TcpConnections::TcpConnections(Network& network, int epoll, Timers& timers)
    : network_(network), port_(network.tcp()), epoll_(epoll), timers_(timers) {
  listen(true);
}

TcpConnections::~TcpConnections() { close_all(); }

void TcpConnections::listen(bool on) {
  listening_ = on;
  for (const int listener : port_.listeners()) {
    if (listener < 0) continue;
    epoll_event event{};
    // All workers wait for the same sockets; one is enough to accept.
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    event.data.fd = listener;
    epoll_ctl(epoll_, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listener, &event);
  }
}

void TcpConnections::on_ready(int fd, std::uint32_t events) {
  const auto listeners = port_.listeners();
  if (std::find(listeners.begin(), listeners.end(), fd) != listeners.end()) return accept_from(fd);
  const auto entry = by_fd_.find(fd);
  if (entry == by_fd_.end()) return;  // closed earlier in this round
  const auto connection = entry->second;
  if (events & EPOLLOUT) connection->flush();
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read(connection, fd);
}

void TcpConnections::accept_from(int listener) {
  const auto now = monotonic_now();
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    const int fd = accept4(listener, reinterpret_cast<sockaddr*>(&name), &length,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      adopt(fd, SocketAddress::from_sockaddr(name), now);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      count(port_.counters().accept_failed);
      return pause_listening();
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

void TcpConnections::adopt(int fd, const SocketAddress& remote, Timestamp now) {
  auto& counters = port_.counters();
  const auto verdict =
      port_.unclaimed().with([&](UnclaimedLimit& limit) { return limit.admit(remote); });
  if (verdict != UnclaimedLimit::Verdict::kAdmitted) {
    count(verdict == UnclaimedLimit::Verdict::kTooMany ? counters.refused_total
                                                       : counters.refused_source);
    ::close(fd);
    return;
  }
  count(counters.accepted);
  count(counters.open);
  by_fd_[fd] =
      std::make_shared<TcpConnection>(fd, epoll_, remote, port_.next_connection(), counters, now);
  check_regularly();
}

/// The kernel would say again and again that somebody waits whom we have no descriptor for.
void TcpConnections::pause_listening() {
  listen(false);
  check_regularly();
}

void TcpConnections::check_regularly() {
  if (std::exchange(checking_, true)) return;
  timers_.add(monotonic_now() + kCheckInterval, weak_from_this());
}

std::optional<Timestamp> TcpConnections::on_timer(Timestamp now) {
  if (!listening_) listen(true);
  std::vector<std::pair<int, TcpEnd>> over;
  for (const auto& [fd, connection] : by_fd_) {
    const auto verdict = connection->judge(port_.patience(), now);
    const bool released = connection->claimed() && !connection->owner();
    if (released || verdict != StreamVerdict::kKeep) over.emplace_back(fd, end_for(verdict));
  }
  for (const auto& [fd, why] : over) close(fd, why);
  checking_ = !by_fd_.empty();
  if (!checking_) return std::nullopt;
  return now + kCheckInterval;
}

void TcpConnections::read(const ConnectionRef& connection, int fd) {
  const auto now = monotonic_now();
  std::optional<TcpEnd> why;
  for (int i = 0; i < kReadsPerTurn && !why; ++i) {
    const auto size = connection->read_some();
    if (!size) break;
    if (*size == 0) why = connection->retired() ? TcpEnd::kReleased : TcpEnd::kPeer;
    while (const auto frame = connection->next_frame(now)) {
      if (on_frame(connection, *frame, now)) continue;
      why = TcpEnd::kMalformed;
      break;
    }
    if (connection->broken()) why = TcpEnd::kMalformed;
    if (const auto verdict = connection->judge(port_.patience(), now);
        !why && verdict != StreamVerdict::kKeep)
      why = end_for(verdict);
  }
  end_of_media();
  if (why) close(fd, *why);
}

bool TcpConnections::on_frame(const ConnectionRef& connection, Bytes frame, Timestamp now) {
  const auto kind = kind_of(frame);
  if (kind != DatagramKind::kMedia) end_of_media();
  if (kind == DatagramKind::kStun) return on_check(connection, frame, now);
  if (!connection->claimed()) return false;
  const auto owner = connection->owner();
  if (!owner) return true;  // the next check closes it
  if (kind == DatagramKind::kUnknown) {
    count(network_.counters().dropped_unknown_kind);
  } else if (kind == DatagramKind::kDtls) {
    owner->on_dtls(frame, connection->path());
  } else {
    on_media(owner, frame, now);
  }
  return true;
}

bool TcpConnections::on_check(const ConnectionRef& connection, Bytes frame, Timestamp now) {
  if (connection->claimed()) {
    // Nobody else gets it, whatever user names its peer knows.
    if (const auto owner = connection->owner())
      network_.on_stun(frame, connection->path(), now, owner.get());
    return true;
  }
  if (!looks_like_stun(frame)) return false;
  const auto owner = network_.on_stun(frame, connection->path(), now);
  if (!owner) return true;
  connection->claim(owner);
  port_.unclaimed().with([&](UnclaimedLimit& limit) { limit.leave(connection->remote()); });
  return true;
}

void TcpConnections::on_media(const std::shared_ptr<MediaTransport>& owner, Bytes frame,
                              Timestamp now) {
  const auto room = slot_.room();
  std::copy(frame.begin(), frame.end(), room.begin());
  owner->on_media(slot_, frame.size(), now);
  speaker_ = owner;
}

void TcpConnections::end_of_media() {
  if (speaker_) std::exchange(speaker_, nullptr)->on_media_end();
}

void TcpConnections::close(int fd, TcpEnd why) {
  const auto entry = by_fd_.find(fd);
  if (entry == by_fd_.end()) return;
  const auto connection = std::move(entry->second);
  by_fd_.erase(entry);
  auto& counters = port_.counters();
  count(counters.ended[static_cast<std::size_t>(why)]);
  counters.open.fetch_sub(1, std::memory_order_relaxed);
  if (!connection->claimed())
    port_.unclaimed().with([&](UnclaimedLimit& limit) { limit.leave(connection->remote()); });
  connection->close();
  if (const auto owner = connection->owner()) owner->on_closed(connection->path());
}

void TcpConnections::close_all() {
  while (!by_fd_.empty()) close(by_fd_.begin()->first, TcpEnd::kReleased);
}

}  // namespace rooms
