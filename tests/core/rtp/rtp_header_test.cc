// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/rtp/rtp_header.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;
const Packet kFixed = {0x80, 0xE0, 0x12, 0x34, 0, 0, 0, 5, 0xAA, 0xBB, 0xCC, 0xDD};

Packet with(std::uint8_t first, std::initializer_list<std::uint8_t> rest) {
  Packet packet = kFixed;
  packet[0] = first;
  packet.insert(packet.end(), rest);
  return packet;
}

TEST(ParseRtp, ReadsTheFixedHeader) {
  const auto packet = with(0x80, {1, 2, 3});
  const auto header = parse_rtp(packet);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->marker);
  EXPECT_EQ(header->payload_type, 96);
  EXPECT_EQ(header->sequence, 0x1234);
  EXPECT_EQ(header->timestamp, 5U);
  EXPECT_EQ(header->ssrc, 0xAABBCCDDU);
  EXPECT_EQ(header->size, 12U);
  EXPECT_EQ(header->payload.size(), 3U);
}

TEST(ParseRtp, RefusesWhatContradictsItself) {
  struct Row {
    const char* title;
    Packet packet;
  };
  for (const auto& row : {
           Row{"empty", {}},
           Row{"eleven bytes", Packet(kFixed.begin(), kFixed.end() - 1)},
           Row{"version 1", with(0x40, {})},
           Row{"a CSRC that is not there", with(0x81, {})},
           Row{"an extension head that is not there", with(0x90, {0xBE})},
           Row{"an extension longer than the packet", with(0x90, {0xBE, 0xDE, 0, 2, 0, 0, 0, 0})},
           Row{"padding of zero bytes", with(0xA0, {0})},
           Row{"more padding than payload", with(0xA0, {0, 3})},
       }) {
    EXPECT_FALSE(parse_rtp(row.packet)) << row.title;
  }
}

TEST(ParseRtp, LeavesPaddingOutOfThePayload) {
  const auto packet = with(0xA0, {7, 0, 0, 3});
  const auto header = parse_rtp(packet);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->payload.size(), 1U);
  EXPECT_EQ(header->padding, 3U);
}

TEST(FindExtension, WalksOneAndTwoByteForms) {
  const auto one = with(0x90, {0xBE, 0xDE, 0, 2, 0x10, 0xAA, 0, 0x21, 0xBB, 0xCC, 0, 0});
  auto header = parse_rtp(one);
  ASSERT_TRUE(header);
  EXPECT_EQ(find_extension(*header, 1)->size(), 1U);
  EXPECT_EQ((*find_extension(*header, 2))[1], 0xCC);
  EXPECT_FALSE(find_extension(*header, 3));
  EXPECT_FALSE(find_extension(*header, 0));

  const auto two = with(0x90, {0x10, 0x00, 0, 2, 1, 0, 2, 1, 0xEE, 0, 0, 0});
  header = parse_rtp(two);
  ASSERT_TRUE(header);
  EXPECT_TRUE(find_extension(*header, 1)->empty());
  EXPECT_EQ((*find_extension(*header, 2))[0], 0xEE);
}

TEST(ParseRtp, StaysInsideWhateverComes) {
  const unsigned seed = 99;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 50'000; ++i) {
    Packet packet(random() % 64);
    for (auto& byte : packet) byte = static_cast<std::uint8_t>(random());
    if (!packet.empty()) packet[0] = static_cast<std::uint8_t>(0x80 | (packet[0] & 0x3F));
    const auto header = parse_rtp(packet);
    if (!header) continue;
    EXPECT_EQ(header->size + header->payload.size() + header->padding, packet.size());
    RtpExtensionReader reader(*header);
    while (auto element = reader.next()) {
      EXPECT_TRUE(element->data.empty() ||
                  (element->data.data() >= packet.data() &&
                   element->data.data() + element->data.size() <= packet.data() + packet.size()));
    }
  }
}

}  // namespace
}  // namespace rooms
