// SPDX-License-Identifier: LGPL-2.1-or-later
// The sender reports of several slots of one connection.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

#include "gst/core/endpoint/send_endpoint.h"
#include "gst/core/rtcp/rtcp_parser.h"
#include "tests/core/wire/packets.h"

namespace rooms {
namespace {

constexpr std::uint64_t kNtp = std::uint64_t{3'900'000'000} << 32;

void send_one(SendEndpoint& endpoint, std::uint32_t ssrc, std::int64_t at) {
  SendSlot settings;
  settings.active = true;
  settings.ssrc = ssrc;
  const auto* vp8 = profile_of(Codec::kVp8);
  settings.payloads = {{96, vp8->payload_type}};
  const auto slot = endpoint.add_slot(settings);
  RtpHeader source;
  source.payload_type = vp8->payload_type;
  std::array<std::uint8_t, 320> head;
  EXPECT_GT(
      endpoint.write_header(head, slot, source, {ssrc, 0, 1, {}}, at_ms(at), {at_ms(at)}).size, 0U);
}

/// Whom the reports that are due are of, each in a packet of its own.
std::multiset<std::uint32_t> due(SendEndpoint& endpoint, std::int64_t at) {
  std::multiset<std::uint32_t> sources;
  std::array<std::uint8_t, 1200> memory;
  while (const auto size = endpoint.write_report(memory, at_ms(at), kNtp)) {
    RtcpReader reader(Bytes(memory).first(size));
    const auto first = reader.next();
    EXPECT_TRUE(first && std::holds_alternative<SenderReport>(*first));
    if (!first || !std::holds_alternative<SenderReport>(*first)) return sources;
    sources.insert(std::get<SenderReport>(*first).ssrc);
    EXPECT_TRUE(reader.next()) << "its name belongs to it";
    EXPECT_FALSE(reader.next()) << "who comes second is not heard by rtpbin";
    EXPECT_FALSE(reader.malformed());
  }
  return sources;
}

TEST(SlotReports, EachHasAPacketOfItsOwnOnceASecond) {
  SendEndpoint endpoint{"room"};
  const std::multiset<std::uint32_t> all{11, 12, 13};
  for (const auto ssrc : all) send_one(endpoint, ssrc, 10'000);
  EXPECT_EQ(due(endpoint, 10'100), all);
  EXPECT_TRUE(due(endpoint, 11'000).empty());
  EXPECT_EQ(due(endpoint, 11'100), all);
  EXPECT_TRUE(due(endpoint, 15'000).empty()) << "nothing has been sent for long";
}

}  // namespace
}  // namespace rooms
