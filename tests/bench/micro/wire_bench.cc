// SPDX-License-Identifier: LGPL-2.1-or-later
// What else happens to packets on their way: STUN, RTP headers, RTCP, bookkeeping.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <vector>

#include "gst/core/endpoint/nack_generator.h"
#include "gst/core/endpoint/receive_statistics.h"
#include "gst/core/endpoint/retransmission_cache.h"
#include "gst/core/endpoint/send_endpoint.h"
#include "gst/core/endpoint/transport_feedback_generator.h"
#include "gst/core/endpoint/transport_feedback_history.h"
#include "gst/core/ice/ice_lite.h"
#include "gst/core/ice/stun_rate_limit.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "gst/core/rtp/rtp_header.h"

namespace rooms {
namespace {

constexpr Timestamp at_us(std::int64_t us) { return Timestamp(std::chrono::microseconds(us)); }

const SocketAddress kPeer = SocketAddress::v4({192, 0, 2, 1}, 50'000);

void stun_answer(benchmark::State& state) {
  IceLite agent({"local", "a-password-of-24-letters"}, at_us(0));
  std::array<std::uint8_t, 256> request;
  StunWriter writer(request, StunClass::kRequest, {1});
  writer.username("local", "peer").priority(1).controlling(2).use_candidate();
  const std::size_t size = writer.finish("a-password-of-24-letters");
  std::array<std::uint8_t, IceLite::kMaxResponse> response;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        agent.on_request(Bytes(request).first(size), kPeer, at_us(1), response));
  }
}
BENCHMARK(stun_answer);

void stun_rate_limit(benchmark::State& state) {
  StunRateLimit limit({}, 1);
  std::uint32_t i = 0;
  for (auto _ : state) {
    const auto host = static_cast<std::uint8_t>(i++);
    benchmark::DoNotOptimize(limit.allow(SocketAddress::v4({10, 0, 0, host}, 1), at_us(i)));
  }
}
BENCHMARK(stun_rate_limit);

/// As browsers send it: four one-byte extensions.
std::vector<std::uint8_t> rtp_with_extensions() {
  std::vector<std::uint8_t> packet(1112, 0x11);
  const std::uint8_t head[] = {0x90, 96,   0,    1,    0,   0,    0, 1, 0, 0,    0,
                               7,    0xBE, 0xDE, 0,    4,   0x22, 1, 2, 3, 0x31, 0,
                               1,    0x40, '0',  0x51, 'h', '0',  0, 0, 0, 0};
  std::copy(std::begin(head), std::end(head), packet.begin());
  return packet;
}

void rtp_parse(benchmark::State& state) {
  const auto packet = rtp_with_extensions();
  for (auto _ : state) benchmark::DoNotOptimize(parse_rtp(packet));
}
BENCHMARK(rtp_parse);

void rtp_find_extension(benchmark::State& state) {
  const auto packet = rtp_with_extensions();
  const auto header = parse_rtp(packet);
  for (auto _ : state) benchmark::DoNotOptimize(find_extension(*header, 5));
}
BENCHMARK(rtp_find_extension);

void rtcp_walk(benchmark::State& state) {
  std::array<std::uint8_t, 400> memory;
  RtcpWriter writer(memory);
  const std::vector<ReportBlock> blocks(4);
  const std::vector<std::uint16_t> lost{1, 2, 9, 40};
  writer.receiver_report(1, blocks);
  writer.source_description(1, "0123456789abcdef");
  writer.nack(1, 2, lost);
  for (auto _ : state) {
    RtcpReader reader(writer.written());
    while (auto packet = reader.next()) benchmark::DoNotOptimize(packet);
  }
}
BENCHMARK(rtcp_walk);

void rtcp_write_report(benchmark::State& state) {
  std::array<std::uint8_t, 400> memory;
  const std::vector<ReportBlock> blocks(4);
  for (auto _ : state) {
    RtcpWriter writer(memory);
    writer.sender_report(1, {}, blocks);
    writer.source_description(1, "0123456789abcdef");
    benchmark::DoNotOptimize(writer.size());
  }
}
BENCHMARK(rtcp_write_report);

/// Per packet, feedback every 100 packets included.
void transport_feedback_write(benchmark::State& state) {
  TransportFeedbackGenerator generator;
  std::array<std::uint8_t, 1200> memory;
  std::int64_t i = 0;
  for (auto _ : state) {
    generator.observe(static_cast<std::uint16_t>(i), at_us(i * 1000));
    if (++i % 100 != 0) continue;
    RtcpWriter writer(memory);
    while (generator.write(writer, 1, 2)) {
    }
  }
}
BENCHMARK(transport_feedback_write);

/// Per packet sent and told of.
void transport_feedback_resolve(benchmark::State& state) {
  TransportFeedbackHistory history;
  TransportFeedbackGenerator generator;
  std::array<std::uint8_t, 1200> memory;
  std::int64_t i = 0;
  for (auto _ : state) {
    generator.observe(history.record(at_us(i * 1000), 1200, 1), at_us(i * 1000));
    if (++i % 100 != 0) continue;
    RtcpWriter writer(memory);
    while (generator.write(writer, 1, 2)) {
    }
    const auto feedback = parse_transport_feedback(writer.written());
    if (!feedback || history.resolve(*feedback, at_us(i * 1000)).size() != 100) {
      state.SkipWithError("feedback does not match");
    }
  }
}
BENCHMARK(transport_feedback_resolve);

/// Per received packet of a stream that loses one in a hundred.
void receive_bookkeeping(benchmark::State& state) {
  ReceiveStatistics statistics(1, 90'000);
  NackGenerator nack;
  std::int64_t i = 0;
  for (auto _ : state) {
    const auto sequence = static_cast<std::uint16_t>(i++);
    if (sequence % 100 == 99) continue;
    statistics.observe(sequence, static_cast<std::uint32_t>(i * 30), 1100, at_us(i * 300));
    nack.observe(sequence, at_us(i * 300));
    if (i % 30 == 0)
      benchmark::DoNotOptimize(nack.due(at_us(i * 300), std::chrono::milliseconds(50)));
  }
}
BENCHMARK(receive_bookkeeping);

/// Per packet that passes: paced, its header written, numbered and remembered; feedback every
/// hundred packets. What a packet costs besides SRTP and system calls.
void send_endpoint(benchmark::State& state) {
  SendEndpoint endpoint("bench");
  SendSlot slot;
  slot.mid = "0";
  slot.active = true;
  slot.ssrc = 7;
  const auto* profile = profile_of(Codec::kVp8);
  slot.payloads.push_back({96, profile->payload_type});
  slot.extension_ids[static_cast<std::size_t>(Extension::kTransportWide)] = 3;
  slot.feedback.transport_cc = true;
  const auto id = endpoint.add_slot(slot);
  endpoint.congestion().set_start(DataRate::kilobits_per_second(50'000));
  const bool has_feedback = state.range(0) != 0;
  RtpHeader source;
  source.payload_type = profile->payload_type;
  const std::vector<std::uint8_t> payload(1100);
  source.payload = payload;
  TransportFeedbackGenerator peer;
  std::array<std::uint8_t, 320> head;
  std::array<std::uint8_t, 1200> memory;
  const auto size = SendEndpoint::size_of(payload.size());
  std::int64_t i = 0;
  for (auto _ : state) {
    const Timestamp now = at_us(i * 1000);
    const auto probe = endpoint.congestion().pass(PacedKind::kVideo, size, now);
    if (!probe) return state.SkipWithError("it should have passed");
    RtpPatch patch{7, static_cast<std::uint32_t>(i * 90), static_cast<std::uint16_t>(i), {}};
    const auto header = endpoint.write_header(head, id, source, patch, now, {now, {}, *probe});
    benchmark::DoNotOptimize(header);
    if (++i % 100 != 0 || !has_feedback) continue;
    for (std::int64_t k = i - 100; k < i; ++k)
      peer.observe(static_cast<std::uint16_t>(k + 1), at_us(k * 1000));
    RtcpWriter writer(memory);
    while (peer.write(writer, 1, 2)) {
    }
    endpoint.observe_rtcp(writer.written(), now, 1);
  }
}
BENCHMARK(send_endpoint)->ArgName("feedback")->Arg(0)->Arg(1);

void retransmission_cache_add(benchmark::State& state) {
  RetransmissionCache<std::shared_ptr<int>> cache;
  const auto packet = std::make_shared<int>(1);
  std::int64_t i = 0;
  for (auto _ : state) {
    RtpPatch patch;
    patch.sequence = static_cast<std::uint16_t>(++i);
    cache.add(packet, patch, at_us(i * 300));
  }
}
BENCHMARK(retransmission_cache_add);

}  // namespace
}  // namespace rooms
