// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstring>

#include "gst/core/srtp/srtp.h"
#include "gst/core/srtp/srtp_cipher.h"

namespace rooms {

namespace {

std::uint64_t index_of(const std::uint8_t* rtp, std::uint32_t roc) {
  return (std::uint64_t{roc} << 16) | load_u16(rtp + 2);
}

/// RFC 3711 4.2: the rollover counter is authenticated but not sent.
std::size_t append_rtp_tag(const SrtpCipher& cipher, std::uint8_t* packet, std::size_t size,
                           std::uint32_t roc) {
  std::array<std::uint8_t, 4> counter;
  store_u32(counter.data(), roc);
  const Sha1Digest digest = cipher.tag({packet, size}, counter);
  std::memcpy(packet + size, digest.data(), kSrtpTagSize);
  return size + kSrtpTagSize;
}

}  // namespace

struct SrtpSender::State {
  explicit State(const SrtpMasterKey& key)
      : rtp(derive_session_keys(key, SrtpLabel::kRtp)),
        rtcp(derive_session_keys(key, SrtpLabel::kRtcp)) {}
  SrtpCipher rtp;
  SrtpCipher rtcp;
  std::uint32_t last_rtcp_index = 0;
};

SrtpSender::SrtpSender(const SrtpMasterKey& key) : state_(std::make_unique<State>(key)) {}
SrtpSender::~SrtpSender() = default;
SrtpSender::SrtpSender(SrtpSender&&) noexcept = default;
SrtpSender& SrtpSender::operator=(SrtpSender&&) noexcept = default;

std::size_t SrtpSender::protect_rtp(MutableBytes out, std::size_t header_size, Bytes payload,
                                    const PayloadEdit& edit, std::uint32_t roc,
                                    std::size_t prefix_size) {
  const std::size_t head = header_size + prefix_size;
  const std::size_t size = head + payload.size();
  if (header_size < kMinRtpHeader || size + kSrtpTagSize > out.size()) return 0;

  // In counter mode a plain bit flipped is a cipher bit flipped, so the edit needs no copy of the
  // payload. What flips is noted before encryption: `payload` may stand in `out` already.
  PayloadEdit flips = edit;
  const std::size_t editable =
      payload.size() > edit.offset ? payload.size() - edit.offset : std::size_t{0};
  flips.length =
      static_cast<std::uint8_t>(std::min({std::size_t{edit.length}, edit.bytes.size(), editable}));
  for (std::size_t i = 0; i < flips.length; ++i) flips.bytes[i] ^= payload[edit.offset + i];

  SrtpCipher& cipher = state_->rtp;
  std::uint8_t* packet = out.data();
  cipher.begin(load_u32(packet + 8), index_of(packet, roc));
  if (!cipher.crypt(packet + header_size, packet + header_size, prefix_size) ||
      !cipher.crypt(payload.data(), packet + head, payload.size())) {
    return 0;
  }
  for (std::size_t i = 0; i < flips.length; ++i) packet[head + flips.offset + i] ^= flips.bytes[i];
  return append_rtp_tag(cipher, packet, size, roc);
}

std::size_t SrtpSender::protect_padding(MutableBytes out, std::size_t header_size,
                                        std::uint8_t padding, std::uint32_t roc) {
  const std::size_t size = header_size + padding;
  if (padding == 0 || size + kSrtpTagSize > out.size()) return 0;
  std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(header_size), padding, std::uint8_t{0});
  out[size - 1] = padding;
  return protect_rtp(out, header_size, out.subspan(header_size, padding), {}, roc);
}

std::size_t SrtpSender::protect_rtcp(MutableBytes buffer, std::size_t size) {
  if (size < kMinRtcp || size + kSrtcpTrailerSize > buffer.size()) return 0;
  if (state_->last_rtcp_index == kEncryptedBit - 1) return 0;
  const std::uint32_t index = state_->last_rtcp_index + 1;

  SrtpCipher& cipher = state_->rtcp;
  std::uint8_t* packet = buffer.data();
  cipher.begin(load_u32(packet + 4), index);
  if (!cipher.crypt(packet + kMinRtcp, packet + kMinRtcp, size - kMinRtcp)) {
    return 0;
  }
  state_->last_rtcp_index = index;
  store_u32(packet + size, index | kEncryptedBit);
  const Sha1Digest digest = cipher.tag({packet, size + 4});
  std::memcpy(packet + size + 4, digest.data(), kSrtpTagSize);
  return size + kSrtcpTrailerSize;
}

}  // namespace rooms
