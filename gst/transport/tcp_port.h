// SPDX-License-Identifier: LGPL-2.1-or-later
// The media port's number, listened on as TCP for networks that block UDP (ICE-TCP, RFC 6544): what
// all workers share of it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "gst/core/guarded.h"
#include "gst/core/ice/stream_patience.h"
#include "gst/core/ice/unclaimed_limit.h"
#include "gst/core/result.h"

namespace rooms {

/// A listening, non-blocking TCP socket.
class TcpListener {
 public:
  TcpListener() = default;
  TcpListener(TcpListener&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  TcpListener& operator=(TcpListener&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~TcpListener();

  /// On all addresses of `family` (AF_INET, or AF_INET6 without mapped IPv4). Error
  /// "tcp-port-taken": somebody else listens there; "tcp-port": anything else. Both say what to do.
  static Result<TcpListener> listen(int family, std::uint16_t port);
  [[nodiscard]] int fd() const { return fd_; }

 private:
  explicit TcpListener(int fd) : fd_(fd) {}
  int fd_ = -1;
};

/// Why a connection was closed. How long is too long: StreamPatience.
enum class TcpEnd : std::uint8_t {
  kPeer,              ///< the peer closed it, or it broke
  kReleased,          ///< its transport has closed, or has no use for it any more
  kMalformed,         ///< a frame longer than kMaxDatagram, or something other than STUN came first
  kUnclaimedTooLong,  ///< no authentic check in time
  kUnclaimedTooMuch,  ///< nor within so many bytes
  kIdle,              ///< nothing whole has come for long
  kStuck,             ///< the peer has not read for long
  kCount,
};

struct TcpCounters {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> open{0};                              ///< now
  std::atomic<std::uint64_t> refused_total{0}, refused_source{0};  ///< UnclaimedLimit
  std::atomic<std::uint64_t> accept_failed{0};                ///< no descriptor or memory for it
  std::atomic<std::uint64_t> received{0}, received_bytes{0};  ///< frames; bytes with their heads
  std::atomic<std::uint64_t> sent{0}, sent_bytes{0};
  std::atomic<std::uint64_t> dropped_full{0};  ///< frames for a peer that reads too slowly
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(TcpEnd::kCount)> ended{};
};

class TcpPort {
 public:
  /// IPv4, and IPv6 where the machine has it. Errors as TcpListener::listen.
  Status open(std::uint16_t port);
  void set_patience(const StreamPatience& patience) { patience_ = patience; }
  [[nodiscard]] const StreamPatience& patience() const { return patience_; }
  [[nodiscard]] bool is_open() const { return ipv4_.fd() >= 0; }
  /// -1: none.
  [[nodiscard]] std::array<int, 2> listeners() const { return {ipv4_.fd(), ipv6_.fd()}; }

  TcpCounters& counters() { return counters_; }
  Guarded<UnclaimedLimit>& unclaimed() { return unclaimed_; }
  /// Never 0, which stands for UDP.
  std::uint64_t next_connection() { return ++connections_; }

  /// Calls put(name, value) for each.
  template <class Put>
  void tell(const Put& put) const {
    const auto ended = [&](TcpEnd why) {
      return counters_.ended[static_cast<std::size_t>(why)].load();
    };
    put("tcp-connections", counters_.open);
    put("tcp-connections-unclaimed",
        unclaimed_.with([](const UnclaimedLimit& limit) { return limit.total(); }));
    put("tcp-accepted", counters_.accepted);
    put("tcp-refused-too-many", counters_.refused_total);
    put("tcp-refused-too-many-of-source", counters_.refused_source);
    put("tcp-accept-failed", counters_.accept_failed);
    put("tcp-frames-received", counters_.received);
    put("tcp-bytes-received", counters_.received_bytes);
    put("tcp-frames-sent", counters_.sent);
    put("tcp-bytes-sent", counters_.sent_bytes);
    put("tcp-closed-by-peer", ended(TcpEnd::kPeer));
    put("tcp-closed-released", ended(TcpEnd::kReleased));
    put("tcp-closed-malformed", ended(TcpEnd::kMalformed));
    put("tcp-closed-unclaimed-too-long", ended(TcpEnd::kUnclaimedTooLong));
    put("tcp-closed-unclaimed-too-much", ended(TcpEnd::kUnclaimedTooMuch));
    put("tcp-closed-idle", ended(TcpEnd::kIdle));
    put("tcp-closed-stuck", ended(TcpEnd::kStuck));
    put("dropped-tcp-send-buffer-full", counters_.dropped_full);
  }

 private:
  TcpListener ipv4_;
  TcpListener ipv6_;
  StreamPatience patience_;
  TcpCounters counters_;
  Guarded<UnclaimedLimit> unclaimed_{UnclaimedLimit::Config{}};
  std::atomic<std::uint64_t> connections_{0};
};

}  // namespace rooms
