// SPDX-License-Identifier: LGPL-2.1-or-later
// Any datagram as STUN: parsed, offered to an ICE-lite agent, and signed so that it gets past the
// password.
#include <array>
#include <vector>

#include "gst/core/ice/crc32.h"
#include "gst/core/ice/ice_lite.h"
#include "gst/core/srtp/hmac_sha1.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

/// The message with MESSAGE-INTEGRITY and FINGERPRINT behind it, as its sender would have made
/// them.
std::vector<std::uint8_t> sealed(Bytes datagram) {
  std::vector<std::uint8_t> packet(datagram.begin(), datagram.end());
  if (packet.size() < 20) packet.resize(20);
  packet.resize(packet.size() / 4 * 4);
  packet[0] &= 0x3F;
  store_u32(&packet[4], 0x2112A442);
  const std::size_t body = packet.size() - 20;
  store_u16(&packet[2], static_cast<std::uint32_t>(body + 24));
  const Sha1Digest digest = HmacSha1(as_bytes(kPassword)).digest(packet);
  packet.insert(packet.end(), {0x00, 0x08, 0x00, 0x14});
  packet.insert(packet.end(), digest.begin(), digest.end());
  store_u16(&packet[2], static_cast<std::uint32_t>(body + 32));
  const std::uint32_t crc = crc32(packet) ^ 0x5354554E;
  packet.insert(packet.end(), {0x80, 0x28, 0x00, 0x04, 0, 0, 0, 0});
  store_u32(&packet[packet.size() - 4], crc);
  return packet;
}

void try_datagram(Bytes datagram) {
  const auto message = parse_stun(datagram);
  if (message) {
    require(within(as_bytes(message->username.value_or("")), datagram));
    require(within(as_bytes(message->software), datagram));
    require(within(as_bytes(message->local_ufrag()), datagram));
    require(within(as_bytes(message->remote_ufrag()), datagram));
    require(message->integrity_offset == 0 || message->integrity_offset + 24U <= datagram.size());
  }

  IceLite agent({"evtj", std::string(kPassword)}, Timestamp{});
  const SocketAddress from = SocketAddress::v6({0x20, 1, 0x0D, 0xB8}, 4000);
  std::array<std::uint8_t, IceLite::kMaxResponse> response;
  const IceAnswer answer = agent.on_request(datagram, from, Timestamp{}, response);
  require(message.has_value() || answer.outcome == IceAnswer::Outcome::kIgnored);
  require((answer.outcome == IceAnswer::Outcome::kIgnored) == (answer.size == 0));
  if (answer.size == 0) return;
  const auto reply = parse_stun(Bytes(response).first(answer.size));
  require(reply && reply->has_fingerprint && reply->transaction == message->transaction);
  if (answer.outcome == IceAnswer::Outcome::kAccepted) {
    require(has_integrity(*message, kPassword) && has_integrity(*reply, kPassword));
    require(reply->mapped_address == from && agent.selected() == from);
  } else {
    require(reply->error_code == static_cast<std::uint16_t>(*answer.error));
    require(!agent.selected());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes datagram(data, size);
  try_datagram(datagram);
  if (size < 60'000) try_datagram(sealed(datagram));
  return 0;
}
