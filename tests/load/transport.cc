// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/transport.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gst/core/ice/candidate.h"
#include "gst/core/ice/stun.h"
#include "gst/core/rtp/rtp_header.h"
#include "tests/load/clocks.h"

namespace rooms::load {
namespace {

constexpr Duration kCheckInterval = std::chrono::milliseconds(20);
constexpr int kSocketBuffer = 4 << 20;

std::string random_word(std::uint64_t& state, std::size_t length) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string word;
  for (std::size_t i = 0; i < length; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    word += kLetters[state >> 58];
  }
  return word;
}

Error socket_error(std::string_view what) {
  return {"socket", std::string(what) + ": " + std::strerror(errno)};
}

/// The address the kernel would send from.
SocketAddress source_towards(const SocketAddress& server) {
  sockaddr_storage storage{};
  const auto length = static_cast<socklen_t>(server.with_port(9).to_sockaddr(storage));
  const int probe = socket(server.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socklen_t size = sizeof storage;
  const bool known = connect(probe, reinterpret_cast<sockaddr*>(&storage), length) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&storage), &size) == 0;
  close(probe);
  return known ? SocketAddress::from_sockaddr(storage) : SocketAddress();
}

}  // namespace

ReceiveArena::ReceiveArena() {
  for (std::size_t i = 0; i < kMessages; ++i) {
    vectors_[i] = {buffers_[i].data(), kMessageSize};
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &addresses_[i];
  }
}

int ReceiveArena::receive(int fd) {
  for (auto& header : headers_) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  return recvmmsg(fd, headers_.data(), kMessages, MSG_DONTWAIT, nullptr);
}

