// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <string>

#include "gst/core/rtcp/rtcp_parser.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;

/// The one packet of `bytes`, as T.
template <class T>
std::optional<T> only(Bytes bytes) {
  RtcpReader reader(bytes);
  const auto packet = reader.next();
  if (!packet || reader.next() || reader.malformed() || !std::holds_alternative<T>(*packet)) {
    return std::nullopt;
  }
  return std::get<T>(*packet);
}

ReportBlock random_block(Random& random) {
  return {random.u32(), random.u8(),  random.between(-0x800000, 0x7FFFFF),
          random.u32(), random.u32(), random.u32(),
          random.u32()};
}

void expect_equal(const ReportBlock& a, const ReportBlock& b) {
  EXPECT_EQ(a.ssrc, b.ssrc);
  EXPECT_EQ(a.fraction_lost, b.fraction_lost);
  EXPECT_EQ(a.cumulative_lost, b.cumulative_lost);
  EXPECT_EQ(a.extended_highest_sequence, b.extended_highest_sequence);
  EXPECT_EQ(a.jitter, b.jitter);
  EXPECT_EQ(a.last_sr, b.last_sr);
  EXPECT_EQ(a.delay_since_last_sr, b.delay_since_last_sr);
}

TEST(Rtcp, ReportsSurviveWritingAndReading) {
  Random random;
  SCOPED_TRACE(random.seed());
  for (std::size_t count = 0; count <= 31; ++count) {
    std::vector<ReportBlock> blocks(count);
    for (auto& block : blocks) block = random_block(random);
    const SenderInfo info{random.bits(), random.u32(), random.u32(), random.u32()};
    const auto ssrc = random.u32();
    Packet memory(1000);
    RtcpWriter writer(memory);
    ASSERT_TRUE(writer.sender_report(ssrc, info, blocks));
    const auto sr = only<SenderReport>(writer.written());
    ASSERT_TRUE(sr);
    EXPECT_EQ(sr->ssrc, ssrc);
    EXPECT_EQ(sr->ntp_time, info.ntp_time);
    EXPECT_EQ(sr->rtp_time, info.rtp_time);
    EXPECT_EQ(sr->packets, info.packets);
    EXPECT_EQ(sr->octets, info.octets);
    ASSERT_EQ(sr->reports.size(), count);
    for (std::size_t i = 0; i < count; ++i) expect_equal(sr->reports[i], blocks[i]);

    RtcpWriter again(memory);
    ASSERT_TRUE(again.receiver_report(ssrc, blocks));
    const auto rr = only<ReceiverReport>(again.written());
    ASSERT_TRUE(rr);
    EXPECT_EQ(rr->ssrc, ssrc);
    std::size_t i = 0;
    for (ReportBlock block : rr->reports) expect_equal(block, blocks[i++]);
    EXPECT_EQ(i, count);
  }
  Packet memory(2000);
  EXPECT_FALSE(RtcpWriter(memory).receiver_report(1, std::vector<ReportBlock>(32)));
}

TEST(Rtcp, NamesOfEveryLengthSurvive) {
  Packet memory(300);
  for (std::size_t length = 1; length <= 255; ++length) {
    const std::string name(length, 'n');
    RtcpWriter writer(memory);
    ASSERT_TRUE(writer.source_description(77, name));
    EXPECT_EQ(writer.size() % 4, 0U);
    const auto sdes = only<SourceDescription>(writer.written());
    ASSERT_TRUE(sdes) << length;
    EXPECT_EQ(sdes->ssrc, 77U);
    EXPECT_EQ(sdes->cname, name);
  }
  EXPECT_FALSE(RtcpWriter(memory).source_description(77, std::string(256, 'n')));
  EXPECT_FALSE(RtcpWriter(memory).source_description(77, "c", {std::string(256, 'n'), ""}));
}

TEST(Rtcp, ASourceMayTellItsNameAndWhatItShows) {
  Packet memory(300);
  for (std::size_t length = 0; length <= 16; ++length) {
    const std::string note(length, 'x');
    RtcpWriter writer(memory);
    ASSERT_TRUE(writer.source_description(77, "cn", {"Ada", note}));
    ASSERT_EQ(writer.size() % 4, 0U);
    const auto bytes = writer.written();
    const std::string text(bytes.begin() + 8, bytes.end());
    std::string expected = std::string("\x01\x02") + "cn" + "\x02\x03" + "Ada";
    if (length > 0) expected += std::string("\x07") + static_cast<char>(length) + note;
    EXPECT_EQ(text.substr(0, expected.size()), expected);
    const auto rest = text.substr(expected.size());
    EXPECT_TRUE(!rest.empty() && rest.size() <= 4) << length;
    EXPECT_EQ(rest.find_first_not_of('\0'), std::string::npos);
    const auto sdes = only<SourceDescription>(bytes);
    ASSERT_TRUE(sdes);
    EXPECT_EQ(sdes->cname, "cn");
  }
}

