// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/stun.h"

#include <gtest/gtest.h>

#include <string>

#include "gst/core/ice/crc32.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";  // of RFC 5769

Packet sample_request() {
  return from_hex(
      "000100582112a442b7e7a701bc34d686fa87dfae"
      "802200105354554e207465737420636c69656e74"
      "002400046e0001ff 80290008932ff9b151263b36"
      "000600096576746a3a68367659202020"
      "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
      "80280004e57a3bcf");
}

/// Corrects the FINGERPRINT at the end of a message that was changed.
void seal(Packet& packet) {
  store_u32(&packet[packet.size() - 4], crc32(Bytes(packet).first(packet.size() - 8)) ^ 0x5354554E);
}

TEST(Stun, ReadsTheRequestOfRfc5769) {
  const Packet packet = sample_request();
  const auto message = parse_stun(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kRequest);
  EXPECT_EQ(message->method, kStunBinding);
  EXPECT_EQ(message->software, "STUN test client");
  EXPECT_EQ(message->priority, 0x6e0001ffU);
  EXPECT_EQ(message->controlled, 0x932ff9b151263b36U);
  EXPECT_FALSE(message->controlling);
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_EQ(message->local_ufrag(), "evtj");
  EXPECT_EQ(message->remote_ufrag(), "h6vY");
  EXPECT_TRUE(message->has_fingerprint);
  EXPECT_TRUE(has_integrity(*message, kPassword));
  EXPECT_FALSE(has_integrity(*message, "VOkJxbRl1RmTxUk/WvJxBT"));
  EXPECT_FALSE(has_integrity(*message, ""));
}

TEST(Stun, ReadsTheResponsesOfRfc5769) {
  const Packet v4 = from_hex(
      "0101003c2112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220"
      "002000080001a147e112a643 000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
      "80280004c07d4c96");
  auto message = parse_stun(v4);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kSuccess);
  EXPECT_EQ(message->mapped_address, SocketAddress::parse("192.0.2.1", 32853));
  EXPECT_TRUE(has_integrity(*message, kPassword));

  const Packet v6 = from_hex(
      "010100482112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220"
      "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
      "00080014a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c");
  message = parse_stun(v6);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->mapped_address,
            SocketAddress::parse("2001:db8:1234:5678:11:2233:4455:6677", 32853));
  EXPECT_TRUE(has_integrity(*message, kPassword));
}

TEST(Stun, WhatTheWriterWritesTheParserReads) {
  Random random;
  SCOPED_TRACE(random.seed());
  for (int i = 0; i < 3000; ++i) {
    StunTransactionId id;
    for (auto& byte : id) byte = random.u8();
    std::array<std::uint8_t, 16> six;
    for (auto& byte : six) byte = random.u8();
    const SocketAddress address =
        random.one_in(2) ? SocketAddress::v6(six, random.u16())
                         : SocketAddress::v4({six[0], six[1], six[2], six[3]}, random.u16());
    const std::string ufrag(random.between<std::size_t>(4, 256), 'u');
    const std::string name(random.between<std::size_t>(1, 40), 's');
    const auto priority = random.u32();
    const auto tie = random.bits();
    Packet out(1200);
    StunWriter writer(out, StunClass::kRequest, id);
    writer.username(ufrag, "mine").priority(priority).controlling(tie).software(name);
    writer.xor_mapped_address(address);
    const bool nominate = random.one_in(2);
    if (nominate) writer.use_candidate();
    out.resize(writer.finish("secret"));
    const auto message = parse_stun(out);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->transaction, id);
    EXPECT_EQ(message->local_ufrag(), ufrag);
    EXPECT_EQ(message->remote_ufrag(), "mine");
    EXPECT_EQ(message->priority, priority);
    EXPECT_EQ(message->controlling, tie);
    EXPECT_EQ(message->software, name);
    EXPECT_EQ(message->mapped_address, address);
    EXPECT_EQ(message->use_candidate, nominate);
    EXPECT_EQ(message->unknown_count, 0);
    EXPECT_TRUE(has_integrity(*message, "secret"));
  }
}

TEST(Stun, WritesErrorsWithTheirCode) {
  for (StunError code : {StunError::kBadRequest, StunError::kUnauthenticated,
                         StunError::kUnknownAttribute, StunError::kRoleConflict}) {
    Packet out(128);
    StunWriter writer(out, StunClass::kError, {});
    writer.error(code);
    out.resize(writer.finish());
    const auto message = parse_stun(out);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->message_class, StunClass::kError);
    EXPECT_EQ(message->error_code, static_cast<std::uint16_t>(code));
    EXPECT_EQ(message->integrity_offset, 0U);
  }
}

