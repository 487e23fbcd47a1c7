// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/udp_relay.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

namespace rooms::test {
namespace {

constexpr std::size_t kMostClients = 1024;
constexpr std::size_t kMostWaiting = 64U << 20;  // bytes
constexpr Duration kForget = std::chrono::seconds(60);
constexpr int kBufferBytes = 4 << 20;
constexpr int kAtOnce = 64;  // datagrams of one socket before others have their turn

Timestamp now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return Timestamp(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

Descriptor udp_socket(const SocketAddress& address) {
  Descriptor socket(
      ::socket(address.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  for (const int option : {SO_RCVBUF, SO_SNDBUF, SO_RCVBUFFORCE, SO_SNDBUFFORCE})
    (void)setsockopt(socket.fd(), SOL_SOCKET, option, &kBufferBytes, sizeof kBufferBytes);
  return socket;
}

struct Client;
struct Waiting {
  Timestamp due;
  std::uint64_t order = 0;  ///< those due at the same time leave as they came
  std::shared_ptr<Client> client;
  Direction direction = Direction::kUp;
  std::vector<std::uint8_t> payload;
  friend bool operator>(const Waiting& a, const Waiting& b) {
    return std::pair(a.due, a.order) > std::pair(b.due, b.order);
  }
};

struct Client {
  int door = -1;  ///< what it came through, and gets its answers from
  SocketAddress address;
  Descriptor upstream;
  Timestamp heard;
};

}  // namespace

struct UdpRelay::Paths {
  explicit Paths(const Settings& settings)
      : random(settings.seed), up(settings.up, random), down(settings.down, random) {}
  DatagramPath& of(Direction direction) { return direction == Direction::kUp ? up : down; }
  [[nodiscard]] const DatagramPath& of(Direction direction) const {
    return direction == Direction::kUp ? up : down;
  }
  Random random;
  DatagramPath up;
  DatagramPath down;
};

/// The sockets, and what waits for its time. Owned by the relay's thread once that runs.
class UdpRelay::Loop {
 public:
  explicit Loop(Guarded<Paths>& paths)
      : paths_(paths),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    watch(stop_.fd());
  }

  Result<SocketAddress> open(const Settings& settings) {
    SocketAddress first;
    for (unsigned i = 0; i < settings.ports; ++i) {
      // Port 0 gives any free one: of several, those behind the first.
      const auto base = i > 0 ? first : settings.listen;
      const auto wanted = base.with_port(static_cast<std::uint16_t>(base.port() + i));
      auto socket = udp_socket(wanted);
      sockaddr_storage storage{};
      auto length = static_cast<socklen_t>(wanted.to_sockaddr(storage));
      if (::bind(socket.fd(), reinterpret_cast<sockaddr*>(&storage), length) != 0)
        return Error{"relay-port",
                     "Cannot listen on " + wanted.text() + ": " + std::strerror(errno)};
      length = sizeof storage;
      getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&storage), &length);
      if (i == 0) first = SocketAddress::from_sockaddr(storage);
      watch(socket.fd());
      const auto& target = settings.target;
      const int fd = socket.fd();
      doors_.emplace(fd, Door{std::move(socket),
                              target.with_port(static_cast<std::uint16_t>(target.port() + i))});
    }
    return first;
  }

