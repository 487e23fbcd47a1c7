// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/rtcp/rtcp_parser.h"

#include <algorithm>

namespace rooms {

namespace {

constexpr std::size_t kHeader = 4;
constexpr std::uint8_t kSenderReport = 200;
constexpr std::uint8_t kReceiverReport = 201;
constexpr std::uint8_t kSourceDescription = 202;
constexpr std::uint8_t kGoodbye = 203;
constexpr std::uint8_t kTransportLayerFeedback = 205;
constexpr std::uint8_t kPayloadSpecificFeedback = 206;
constexpr std::uint8_t kSdesCname = 1;
constexpr std::size_t kFeedbackHead = 12;  // header, sender SSRC, media SSRC

/// One packet: `count` is the five bits behind the P bit, `body` everything behind the header
/// without padding.
struct Frame {
  std::uint8_t count = 0;
  std::uint8_t type = 0;
  Bytes packet;
  Bytes body;
};

std::optional<Frame> read_frame(Bytes rest) {
  if (rest.size() < kHeader || rest[0] >> 6 != 2) return std::nullopt;
  const std::size_t size = std::size_t{4} * (load_u16(&rest[2]) + 1U);
  if (size > rest.size()) return std::nullopt;
  Frame frame{static_cast<std::uint8_t>(rest[0] & 0x1F), rest[1], rest.first(size), {}};
  frame.body = frame.packet.subspan(kHeader);
  if ((rest[0] & 0x20) != 0) {
    const std::size_t padding = frame.packet.back();
    if (padding == 0 || padding > frame.body.size()) return std::nullopt;
    frame.body = frame.body.first(frame.body.size() - padding);
  }
  return frame;
}

/// `count` records of T at `offset`; nullopt: cut short.
template <class T>
std::optional<RtcpList<T>> read_list(Bytes body, std::size_t offset, std::size_t count) {
  if (offset + count * T::kWireSize > body.size()) return std::nullopt;
  return RtcpList<T>(body.subspan(offset, count * T::kWireSize));
}

std::optional<RtcpPacket> read_sender_report(const Frame& frame) {
  if (frame.body.size() < 24) return std::nullopt;
  const auto reports = read_list<ReportBlock>(frame.body, 24, frame.count);
  if (!reports) return std::nullopt;
  const std::uint8_t* p = frame.body.data();
  return SenderReport{load_u32(p),      load_u64(p + 4),  load_u32(p + 12),
                      load_u32(p + 16), load_u32(p + 20), *reports};
}

std::optional<RtcpPacket> read_receiver_report(const Frame& frame) {
  if (frame.body.size() < 4) return std::nullopt;
  const auto reports = read_list<ReportBlock>(frame.body, 4, frame.count);
  if (!reports) return std::nullopt;
  return ReceiverReport{load_u32(frame.body.data()), *reports};
}

std::optional<RtcpPacket> read_source_description(const Frame& frame) {
  SourceDescription result;
  std::size_t at = 0;
  for (unsigned chunk = 0; chunk < frame.count; ++chunk) {
    if (at + 4 > frame.body.size()) return std::nullopt;
    const std::uint32_t ssrc = load_u32(&frame.body[at]);
    at += 4;
    for (;;) {
      if (at >= frame.body.size()) return std::nullopt;
      const std::uint8_t item = frame.body[at];
      if (item == 0) break;
      if (at + 2 > frame.body.size()) return std::nullopt;
      const std::size_t length = frame.body[at + 1];
      if (at + 2 + length > frame.body.size()) return std::nullopt;
      if (item == kSdesCname && result.cname.empty()) {
        result = {ssrc, as_text(frame.body.subspan(at + 2, length))};
      }
      at += 2 + length;
    }
    at = (at + 4) & ~std::size_t{3};  // one null at least, up to the next word
    if (at > frame.body.size()) return std::nullopt;
  }
  return result;
}

std::optional<RtcpPacket> read_goodbye(const Frame& frame) {
  const auto ssrcs = read_list<SsrcEntry>(frame.body, 0, frame.count);
  if (!ssrcs) return std::nullopt;
  return Goodbye{*ssrcs};
}

std::optional<RtcpPacket> read_estimate(Bytes packet) {
  constexpr std::size_t kHead = 20;
  if (packet.size() < kHead) return std::nullopt;
  const std::uint32_t field = load_u24(&packet[17]);
  const unsigned exponent = field >> 18;
  const std::uint64_t mantissa = field & 0x3FFFF;
  const auto ssrcs = read_list<SsrcEntry>(packet, kHead, packet[16]);
  // An estimate beyond 64 bits is none.
  if (!ssrcs || (mantissa << exponent) >> exponent != mantissa) return std::nullopt;
  return ReceiverEstimate{load_u32(&packet[4]), mantissa << exponent, *ssrcs};
}

std::optional<RtcpPacket> read_feedback(const Frame& frame) {
  // The body without padding, as a whole packet: feedback counts its records by its length.
  const Bytes packet = frame.packet.first(kHeader + frame.body.size());
  if (packet.size() < kFeedbackHead) return std::nullopt;
  const std::uint32_t sender = load_u32(&packet[4]);
  const std::uint32_t media = load_u32(&packet[8]);
  const Bytes records = packet.subspan(kFeedbackHead);
  if (frame.type == kTransportLayerFeedback) {
    if (frame.count == 1) return NackRequest{sender, media, RtcpList<NackEntry>(records)};
    if (frame.count == 15) return parse_transport_feedback(frame.packet);
  } else {
    if (frame.count == 1) return PictureLossIndication{sender, media};
    if (frame.count == 4) return FullIntraRequest{sender, RtcpList<FirEntry>(records)};
    if (frame.count == 15 && records.size() >= 4 && as_text(records.first(4)) == "REMB") {
      return read_estimate(packet);
    }
  }
  return OtherRtcp{frame.type, frame.count, frame.packet};
}

std::optional<RtcpPacket> read_packet(const Frame& frame) {
  switch (frame.type) {
    case kSenderReport:
      return read_sender_report(frame);
    case kReceiverReport:
      return read_receiver_report(frame);
    case kSourceDescription:
      return read_source_description(frame);
    case kGoodbye:
      return read_goodbye(frame);
    case kTransportLayerFeedback:
    case kPayloadSpecificFeedback:
      return read_feedback(frame);
    default:
      return OtherRtcp{frame.type, frame.count, frame.packet};
  }
}

}  // namespace

ReportBlock ReportBlock::read(const std::uint8_t* p) {
  ReportBlock block;
  block.ssrc = load_u32(p);
  block.fraction_lost = p[4];
  block.cumulative_lost = static_cast<std::int32_t>(load_u24(p + 5) << 8) >> 8;
  block.extended_highest_sequence = load_u32(p + 8);
  block.jitter = load_u32(p + 12);
  block.last_sr = load_u32(p + 16);
  block.delay_since_last_sr = load_u32(p + 20);
  return block;
}

std::optional<RtcpPacket> RtcpReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto frame = read_frame(rest_);
  auto packet = frame ? read_packet(*frame) : std::nullopt;
  malformed_ = !packet;
  rest_ = packet ? rest_.subspan(frame->packet.size()) : Bytes{};
  return packet;
}

}  // namespace rooms
