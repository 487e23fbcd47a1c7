// SPDX-License-Identifier: LGPL-2.1-or-later
// What an authentic but hostile peer may send after the keys are known: any packets, any RTCP, in
// any order, to the receiving and the sending half of a connection.
#include <array>
#include <string>
#include <vector>

#include "gst/core/endpoint/receive_endpoint.h"
#include "gst/core/endpoint/send_endpoint.h"
#include "gst/core/rtcp/rtcp_parser.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

ExtensionIds all_extensions() {
  ExtensionIds ids{};
  for (std::size_t i = 1; i < ids.size(); ++i) ids[i] = static_cast<std::uint8_t>(ids.size() - i);
  return ids;
}

std::vector<PayloadMapping> payloads_of(MediaKind kind) {
  std::vector<PayloadMapping> result;
  for (const CodecProfile& profile : codec_profiles()) {
    if (profile.kind != kind) continue;
    result.push_back({profile.payload_type, profile.payload_type});
    if (profile.rtx_payload_type != 0) {
      result.push_back({profile.rtx_payload_type, profile.rtx_payload_type});
    }
  }
  return result;
}

ReceivedMedia media_of(MediaKind kind) {
  ReceivedMedia media;
  media.kind = kind;
  media.active = true;
  media.mid = kind == MediaKind::kVideo ? "v" : "a";
  media.payloads = payloads_of(kind);
  media.payload_type = media.payloads.front().canonical;
  media.extension_ids = all_extensions();
  media.feedback = {true, true, true, true, true};
  media.rids =
      kind == MediaKind::kVideo ? std::vector<std::string>{"h", "l"} : std::vector<std::string>{""};
  return media;
}

struct Connection {
  ReceiveEndpoint receiver{1, "room"};
  SendEndpoint sender{"room"};
  std::vector<SendEndpoint::SlotId> slots;
  Timestamp now{};
  std::array<std::uint8_t, 1500> memory;

  Connection() {
    const ReceivedMedia video = media_of(MediaKind::kVideo);
    receiver.set_encoding(video, 0);
    receiver.set_encoding(video, 1);
    receiver.set_encoding(media_of(MediaKind::kAudio), 0);
    for (MediaKind kind : {MediaKind::kVideo, MediaKind::kAudio}) {
      SendSlot slot;
      slot.mid = "s";
      slot.kind = kind;
      slot.active = true;
      slot.ssrc = kind == MediaKind::kVideo ? 0x11111111 : 0x22222222;
      slot.rtx_ssrc = kind == MediaKind::kVideo ? 0x33333333 : 0;
      slot.payloads = payloads_of(kind);
      slot.extension_ids = all_extensions();
      slot.feedback.nack = true;
      slots.push_back(sender.add_slot(slot));
    }
  }

  void receive(Bytes datagram) {
    std::vector<std::uint8_t> packet(datagram.begin(), datagram.end());
    const auto header = parse_rtp(packet);
    if (!header) return;
    const auto outcome = receiver.accept(packet, *header, now);
    if (!outcome.accepted) return;
    const auto& accepted = *outcome.accepted;
    require(within(accepted.packet, packet));
    // What is handed on must read the same to whoever looks at the bytes.
    const auto again = parse_rtp(accepted.packet);
    require(again && again->ssrc == accepted.header.ssrc && again->size == accepted.header.size);
    require(again->sequence == accepted.header.sequence);
    require(again->payload_type == accepted.header.payload_type);
    require(within(accepted.header.payload, accepted.packet));
    forward(accepted.header);
  }

  void forward(const RtpHeader& source) {
    RtpPatch patch{0x11111111, source.timestamp, source.sequence, {}};
    for (const auto slot : slots) {
      const auto header = sender.write_header(memory, slot, source, patch, now, {.now = now});
      check_header(header, patch.sequence);
      const auto rtx = sender.write_rtx_header(memory, slot, source, patch, {.now = now});
      require(rtx.size == 0 || rtx.prefix == 2);
      if (rtx.size > 0) require(load_u16(&memory[rtx.size - 2]) == patch.sequence);
    }
    require(sender.write_padding_header(memory, 255, {.now = now}).size > 0);
    sender.congestion().tick(now);
  }
  void check_header(const SendEndpoint::Header& header, std::uint16_t sequence) {
    if (header.size == 0) return;
    const auto written = parse_rtp(Bytes(memory).first(header.size));
    require(written && written->size == header.size && written->sequence == sequence);
    RtpExtensionReader reader(*written);
    while (const auto element = reader.next()) require(element->id != 0);
  }

  void receive_rtcp(Bytes compound) {
    receiver.observe_rtcp(compound, now);
    const auto requests = sender.observe_rtcp(compound, now, 1);
    require(requests.keyframes.size() <= slots.size());
    require(requests.resends.size() <= 17 * compound.size());
  }
  void write(std::size_t room) {
    const MutableBytes out = MutableBytes(memory).first(room);
    for (int i = 0; i < 50; ++i) {
      const std::size_t size = receiver.write_rtcp(out, now);
      check_rtcp(out.first(size));
      if (size == 0) break;
    }
    check_rtcp(out.first(sender.write_report(out, now, 1)));
    require(receiver.next_rtcp(now) - now <= std::chrono::seconds(1));
  }
  static void check_rtcp(Bytes compound) {
    RtcpReader reader(compound);
    while (reader.next()) {
    }
    require(!reader.malformed());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, std::min<std::size_t>(size, 8192));
  Connection connection;
  while (!input.empty()) {
    switch (input.u8() % 5) {
      case 0:
        connection.receive(input.bytes(input.u8()));
        break;
      case 1:
        connection.receive_rtcp(input.bytes(input.u8()));
        break;
      case 2:
        connection.now += std::chrono::milliseconds(input.u16());
        break;
      case 3:
        connection.write(100 + input.u8() * 5U);
        break;
      default:
        connection.receiver.request_keyframe(input.u8());
        connection.receiver.take_audio_levels(input.u8());
    }
  }
  return 0;
}
