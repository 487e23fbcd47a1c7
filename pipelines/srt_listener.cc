// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/srt_listener.h"

#include <netdb.h>
#include <srt/access_control.h>
#include <srt/srt.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

constexpr int kBacklog = 32;
constexpr auto kLookEvery = std::chrono::milliseconds(100);
/// A handshake that has not become a connection by then was refused for its passphrase, or broke.
constexpr Duration kHandshake = std::chrono::seconds(5);
constexpr int kLargestPacket = 1500;
constexpr const char* kCaps = "video/mpegts,systemstream=true";

Error not_to_be_had(const SrtSettings& settings, const std::string& why) {
  return {"srt-listen", "Cannot listen for SRT on " + settings.host + ":" +
                            std::to_string(settings.port) + " (UDP): " + why +
                            ". Choose another address with --srt-listen."};
}

socklen_t size_of(const sockaddr* address) {
  return address->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

std::string text_of(const sockaddr* address) {
  std::array<char, 64> host{};
  std::array<char, 8> port{};
  if (getnameinfo(address, size_of(address), host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "unknown";
  const bool v6 = address->sa_family == AF_INET6;
  return (v6 ? "[" : "") + std::string(host.data()) + (v6 ? "]:" : ":") + port.data();
}

int reason_for(const Error& error) {
  if (error.code == "stream-mode") return SRT_REJX_BAD_MODE;
  if (error.code == "too-many-sources" || error.code == "room-closing") return SRT_REJX_OVERLOAD;
  return SRT_REJX_BAD_REQUEST;
}

template <class T>
bool set(int socket, SRT_SOCKOPT option, const T& value) {
  return srt_setsockflag(socket, option, &value, sizeof(value)) != SRT_ERROR;
}

bool configure(int socket, const SrtSettings& settings, bool v6) {
  const auto latency = static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(settings.latency).count());
  const auto& word = settings.passphrase;
  // Two servers on one port would each get some of the callers.
  return set(socket, SRTO_REUSEADDR, false) && set(socket, SRTO_RCVSYN, false) &&
         set(socket, SRTO_RCVLATENCY, latency) && (!v6 || set(socket, SRTO_IPV6ONLY, 0)) &&
         (word.empty() || srt_setsockflag(socket, SRTO_PASSPHRASE, word.data(),
                                          static_cast<int>(word.size())) != SRT_ERROR);
}

}  // namespace

Result<std::unique_ptr<SrtListener>> SrtListener::open(SrtSettings settings, Callbacks callbacks) {
  srt_startup();
  srt_setloglevel(LOG_CRIT);  // what strangers send is counted, not printed
  std::unique_ptr<SrtListener> self(new SrtListener(std::move(settings), std::move(callbacks)));
  if (auto listens = self->listen(); !listens) return listens.error();
  self->thread_ = std::thread([raw = self.get()] {
    pthread_setname_np(pthread_self(), "srt");
    raw->run();
  });
  return self;
}

Status SrtListener::listen() {
  addrinfo wish{};
  wish.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  wish.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int problem =
      getaddrinfo(settings_.host.c_str(), std::to_string(settings_.port).c_str(), &wish, &found);
  if (problem != 0) return not_to_be_had(settings_, gai_strerror(problem));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> address(found, freeaddrinfo);
  listener_ = srt_create_socket();
  poll_ = srt_epoll_create();
  const int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;
  const bool listens =
      listener_ != SRT_INVALID_SOCK && poll_ >= 0 &&
      configure(listener_, settings_, found->ai_family == AF_INET6) &&
      srt_bind(listener_, found->ai_addr, static_cast<int>(found->ai_addrlen)) != SRT_ERROR &&
      srt_listen_callback(listener_, on_handshake, this) != SRT_ERROR &&
      srt_listen(listener_, kBacklog) != SRT_ERROR &&
      srt_epoll_add_usock(poll_, listener_, &events) != SRT_ERROR;
  if (!listens) return not_to_be_had(settings_, srt_getlasterror_str());
  return Done{};
}

SrtListener::~SrtListener() {
  closing_ = true;
  if (thread_.joinable()) thread_.join();
  if (listener_ >= 0) srt_close(listener_);
  for (const auto& [socket, call] : calls_) {
    call.stream->end();
    srt_close(socket);
  }
  if (poll_ >= 0) srt_epoll_release(poll_);
  srt_cleanup();
}

std::uint16_t SrtListener::port() const {
  sockaddr_storage address{};
  int size = sizeof(address);
  srt_getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

SrtListener::Counts SrtListener::counts() const {
  return {calls_size_,          counts_.accepted,           counts_.refused_place,
          counts_.refused_full, counts_.refused_encryption, counts_.packets,
          counts_.dropped};
}

int SrtListener::on_handshake(void* self, int socket, int /*version*/, const sockaddr* from,
                              const char* stream_id) {
  return static_cast<SrtListener*>(self)->consider(socket, from, stream_id);
}

int SrtListener::consider(int socket, const sockaddr* from, const char* stream_id) {
  const auto refuse = [&](std::atomic<std::uint64_t>& count, int reason, const Error& error) {
    ++count;
    srt_setrejectreason(socket, reason);
    callbacks_.on_refused(text_of(from), error);
    return -1;
  };
  auto place = read_stream_id(stream_id ? stream_id : "");
  if (!place) return refuse(counts_.refused_place, reason_for(place.error()), place.error());
  const auto invited = invited_.with([](const auto& all) { return all.size(); });
  if (calls_size_ + invited >= settings_.most_callers)
    return refuse(counts_.refused_full, SRT_REJX_OVERLOAD,
                  {"too-many-sources", "There are as many SRT callers as there may be."});
  if (const auto admitted = callbacks_.admit(*place); !admitted)
    return refuse(counts_.refused_place, reason_for(admitted.error()), admitted.error());
  invited_.with([&](auto& all) {
    all[socket] = {std::move(*place), text_of(from), monotonic_now()};
  });
  return 0;
}

void SrtListener::run() {
  Timestamp looked{};
  std::array<SRT_EPOLL_EVENT, 64> events;
  while (!closing_) {
    const int count =
        srt_epoll_uwait(poll_, events.data(), static_cast<int>(events.size()), kLookEvery.count());
    for (int i = 0; i < count; ++i) {
      if (events[i].fd == listener_)
        accept_all();
      else
        receive(events[i].fd);
    }
    const auto now = monotonic_now();
    if (now - looked < kLookEvery) continue;
    looked = now;
    look_around(now);
  }
}

void SrtListener::accept_all() {
  sockaddr_storage from{};
  auto* address = reinterpret_cast<sockaddr*>(&from);
  for (;;) {
    int size = sizeof(from);
    const int socket = srt_accept(listener_, address, &size);
    if (socket == SRT_INVALID_SOCK) return;
    const auto invited = invited_.with([&](auto& all) { return all.extract(socket); });
    const int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;
    if (!invited || srt_epoll_add_usock(poll_, socket, &events) == SRT_ERROR) {
      srt_close(socket);
      continue;
    }
    ++counts_.accepted;
    auto stream = std::make_shared<PushedStream>(kCaps);
    calls_[socket] = {stream, 0};
    calls_size_ = static_cast<unsigned>(calls_.size());
    callbacks_.on_caller({text_of(address), invited.mapped().place, std::move(stream)});
  }
}

void SrtListener::receive(int socket) {
  const auto call = calls_.find(socket);
  if (call == calls_.end()) return;
  std::array<char, kLargestPacket> packet;
  for (;;) {
    const int size = srt_recvmsg(socket, packet.data(), static_cast<int>(packet.size()));
    if (size > 0) {
      ++counts_.packets;
      call->second.stream->push(
          {reinterpret_cast<const std::uint8_t*>(packet.data()), static_cast<std::size_t>(size)});
      continue;
    }
    if (size == SRT_ERROR && srt_getlasterror(nullptr) == SRT_EASYNCRCV) return;
    return hang_up(socket);
  }
}

void SrtListener::hang_up(int socket) {
  const auto call = calls_.extract(socket);
  if (!call) return;
  calls_size_ = static_cast<unsigned>(calls_.size());
  counts_.dropped += call.mapped().stream->dropped() - call.mapped().dropped;
  call.mapped().stream->end();
  srt_epoll_remove_usock(poll_, socket);
  srt_close(socket);
}

void SrtListener::look_around(Timestamp now) {
  std::vector<int> unwanted;
  for (auto& [socket, call] : calls_) {
    const auto dropped = call.stream->dropped();
    counts_.dropped += dropped - std::exchange(call.dropped, dropped);
    if (!call.stream->is_wanted()) unwanted.push_back(socket);
  }
  for (const int socket : unwanted) hang_up(socket);
  std::vector<std::string> refused;
  invited_.with([&](auto& all) {
    std::erase_if(all, [&](const auto& one) {
      const bool gone =
          srt_getsockstate(one.first) > SRTS_CONNECTED || now - one.second.since > kHandshake;
      if (gone) refused.push_back(one.second.address);
      return gone;
    });
  });
  counts_.refused_encryption += refused.size();
  for (const auto& address : refused)
    callbacks_.on_refused(address, {"srt-passphrase", settings_.passphrase.empty()
                                                          ? "It has a passphrase, we have none."
                                                          : "Its passphrase is not ours."});
}

}  // namespace rooms
