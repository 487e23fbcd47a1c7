// SPDX-License-Identifier: LGPL-2.1-or-later
// DTLS-SRTP (RFC 5764) as either end: one handshake over datagrams that the caller carries. Owned
// by one thread.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/result.h"
#include "gst/core/srtp/srtp.h"

namespace rooms::load {

/// One certificate for all connections of this process.
class DtlsIdentity {
 public:
  static Result<std::unique_ptr<DtlsIdentity>> create();
  ~DtlsIdentity();
  DtlsIdentity(const DtlsIdentity&) = delete;
  DtlsIdentity& operator=(const DtlsIdentity&) = delete;

  /// SHA-256, as a=fingerprint has it.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  [[nodiscard]] SSL_CTX* context() const { return context_; }

 private:
  DtlsIdentity() = default;
  SSL_CTX* context_ = nullptr;
  std::string fingerprint_;
};

struct SrtpKeys {
  SrtpMasterKey ours{};
  SrtpMasterKey theirs{};
};

class DtlsSession {
 public:
  enum class State : std::uint8_t { kHandshaking, kConnected, kClosed, kFailed };

  /// `fingerprint`: SHA-256 the peer's certificate must have; other hashes as `hash` says.
  DtlsSession(const DtlsIdentity& identity, bool as_client, std::string hash,
              std::string fingerprint);
  ~DtlsSession();
  DtlsSession(const DtlsSession&) = delete;
  DtlsSession& operator=(const DtlsSession&) = delete;

  void begin() { advance(); }
  void receive(Bytes datagram);
  /// Retransmits when it is time to. Call about every 50 ms.
  void tick();
  void close();
  /// Datagrams to send now.
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> take_outgoing();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  /// Once connected.
  [[nodiscard]] std::optional<SrtpKeys> keys() const;

 private:
  friend struct DtlsPipe;
  void advance();
  void verify();
  void fail(std::string why);

  SSL* ssl_ = nullptr;
  bool as_client_;
  std::string hash_;
  std::string fingerprint_;
  State state_ = State::kHandshaking;
  std::string failure_;
  Bytes incoming_;
  std::vector<std::vector<std::uint8_t>> outgoing_;
};

}  // namespace rooms::load