  void run() {
    // The kernel's usual 50 us of slack would be added to every delay.
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
    while (true) {
      std::array<epoll_event, 64> events{};
      const int count = wait(events);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == stop_.fd()) return;
        if (const auto door = doors_.find(fd); door != doors_.end()) take_in(door->second);
        if (const auto client = by_upstream_.find(fd); client != by_upstream_.end())
          take_back(client->second);
      }
      let_go();
      forget_the_silent();
    }
  }

  void stop() {
    const std::uint64_t one = 1;
    (void)!::write(stop_.fd(), &one, sizeof one);
  }

  std::atomic<std::size_t> clients{0};
  std::atomic<std::uint64_t> refused{0};

 private:
  struct Door {
    Descriptor socket;
    SocketAddress target;
  };

  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event);
  }

  int wait(std::array<epoll_event, 64>& events) const {
    Duration left = kForget;
    if (!waiting_.empty()) left = std::max(waiting_.top().due - now(), Duration{});
    const timespec timeout{.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000),
                           .tv_nsec = static_cast<long>(left.count() % 1'000'000'000)};
    return epoll_pwait2(epoll_.fd(), events.data(), static_cast<int>(events.size()), &timeout,
                        nullptr);
  }

  void take_in(const Door& door) {
    for (int i = 0; i < kAtOnce; ++i) {
      sockaddr_storage from{};
      socklen_t length = sizeof from;
      const auto size = recvfrom(door.socket.fd(), datagram_.data(), datagram_.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &length);
      if (size < 0) return;
      const auto client = client_at(door, SocketAddress::from_sockaddr(from));
      if (client) send(client, Direction::kUp, static_cast<std::size_t>(size));
    }
  }

  void take_back(const std::shared_ptr<Client>& client) {
    for (int i = 0; i < kAtOnce; ++i) {
      const auto size = recv(client->upstream.fd(), datagram_.data(), datagram_.size(), 0);
      // A refusal of the target's host (ECONNREFUSED) is news of one datagram, not an end.
      if (size < 0) return;
      send(client, Direction::kDown, static_cast<std::size_t>(size));
    }
  }

  std::shared_ptr<Client> client_at(const Door& door, const SocketAddress& address) {
    auto& known = clients_[{door.socket.fd(), address}];
    if (known) return known;
    auto made = clients_.size() > kMostClients ? nullptr : connected_to(door, address);
    if (!made) {
      clients_.erase({door.socket.fd(), address});
      ++refused;
      return nullptr;
    }
    known = made;
    by_upstream_.emplace(made->upstream.fd(), made);
    watch(made->upstream.fd());
    clients = clients_.size();
    return made;
  }

  static std::shared_ptr<Client> connected_to(const Door& door, const SocketAddress& address) {
    auto client = std::make_shared<Client>();
    client->door = door.socket.fd();
    client->address = address;
    client->upstream = udp_socket(door.target);
    sockaddr_storage storage{};
    const auto length = static_cast<socklen_t>(door.target.to_sockaddr(storage));
    const bool is_connected =
        ::connect(client->upstream.fd(), reinterpret_cast<sockaddr*>(&storage), length) == 0;
    return is_connected ? client : nullptr;
  }

  void send(const std::shared_ptr<Client>& client, Direction direction, std::size_t size) {
    const auto time = now();
    client->heard = time;
    if (waiting_bytes_ + 2 * size > kMostWaiting) {
      ++refused;
      return;
    }
    const auto arrivals = paths_.with([&](Paths& paths) {
      return paths.of(direction).send(DataSize::bytes(static_cast<std::int64_t>(size)), time);
    });
    for (const auto due : arrivals) {
      waiting_.push({due, order_++, client, direction,
                     std::vector(datagram_.begin(), datagram_.begin() + static_cast<long>(size))});
      waiting_bytes_ += size;
    }
  }

  void let_go() {
    const auto time = now();
    while (!waiting_.empty() && waiting_.top().due <= time) {
      const auto& one = waiting_.top();
      if (one.direction == Direction::kUp) {
        (void)!::send(one.client->upstream.fd(), one.payload.data(), one.payload.size(), 0);
      } else {
        sockaddr_storage to{};
        const auto length = static_cast<socklen_t>(one.client->address.to_sockaddr(to));
        (void)!sendto(one.client->door, one.payload.data(), one.payload.size(), 0,
                      reinterpret_cast<sockaddr*>(&to), length);
      }
      waiting_bytes_ -= one.payload.size();
      waiting_.pop();
    }
  }

  void forget_the_silent() {
    const auto time = now();
    if (time < next_look_) return;
    next_look_ = time + kForget / 4;
    for (auto one = clients_.begin(); one != clients_.end();) {
      if (time - one->second->heard < kForget) {
        ++one;
        continue;
      }
      by_upstream_.erase(one->second->upstream.fd());
      one = clients_.erase(one);
    }
    clients = clients_.size();
  }

  Guarded<Paths>& paths_;
  Descriptor epoll_;
  Descriptor stop_;
  std::unordered_map<int, Door> doors_;
  std::map<std::pair<int, SocketAddress>, std::shared_ptr<Client>> clients_;
  std::unordered_map<int, std::shared_ptr<Client>> by_upstream_;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t order_ = 0;
  Timestamp next_look_{};
  std::array<std::uint8_t, 65536> datagram_{};
};

UdpRelay::UdpRelay() = default;

Result<std::unique_ptr<UdpRelay>> UdpRelay::start(const Settings& settings) {
  std::unique_ptr<UdpRelay> relay(new UdpRelay);
  relay->paths_ = std::make_unique<Guarded<Paths>>(settings);
  relay->loop_ = std::make_unique<Loop>(*relay->paths_);
  const auto address = relay->loop_->open(settings);
  if (!address) return address.error();
  relay->address_ = *address;
  relay->thread_ = std::thread([loop = relay->loop_.get()] { loop->run(); });
  return relay;
}

UdpRelay::~UdpRelay() {
  if (!thread_.joinable()) return;
  loop_->stop();
  thread_.join();
}

void UdpRelay::change(Direction direction, const PathPlan& plan) {
  paths_->with([&](Paths& paths) { paths.of(direction).change(plan); });
}
PathPlan UdpRelay::plan(Direction direction) const {
  return paths_->with([&](Paths& paths) { return paths.of(direction).plan(); });
}
DatagramPath::Counters UdpRelay::counters(Direction direction) const {
  return paths_->with([&](Paths& paths) { return paths.of(direction).counters(); });
}
std::size_t UdpRelay::clients() const { return loop_->clients; }
std::uint64_t UdpRelay::refused() const { return loop_->refused; }

}  // namespace rooms::test