SendArena::SendArena() {
  for (std::size_t i = 0; i < kMessages; ++i) {
    vectors_[i] = {buffers_[i].data(), 0};
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

bool SendArena::flush(int fd) {
  std::size_t sent = 0;
  while (sent < count_) {
    const int done = sendmmsg(fd, headers_.data() + sent, static_cast<unsigned>(count_ - sent), 0);
    if (done > 0) {
      sent += static_cast<std::size_t>(done);
    } else if (errno != EINTR) {
      break;
    }
  }
  // A full buffer loses packets as a network would; the receivers' counts tell.
  const bool good = sent == count_ || errno == EAGAIN || errno == ENOBUFS;
  count_ = 0;
  return good;
}

Result<std::unique_ptr<Transport>> Transport::open(const DtlsIdentity& identity,
                                                   const SocketAddress& server,
                                                   std::uint64_t seed) {
  std::unique_ptr<Transport> transport(new Transport(identity, seed));
  transport->server_ = server;
  const int family = server.is_v4() ? AF_INET : AF_INET6;
  transport->fd_ = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (transport->fd_ < 0) return socket_error("Cannot open a UDP socket");
  for (const int option : {SO_RCVBUF, SO_RCVBUFFORCE})
    setsockopt(transport->fd_, SOL_SOCKET, option, &kSocketBuffer, sizeof kSocketBuffer);
  sockaddr_storage storage{};
  storage.ss_family = static_cast<sa_family_t>(family);
  socklen_t size = server.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (bind(transport->fd_, address, size) != 0 || getsockname(transport->fd_, address, &size) != 0)
    return socket_error("Cannot bind a UDP socket");
  const auto source = source_towards(server);
  if (!source.valid()) return socket_error("No way to " + server.host());
  transport->local_address_ = source.with_port(SocketAddress::from_sockaddr(storage).port());
  transport->credentials_.ufrag = random_word(transport->seed_, 8);
  transport->credentials_.password = random_word(transport->seed_, 24);
  return transport;
}

Transport::~Transport() {
  if (fd_ >= 0) ::close(fd_);
}

LocalEnd Transport::local_end() const {
  LocalEnd end;
  end.transport.ufrag = credentials_.ufrag;
  end.transport.pwd = credentials_.password;
  end.transport.fingerprint_hash = "sha-256";
  end.transport.fingerprint_value = identity_.fingerprint();
  const std::array addresses = {local_address_};
  for (const auto& candidate : host_candidates(addresses, {}, seed_))
    end.candidates.push_back(write_candidate(candidate));
  return end;
}

void Transport::start(const RemoteEnd& remote, Media& media, Timestamp now) {
  remote_ = remote;
  media_ = &media;
  started_ = now;
  state_ = State::kConnecting;
  ice_.emplace(credentials_, IceCredentials{remote.transport.ufrag, remote.transport.pwd},
               remote.candidates, server_, seed_, now);
  if (!ice_->has_candidates()) return fail("the server has no candidate we could reach");
  check(now);
}

void Transport::readable(ReceiveArena& received, SendArena& arena) {
  const int count = received.receive(fd_);
  const auto now = monotonic_now();
  if (count < 0 && errno == ECONNREFUSED) fail("nobody listens at the server's UDP port any more");
  for (int i = 0; i < count; ++i) receive(received.message(i), received.from(i), now);
  if (state_ == State::kConnected && media_->urgent()) media_->advance(*this, arena, now);
}

void Transport::receive(MutableBytes datagram, const sockaddr_storage& from, Timestamp now) {
  if (datagram.empty() || state_ == State::kIdle || state_ == State::kFailed) return;
  if (looks_like_rtcp(datagram)) {
    if (!incoming_) return;
    const auto plain = incoming_->unprotect_rtcp(datagram);
    if (plain) media_->receive_rtcp(datagram.first(plain.size), now);
  } else if (looks_like_rtp_or_rtcp(datagram)) {
    if (incoming_) media_->receive_rtp(*this, datagram, now);
  } else if (looks_like_stun(datagram)) {
    receive_stun(datagram, SocketAddress::from_sockaddr(from), now);
  } else if (datagram[0] >= 20 && datagram[0] < 64) {  // RFC 7983
    receive_dtls(datagram, now);
  }
}

void Transport::receive_stun(Bytes datagram, const SocketAddress& from, Timestamp now) {
  const bool selected_before = ice_->selected().has_value();
  std::array<std::uint8_t, IceClient::kMaxMessage> reply;
  const auto outgoing = ice_->receive(datagram, from, reply, now);
  if (outgoing.size > 0) send_to({reply.data(), outgoing.size}, outgoing.to);
  if (selected_before || !ice_->selected()) return;
  sockaddr_storage storage{};
  const auto length = ice_->selected()->to_sockaddr(storage);
  connect(fd_, reinterpret_cast<sockaddr*>(&storage), static_cast<socklen_t>(length));
  begin_dtls();
  observe_dtls(now);
}

void Transport::begin_dtls() {
  if (dtls_) return;
  const auto& remote = remote_.transport;
  dtls_.emplace(identity_, remote.setup != "active", remote.fingerprint_hash,
                remote.fingerprint_value);
  dtls_->begin();
}

void Transport::receive_dtls(Bytes datagram, Timestamp now) {
  begin_dtls();  // its first flight may overtake the answer to our check
  dtls_->receive(datagram);
  observe_dtls(now);
}

void Transport::observe_dtls(Timestamp now) {
  for (const auto& datagram : dtls_->take_outgoing()) {
    if (ice_->selected()) send_to(datagram, *ice_->selected());
  }
  if (dtls_->state() == DtlsSession::State::kFailed) return fail(dtls_->failure());
  if (dtls_->state() == DtlsSession::State::kClosed && state_ == State::kConnected)
    return fail("the server closed the connection");
  if (dtls_->state() != DtlsSession::State::kConnected || state_ != State::kConnecting) return;
  const auto keys = dtls_->keys();
  if (!keys) return fail("DTLS gave no keys");
  outgoing_.emplace(keys->ours);
  incoming_.emplace(keys->theirs);
  state_ = State::kConnected;
  connected_at_ = now;
  media_->connected(*this, now);
}

void Transport::check(Timestamp now) {
  std::array<std::uint8_t, IceClient::kMaxMessage> message;
  for (;;) {
    const auto outgoing = ice_->next_check(message, now);
    if (outgoing.size == 0) break;
    send_to({message.data(), outgoing.size}, outgoing.to);
  }
  if (dtls_ && state_ == State::kConnecting) {
    dtls_->tick();
    observe_dtls(now);
  }
  if (state_ == State::kConnecting && now - started_ > kConnectTimeout)
    fail(dtls_ ? "the DTLS handshake took more than 15 s" : "no answer to ICE checks in 15 s");
  if (state_ == State::kConnected && ice_->expired(now)) fail("no answer to ICE checks in 30 s");
}

Timestamp Transport::advance(SendArena& arena, Timestamp now) {
  if (state_ != State::kConnecting && state_ != State::kConnected) return Timestamp::max();
  if (now >= next_check_) {
    check(now);
    next_check_ = now + (state_ == State::kConnecting ? kCheckInterval : 10 * kCheckInterval);
  }
  if (state_ != State::kConnected) return next_check_;
  return std::min(next_check_, media_->advance(*this, arena, now));
}

void Transport::close(SendArena& arena) {
  if (state_ == State::kConnected) {
    dtls_->close();
    for (const auto& datagram : dtls_->take_outgoing()) {
      std::memcpy(arena.room().data(), datagram.data(),
                  std::min(datagram.size(), SendArena::kMessageSize));
      arena.commit(datagram.size());
    }
    arena.flush(fd_);
  }
  if (state_ != State::kFailed) state_ = State::kClosed;
}

void Transport::flush(SendArena& arena) {
  if (!arena.flush(fd_)) fail("nobody listens at the server's UDP port any more");
}

void Transport::send_rtcp(SendArena& arena, std::size_t plain_size) {
  const auto size = outgoing_->protect_rtcp(arena.room(), plain_size);
  if (size > 0) arena.commit(size);
}

void Transport::send_to(Bytes datagram, const SocketAddress& to) {
  sockaddr_storage storage{};
  const auto length = to.to_sockaddr(storage);
  const auto sent = sendto(fd_, datagram.data(), datagram.size(), 0,
                           reinterpret_cast<sockaddr*>(&storage), static_cast<socklen_t>(length));
  if (sent < 0 && errno == ECONNREFUSED && state_ == State::kConnected)
    fail("nobody listens at the server's UDP port any more");
}

std::uint32_t Transport::dropped() const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd_, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return 0;
  return info[SK_MEMINFO_DROPS];
}

void Transport::fail(std::string why) {
  if (state_ == State::kFailed) return;
  state_ = State::kFailed;
  failure_ = std::move(why);
}

}  // namespace rooms::load
