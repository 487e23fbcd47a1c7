// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/outgoing_stream.h"

#include <cstring>

#include "gst/core/endpoint/rtx.h"
#include "tests/load/stamp.h"

namespace rooms::load {
namespace {

constexpr std::uint8_t kSpeaking = 0x80 | 30;  // RFC 6464: voice, -30 dBov

/// The elements of a one-byte extension block (RFC 8285 4.2).
class ExtensionWriter {
 public:
  ExtensionWriter(std::uint8_t* at, const ExtensionIds& ids) : begin_(at), at_(at + 4), ids_(ids) {}

  void add(Extension extension, Bytes data) {
    const auto id = ids_[static_cast<std::size_t>(extension)];
    if (id == 0 || id > 14 || data.empty() || data.size() > 16) return;
    *at_++ = static_cast<std::uint8_t>((id << 4) | (data.size() - 1));
    std::memcpy(at_, data.data(), data.size());
    at_ += data.size();
  }
  /// Bytes of the block; 0 without elements.
  std::size_t finish() {
    auto size = static_cast<std::size_t>(at_ - begin_);
    if (size == 4) return 0;
    while (size % 4 != 0) begin_[size++] = 0;
    store_u16(begin_, 0xBEDE);
    store_u16(begin_ + 2, static_cast<std::uint32_t>(size / 4 - 1));
    return size;
  }

 private:
  std::uint8_t* begin_;
  std::uint8_t* at_;
  const ExtensionIds& ids_;
};

}  // namespace

OutgoingStream::OutgoingStream(const StreamNumbers& numbers, std::uint32_t clock_rate,
                               std::uint32_t seed)
    : numbers_(numbers),
      clock_rate_(clock_rate),
      timestamp_offset_(seed * 2654435761U),
      audio_(numbers.rtx_ssrc == 0),
      sequence_((seed >> 3) & 0x7FFF),
      rtx_sequence_((seed >> 9) & 0x7FFF),
      ring_(kRing) {}

void OutgoingStream::negotiate(const SendSettings& settings) { settings_ = settings; }

std::uint32_t OutgoingStream::timestamp_at(Timestamp now) const {
  const auto ns = static_cast<std::uint64_t>(now.time_since_epoch().count());
  const std::uint64_t ticks =
      ns / 1'000'000'000 * clock_rate_ + ns % 1'000'000'000 * clock_rate_ / 1'000'000'000;
  return timestamp_offset_ + static_cast<std::uint32_t>(ticks);
}

std::size_t OutgoingStream::write_header(MutableBytes out, bool marker, std::uint8_t payload_type,
                                         std::uint16_t sequence, std::uint32_t timestamp,
                                         std::uint32_t ssrc, bool repair,
                                         const HeaderFields& fields) const {
  std::uint8_t* p = out.data();
  p[1] = static_cast<std::uint8_t>((marker ? 0x80 : 0) | payload_type);
  store_u16(p + 2, sequence);
  store_u32(p + 4, timestamp);
  store_u32(p + 8, ssrc);
  ExtensionWriter extensions(p + 12, settings_.extension_ids);
  std::array<std::uint8_t, 3> number{};
  store_u24(number.data(), fields.abs_send_time);
  extensions.add(Extension::kAbsSendTime, number);
  store_u16(number.data(), fields.transport_sequence);
  extensions.add(Extension::kTransportWide, Bytes(number).first(2));
  if (audio_) extensions.add(Extension::kAudioLevel, Bytes(&kSpeaking, 1));
  if (!acknowledged_) {
    extensions.add(Extension::kMid, as_bytes(settings_.mid));
    extensions.add(repair ? Extension::kRepairedRid : Extension::kRid, as_bytes(numbers_.rid));
  }
  const auto block = extensions.finish();
  p[0] = block > 0 ? 0x90 : 0x80;
  return 12 + block;
}

std::size_t OutgoingStream::protect(SrtpSender& srtp, MutableBytes out, std::size_t payload_size,
                                    bool marker, std::uint32_t timestamp,
                                    const HeaderFields& fields, Timestamp now) {
  Sent& sent = ring_[sequence_ % kRing];
  sent.sequence = sequence_;
  sent.timestamp = timestamp;
  sent.size = static_cast<std::uint16_t>(payload_size);
  sent.marker = marker;
  const MutableBytes payload(sent.payload.data(), payload_size);
  if (stamped_) write_stamp(payload, {source_, packets_, now});
  const auto header =
      write_header(out, marker, settings_.payload_type, static_cast<std::uint16_t>(sequence_),
                   timestamp, numbers_.ssrc, false, fields);
  const auto rollover = static_cast<std::uint32_t>(sequence_ >> 16);
  ++sequence_;
  ++packets_;
  octets_ += payload_size;
  return srtp.protect_rtp(out, header, payload, {}, rollover);
}

std::size_t OutgoingStream::protect_again(SrtpSender& srtp, MutableBytes out,
                                          std::uint16_t sequence, const HeaderFields& fields) {
  const Sent& sent = ring_[sequence % kRing];  // 256 divides 65536
  const bool there = sent.size > 0 && static_cast<std::uint16_t>(sent.sequence) == sequence;
  if (!there || settings_.rtx_payload_type == 0 || numbers_.rtx_ssrc == 0) return 0;
  const auto header = write_header(out, sent.marker, settings_.rtx_payload_type,
                                   static_cast<std::uint16_t>(rtx_sequence_), sent.timestamp,
                                   numbers_.rtx_ssrc, true, fields);
  if (!write_rtx_prefix(out, header, sequence)) return 0;
  const auto rollover = static_cast<std::uint32_t>(rtx_sequence_++ >> 16);
  return srtp.protect_rtp(out, header, {sent.payload.data(), sent.size}, {}, rollover,
                          kRtxPrefixSize);
}

}  // namespace rooms::load
