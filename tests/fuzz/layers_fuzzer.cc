// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets with any dependency descriptor and any payload, through inspector, meter and an output
// whose limits change: what goes out is numbered without gap and does not go back in time.
#include <vector>

#include "gst/core/codec/stream_inspector.h"
#include "gst/core/forward/layer_meter.h"
#include "gst/core/forward/output_stream.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

constexpr std::uint8_t kDescriptorId = 12;

/// Two-byte header extensions, so that a descriptor may have any length.
std::vector<std::uint8_t> packet_with(Bytes descriptor, Bytes payload, std::uint16_t sequence,
                                      std::uint32_t timestamp) {
  std::vector<std::uint8_t> packet = {0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0x10, 0, 0, 0};
  store_u16(&packet[2], sequence);
  store_u32(&packet[4], timestamp);
  packet.push_back(kDescriptorId);
  packet.push_back(static_cast<std::uint8_t>(descriptor.size()));
  packet.insert(packet.end(), descriptor.begin(), descriptor.end());
  while (packet.size() % 4 != 0) packet.push_back(0);
  store_u16(&packet[14], static_cast<std::uint32_t>((packet.size() - 16) / 4));
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  constexpr Codec kCodecs[] = {Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kAv1};
  const Codec codec = kCodecs[input.u8() % 4];
  StreamInspector inspector;
  LayerMeter meter;
  OutputStream output(RtpStart{.ssrc = 42, .sequence = 1, .timestamp = 0});
  output.want(1);
  std::uint16_t sequence = 65'000;
  std::uint32_t timestamp = 1;
  Timestamp now{};
  std::optional<std::uint64_t> newest;
  std::uint32_t newest_timestamp = 0;
  while (!input.empty()) {
    const std::uint8_t what = input.u8();
    if (what & 1U) timestamp += 3000;
    if (what & 2U)
      output.limit_layers(
          {static_cast<std::uint8_t>((what >> 2) & 7), static_cast<std::uint8_t>(what >> 5)});
    now += std::chrono::milliseconds(11);
    const Bytes descriptor = input.bytes(input.u8());
    const Bytes payload = input.bytes(input.u8() % 16);
    const auto bytes = packet_with(descriptor, payload, sequence++, timestamp);
    SourcePacket packet;
    const auto header = parse_rtp(bytes);
    require(header.has_value());
    packet.encoding = 1;
    packet.format = {MediaKind::kVideo, codec, 90'000};
    packet.header = *header;
    packet.frame = inspector.inspect(codec, bytes, *header, kDescriptorId);
    packet.now = now;
    const auto& layers = packet.frame.layers;
    require(layers.spatial < LayerTarget::kSide && layers.temporal < LayerTarget::kSide);
    require(layers.line < LayerTarget::kSide);
    require((layers.required & ~layers.present) == 0);
    const std::size_t at = packet.frame.frame_number_offset;
    require(at == 0 || (at >= 16 && at + 2 <= header->size));
    meter.observe(packet.frame, timestamp, bytes.size(), now);

    const auto decision = output.consider(packet);
    if (!decision.forward) continue;
    require(!newest || decision.extended_sequence == *newest + 1);
    require(!newest || decision.patch.timestamp == newest_timestamp ||
            is_newer(decision.patch.timestamp, newest_timestamp));
    require(decision.patch.edit.offset + std::size_t{decision.patch.edit.length} <=
            header->payload.size());
    newest = decision.extended_sequence;
    newest_timestamp = decision.patch.timestamp;
  }
  return 0;
}
