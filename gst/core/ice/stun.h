// SPDX-License-Identifier: LGPL-2.1-or-later
// STUN binding messages as ICE uses them (RFC 8489, RFC 8445 7.1, 16).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gst/core/bytes.h"
#include "gst/core/ice/socket_address.h"

namespace rooms {

enum class StunClass : std::uint8_t { kRequest = 0, kIndication = 1, kSuccess = 2, kError = 3 };

constexpr std::uint16_t kStunBinding = 1;
using StunTransactionId = std::array<std::uint8_t, 12>;

/// Error codes of RFC 8489 14.8 and RFC 8445 16.1.
enum class StunError : std::uint16_t {
  kBadRequest = 400,
  kUnauthenticated = 401,
  kUnknownAttribute = 420,
  kRoleConflict = 487,
};

/// A well-formed message; views point into the datagram. The first of several attributes of one
/// kind counts, and none behind MESSAGE-INTEGRITY but FINGERPRINT (RFC 8489 14, 14.5).
struct StunMessage {
  StunClass message_class = StunClass::kRequest;
  std::uint16_t method = kStunBinding;
  StunTransactionId transaction{};
  std::optional<std::string_view> username;
  std::optional<std::uint32_t> priority;
  std::optional<std::uint64_t> controlling;  ///< tie-breaker
  std::optional<std::uint64_t> controlled;
  std::optional<SocketAddress> mapped_address;  ///< XOR-MAPPED-ADDRESS
  std::optional<std::uint16_t> error_code;
  std::string_view software;
  bool use_candidate = false;
  bool has_fingerprint = false;
  std::uint32_t integrity_offset = 0;  ///< of the MESSAGE-INTEGRITY attribute; 0: none
  /// Comprehension-required attributes nobody here knows; more than fit are only counted.
  std::array<std::uint16_t, 8> unknown_attributes{};
  std::uint8_t unknown_count = 0;
  Bytes bytes;

  /// "local:remote" -> "local", as the receiver of a request sees it (RFC 8445 7.2.2); empty
  /// without a colon.
  [[nodiscard]] std::string_view local_ufrag() const;
  [[nodiscard]] std::string_view remote_ufrag() const;
};

/// RFC 7983 and the magic cookie: worth a parse_stun.
constexpr bool looks_like_stun(Bytes p) {
  return p.size() >= 20 && p[0] < 4 && p[4] == 0x21 && p[5] == 0x12 && p[6] == 0xA4 && p[7] == 0x42;
}

/// nullopt: not STUN, truncated, of another length than it says, or a FINGERPRINT that does not
/// match.
std::optional<StunMessage> parse_stun(Bytes datagram);

/// Whether the message has a MESSAGE-INTEGRITY made with `password` (short-term credentials;
/// constant-time).
bool has_integrity(const StunMessage& message, std::string_view password);

/// Writes one message into memory of the caller; whatever does not fit makes finish() return 0.
class StunWriter {
 public:
  StunWriter(MutableBytes out, StunClass message_class, const StunTransactionId& transaction,
             std::uint16_t method = kStunBinding);

  StunWriter& username(std::string_view text);
  /// "remote:local", as the sender of a request writes it.
  StunWriter& username(std::string_view receiver_ufrag, std::string_view sender_ufrag);
  StunWriter& priority(std::uint32_t value);
  StunWriter& use_candidate();
  StunWriter& controlling(std::uint64_t tie_breaker);
  StunWriter& controlled(std::uint64_t tie_breaker);
  StunWriter& xor_mapped_address(const SocketAddress& address);
  StunWriter& error(StunError code);
  StunWriter& unknown_attributes(const StunMessage& request);
  StunWriter& software(std::string_view name);

  /// Ends with MESSAGE-INTEGRITY and FINGERPRINT. Returns the size of the message, 0 if it did not
  /// fit.
  std::size_t finish(std::string_view password);
  /// Ends with FINGERPRINT alone (errors before authentication).
  std::size_t finish();

 private:
  std::uint8_t* append(std::uint16_t type, std::size_t length);
  void set_length(std::size_t size);

  MutableBytes out_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

}  // namespace rooms
