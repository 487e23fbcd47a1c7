// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "gst/core/endpoint/retransmission_cache.h"
#include "gst/core/endpoint/rtx.h"
#include "gst/core/srtp/srtp.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;
using Cache = RetransmissionCache<std::shared_ptr<int>>;

RtpPatch patch_of(std::uint16_t sequence) {
  RtpPatch patch;
  patch.sequence = sequence;
  return patch;
}

TEST(RetransmissionCache, GivesBackWhatWasSentWithItsPatch) {
  Cache cache;
  RtpPatch patch = patch_of(65'535);
  patch.ssrc = 5;
  patch.edit = {1, 2, {3, 4}};
  cache.add(std::make_shared<int>(42), patch, at_ms(0));
  const auto* entry = cache.request(65'535, at_ms(10), ms(50));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(*entry->packet, 42);
  EXPECT_EQ(entry->patch.ssrc, 5U);
  EXPECT_EQ(entry->patch.edit.length, 2);
  EXPECT_EQ(cache.request(0, at_ms(10), ms(50)), nullptr);
}

/// Asks for it and, if it is there, sends it.
bool resend(Cache& cache, std::uint16_t sequence, std::int64_t now, std::int64_t round_trip) {
  if (!cache.request(sequence, at_ms(now), ms(round_trip))) return false;
  cache.mark_resent(sequence, at_ms(now));
  return true;
}

TEST(RetransmissionCache, DoesNotRepeatAPacketWithinARoundTripNorWithoutEnd) {
  Cache cache;
  cache.add(std::make_shared<int>(1), patch_of(1), at_ms(0));
  EXPECT_TRUE(resend(cache, 1, 1, 50));
  EXPECT_FALSE(resend(cache, 1, 50, 50));
  EXPECT_TRUE(resend(cache, 1, 51, 50));
  EXPECT_FALSE(resend(cache, 1, 60, 0)) << "never closer than 10 ms";
  int more = 0;
  for (int now = 61; now < 1400; now += 10) more += resend(cache, 1, now, 0) ? 1 : 0;
  EXPECT_EQ(more, 8) << "ten in all";
}

TEST(RetransmissionCache, GivesAPacketAgainThatWasNotSentAfterAll) {
  Cache cache;
  cache.add(std::make_shared<int>(1), patch_of(1), at_ms(0));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(cache.request(1, at_ms(1), ms(50)));
  cache.mark_resent(2, at_ms(1));
  EXPECT_TRUE(resend(cache, 1, 1, 50)) << "another one was sent";
  EXPECT_FALSE(cache.request(1, at_ms(2), ms(50)));
}

TEST(RetransmissionCache, LetsGoOfPacketsByAgeAndByNumber) {
  Cache cache({.capacity = 8, .max_age = ms(100)});
  std::vector<std::weak_ptr<int>> alive;
  for (int i = 0; i < 20; ++i) {
    auto packet = std::make_shared<int>(i);
    alive.push_back(packet);
    cache.add(std::move(packet), patch_of(static_cast<std::uint16_t>(65'530 + i)), at_ms(i));
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(alive[static_cast<std::size_t>(i)].expired(), i < 12) << i;
  cache.release_older(at_ms(15));
  EXPECT_EQ(cache.size(), 5U);
  cache.add(std::make_shared<int>(99), patch_of(100), at_ms(500));
  for (const auto& packet : alive) EXPECT_TRUE(packet.expired());
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_FALSE(cache.request(100, at_ms(601), ms(0)));
  cache.release_older(at_ms(1000));
  EXPECT_EQ(cache.size(), 0U);
}

/// Against a map of everything: nothing that should be there is missing, nothing else is kept.
TEST(RetransmissionCache, AgreesWithAMap) {
  Random random;
  SCOPED_TRACE(random.seed());
  Cache cache({.capacity = 64, .max_age = ms(1000)});
  std::map<std::int64_t, std::pair<std::int64_t, std::weak_ptr<int>>> sent;
  std::int64_t number = 60'000;
  for (std::int64_t now = 0; now < 50'000; ++now) {
    number += random.one_in(10) ? random.between(1, 200) : 1;
    auto packet = std::make_shared<int>(static_cast<int>(now));
    sent[number] = {now, packet};
    cache.add(std::move(packet), patch_of(static_cast<std::uint16_t>(number)), at_ms(now));
    const std::int64_t wanted = number - random.between(0, 100);
    const auto found = sent.find(wanted);
    const bool expected =
        found != sent.end() && wanted > number - 64 && now - found->second.first <= 1000;
    const auto* entry = cache.request(static_cast<std::uint16_t>(wanted), at_ms(now), Duration{});
    if (entry != nullptr) cache.mark_resent(entry->patch.sequence, at_ms(now));
    if (entry == nullptr && expected) {
      // Asked for within 10 ms before, or ten times.
      ASSERT_GT(found->second.second.use_count(), 0);
    } else {
      ASSERT_EQ(entry != nullptr, expected) << wanted;
    }
    while (sent.begin()->first <= number - 64) {
      ASSERT_TRUE(sent.begin()->second.second.expired()) << "kept beyond the window";
      sent.erase(sent.begin());
    }
  }
}

TEST(Rtx, AWrappedPacketComesOutAsTheOriginal) {
  Random random;
  SCOPED_TRACE(random.seed());
  SrtpMasterKey key{};
  SrtpSender sender(key);
  SrtpReceiver receiver(key);
  for (std::uint16_t i = 0; i < 500; ++i) {
    Packet original = rtp_packet(111, static_cast<std::uint16_t>(65'300 + i),
                                 random.between<std::size_t>(0, 1200), random.u32());
    const bool extension = random.one_in(2);
    if (extension) {
      original[0] |= 0x10;
      const Packet block = from_hex("bede0001 10ff0000");
      original.insert(original.begin() + 12, block.begin(), block.end());
    }
    original[1] = random.one_in(2) ? 0xE0 : 0x60;
    const std::size_t header = extension ? 20 : 12;

    // What the sender does: another SSRC, number and type; then the prefix and the shared payload.
    Packet wire(original.size() + kRtxPrefixSize + kSrtpTagSize);
    std::copy_n(original.begin(), header, wire.begin());
    wire[1] = static_cast<std::uint8_t>((wire[1] & 0x80) | 97);
    store_u16(&wire[2], i);
    store_u32(&wire[8], 222);
    ASSERT_TRUE(write_rtx_prefix(wire, header, load_u16(&original[2])));
    ASSERT_EQ(
        sender.protect_rtp(wire, header, Bytes(original).subspan(header), {}, 0, kRtxPrefixSize),
        wire.size());

    const SrtpResult result = receiver.unprotect_rtp(wire);
    ASSERT_TRUE(result);
    const MutableBytes plain = MutableBytes(wire).first(result.size);
    const auto rtx = parse_rtp(plain);
    ASSERT_TRUE(rtx);
    EXPECT_EQ(unwrap_rtx(*rtx)->original_sequence, load_u16(&original[2]));
    const auto restored = restore_original(plain, *rtx, 111, 96);
    ASSERT_TRUE(restored);
    EXPECT_EQ(Packet(restored->begin(), restored->end()), original);
  }
}

TEST(Rtx, APacketWithoutOriginalIsNone) {
  for (std::size_t payload : {0U, 1U}) {
    Packet packet = rtp_packet(1, 2, payload);
    const auto header = parse_rtp(packet);
    EXPECT_FALSE(unwrap_rtx(*header));
    EXPECT_FALSE(restore_original(packet, *header, 3, 4));
  }
  Packet padding = rtp_packet(1, 2, 20);
  padding[0] |= 0x20;
  padding.back() = 20;
  EXPECT_FALSE(unwrap_rtx(*parse_rtp(padding)));
  Packet small(13);
  EXPECT_FALSE(write_rtx_prefix(small, 12, 1));
}

}  // namespace
}  // namespace rooms
