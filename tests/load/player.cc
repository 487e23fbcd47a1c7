// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/player.h"

#include <algorithm>
#include <array>

#include "gst/core/codec/frame_info.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "tests/load/stamp.h"

namespace rooms::load {
namespace {

constexpr Duration kFeedbackInterval = std::chrono::milliseconds(100);
constexpr Duration kReceiverReportInterval = std::chrono::seconds(1);
constexpr Duration kSilence = std::chrono::milliseconds(500);
constexpr std::uint8_t kPaddingBit = 0x20;
constexpr std::size_t kMostStreams = 1024;

}  // namespace

Player::Player(const PlayerSettings& settings, Traffic& traffic)
    : settings_(settings),
      traffic_(traffic),
      ssrc_(settings.seed | 1),
      random_(settings.seed | 1) {}

void Player::connected(Transport&, Timestamp now) {
  next_feedback_ = now + kFeedbackInterval * (settings_.seed % 101) / 101;
  next_report_ = now + kReceiverReportInterval * (settings_.seed % 103) / 103;
}

/// Not every n-th: frames have a rhythm, too, and then it would always be the same packet of them.
unsigned Player::next_distance() {
  random_ = random_ * 1664525 + 1013904223;
  const unsigned every = std::max(settings_.look_into, 1U);
  return every == 1 ? 1 : 1 + (random_ >> 8) % (2 * every - 1);
}

Player::Stream& Player::stream_of(std::uint32_t ssrc, PacketUse use, Timestamp now) {
  if (last_stream_ < streams_.size() && streams_[last_stream_].statistics.ssrc() == ssrc)
    return streams_[last_stream_];
  for (last_stream_ = 0; last_stream_ < streams_.size(); ++last_stream_)
    if (streams_[last_stream_].statistics.ssrc() == ssrc) return streams_[last_stream_];
  if (streams_.size() == kMostStreams) return streams_[last_stream_ = 0];
  auto& stream = streams_.emplace_back(ssrc, use);
  stream.began = now;
  return stream;
}

void Player::receive_rtp(Transport& transport, MutableBytes packet, Timestamp now) {
  const auto use = packet.size() < 12 ? PacketUse::kNone : playing_.uses[packet[1] & 0x7F];
  if (use == PacketUse::kNone) {
    ++traffic_.unexpected;
    return;
  }
  // The padding count is still encrypted; nothing of ours is padded, so it is a probe.
  const bool padded = (packet[0] & kPaddingBit) != 0;
  packet[0] &= static_cast<std::uint8_t>(~kPaddingBit);
  const auto header = parse_rtp(packet);
  if (padded) packet[0] |= kPaddingBit;
  if (!header) {
    ++traffic_.unexpected;
    return;
  }
  if (const auto id = playing_.transport_wide_id) {
    const auto number = find_extension(*header, id);
    if (number && number->size() == 2) feedback_.observe(load_u16(number->data()), now);
  }
  if (padded || use == PacketUse::kRepair) {
    ++traffic_.repairs;
    return;
  }
  auto& stream = stream_of(header->ssrc, use, now);
  stream.statistics.observe(header->sequence, header->timestamp, header->payload.size(), now);
  stream.meter.count_packet();
  stream.last_arrival = now;
  ++traffic_.packets;
  traffic_.bytes += packet.size();
  if (!first_packet_) first_packet_ = now;

  const bool awaits_keyframe = stream.use == PacketUse::kVideo && !stream.keyframe_seen;
  if (!awaits_keyframe && stream.until_look > 1) {
    --stream.until_look;
    return;
  }
  stream.until_look = next_distance();
  look_into(transport, stream, packet, now);
}

void Player::look_into(Transport& transport, Stream& stream, MutableBytes packet, Timestamp now) {
  ++traffic_.inspected;
  const auto plain = transport.incoming().unprotect_rtp(packet);
  if (!plain) {
    ++traffic_.refused;
    return;
  }
  const auto header = parse_rtp(packet.first(plain.size));
  if (!header) return;
  const auto codec = playing_.codecs[header->payload_type];
  if (!stream.keyframe_seen && inspect(codec, header->payload).keyframe) {
    stream.keyframe_seen = true;
    if (!first_keyframe_) first_keyframe_ = now;
  }
  if (!(stream.use == PacketUse::kAudio ? settings_.stamped_audio : settings_.stamped_video))
    return;
  const auto stamp = read_stamp(header->payload);
  if (!stamp || stamp->source >= traffic_.sent_by_source.size()) {
    ++traffic_.foreign;
    return;
  }
  traffic_.latency.add(now - stamp->sent);
  stream.meter.observe(*stamp);
}

void Player::receive_rtcp(Bytes compound, Timestamp now) {
  RtcpReader reader(compound);
  while (const auto packet = reader.next()) {
    const auto* report = std::get_if<SenderReport>(&*packet);
    if (!report) continue;
    for (auto& stream : streams_) {
      if (stream.statistics.ssrc() == report->ssrc)
        stream.statistics.observe_sender_report(report->ntp_time, now);
    }
  }
}

Timestamp Player::advance(Transport& transport, SendArena& arena, Timestamp now) {
  if (now >= next_feedback_) {
    if (playing_.transport_wide_id != 0 && !streams_.empty()) send_feedback(transport, arena);
    next_feedback_ = now + kFeedbackInterval;
  }
  if (now >= next_report_) {
    if (!streams_.empty()) send_reports(transport, arena, now);
    next_report_ = now + kReceiverReportInterval;
  }
  transport.flush(arena);
  return std::min(next_feedback_, next_report_);
}

void Player::send_feedback(Transport& transport, SendArena& arena) {
  bool more = true;
  while (more) {
    if (arena.full()) transport.flush(arena);
    RtcpWriter writer(arena.room().first(1200));
    // RFC 3550 6.1 unless RFC 5506 was negotiated: compound packets begin with a report.
    if (!playing_.reduced_size_rtcp) {
      writer.receiver_report(ssrc_);
      writer.source_description(ssrc_, "load");
    }
    more = feedback_.write(writer, ssrc_, streams_[0].statistics.ssrc());
    if (more) transport.send_rtcp(arena, writer.size());
  }
}

void Player::send_reports(Transport& transport, SendArena& arena, Timestamp now) {
  constexpr std::size_t kPerPacket = 31;
  std::array<ReportBlock, kPerPacket> blocks;
  for (std::size_t begin = 0; begin < streams_.size(); begin += kPerPacket) {
    if (arena.full()) transport.flush(arena);
    const auto count = std::min(kPerPacket, streams_.size() - begin);
    RtcpWriter writer(arena.room().first(1300));
    for (std::size_t i = 0; i < count; ++i) blocks[i] = streams_[begin + i].statistics.report(now);
    writer.receiver_report(ssrc_, {blocks.data(), count});
    writer.source_description(ssrc_, "load");
    for (std::size_t i = 0; i < count; ++i) {
      const auto& stream = streams_[begin + i];
      const bool stuck = stream.use == PacketUse::kVideo && !stream.keyframe_seen;
      if (stuck && now - stream.began > kSilence)
        writer.picture_loss(ssrc_, stream.statistics.ssrc());
    }
    transport.send_rtcp(arena, writer.size());
  }
}

bool Player::complete() const {
  const auto count = [&](PacketUse use) {
    return std::count_if(streams_.begin(), streams_.end(),
                         [&](const auto& stream) { return stream.use == use; });
  };
  return count(PacketUse::kAudio) >= static_cast<std::ptrdiff_t>(settings_.audio) &&
         count(PacketUse::kVideo) >= static_cast<std::ptrdiff_t>(settings_.video);
}

void Player::begin_window() {
  for (auto& stream : streams_) {
    stream.meter.begin_window();
    stream.lost_before = stream.statistics.lost();
  }
}

Delivery Player::window(Timestamp now) const {
  Delivery total;
  for (const auto& stream : streams_) {
    total += stream.meter.window();
    const auto source = stream.meter.source();
    if (!source || now - stream.last_arrival < kSilence) continue;
    const auto sent = traffic_.sent_by_source[*source];
    if (sent > stream.meter.last_sequence() + 1)
      total.expected += sent - 1 - stream.meter.last_sequence();
  }
  return total;
}

std::int64_t Player::sequence_gaps() const {
  std::int64_t gaps = 0;
  for (const auto& stream : streams_) gaps += stream.statistics.lost() - stream.lost_before;
  return gaps;
}

}  // namespace rooms::load