TEST(Stun, EveryBitFlipIsNoticedByFingerprintOrIntegrity) {
  const Packet packet = sample_request();
  for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
    Packet bad = packet;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    // A length that grows may swallow the attributes behind it: then none of them is there.
    auto message = parse_stun(bad);
    EXPECT_FALSE(message && message->has_fingerprint) << "bit " << bit;
    if (bit / 8 >= packet.size() - 8) continue;
    EXPECT_FALSE(message && has_integrity(*message, kPassword)) << "bit " << bit;
    seal(bad);
    message = parse_stun(bad);
    EXPECT_FALSE(message && has_integrity(*message, kPassword)) << "bit " << bit;
  }
}

TEST(Stun, EveryTruncationIsRefused) {
  const Packet packet = sample_request();
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(parse_stun(Bytes(packet).first(size))) << size;
    Packet shorter(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
    if (size < 20) continue;
    store_u16(&shorter[2], static_cast<std::uint32_t>(size - 20));
    const auto message = parse_stun(shorter);
    EXPECT_FALSE(message && message->has_fingerprint);
  }
}

TEST(Stun, MalformedMessagesAreRefused) {
  struct Row {
    const char* title;
    const char* attributes;
  };
  const Row rows[] = {
      {"an attribute longer than the message", "00240008 00000001"},
      {"PRIORITY of two bytes", "00240002 00010000"},
      {"tie-breaker of four bytes", "802a0004 00000001"},
      {"mapped address of no family", "00200008 0003a147e112a643"},
      {"IPv6 address of four bytes", "00200008 0002a147e112a643"},
      {"MESSAGE-INTEGRITY of four bytes", "00080004 00000001"},
      {"ERROR-CODE of two bytes", "00090002 00000000"},
      {"FINGERPRINT before the end", "80280004 00000000 00250000"},
      {"FINGERPRINT of eight bytes", "80280008 0000000000000000"},
      {"half an attribute head", "0025"},
  };
  for (const Row& row : rows) {
    Packet packet = from_hex("000100002112a442000000000000000000000000");
    const Packet tail = from_hex(row.attributes);
    packet.insert(packet.end(), tail.begin(), tail.end());
    store_u16(&packet[2], static_cast<std::uint32_t>(tail.size()));
    EXPECT_FALSE(parse_stun(packet)) << row.title;
  }
}

TEST(Stun, WhatFollowsMessageIntegrityDoesNotCount) {
  Packet out(256);
  StunWriter writer(out, StunClass::kRequest, {});
  writer.username("a", "b").finish("secret");
  // Behind the integrity, where the FINGERPRINT was: USE-CANDIDATE and an unknown attribute.
  const std::size_t size = 20 + 8 + 24;
  out.resize(size);
  const Packet tail = from_hex("00250000 7fff0000 80280004 00000000");
  out.insert(out.end(), tail.begin(), tail.end());
  store_u16(&out[2], static_cast<std::uint32_t>(out.size() - 20));
  seal(out);
  const auto message = parse_stun(out);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->use_candidate);
  EXPECT_EQ(message->unknown_count, 0);
  EXPECT_TRUE(has_integrity(*message, "secret"));
}

TEST(Stun, CountsUnknownAttributesThatMustBeUnderstood) {
  Packet packet = from_hex("000100002112a442000000000000000000000000");
  for (std::uint16_t i = 0; i < 300; ++i) {
    packet.resize(packet.size() + 8);
    store_u16(&packet[packet.size() - 8], 0x7000 + i);
    store_u16(&packet[packet.size() - 4], 0xC001);  // optional
  }
  store_u16(&packet[2], static_cast<std::uint32_t>(packet.size() - 20));
  const auto message = parse_stun(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->unknown_count, 255);
  EXPECT_EQ(message->unknown_attributes[7], 0x7007);
}

TEST(Stun, TheWriterRefusesMemoryThatIsTooSmall) {
  for (std::size_t size = 0; size < 80; ++size) {
    Packet out(size);
    StunWriter writer(out, StunClass::kSuccess, {});
    writer.xor_mapped_address(*SocketAddress::parse("192.0.2.1", 4000));
    EXPECT_EQ(writer.finish("secret"), size < 64 ? 0U : 64U) << size;
  }
}

TEST(Stun, Crc32IsThatOfItuV42) { EXPECT_EQ(crc32(as_bytes("123456789")), 0xCBF43926U); }

}  // namespace
}  // namespace rooms
