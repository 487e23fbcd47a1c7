// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/srtp/srtp.h"
#include "gst/core/srtp/srtp_cipher.h"
#include "gst/core/srtp/srtp_sources.h"

namespace rooms {

namespace {

constexpr std::uint16_t kHalfCycle = 0x8000;

/// 0: not an RTP header, or cut short.
std::size_t rtp_header_size(Bytes packet) {
  if (packet.size() < kMinRtpHeader || packet[0] >> 6 != 2) return 0;
  std::size_t size = kMinRtpHeader + std::size_t{4} * (packet[0] & 0x0F);
  if ((packet[0] & 0x10) != 0) {
    if (packet.size() < size + 4) return 0;
    size += 4 + std::size_t{4} * load_u16(&packet[size + 2]);
  }
  return size <= packet.size() ? size : 0;
}

/// RFC 3711 3.3.1: the index nearest to the highest one seen. In the first cycle there is no cycle
/// before it.
std::uint64_t estimate_index(const SrtpSources::Source* source, std::uint16_t sequence) {
  if (source == nullptr) return sequence;
  const std::uint64_t highest = source->window.highest();
  const auto highest_sequence = static_cast<std::uint16_t>(highest);
  std::uint64_t cycle = highest >> 16;
  if (highest_sequence < kHalfCycle) {
    if (sequence > highest_sequence + kHalfCycle && cycle > 0) --cycle;
  } else if (highest_sequence - kHalfCycle > sequence) {
    ++cycle;
  }
  return (cycle << 16) | sequence;
}

SrtpResult refused(SrtpRefusal refusal) { return {0, refusal, 0}; }

}  // namespace

struct SrtpReceiver::State {
  explicit State(const SrtpMasterKey& key)
      : rtp(derive_session_keys(key, SrtpLabel::kRtp)),
        rtcp(derive_session_keys(key, SrtpLabel::kRtcp)) {}
  SrtpCipher rtp;
  SrtpCipher rtcp;
  SrtpSources rtp_sources;
  SrtpSources rtcp_sources;
};

SrtpReceiver::SrtpReceiver(const SrtpMasterKey& key) : state_(std::make_unique<State>(key)) {}
SrtpReceiver::~SrtpReceiver() = default;
SrtpReceiver::SrtpReceiver(SrtpReceiver&&) noexcept = default;
SrtpReceiver& SrtpReceiver::operator=(SrtpReceiver&&) noexcept = default;

SrtpResult SrtpReceiver::unprotect_rtp(MutableBytes packet) {
  if (packet.size() < kMinRtpHeader + kSrtpTagSize) return refused(SrtpRefusal::kTooShort);
  const std::size_t size = packet.size() - kSrtpTagSize;
  const std::size_t header_size = rtp_header_size(packet.first(size));
  if (header_size == 0) return refused(SrtpRefusal::kTooShort);

  const std::uint32_t ssrc = load_u32(&packet[8]);
  SrtpSources::Source* source = state_->rtp_sources.find(ssrc);
  const std::uint64_t index = estimate_index(source, load_u16(&packet[2]));
  if (source != nullptr && !source->window.is_new(index)) return refused(SrtpRefusal::kReplayed);

  std::array<std::uint8_t, 4> roc;
  store_u32(roc.data(), static_cast<std::uint32_t>(index >> 16));
  const Sha1Digest tag = state_->rtp.tag(packet.first(size), roc);
  if (!equal_in_constant_time(Bytes(tag).first(kSrtpTagSize), packet.subspan(size))) {
    return refused(SrtpRefusal::kAuthFailed);
  }

  if (source == nullptr) source = state_->rtp_sources.add(ssrc);
  if (source == nullptr) return refused(SrtpRefusal::kTooManySsrcs);
  state_->rtp.begin(ssrc, index);
  if (!state_->rtp.crypt(&packet[header_size], &packet[header_size], size - header_size))
    return refused(SrtpRefusal::kAuthFailed);
  state_->rtp_sources.use(*source, index);
  return {size, SrtpRefusal::kNone, index};
}

SrtpResult SrtpReceiver::unprotect_rtcp(MutableBytes packet) {
  if (packet.size() < kMinRtcp + kSrtcpTrailerSize || packet[0] >> 6 != 2) {
    return refused(SrtpRefusal::kTooShort);
  }
  const std::size_t authenticated = packet.size() - kSrtpTagSize;
  const std::size_t size = authenticated - 4;
  const std::uint32_t ssrc = load_u32(&packet[4]);
  const std::uint32_t trailer = load_u32(&packet[size]);
  const std::uint32_t index = trailer & ~kEncryptedBit;
  SrtpSources::Source* source = state_->rtcp_sources.find(ssrc);
  if (source != nullptr && !source->window.is_new(index)) return refused(SrtpRefusal::kReplayed);

  const Sha1Digest tag = state_->rtcp.tag(packet.first(authenticated));
  if (!equal_in_constant_time(Bytes(tag).first(kSrtpTagSize), packet.subspan(authenticated))) {
    return refused(SrtpRefusal::kAuthFailed);
  }

  if (source == nullptr) source = state_->rtcp_sources.add(ssrc);
  if (source == nullptr) return refused(SrtpRefusal::kTooManySsrcs);
  // RFC 3711 3.4: a packet without the E bit is authenticated only.
  if ((trailer & kEncryptedBit) != 0) {
    state_->rtcp.begin(ssrc, index);
    if (!state_->rtcp.crypt(&packet[kMinRtcp], &packet[kMinRtcp], size - kMinRtcp))
      return refused(SrtpRefusal::kAuthFailed);
  }
  state_->rtcp_sources.use(*source, index);
  return {size, SrtpRefusal::kNone, index};
}

}  // namespace rooms
