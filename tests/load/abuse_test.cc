// SPDX-License-Identifier: LGPL-2.1-or-later
// Bad traffic of every kind against a real server, while a publisher and two players who have
// nothing to do with it must not lose a packet. Each kind is counted under a name of its own.
#include <map>

#include "tests/load/abuse_fixture.h"
#include "tests/server/raw_socket.h"

namespace rooms::load {
namespace {

using Packet = std::vector<std::uint8_t>;

class Abuse : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<ServerProcess>();
    udp_port_ = static_cast<std::uint16_t>(std::strtoul(
        server_->first_line().substr(server_->first_line().find("udp/") + 4).c_str(), nullptr, 10));
    bystanders_ = std::make_unique<Bystanders>(*server_);
    for (int i = 0; i < 200 && metric(*server_, "gst_rooms_whep_players") < 2; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    intruder_ = std::make_unique<Intruder>(*server_, "intruder");
    ASSERT_TRUE(intruder_->connect());
    // Until the bystanders count what they get.
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  }
  static void TearDownTestSuite() {
    intruder_.reset();
    const auto report = bystanders_->leave();
    ASSERT_TRUE(report);
    EXPECT_EQ(metric(*server_, "gst_rooms_media_dropped_receive_buffer_full"), 0);
    EXPECT_EQ(report->failed_clients, 0U);
    EXPECT_EQ(report->bad_packets, 0U);
    EXPECT_GT(report->expected_packets, 1000U);
    // What the kernel drops because our own clients read too late is not the server's.
    EXPECT_LE(report->lost_packets, report->generator_drops);
    EXPECT_LE(report->sequence_gaps, static_cast<std::int64_t>(report->generator_drops));
    std::printf("bystanders: %lu packets expected, %lu lost, %.1f ms p99\n",
                report->expected_packets, report->lost_packets,
                static_cast<double>(report->latency.p99.count()) / 1e6);
    bystanders_.reset();
    server_.reset();
  }

