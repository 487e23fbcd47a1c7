// SPDX-License-Identifier: LGPL-2.1-or-later
// Session keys of one direction of SRTP or SRTCP, derived from the master key (RFC 3711 4.3), and
// what they do to a packet. Not thread-safe.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>

#include "gst/core/bytes.h"
#include "gst/core/srtp/hmac_sha1.h"
#include "gst/core/srtp/srtp.h"

namespace rooms {

// Bytes in the clear, at the least.
inline constexpr std::size_t kMinRtpHeader = 12;
inline constexpr std::size_t kMinRtcp = 8;
/// In the SRTCP index (RFC 3711 3.4).
inline constexpr std::uint32_t kEncryptedBit = 0x80000000;

/// First of the three key derivation labels (RFC 3711 4.3.2): encryption, authentication, salt.
enum class SrtpLabel : std::uint8_t { kRtp = 0, kRtcp = 3 };

/// Zeroed when it goes.
struct SrtpSessionKeys {
  std::array<std::uint8_t, 16> encryption{};
  std::array<std::uint8_t, 20> authentication{};
  std::array<std::uint8_t, 14> salt{};
  ~SrtpSessionKeys();
};

SrtpSessionKeys derive_session_keys(const SrtpMasterKey& master, SrtpLabel label);

/// AES in counter mode (RFC 3711 4.1.1). OpenSSL's own takes as long to be told a new start as to
/// encrypt a small packet, so the counters are ours, and encrypted as blocks.
class KeyStream {
 public:
  /// Where OpenSSL has no AES every `crypt` fails.
  explicit KeyStream(const std::array<std::uint8_t, 16>& key);

  /// Back to the beginning of the stream whose counters begin with `start`.
  void begin(const std::array<std::uint8_t, 14>& start);
  /// Continues the stream. `in` and `out` are the same memory or do not overlap.
  bool crypt(const std::uint8_t* in, std::uint8_t* out, std::size_t size);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
  std::array<std::uint8_t, 14> start_{};
  std::size_t position_ = 0;
};

class SrtpCipher {
 public:
  explicit SrtpCipher(const SrtpSessionKeys& keys);

  /// Points the key stream at the start of packet `index` of `ssrc` (RFC 3711 4.1.1).
  void begin(std::uint32_t ssrc, std::uint64_t index);
  /// Continues the key stream. `in` and `out` are the same memory or do not overlap. False: there
  /// is no AES.
  bool crypt(const std::uint8_t* in, std::uint8_t* out, std::size_t size) {
    return stream_.crypt(in, out, size);
  }

  /// Of `packet`, then the rollover counter (RTP) or nothing more (RTCP).
  [[nodiscard]] Sha1Digest tag(Bytes packet, Bytes behind = {}) const {
    return hmac_.digest(packet, behind);
  }

 private:
  KeyStream stream_;
  std::array<std::uint8_t, 14> salt_;
  HmacSha1 hmac_;
};

}  // namespace rooms
