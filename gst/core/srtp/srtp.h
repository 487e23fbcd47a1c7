// SPDX-License-Identifier: LGPL-2.1-or-later
// SRTP and SRTCP with AES_CM_128_HMAC_SHA1_80 (RFC 3711), the profile DTLS-SRTP negotiates here.
// Neither class is thread-safe: each object is owned by one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "gst/core/bytes.h"
#include "gst/core/forward/rtp_patch.h"

namespace rooms {

/// 16 bytes key and 14 bytes salt of one direction, in the order the DTLS exporter gives them (RFC
/// 5764 4.2).
using SrtpMasterKey = std::array<std::uint8_t, 30>;

constexpr std::size_t kSrtpTagSize = 10;
/// What protect_rtcp adds: E bit with index, and the tag.
constexpr std::size_t kSrtcpTrailerSize = 4 + kSrtpTagSize;

class SrtpSender {
 public:
  explicit SrtpSender(const SrtpMasterKey& key);
  ~SrtpSender();
  SrtpSender(SrtpSender&&) noexcept;
  SrtpSender& operator=(SrtpSender&&) noexcept;

  /// The RTP header (CSRCs and extensions included) stands at out[0, header_size). `payload` is
  /// encrypted from where it is into `out` behind it, with `edit` applied; `payload` itself stays
  /// untouched and may be shared. `roc` is the rollover counter of the header's sequence number:
  /// the caller knows its extended numbers, so nothing is looked up. `prefix_size` bytes right
  /// behind the header were written by the caller and are encrypted in place, in front of the
  /// payload (the original sequence number of RFC 4588). The edit counts from the start of
  /// `payload`. Returns the size of the SRTP packet, or 0 when `out` cannot hold it or the header
  /// is shorter than 12 bytes.
  std::size_t protect_rtp(MutableBytes out, std::size_t header_size, Bytes payload,
                          const PayloadEdit& edit, std::uint32_t roc, std::size_t prefix_size = 0);

  /// A packet of nothing but `padding` bytes of RTP padding (a bandwidth probe); the caller has set
  /// the P bit. 0 when `out` is too small or `padding` is 0.
  std::size_t protect_padding(MutableBytes out, std::size_t header_size, std::uint8_t padding,
                              std::uint32_t roc);

  /// Encrypts the compound packet buffer[0, size) in place and appends index and tag. One index
  /// counts for all SSRCs of this sender. Returns the new size, or 0 when the buffer cannot hold
  /// it, it is shorter than 8 bytes, or the 2^31 packets a key may protect are used up.
  std::size_t protect_rtcp(MutableBytes buffer, std::size_t size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

enum class SrtpRefusal : std::uint8_t {
  kNone,
  kTooShort,      ///< not a packet of this form at all
  kAuthFailed,    ///< another key, or changed on the way
  kReplayed,      ///< seen before, or older than the window can tell
  kTooManySsrcs,  ///< authentic, but its sender has more SSRCs in use than we remember
};

struct SrtpResult {
  std::size_t size = 0;  ///< of the plain packet; 0 when refused
  SrtpRefusal refusal = SrtpRefusal::kNone;
  /// RTP: rollover counter * 65536 + sequence number; RTCP: the SRTCP index.
  std::uint64_t index = 0;
  explicit operator bool() const { return refusal == SrtpRefusal::kNone; }
};

/// State of an SSRC exists only once a packet of it was authentic, so forged packets cost no
/// memory. When the table is full the SSRC unused for longest makes room, unless it was used among
/// the latest kBusyPackets packets.
class SrtpReceiver {
 public:
  static constexpr std::size_t kMaxSsrcs = 64;
  static constexpr std::uint64_t kBusyPackets = 4096;
  static constexpr std::size_t kReplayWindow = 1024;

  explicit SrtpReceiver(const SrtpMasterKey& key);
  ~SrtpReceiver();
  SrtpReceiver(SrtpReceiver&&) noexcept;
  SrtpReceiver& operator=(SrtpReceiver&&) noexcept;

  /// Checks and decrypts in place; parse_rtp afterwards, not before: the padding count is
  /// encrypted. A refused packet is left as it was.
  SrtpResult unprotect_rtp(MutableBytes packet);
  SrtpResult unprotect_rtcp(MutableBytes packet);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rooms
