// SPDX-License-Identifier: LGPL-2.1-or-later
// One peer connection of the generator: a UDP socket, ICE, DTLS, and the keys for SRTP. Made on the
// signalling thread; once started it belongs to the media thread.
#pragma once

#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/ice/ice_lite.h"
#include "gst/core/ice/socket_address.h"
#include "gst/core/result.h"
#include "gst/core/srtp/srtp.h"
#include "gst/core/time.h"
#include "tests/load/dtls_session.h"
#include "tests/load/ice_client.h"
#include "tests/load/negotiate.h"

namespace rooms::load {

/// Memory for one recvmmsg, shared by all transports.
class ReceiveArena {
 public:
  static constexpr std::size_t kMessages = 32;
  static constexpr std::size_t kMessageSize = 2048;
  ReceiveArena();
  ReceiveArena(const ReceiveArena&) = delete;
  ReceiveArena& operator=(const ReceiveArena&) = delete;
  int receive(int fd);
  [[nodiscard]] MutableBytes message(int i) {
    return {buffers_[static_cast<std::size_t>(i)].data(), headers_[i].msg_len};
  }
  [[nodiscard]] const sockaddr_storage& from(int i) const { return addresses_[i]; }

 private:
  std::array<std::array<std::uint8_t, kMessageSize>, kMessages> buffers_;
  std::array<mmsghdr, kMessages> headers_{};
  std::array<iovec, kMessages> vectors_{};
  std::array<sockaddr_storage, kMessages> addresses_{};
};

/// Packets of one transport that leave together.
class SendArena {
 public:
  static constexpr std::size_t kMessages = 64;
  static constexpr std::size_t kMessageSize = 1500;
  SendArena();
  SendArena(const SendArena&) = delete;
  SendArena& operator=(const SendArena&) = delete;
  [[nodiscard]] bool full() const { return count_ == kMessages; }
  /// Where the next packet goes; not when full.
  [[nodiscard]] MutableBytes room() { return {buffers_[count_].data(), kMessageSize}; }
  void commit(std::size_t size) { vectors_[count_++].iov_len = size; }
  /// False: an error that will not go away.
  bool flush(int fd);

 private:
  std::array<std::array<std::uint8_t, kMessageSize>, kMessages> buffers_;
  std::array<mmsghdr, kMessages> headers_{};
  std::array<iovec, kMessages> vectors_{};
  std::size_t count_ = 0;
};

class Transport;

/// What a connection carries. Media thread.
class Media {
 public:
  virtual ~Media() = default;
  virtual void connected(Transport& transport, Timestamp now) = 0;
  /// Still protected.
  virtual void receive_rtp(Transport& transport, MutableBytes packet, Timestamp now) = 0;
  /// Decrypted.
  virtual void receive_rtcp(Bytes compound, Timestamp now) = 0;
  /// Does what is due; returns when to call again.
  virtual Timestamp advance(Transport& transport, SendArena& arena, Timestamp now) = 0;
  /// Something just received wants an answer now.
  [[nodiscard]] virtual bool urgent() const { return false; }
};

class Transport {
 public:
  enum class State : std::uint8_t { kIdle, kConnecting, kConnected, kFailed, kClosed };
  static constexpr Duration kConnectTimeout = std::chrono::seconds(15);

  /// A socket that can reach `server` (its port does not matter). `seed`: random.
  static Result<std::unique_ptr<Transport>> open(const DtlsIdentity& identity,
                                                 const SocketAddress& server, std::uint64_t seed);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  [[nodiscard]] LocalEnd local_end() const;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] Timestamp connected_at() const { return connected_at_; }

  // Media thread from here on.

  /// `media` outlives the transport.
  void start(const RemoteEnd& remote, Media& media, Timestamp now);
  void readable(ReceiveArena& received, SendArena& arena);
  /// Does what is due; returns when to call again.
  Timestamp advance(SendArena& arena, Timestamp now);
  void close(SendArena& arena);

  SrtpSender& outgoing() { return *outgoing_; }
  SrtpReceiver& incoming() { return *incoming_; }
  void flush(SendArena& arena);
  void send_rtcp(SendArena& arena, std::size_t plain_size);
  /// Datagrams the kernel dropped because we did not read them in time.
  [[nodiscard]] std::uint32_t dropped() const;

 private:
  Transport(const DtlsIdentity& identity, std::uint64_t seed) : identity_(identity), seed_(seed) {}
  void receive(MutableBytes datagram, const sockaddr_storage& from, Timestamp now);
  void receive_stun(Bytes datagram, const SocketAddress& from, Timestamp now);
  void receive_dtls(Bytes datagram, Timestamp now);
  void check(Timestamp now);
  void begin_dtls();
  void observe_dtls(Timestamp now);
  void send_to(Bytes datagram, const SocketAddress& to);
  void fail(std::string why);

  const DtlsIdentity& identity_;
  std::uint64_t seed_;
  int fd_ = -1;
  SocketAddress server_;
  SocketAddress local_address_;
  IceCredentials credentials_;
  State state_ = State::kIdle;
  std::string failure_;
  Timestamp started_;
  Timestamp connected_at_;
  RemoteEnd remote_;
  Media* media_ = nullptr;
  std::optional<IceClient> ice_;
  std::optional<DtlsSession> dtls_;
  std::optional<SrtpSender> outgoing_;
  std::optional<SrtpReceiver> incoming_;
  Timestamp next_check_;
};

}  // namespace rooms::load
