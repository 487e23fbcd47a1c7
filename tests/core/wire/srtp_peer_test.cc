// SPDX-License-Identifier: LGPL-2.1-or-later
// Byte for byte against libsrtp, the reference implementation.
#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <deque>

#include "gst/core/rtp/rtp_header.h"
#include "gst/core/srtp/srtp.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;

/// One direction of libsrtp.
class Peer {
 public:
  Peer(const SrtpMasterKey& key, srtp_ssrc_type_t direction) : key_(key) {
    static const bool ready = srtp_init() == srtp_err_status_ok;
    EXPECT_TRUE(ready);
    srtp_policy_t policy{};
    srtp_crypto_policy_set_rtp_default(&policy.rtp);
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    policy.ssrc.type = direction;
    policy.key = key_.data();
    policy.window_size = 1024;
    policy.allow_repeat_tx = 1;
    EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
  }
  ~Peer() { srtp_dealloc(session_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Empty: refused.
  Packet protect(Packet packet) { return run(packet, srtp_protect); }
  Packet unprotect(Packet packet) { return run(packet, srtp_unprotect); }
  Packet protect_rtcp(Packet packet) { return run(packet, srtp_protect_rtcp); }
  Packet unprotect_rtcp(Packet packet) { return run(packet, srtp_unprotect_rtcp); }

 private:
  Packet run(Packet& packet, srtp_err_status_t (*call)(srtp_t, void*, int*)) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    if (call(session_, packet.data(), &size) != srtp_err_status_ok) return {};
    packet.resize(static_cast<std::size_t>(size));
    return packet;
  }
  SrtpMasterKey key_;
  srtp_t session_ = nullptr;
};

SrtpMasterKey random_key(Random& random) {
  SrtpMasterKey key;
  for (auto& byte : key) byte = random.u8();
  return key;
}

/// Any number of CSRCs, either kind of extension block, any payload.
Packet random_rtp(Random& random, std::uint32_t ssrc, std::uint16_t sequence) {
  const unsigned csrcs = random.one_in(4) ? random.between(1U, 15U) : 0;
  const bool extension = random.one_in(2);
  const unsigned words = extension ? random.between(0U, 8U) : 0;
  const std::size_t payload = random.one_in(8) ? 0 : random.between<std::size_t>(1, 1200);
  Packet packet = random.bytes(12 + 4 * csrcs + (extension ? 4 + 4 * words : 0) + payload);
  packet[0] = static_cast<std::uint8_t>(0x80 | (extension ? 0x10 : 0) | csrcs);
  store_u16(&packet[2], sequence);
  store_u32(&packet[8], ssrc);
  if (extension) {
    store_u16(&packet[12 + 4 * csrcs], random.one_in(2) ? 0xBEDE : 0x1000);
    store_u16(&packet[14 + 4 * csrcs], words);
  }
  return packet;
}

TEST(SrtpPeer, RtpEqualsLibsrtpByteForByteInBothDirections) {
  Random random;
  SCOPED_TRACE(random.seed());
  constexpr int kPackets = 210'000;
  constexpr int kSsrcs = 2;
  const SrtpMasterKey key = random_key(random);
  Peer peer_out(key, ssrc_any_outbound);
  Peer peer_in(key, ssrc_any_inbound);
  SrtpSender sender(key);
  SrtpReceiver receiver(key);

  struct Stream {
    std::uint32_t ssrc;
    std::uint64_t index;
    std::deque<std::pair<std::uint64_t, Packet>> held_back;
  };
  std::vector<Stream> streams;
  for (int i = 0; i < kSsrcs; ++i)
    streams.push_back({random.u32(), random.between(0U, 30000U), {}});

  int late = 0;
  const auto exchange = [&](std::uint64_t index, const Packet& plain) {
    const std::size_t header = parse_rtp(plain)->size;
    Packet ours(plain.size() + kSrtpTagSize);
    std::copy_n(plain.begin(), header, ours.begin());
    ASSERT_EQ(sender.protect_rtp(ours, header, Bytes(plain).subspan(header), {},
                                 static_cast<std::uint32_t>(index >> 16)),
              ours.size());
    ASSERT_EQ(ours, peer_out.protect(plain)) << "index " << index;
    ASSERT_EQ(peer_in.unprotect(ours), plain) << "index " << index;
    const SrtpResult result = receiver.unprotect_rtp(ours);
    ASSERT_TRUE(result) << "index " << index;
    ASSERT_EQ(result.index, index);
    ours.resize(result.size);
    ASSERT_EQ(ours, plain);
  };
  for (int i = 0; i < kPackets; ++i) {
    Stream& stream = streams[static_cast<std::size_t>(i % kSsrcs)];
    stream.index += random.one_in(50) ? random.between(2U, 300U) : 1;
    Packet plain = random_rtp(random, stream.ssrc, static_cast<std::uint16_t>(stream.index));
    if (random.one_in(50)) {
      stream.held_back.emplace_back(stream.index, std::move(plain));
      continue;
    }
    exchange(stream.index, plain);
    if (HasFatalFailure()) return;
    const bool overdue =
        !stream.held_back.empty() && stream.held_back.front().first + 200 < stream.index;
    if (overdue || stream.held_back.size() > 3) {
      ++late;
      exchange(stream.held_back.front().first, stream.held_back.front().second);
      if (HasFatalFailure()) return;
      stream.held_back.pop_front();
    }
  }
  EXPECT_GT(late, 1000);
  for (const Stream& stream : streams) EXPECT_GE(stream.index >> 16, 4U) << "too few wraps";
}

TEST(SrtpPeer, RtcpEqualsLibsrtpByteForByteInBothDirections) {
  Random random;
  SCOPED_TRACE(random.seed());
  const SrtpMasterKey key = random_key(random);
  Peer peer_out(key, ssrc_any_outbound);
  Peer peer_in(key, ssrc_any_inbound);
  SrtpSender sender(key);
  SrtpReceiver receiver(key);
  const std::uint32_t ssrc = random.u32();
  for (int i = 0; i < 20'000; ++i) {
    Packet plain = random.bytes(8 + 4 * random.between<std::size_t>(0, 250));
    plain[0] = 0x80;
    plain[1] = 200;
    store_u32(&plain[4], ssrc);
    Packet ours = plain;
    ours.resize(plain.size() + kSrtcpTrailerSize);
    ASSERT_EQ(sender.protect_rtcp(ours, plain.size()), ours.size());
    ASSERT_EQ(ours, peer_out.protect_rtcp(plain));
    ASSERT_EQ(peer_in.unprotect_rtcp(ours), plain);
    const SrtpResult result = receiver.unprotect_rtcp(ours);
    ASSERT_TRUE(result);
    ours.resize(result.size);
    ASSERT_EQ(ours, plain);
  }
}

TEST(SrtpPeer, BothRefuseTheSameDamageAndReplays) {
  Random random;
  SCOPED_TRACE(random.seed());
  const SrtpMasterKey key = random_key(random);
  Peer peer_out(key, ssrc_any_outbound);
  Peer peer_in(key, ssrc_any_inbound);
  SrtpReceiver receiver(key);
  for (int i = 0; i < 5000; ++i) {
    const auto sequence = static_cast<std::uint16_t>(i);
    Packet packet = peer_out.protect(random_rtp(random, 7, sequence));
    Packet damaged = packet;
    damaged[random.between<std::size_t>(0, packet.size() - 1)] ^=
        static_cast<std::uint8_t>(1 << random.between(0, 7));
    EXPECT_TRUE(peer_in.unprotect(damaged).empty());
    EXPECT_FALSE(receiver.unprotect_rtp(damaged));

    Packet again = packet;
    EXPECT_FALSE(peer_in.unprotect(packet).empty());
    EXPECT_TRUE(receiver.unprotect_rtp(packet));
    EXPECT_TRUE(peer_in.unprotect(again).empty());
    EXPECT_EQ(receiver.unprotect_rtp(again).refusal, SrtpRefusal::kReplayed);
  }
}

}  // namespace
}  // namespace rooms