TEST(Rtcp, RequestsAndFarewellsSurvive) {
  Packet memory(200);
  {
    RtcpWriter writer(memory);
    ASSERT_TRUE(writer.picture_loss(1, 2));
    EXPECT_EQ(Packet(writer.written().begin(), writer.written().end()),
              from_hex("81ce0002 00000001 00000002"));
    EXPECT_EQ(only<PictureLossIndication>(writer.written())->media_ssrc, 2U);
  }
  {
    RtcpWriter writer(memory);
    ASSERT_TRUE(writer.full_intra_request(1, 2, 200));
    const auto fir = only<FullIntraRequest>(writer.written());
    ASSERT_TRUE(fir);
    ASSERT_EQ(fir->entries.size(), 1U);
    EXPECT_EQ(fir->entries[0].ssrc, 2U);
    EXPECT_EQ(fir->entries[0].sequence, 200);
  }
  {
    RtcpWriter writer(memory);
    const std::uint32_t ssrcs[] = {5, 6, 7};
    ASSERT_TRUE(writer.goodbye(ssrcs));
    const auto bye = only<Goodbye>(writer.written());
    ASSERT_TRUE(bye);
    ASSERT_EQ(bye->ssrcs.size(), 3U);
    EXPECT_EQ(bye->ssrcs[2].ssrc, 7U);
  }
}

TEST(Rtcp, EstimatesSurviveUpToTheirPrecision) {
  Random random;
  SCOPED_TRACE(random.seed());
  Packet memory(100);
  const std::uint32_t ssrcs[] = {5, 6};
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t rate = random.bits() >> random.between(0, 63);
    RtcpWriter writer(memory);
    ASSERT_TRUE(writer.receiver_estimate(1, rate, ssrcs));
    const auto estimate = only<ReceiverEstimate>(writer.written());
    ASSERT_TRUE(estimate);
    EXPECT_LE(estimate->bits_per_second, rate);
    EXPECT_LE(rate - estimate->bits_per_second, rate >> 17);
    ASSERT_EQ(estimate->ssrcs.size(), 2U);
    EXPECT_EQ(estimate->ssrcs[1].ssrc, 6U);
  }
  // Mantissa 3 with exponent 63 does not fit 64 bits.
  EXPECT_FALSE(only<ReceiverEstimate>(from_hex("8fce0004 00000001 00000000 52454d42 00fc0003")));
}

TEST(Rtcp, NacksCoverExactlyWhatWasAsked) {
  Random random;
  SCOPED_TRACE(random.seed());
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::uint16_t> sequences;
    std::uint16_t next = random.u16();
    const int count = random.between(1, 60);
    for (int k = 0; k < count; ++k) {
      sequences.push_back(next);
      next = static_cast<std::uint16_t>(
          next + (random.one_in(5) ? random.between(1, 3000) : random.between(1, 3)));
    }
    Packet memory(random.between<std::size_t>(0, 300));
    RtcpWriter writer(memory);
    const std::size_t written = writer.nack(1, 2, sequences);
    ASSERT_LE(written, sequences.size());
    ASSERT_EQ(written > 0, memory.size() >= 16);
    if (written == 0) {
      EXPECT_EQ(writer.size(), 0U);
      continue;
    }
    if (memory.size() >= 12 + 4 * sequences.size()) {
      ASSERT_EQ(written, sequences.size());
    }
    const auto nack = only<NackRequest>(writer.written());
    ASSERT_TRUE(nack);
    EXPECT_EQ(nack->media_ssrc, 2U);
    std::vector<std::uint16_t> read;
    nack->for_each_sequence([&](std::uint16_t sequence) { read.push_back(sequence); });
    sequences.resize(written);
    EXPECT_EQ(read, sequences);
  }
}

TEST(Rtcp, CompoundPacketsAreWalkedInOrder) {
  Packet memory(400);
  RtcpWriter writer(memory);
  ASSERT_TRUE(writer.sender_report(1, {}));
  ASSERT_TRUE(writer.source_description(1, "me"));
  ASSERT_TRUE(writer.picture_loss(1, 2));
  ASSERT_EQ(writer.nack(1, 2, std::vector<std::uint16_t>{4, 5}), 2U);
  RtcpReader reader(writer.written());
  const std::size_t expected[] = {0, 2, 5, 4};
  for (std::size_t index : expected) {
    const auto packet = reader.next();
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->index(), index);
  }
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.malformed());
}

