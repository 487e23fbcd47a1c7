// SPDX-License-Identifier: LGPL-2.1-or-later
// A network thread: receives in batches, lets each datagram's connection act on it, sends what that
// gave rise to in one go.
#pragma once

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "gst/core/pacing/wake_moderation.h"
#include "gst/transport/network.h"
#include "gst/transport/packet_slot.h"
#include "gst/transport/send_batch.h"
#include "gst/transport/tcp_connections.h"
#include "gst/transport/timers.h"
#include "gst/transport/udp_socket.h"

namespace rooms {

class Worker {
 public:
  Worker(Network& network, unsigned index, Duration gather, UdpSocket ipv4, UdpSocket ipv6);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  /// Ends the thread; no callback runs afterwards.
  void stop();
  /// The worker whose thread this is; nullptr on other threads.
  static Worker* of_this_thread();
  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] Network& network() { return network_; }
  /// Any thread. `task` runs between two receive batches, in the order of posting. False: so much
  /// waits already that this worker cannot keep up; the task is not kept. What waits when the
  /// worker stops is dropped.
  bool post(std::function<void()> task);
  /// Any thread.
  void call_at(Timestamp when, std::weak_ptr<TimerClient> client);
  [[nodiscard]] int ipv4_socket() const { return ipv4_.fd(); }
  [[nodiscard]] int ipv6_socket() const { return ipv6_.fd(); }
  [[nodiscard]] const UdpSocket& socket_ipv4() const { return ipv4_; }

 private:
  static constexpr std::size_t kBatch = 32;
  static constexpr std::size_t kMaxPosted = 1024;

  void run();
  int wait_milliseconds() const;
  void run_timers();
  /// Lets datagrams gather; timers go on.
  void pause(Timestamp until);
  void make_room(std::size_t datagrams);
  /// How many came.
  std::size_t receive(int socket);
  void sort_out(std::size_t count, Timestamp now);
  void run_posted();
  void wake();

  Network& network_;
  const unsigned index_;
  UdpSocket ipv4_;
  UdpSocket ipv6_;
  int epoll_ = -1;
  int wake_ = -1;
  std::atomic<bool> stopping_{false};
  Timers timers_;
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;  // under posted_mutex_
  std::shared_ptr<TcpConnections> tcp_;
  std::thread thread_;

  // Owned by the thread.
  WakeModeration moderation_;
  std::vector<std::function<void()>> running_;
  SendBatch batch_;
  std::array<PacketSlot, kBatch> slots_;
  std::array<iovec, kBatch> vectors_{};
  std::array<mmsghdr, kBatch> headers_{};
  std::array<sockaddr_storage, kBatch> names_{};
  std::array<std::array<std::uint8_t, 64>, kBatch> controls_{};
  std::array<SocketAddress, kBatch> from_{};
  std::array<std::size_t, kBatch> sizes_{};
  std::array<std::shared_ptr<MediaTransport>, kBatch> transports_;
  std::array<std::uint32_t, 2> last_overflow_{};  // of each socket
};

}  // namespace rooms
