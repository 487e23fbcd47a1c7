// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of a client against the server's own core: SDP, ICE, DTLS, SRTP.
#include <gtest/gtest.h>

#include <array>

#include "gst/core/codec/frame_info.h"
#include "gst/core/endpoint/rtx.h"
#include "gst/core/ice/candidate.h"
#include "gst/core/ice/ice_lite.h"
#include "gst/core/rtp/rtp_header.h"
#include "tests/load/dtls_session.h"
#include "tests/load/ice_client.h"
#include "tests/load/negotiate.h"
#include "tests/load/outgoing_stream.h"
#include "tests/load/sdp_text.h"
#include "tests/load/stamp.h"

namespace rooms::load {
namespace {

LocalEnd some_end() {
  LocalEnd end;
  end.transport.ufrag = "abcd";
  end.transport.pwd = "abcdefghijklmnopqrstuvwx";
  end.transport.fingerprint_hash = "sha-256";
  for (int i = 0; i < 32; ++i) end.transport.fingerprint_value += i == 0 ? "AA" : ":AA";
  end.candidates = {"candidate:1 1 udp 2130706431 127.0.0.1 9999 typ host"};
  return end;
}

PublishPlan some_plan(std::vector<std::string> rids) {
  PublishPlan plan;
  plan.cname = "p0";
  plan.audio_stream = {"", 11, 0};
  std::uint32_t ssrc = 100;
  for (auto& rid : rids) {
    plan.video_streams.push_back({rid, ssrc, ssrc + 1});
    ssrc += 2;
  }
  return plan;
}

std::string answered(SessionDescription answer) {
  auto transport = some_end().transport;
  transport.setup.clear();
  answer.ice_lite = true;
  set_transport(answer, transport, some_end().candidates);
  return write_sdp(answer);
}

TEST(Negotiation, PublishesWhatTheServerAnswers) {
  const auto plan = some_plan({""});
  const auto offer = read_sdp_text(write_sdp(offer_to_publish(plan, some_end())));
  ASSERT_TRUE(offer) << offer.error().message;
  const auto answer = answer_publish(*offer, {});
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->media.size(), 2U);
  EXPECT_EQ(answer->media[1].ssrcs, (std::vector<std::uint32_t>{100}));
  EXPECT_EQ(answer->media[1].rtx_ssrcs, (std::vector<std::uint32_t>{101}));
  const auto publishing = read_publish_answer(plan, answered(answer->answer));
  ASSERT_TRUE(publishing) << publishing.error().message;
  EXPECT_TRUE(publishing->audio.active && publishing->video.active);
  EXPECT_TRUE(publishing->video.transport_wide);
  EXPECT_EQ(publishing->video.payload_type, 96);
  EXPECT_EQ(publishing->video.rtx_payload_type, 97);
  EXPECT_EQ(publishing->remote.candidates.size(), 1U);
}

TEST(Negotiation, OffersThreeLayersAndReadsWhichAreTaken) {
  const auto plan = some_plan({"q", "h", "f"});
  const auto offer = read_sdp_text(write_sdp(offer_to_publish(plan, some_end())));
  ASSERT_TRUE(offer);
  const auto answer = answer_publish(*offer, {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->media[1].rids, (std::vector<std::string>{"q", "h", "f"}));
  const auto publishing = read_publish_answer(plan, answered(answer->answer));
  ASSERT_TRUE(publishing);
  EXPECT_EQ(publishing->rids, (std::vector<std::string>{"q", "h", "f"}));
}

TEST(Negotiation, RefusesAnswersItCannotUse) {
  auto plan = some_plan({""});
  const auto offer = read_sdp_text(write_sdp(offer_to_publish(plan, some_end())));
  auto answer = answer_publish(*offer, {});
  ASSERT_TRUE(answer);
  const auto text = answered(answer->answer);
  EXPECT_EQ(read_publish_answer(plan, "hello").error().code, "sdp-syntax");
  plan.codec = Codec::kH264;
  EXPECT_EQ(read_publish_answer(plan, text).error().code, "refused");
  plan.codec = Codec::kVp8;
  plan.video_streams.push_back({"h", 5, 6});
  EXPECT_EQ(read_publish_answer(plan, text).error().code, "refused");
  auto silent = answer->answer;
  set_transport(silent, some_end().transport, {});
  EXPECT_EQ(read_publish_answer(plan, write_sdp(silent)).error().code, "sdp-no-transport");
}

TEST(Negotiation, PlaysWhatTheServerAnswers) {
  const auto offer = read_sdp_text(write_sdp(offer_to_play(2, 2, Codec::kH264, some_end())));
  ASSERT_TRUE(offer);
  std::uint32_t next = 1000;
  const auto answer = answer_play(
      *offer, "server", [](void* data) { return (*static_cast<std::uint32_t*>(data))++; }, &next);
  ASSERT_TRUE(answer) << answer.error().message;
  const auto playing = read_playing(answered(answer->answer));
  ASSERT_TRUE(playing) << playing.error().message;
  EXPECT_EQ(playing->uses[111], PacketUse::kAudio);
  EXPECT_EQ(playing->uses[102], PacketUse::kVideo);
  EXPECT_EQ(playing->uses[103], PacketUse::kRepair);
  EXPECT_EQ(playing->uses[96], PacketUse::kNone);
  EXPECT_EQ(playing->codecs[102], Codec::kH264);
  EXPECT_NE(playing->transport_wide_id, 0);
}

TEST(Negotiation, AnswersTheSlotsOfARoom) {
  SlotPlan plan;
  plan.cname = "room";
  for (std::uint32_t i = 0; i < 3; ++i) {
    plan.slots.push_back({"a" + std::to_string(i), MediaKind::kAudio, 10 + i, 0});
    plan.slots.push_back({"v" + std::to_string(i), MediaKind::kVideo, 20 + i, 30 + i});
  }
  auto offer = offer_slots(plan);
  auto transport = some_end().transport;
  transport.setup = "actpass";
  offer.ice_lite = true;
  set_transport(offer, transport, some_end().candidates);
  const auto answer = answer_to_play(write_sdp(offer), Codec::kVp8, some_end());
  ASSERT_TRUE(answer) << answer.error().message;
  const auto read = read_sdp_text(*answer);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->ice_lite);
  EXPECT_EQ(read->media[0].transport.setup, "active");
  const auto slots = accept_slots(plan, *read);
  ASSERT_TRUE(slots) << slots.error().message;
  for (const auto& slot : *slots) EXPECT_TRUE(slot.active);
  const auto playing = read_playing(write_sdp(offer));
  ASSERT_TRUE(playing);
  EXPECT_EQ(playing->uses[96], PacketUse::kVideo);
}

TEST(IceClient, ConnectsToALiteAgentAndNominatesOnce) {
  const auto server = *SocketAddress::parse("127.0.0.1", 4000);
  const auto us = *SocketAddress::parse("127.0.0.1", 5000);
  const Timestamp start(std::chrono::seconds(100));
  IceLite lite({"srv", "serverpasswordserverpass"}, start);
  IceClient client({"us", "ourpasswordourpasswordour"}, {"srv", "serverpasswordserverpass"},
                   {"candidate:1 1 udp 2130706431 192.0.2.9 4000 typ host",
                    "candidate:2 1 udp 2130706175 127.0.0.1 4000 typ host",
                    "candidate:3 1 tcp 1518280447 127.0.0.1 4000 typ host tcptype passive",
                    "candidate:4 1 udp 2130706431 ::1 4000 typ host"},
                   server, 42, start);
  ASSERT_TRUE(client.has_candidates());
  std::array<std::uint8_t, IceClient::kMaxMessage> check;
  std::array<std::uint8_t, IceLite::kMaxResponse> response;
  const auto first = client.next_check(check, start);
  EXPECT_EQ(first.to, server) << "the address we signal with comes first";
  EXPECT_EQ(client.next_check(check, start).size, 0U) << "the others wait their turn";
  auto sent = client.next_check(check, start + std::chrono::milliseconds(50));
  ASSERT_GT(sent.size, 0U);

  auto answer = lite.on_request({check.data(), sent.size}, us, start, response);
  ASSERT_EQ(answer.outcome, IceAnswer::Outcome::kAccepted);
  EXPECT_FALSE(lite.nominated());
  const auto nomination = client.receive({response.data(), answer.size}, server, check, start);
  ASSERT_TRUE(client.selected());
  ASSERT_GT(nomination.size, 0U);
  answer = lite.on_request({check.data(), nomination.size}, us, start, response);
  EXPECT_TRUE(lite.nominated());
  EXPECT_EQ(client.receive({response.data(), answer.size}, server, check, start).size, 0U);

  // Consent, RFC 7675
  EXPECT_EQ(client.next_check(check, start + std::chrono::seconds(3)).size, 0U);
  sent = client.next_check(check, start + std::chrono::seconds(7));
  EXPECT_GT(sent.size, 0U);
  EXPECT_EQ(sent.to, *client.selected());
  EXPECT_FALSE(client.expired(start + std::chrono::seconds(20)));
  EXPECT_TRUE(client.expired(start + std::chrono::seconds(40)));
}

TEST(IceClient, BelievesNobodyWithoutThePassword) {
  const auto server = *SocketAddress::parse("127.0.0.1", 4000);
  const Timestamp start(std::chrono::seconds(100));
  IceLite lite({"srv", "anotherpasswordaltogether"}, start);
  IceClient client({"us", "ourpasswordourpasswordour"}, {"srv", "serverpasswordserverpass"},
                   {"candidate:2 1 udp 2130706175 127.0.0.1 4000 typ host"}, server, 42, start);
  std::array<std::uint8_t, IceClient::kMaxMessage> check;
  std::array<std::uint8_t, IceLite::kMaxResponse> response;
  const auto sent = client.next_check(check, start);
  const auto answer = lite.on_request({check.data(), sent.size}, server, start, response);
  EXPECT_EQ(client.receive({response.data(), answer.size}, server, check, start).size, 0U);
  EXPECT_FALSE(client.selected());
}

void exchange(DtlsSession& a, DtlsSession& b) {
  a.begin();
  for (int round = 0; round < 10; ++round) {
    for (const auto& datagram : a.take_outgoing()) b.receive(datagram);
    for (const auto& datagram : b.take_outgoing()) a.receive(datagram);
  }
}

TEST(DtlsSession, AgreesOnKeysWithItsPeer) {
  const auto one = DtlsIdentity::create();
  const auto other = DtlsIdentity::create();
  ASSERT_TRUE(one && other);
  DtlsSession client(**one, true, "sha-256", (*other)->fingerprint());
  DtlsSession server(**other, false, "sha-256", (*one)->fingerprint());
  exchange(client, server);
  ASSERT_EQ(client.state(), DtlsSession::State::kConnected) << client.failure();
  ASSERT_EQ(server.state(), DtlsSession::State::kConnected) << server.failure();
  ASSERT_TRUE(client.keys() && server.keys());
  EXPECT_EQ(client.keys()->ours, server.keys()->theirs);
  EXPECT_EQ(client.keys()->theirs, server.keys()->ours);
  client.close();
  for (const auto& datagram : client.take_outgoing()) server.receive(datagram);
  EXPECT_EQ(server.state(), DtlsSession::State::kClosed);
}

TEST(DtlsSession, RefusesACertificateTheSdpDidNotSpeakOf) {
  const auto one = DtlsIdentity::create();
  const auto other = DtlsIdentity::create();
  ASSERT_TRUE(one && other);
  DtlsSession client(**one, true, "sha-256", (*one)->fingerprint());
  DtlsSession server(**other, false, "sha-256", (*one)->fingerprint());
  exchange(client, server);
  EXPECT_EQ(client.state(), DtlsSession::State::kFailed);
  EXPECT_NE(client.failure().find("fingerprint"), std::string::npos);
  EXPECT_FALSE(client.keys());
}

TEST(OutgoingStream, SendsWhatAReceiverCanDecryptAndTwiceIfAsked) {
  const SrtpMasterKey key{1, 2, 3};
  SrtpSender sender(key);
  SrtpReceiver receiver(key);
  OutgoingStream stream({"h", 77, 78}, 90000, 12345);
  SendSettings settings;
  settings.active = true;
  settings.mid = "1";
  settings.payload_type = 96;
  settings.rtx_payload_type = 97;
  settings.extension_ids[static_cast<std::size_t>(Extension::kMid)] = 4;
  settings.extension_ids[static_cast<std::size_t>(Extension::kRid)] = 10;
  settings.extension_ids[static_cast<std::size_t>(Extension::kRepairedRid)] = 11;
  settings.extension_ids[static_cast<std::size_t>(Extension::kTransportWide)] = 3;
  stream.negotiate(settings);
  stream.set_source(9);
  VideoSource source({}, 5);
  std::array<std::uint8_t, 1500> out;
  std::uint16_t sequence = 0;
  for (std::uint16_t i = 0; i < 3; ++i) {
    source.begin_frame();
    const auto payload = source.next(stream.payload());
    const auto size = stream.protect(sender, out, payload.size, payload.marker, 1000, {0, i},
                                     Timestamp(std::chrono::seconds(5)));
    ASSERT_GT(size, 0U);
    const auto plain = receiver.unprotect_rtp(MutableBytes(out).first(size));
    ASSERT_TRUE(plain);
    const auto header = parse_rtp(Bytes(out).first(plain.size));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->ssrc, 77U);
    EXPECT_EQ(header->timestamp, 1000U);
    EXPECT_EQ(as_text(*find_extension(*header, 4)), "1");
    EXPECT_EQ(as_text(*find_extension(*header, 10)), "h");
    EXPECT_EQ(load_u16(find_extension(*header, 3)->data()), i);
    EXPECT_EQ(inspect(Codec::kVp8, header->payload).keyframe, i == 0);
    const auto stamp = read_stamp(header->payload);
    ASSERT_TRUE(stamp);
    EXPECT_EQ(stamp->source, 9U);
    EXPECT_EQ(stamp->sequence, i);
    sequence = header->sequence;
  }
  const auto size = stream.protect_again(sender, out, sequence, {0, 3});
  ASSERT_GT(size, 0U);
  const auto plain = receiver.unprotect_rtp(MutableBytes(out).first(size));
  ASSERT_TRUE(plain);
  const auto header = parse_rtp(Bytes(out).first(plain.size));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->ssrc, 78U);
  EXPECT_EQ(header->payload_type, 97);
  EXPECT_EQ(as_text(*find_extension(*header, 11)), "h");
  const auto original = unwrap_rtx(*header);
  ASSERT_TRUE(original);
  EXPECT_EQ(original->original_sequence, sequence);
  EXPECT_EQ(read_stamp(original->payload)->sequence, 2U);
  EXPECT_EQ(stream.protect_again(sender, out, static_cast<std::uint16_t>(sequence + 1), {}), 0U);

  stream.acknowledge();
  source.begin_frame();
  const auto payload = source.next(stream.payload());
  const auto last = stream.protect(sender, out, payload.size, true, 2000, {}, Timestamp{});
  const auto short_header = parse_rtp(Bytes(out).first(last));
  EXPECT_FALSE(find_extension(*short_header, 4));
  EXPECT_FALSE(find_extension(*short_header, 10));
}

}  // namespace
}  // namespace rooms::load
