// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/rtcp/rtcp_writer.h"

#include <algorithm>
#include <bit>

namespace rooms {

namespace {

constexpr std::size_t kMaxCount = 31;  // five bits
constexpr std::size_t kMaxPacket = 4 * 0x10000;

void write_reports(std::uint8_t* p, std::span<const ReportBlock> reports) {
  for (const ReportBlock& report : reports) {
    store_u32(p, report.ssrc);
    p[4] = report.fraction_lost;
    store_u24(p + 5, static_cast<std::uint32_t>(report.cumulative_lost));
    store_u32(p + 8, report.extended_highest_sequence);
    store_u32(p + 12, report.jitter);
    store_u32(p + 16, report.last_sr);
    store_u32(p + 20, report.delay_since_last_sr);
    p += ReportBlock::kWireSize;
  }
}

void write_ssrcs(std::uint8_t* p, std::span<const std::uint32_t> ssrcs) {
  for (std::uint32_t ssrc : ssrcs) {
    store_u32(p, ssrc);
    p += 4;
  }
}

}  // namespace

std::uint8_t* RtcpWriter::append(unsigned count, std::uint8_t packet_type, std::size_t size) {
  if (size > room() || size > kMaxPacket) return nullptr;
  std::uint8_t* p = out_.data() + size_;
  p[0] = static_cast<std::uint8_t>(0x80 | count);
  p[1] = packet_type;
  store_u16(p + 2, static_cast<std::uint32_t>(size / 4 - 1));
  size_ += size;
  return p;
}

bool RtcpWriter::sender_report(std::uint32_t ssrc, const SenderInfo& info,
                               std::span<const ReportBlock> reports) {
  if (reports.size() > kMaxCount) return false;
  std::uint8_t* p = append(static_cast<unsigned>(reports.size()), 200,
                           28 + reports.size() * ReportBlock::kWireSize);
  if (p == nullptr) return false;
  store_u32(p + 4, ssrc);
  store_u64(p + 8, info.ntp_time);
  store_u32(p + 16, info.rtp_time);
  store_u32(p + 20, info.packets);
  store_u32(p + 24, info.octets);
  write_reports(p + 28, reports);
  return true;
}

bool RtcpWriter::receiver_report(std::uint32_t ssrc, std::span<const ReportBlock> reports) {
  if (reports.size() > kMaxCount) return false;
  std::uint8_t* p = append(static_cast<unsigned>(reports.size()), 201,
                           8 + reports.size() * ReportBlock::kWireSize);
  if (p == nullptr) return false;
  store_u32(p + 4, ssrc);
  write_reports(p + 8, reports);
  return true;
}

bool RtcpWriter::source_description(std::uint32_t ssrc, std::string_view cname,
                                    const SourceItems& items) {
  const struct {
    std::uint8_t type;
    std::string_view text;
  } all[] = {{1, cname}, {2, items.name}, {7, items.note}};
  std::size_t used = 8;
  for (const auto& item : all) {
    if (item.text.size() > SourceItems::kLongest) return false;
    if (item.type == 1 || !item.text.empty()) used += 2 + item.text.size();
  }
  const std::size_t size =
      (used + 4) & ~std::size_t{3};  // the list of items ends with a null at least
  std::uint8_t* p = append(1, 202, size);
  if (p == nullptr) return false;
  store_u32(p + 4, ssrc);
  std::uint8_t* at = p + 8;
  for (const auto& item : all) {
    if (item.type != 1 && item.text.empty()) continue;
    *at++ = item.type;
    *at++ = static_cast<std::uint8_t>(item.text.size());
    at = std::copy(item.text.begin(), item.text.end(), at);
  }
  std::fill(at, p + size, std::uint8_t{0});
  return true;
}

bool RtcpWriter::goodbye(std::span<const std::uint32_t> ssrcs) {
  if (ssrcs.size() > kMaxCount) return false;
  std::uint8_t* p = append(static_cast<unsigned>(ssrcs.size()), 203, 4 + 4 * ssrcs.size());
  if (p == nullptr) return false;
  write_ssrcs(p + 4, ssrcs);
  return true;
}

std::size_t RtcpWriter::nack(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                             std::span<const std::uint16_t> sequences) {
  if (sequences.empty() || room() < 16) return 0;
  const std::size_t most = std::min(room(), kMaxPacket) - 12;
  std::uint8_t* entries = out_.data() + size_ + 12;
  std::size_t bytes = 0;
  std::size_t written = 0;
  std::uint32_t following = 0;
  for (std::uint16_t sequence : sequences) {
    std::uint8_t* last = entries + bytes - 4;
    const unsigned ahead = bytes == 0 ? 0 : static_cast<std::uint16_t>(sequence - load_u16(last));
    if (ahead >= 1 && ahead <= 16) {
      following |= 1U << (ahead - 1);
      store_u16(last + 2, following);
    } else if (bytes == 0 || ahead != 0) {
      if (bytes + 4 > most) break;
      following = 0;
      store_u16(entries + bytes, sequence);
      store_u16(entries + bytes + 2, 0);
      bytes += 4;
    }
    ++written;
  }
  std::uint8_t* p = append(1, 205, 12 + bytes);
  store_u32(p + 4, sender_ssrc);
  store_u32(p + 8, media_ssrc);
  return written;
}

bool RtcpWriter::picture_loss(std::uint32_t sender_ssrc, std::uint32_t media_ssrc) {
  std::uint8_t* p = append(1, 206, 12);
  if (p == nullptr) return false;
  store_u32(p + 4, sender_ssrc);
  store_u32(p + 8, media_ssrc);
  return true;
}

bool RtcpWriter::full_intra_request(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                                    std::uint8_t sequence) {
  std::uint8_t* p = append(4, 206, 20);
  if (p == nullptr) return false;
  store_u32(p + 4, sender_ssrc);
  store_u32(p + 8, 0);  // RFC 5104 4.3.1.2: the entry has the SSRC
  store_u32(p + 12, media_ssrc);
  store_u32(p + 16, std::uint32_t{sequence} << 24);
  return true;
}

bool RtcpWriter::receiver_estimate(std::uint32_t sender_ssrc, std::uint64_t bits_per_second,
                                   std::span<const std::uint32_t> ssrcs) {
  if (ssrcs.size() > 255) return false;
  std::uint8_t* p = append(15, 206, 20 + 4 * ssrcs.size());
  if (p == nullptr) return false;
  const auto width = static_cast<unsigned>(std::bit_width(bits_per_second));
  const unsigned exponent = width > 18 ? width - 18 : 0;
  store_u32(p + 4, sender_ssrc);
  store_u32(p + 8, 0);
  store_u32(p + 12, 0x52454D42);  // "REMB"
  p[16] = static_cast<std::uint8_t>(ssrcs.size());
  store_u24(p + 17, (exponent << 18) | static_cast<std::uint32_t>(bits_per_second >> exponent));
  write_ssrcs(p + 20, ssrcs);
  return true;
}

FeedbackWritten RtcpWriter::transport_feedback(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                                               std::uint8_t feedback_count,
                                               std::int64_t base_sequence,
                                               std::span<const FeedbackArrival> arrivals) {
  const FeedbackWritten written = write_transport_feedback(
      out_.subspan(size_), sender_ssrc, media_ssrc, feedback_count, base_sequence, arrivals);
  size_ += written.size;
  return written;
}

}  // namespace rooms