TEST(Rtcp, UnknownPacketsAreHandedOverWhole) {
  for (const char* text :
       {"80cc0002 00000001 6e616d65", "80cf0001 00000001", "82cd0002 00000001 00000002",
        "8fce0003 00000001 00000002 58585858", "9fce0002 00000001 00000002"}) {
    const Packet packet = from_hex(text);
    const auto other = only<OtherRtcp>(packet);
    ASSERT_TRUE(other) << text;
    EXPECT_EQ(other->packet_type, packet[1]);
    EXPECT_EQ(other->format, packet[0] & 0x1F);
    EXPECT_EQ(other->packet.size(), packet.size());
  }
}

TEST(Rtcp, PaddingIsNotPartOfThePacket) {
  // A NACK of one entry with four bytes of padding.
  const Packet padded = from_hex("a1cd0004 00000001 00000002 00070000 00000004");
  const auto nack = only<NackRequest>(padded);
  ASSERT_TRUE(nack);
  EXPECT_EQ(nack->entries.size(), 1U);
}

TEST(Rtcp, MalformedPacketsEndTheWalk) {
  struct Row {
    const char* title;
    const char* bytes;
  };
  const Row rows[] = {
      {"three bytes", "80c900"},
      {"version 1", "40c90001 00000001"},
      {"longer than the datagram", "80c90002 00000001"},
      {"SR without sender info", "80c80001 00000001"},
      {"SR with one report cut short",
       "81c80007 0000000100000000000000000000000000000000 0000000000000000"},
      {"RR without SSRC", "80c90000"},
      {"RR that promises a report", "81c90001 00000001"},
      {"BYE that promises two SSRCs", "82cb0001 00000001"},
      {"SDES that promises a chunk", "81ca0000"},
      {"SDES item beyond the end", "81ca0002 00000001 0109616263"},
      {"SDES without end of the list", "81ca0002 00000001 01026162"},
      {"PLI without media SSRC", "81ce0001 00000001"},
      {"padding of 0", "a1cd0003 00000001 00000002 00000000"},
      {"padding longer than the packet", "a0c90001 000000ff"},
      {"REMB that promises an SSRC", "8fce0004 00000001 00000000 52454d42 01000001"},
      {"transport feedback without chunks", "8fcd0004 00000001 00000002 00010001 00000000"},
  };
  for (const Row& row : rows) {
    const Packet bytes = from_hex(row.bytes);
    RtcpReader walk(bytes);
    EXPECT_FALSE(walk.next()) << row.title;
    EXPECT_TRUE(walk.malformed()) << row.title;
    EXPECT_FALSE(walk.next()) << row.title;
  }
}

TEST(Rtcp, AGoodPacketBeforeABadOneStillCounts) {
  const Packet bytes = from_hex("81ce0002 00000001 00000002 80c900");
  RtcpReader reader(bytes);
  EXPECT_TRUE(reader.next());
  EXPECT_FALSE(reader.malformed());
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.malformed());
}

TEST(Rtcp, TheWriterLeavesEverythingAsItWasWhenThereIsNoRoom) {
  const std::uint32_t ssrcs[] = {1};
  const std::vector<ReportBlock> blocks(1);
  for (std::size_t size = 0; size < 60; ++size) {
    Packet memory(size, 0xEE);
    const auto try_one = [&](std::size_t needed, auto&& write) {
      RtcpWriter writer(memory);
      EXPECT_EQ(write(writer), size >= needed) << size;
      EXPECT_EQ(writer.size(), size >= needed ? needed : 0U);
    };
    try_one(52, [&](RtcpWriter& w) { return w.sender_report(1, {}, blocks); });
    try_one(32, [&](RtcpWriter& w) { return w.receiver_report(1, blocks); });
    try_one(16, [&](RtcpWriter& w) { return w.source_description(1, "abcde"); });
    try_one(8, [&](RtcpWriter& w) { return w.goodbye(ssrcs); });
    try_one(12, [&](RtcpWriter& w) { return w.picture_loss(1, 2); });
    try_one(20, [&](RtcpWriter& w) { return w.full_intra_request(1, 2, 3); });
    try_one(24, [&](RtcpWriter& w) { return w.receiver_estimate(1, 1000, ssrcs); });
  }
}

}  // namespace
}  // namespace rooms
