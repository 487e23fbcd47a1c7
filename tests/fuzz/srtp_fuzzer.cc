// SPDX-License-Identifier: LGPL-2.1-or-later
// Any datagram as SRTP and SRTCP, and any packet through both ends: what comes out is what went in.
#include <vector>

#include "gst/core/rtp/rtp_header.h"
#include "gst/core/srtp/srtp.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

void refuse_as_it_is(SrtpReceiver& receiver, Bytes datagram) {
  std::vector<std::uint8_t> copy(datagram.begin(), datagram.end());
  require(!receiver.unprotect_rtp(copy) && !receiver.unprotect_rtcp(copy));
  require(std::equal(copy.begin(), copy.end(), datagram.begin(), datagram.end()));
}

void there_and_back(SrtpSender& sender, SrtpReceiver& receiver, Input input) {
  const std::size_t prefix_size = input.u8() % 3;
  PayloadEdit edit{input.u8(), input.u8(), {}};
  for (auto& byte : edit.bytes) byte = input.u8();
  const auto header = parse_rtp(input.rest());
  if (!header) return;
  const Bytes body = input.rest().subspan(header->size);
  if (body.size() < prefix_size) return;
  const Bytes payload = body.subspan(prefix_size);

  std::vector<std::uint8_t> packet(input.rest().begin(), input.rest().end());
  std::vector<std::uint8_t> expected = packet;
  for (std::size_t i = 0; i < edit.bytes.size() && i < edit.length; ++i) {
    const std::size_t at = header->size + prefix_size + edit.offset + i;
    if (at < expected.size()) expected[at] = edit.bytes[i];
  }
  packet.resize(packet.size() + kSrtpTagSize);
  require(sender.protect_rtp(packet, header->size, payload, edit, 0, prefix_size) == packet.size());

  std::vector<std::uint8_t> damaged = packet;
  damaged[edit.offset % damaged.size()] ^= 0x40;
  require(!receiver.unprotect_rtp(damaged));
  std::vector<std::uint8_t> again = packet;
  const SrtpResult result = receiver.unprotect_rtp(packet);
  require(result && result.size == expected.size());
  require(std::equal(expected.begin(), expected.end(), packet.begin()));
  require(receiver.unprotect_rtp(again).refusal == SrtpRefusal::kReplayed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SrtpMasterKey key{1, 2, 3};
  SrtpSender sender(key);
  SrtpReceiver receiver(key);
  refuse_as_it_is(receiver, {data, size});
  there_and_back(sender, receiver, Input(data, size));

  if (size < 8 || data[0] >> 6 != 2) return 0;
  std::vector<std::uint8_t> rtcp(data, data + size);
  rtcp.resize(size + kSrtcpTrailerSize);
  require(sender.protect_rtcp(rtcp, size) == rtcp.size());
  const SrtpResult result = receiver.unprotect_rtcp(rtcp);
  require(result && result.size == size && std::equal(data, data + size, rtcp.begin()));
  return 0;
}
