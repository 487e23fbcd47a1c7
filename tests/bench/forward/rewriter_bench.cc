// SPDX-License-Identifier: LGPL-2.1-or-later
// What one output of a router decides and rewrites, without pads. Many outputs in turn: one alone
// would sit in the cache.
#include <benchmark/benchmark.h>

#include <vector>

#include "gst/core/forward/output_stream.h"
#include "tests/bench/forward/vp8_packets.h"

namespace rooms {
namespace {

constexpr std::size_t kOutputs = 100;
constexpr Timestamp at(std::uint64_t packet) {
  return Timestamp(std::chrono::microseconds(packet * 7000));
}

RtpStart start_of(std::size_t output) {
  return {.ssrc = static_cast<std::uint32_t>(output + 1), .sequence = 1, .timestamp = 1};
}

void rtp_rewriter(benchmark::State& state) {
  bench::Vp8Packet packet;
  auto header = parse_rtp(packet.bytes());
  std::vector<RtpRewriter> outputs;
  for (std::size_t i = 0; i < kOutputs; ++i) {
    outputs.emplace_back(start_of(i)).switch_to(*header, {}, at(0));
  }
  std::uint64_t packets = 0;
  for (auto _ : state) {
    for (auto& output : outputs) benchmark::DoNotOptimize(output.next(*header, at(packets)));
    packet.advance();
    header = parse_rtp(packet.bytes());
    ++packets;
  }
  state.counters["packets_per_iteration"] = kOutputs;
}
BENCHMARK(rtp_rewriter);

SourcePacket packet_of(const RtpHeader& header, const FrameInfo& frame, Timestamp now) {
  SourcePacket packet;
  packet.encoding = 1;
  packet.format = {MediaKind::kVideo, Codec::kVp8, 90'000};
  packet.header = header;
  packet.frame = frame;
  packet.now = now;
  return packet;
}

void output_stream(benchmark::State& state) {
  bench::Vp8Packet packet;
  std::vector<OutputStream> outputs;
  for (std::size_t i = 0; i < kOutputs; ++i) outputs.emplace_back(start_of(i)).want(1);
  std::uint64_t packets = 0;
  for (auto _ : state) {
    const auto header = parse_rtp(packet.bytes());
    const auto frame = inspect(Codec::kVp8, header->payload);
    const auto source = packet_of(*header, frame, at(packets));
    for (auto& output : outputs) {
      const auto decision = output.consider(source);
      if (!decision.forward) state.SkipWithError("not forwarded");
    }
    packet.advance();
    ++packets;
  }
  state.counters["packets_per_iteration"] = kOutputs;
}
BENCHMARK(output_stream);

}  // namespace
}  // namespace rooms