  static double media(const std::string& name) {
    return metric(*server_, "gst_rooms_media_" + name);
  }
  /// Until a counter has grown by so much; what it has grown by.
  static double grows(double before, const std::string& name, double by) {
    for (int i = 0; i < 100 && media(name) < before + by; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return media(name) - before;
  }
  /// A number of a participant's publish connection, as /api tells it; -1: it is not there.
  static long counted(const std::string& participant, const std::string& name) {
    const Message room(http("GET", server_->http("/api/rooms/abuse")).body);
    for (int i = 0; i < 8; ++i) {
      const std::string path = "participants." + std::to_string(i);
      if (room.at(path + ".id") != participant) continue;
      const auto value = room.at(path + ".publish." + name);
      return value.empty() ? -1 : std::strtol(value.c_str(), nullptr, 10);
    }
    return -1;
  }
  static std::string remote_of(const std::string& participant) {
    const Message room(http("GET", server_->http("/api/rooms/abuse")).body);
    for (int i = 0; i < 8; ++i) {
      const std::string path = "participants." + std::to_string(i);
      if (room.at(path + ".id") == participant) return room.at(path + ".publish.remote");
    }
    return {};
  }
  static long intruder_grows(long before, const std::string& name, long by) {
    for (int i = 0; i < 100 && counted("intruder", name) < before + by; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return counted("intruder", name) - before;
  }

  static inline std::unique_ptr<ServerProcess> server_;
  static inline std::uint16_t udp_port_ = 0;
  static inline std::unique_ptr<Bystanders> bystanders_;
  static inline std::unique_ptr<Intruder> intruder_;
};

/// A well-formed RTP packet of 100 bytes.
Packet rtp(std::uint32_t ssrc, std::uint8_t payload_type, std::uint16_t sequence) {
  Packet packet(100);
  packet[0] = 0x80;
  packet[1] = payload_type;
  store_u16(&packet[2], sequence);
  store_u32(&packet[8], ssrc);
  return packet;
}

TEST_F(Abuse, AFloodOfStunIsLimitedByAddressAndUnknownUsersGetNoAnswer) {
  const double user = media("dropped_stun_user");
  const double rate = media("dropped_stun_rate");
  constexpr int kSources = 40;
  constexpr int kEach = 500;
  std::vector<std::unique_ptr<UdpSender>> sources;
  for (int i = 0; i < kSources; ++i)
    sources.push_back(std::make_unique<UdpSender>(udp_port_, "127.0.7." + std::to_string(i + 1)));
  Packet packet(256);
  StunWriter writer(packet, StunClass::kRequest, {1});
  writer.username("nobody", "nobody").priority(1).controlling(1);
  packet.resize(writer.finish("guessed"));
  for (int i = 0; i < kEach; ++i) {
    for (const auto& source : sources) source->send(packet);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (int i = 0; i < 100; ++i) {
    if (media("dropped_stun_user") + media("dropped_stun_rate") >= user + rate + kSources * kEach)
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(media("dropped_stun_user") - user + media("dropped_stun_rate") - rate,
            kSources * kEach);
  // Each may begin with 400; the rest of a second and more is refused unread.
  EXPECT_GT(media("dropped_stun_user") - user, kSources * 300);
  EXPECT_TRUE(sources.front()->receive().empty());

  const double before = media("dropped_stun_rate");
  for (int i = 0; i < 3000; ++i) {
    sources.front()->send(packet);
    if (i % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GE(grows(before, "dropped_stun_rate", 1000), 1000);
}

TEST_F(Abuse, StunWithAWrongPasswordIsRefusedAndWithAWrongFingerprintDropped) {
  const UdpSender stranger(udp_port_);
  const double refused = media("refused_stun");
  stranger.send(intruder_->check(1, "a-wrong-password-of-some-length", true));
  const Packet answer = stranger.receive();
  const auto error = parse_stun(answer);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->error_code, 401);
  EXPECT_EQ(media("refused_stun") - refused, 1);

  const double malformed = media("dropped_stun_malformed");
  Packet broken = intruder_->check(2, intruder_->remote().transport.pwd, true);
  broken.back() ^= 1;
  stranger.send(broken);
  Packet cut = intruder_->check(3, intruder_->remote().transport.pwd, true);
  cut.resize(cut.size() / 2);
  stranger.send(cut);
  EXPECT_EQ(grows(malformed, "dropped_stun_malformed", 2), 2);
}

TEST_F(Abuse, AReplayedCheckDrawsNoMediaAway) {
  const auto remote = remote_of("intruder");
  ASSERT_NE(remote, "");
  const Packet request = intruder_->check(100, intruder_->remote().transport.pwd, true);
  intruder_->send(request);
  const double before = media("dropped_stun_replayed");
  // The server has to have seen the original first.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const UdpSender thief(udp_port_);
  for (int i = 0; i < 5; ++i) thief.send(request);
  EXPECT_EQ(grows(before, "dropped_stun_replayed", 5), 5);
  EXPECT_EQ(remote_of("intruder"), remote);
  EXPECT_TRUE(thief.receive().empty());
}

TEST_F(Abuse, WhatComesFromNowhereIsDroppedByItsKind) {
  const UdpSender stranger(udp_port_, "127.0.9.9");
  std::map<std::string, double> before;
  for (const char* name : {"dropped_unknown_peer", "dropped_unknown_kind", "dropped_oversized"})
    before[name] = media(name);

  DtlsSession session(intruder_->identity(), true, "sha-256", "");
  session.begin();
  const auto flight = session.take_outgoing();
  ASSERT_FALSE(flight.empty());
  stranger.send(flight.front());
  stranger.send(rtp(1, 96, 1));
  Packet report(28);
  report[0] = 0x80;
  report[1] = 200;
  stranger.send(report);
  EXPECT_EQ(grows(before["dropped_unknown_peer"], "dropped_unknown_peer", 3), 3);

  for (const Packet& nothing : {Packet{}, Packet{0x80}, Packet{0x90, 0x60, 1}, Packet(50, 0xFF),
                                Packet(30, 70), Packet{0x80, 0x60, 0, 1, 0, 0, 0}})
    stranger.send(nothing);
  // An empty one is nothing to count.
  EXPECT_EQ(grows(before["dropped_unknown_kind"], "dropped_unknown_kind", 5), 5);

  for (const std::size_t size : {4000, 9000, 65507}) stranger.send(Packet(size, 0x80));
  EXPECT_EQ(grows(before["dropped_oversized"], "dropped_oversized", 3), 3);
  // Not even a known address may send more than one of ours could be.
  intruder_->send(Packet(65507, 0x80));
  EXPECT_EQ(grows(before["dropped_oversized"], "dropped_oversized", 4), 4);
}

TEST_F(Abuse, SrtpThatIsForgedReplayedOrCutIsRefused) {
  const long authentication = counted("intruder", "dropped-authentication");
  const long replay = counted("intruder", "dropped-replay");
  const long unreadable = counted("intruder", "dropped-unreadable");
  const Packet genuine = intruder_->protect(rtp(0xABCDEF01, 96, 7), 12);
  for (std::size_t i = 0; i < 200; ++i) {
    Packet forged = genuine;
    forged[(i * 7) % forged.size()] ^= static_cast<std::uint8_t>(1 + i % 255);
    forged[0] = 0x80;
    forged[1] = 96;
    forged.back() ^= 0x10;
    intruder_->send(forged);
  }
  EXPECT_EQ(intruder_grows(authentication, "dropped-authentication", 200), 200);
  for (int i = 0; i < 4; ++i) intruder_->send(genuine);
  EXPECT_EQ(intruder_grows(replay, "dropped-replay", 3), 3);
  for (const std::size_t size : {8, 12, 20}) intruder_->send(Bytes(genuine).first(size));
  EXPECT_EQ(intruder_grows(unreadable, "dropped-unreadable", 3), 3);
  // Forged RTCP too.
  Packet compound(40);
  compound[0] = 0x80;
  compound[1] = 200;
  intruder_->send(compound);
  EXPECT_EQ(intruder_grows(authentication, "dropped-authentication", 201), 201);
}

TEST_F(Abuse, RtpThatMakesNoSenseInsideAGoodSessionIsDropped) {
  const long ssrc = counted("intruder", "dropped-unknown-ssrc");
  const long payload = counted("intruder", "dropped-unknown-payload");
  const long unreadable = counted("intruder", "dropped-unreadable");
  const auto audio = intruder_->client().publisher->plan().audio_stream.ssrc;

  // No section can have an SSRC that comes without MID beside the ones that were announced.
  for (std::uint16_t i = 0; i < 10; ++i) {
    Packet stray = rtp(0x01010101, 111, i);
    intruder_->send(intruder_->protect(stray, 12));
  }
  const long strays = intruder_grows(ssrc, "dropped-unknown-ssrc", 10) +
                      counted("intruder", "dropped-unknown-payload") - payload;
  EXPECT_EQ(strays, 10);

  const long before = counted("intruder", "dropped-unknown-payload");
  for (std::uint16_t i = 0; i < 10; ++i)
    intruder_->send(intruder_->protect(rtp(audio + 1, 35, i), 12));
  EXPECT_EQ(intruder_grows(before, "dropped-unknown-payload", 10), 10);

  // A header that is longer than its packet, an extension block too, padding beyond the payload.
  Packet csrcs = rtp(audio + 2, 111, 1);
  csrcs[0] = 0x8F;
  csrcs.resize(30);
  Packet extension = rtp(audio + 2, 111, 2);
  extension[0] = 0x90;
  store_u16(&extension[12], 0xBEDE);
  store_u16(&extension[14], 5000);
  Packet padding = rtp(audio + 2, 111, 3);
  padding[0] = 0xA0;
  padding.back() = 255;
  for (const auto& packet : {csrcs, extension, padding})
    intruder_->send(intruder_->protect(packet, 12));
  EXPECT_EQ(intruder_grows(unreadable, "dropped-unreadable", 3), 3);

  // Elements that run out of their block: the packet is as good as without them.
  Packet elements = rtp(audio + 3, 35, 4);
  elements[0] = 0x90;
  store_u16(&elements[12], 0xBEDE);
  store_u16(&elements[14], 1);
  store_u32(&elements[16], 0x1F1F1F1F);
  intruder_->send(intruder_->protect(elements, 20));
  EXPECT_EQ(intruder_grows(before, "dropped-unknown-payload", 11), 11);
}

/// Everybody here is let go within 25 s; meanwhile the others live on.
TEST_F(Abuse, WhoStopsHalfwayIsLetGo) {
  Intruder staller(*server_, "staller");
  const UdpSender line(udp_port_);
  DtlsSession session(staller.identity(), true, "sha-256", "");
  session.begin();
  const auto flight = session.take_outgoing();
  const double timed_out = metric(*server_, "gst_rooms_requests_timed_out_total");
  std::vector<std::unique_ptr<RawSocket>> drips;
  for (int i = 0; i < 10; ++i) drips.push_back(std::make_unique<RawSocket>(server_->port()));
  const RawSocket body(server_->port());
  body.send(
      "POST /whip/abuse HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\n"
      "Content-Length: 1000\r\n\r\n");
  const RawSocket silent(server_->port());
  for (const auto& drip : drips) drip->send("GET / HTTP/1.1\r\nHost: ");
  const auto began = monotonic_now();
  std::uint32_t number = 1000;
  double players = 3;
  while (monotonic_now() - began < std::chrono::seconds(26)) {
    line.send(staller.check(number++, staller.remote().transport.pwd, true));
    if (number == 1002) line.send(flight.front());
    for (const auto& drip : drips) drip->send("x");
    body.send("x");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    players = metric(*server_, "gst_rooms_whip_publishers");
    if (players == 2 && metric(*server_, "gst_rooms_requests_timed_out_total") >= timed_out + 12)
      break;
  }
  EXPECT_EQ(players, 2);
  EXPECT_EQ(metric(*server_, "gst_rooms_requests_timed_out_total") - timed_out, 12);
  EXPECT_EQ(silent.receive(), "");
  std::printf("let go after %.1f s\n",
              std::chrono::duration<double>(monotonic_now() - began).count());
}

}  // namespace
}  // namespace rooms::load
