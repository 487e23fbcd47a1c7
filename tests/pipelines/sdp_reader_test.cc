// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/sdp_reader.h"

#include <gtest/gtest.h>

#include "gst/core/sdp/negotiation.h"

namespace rooms {
namespace {

const std::string kHead = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
const std::string kVideo = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n";

std::string fingerprint(const std::string& hash, std::size_t bytes, const std::string& byte) {
  std::string value = byte;
  for (std::size_t i = 1; i < bytes; ++i) value += ":" + byte;
  return "a=fingerprint:" + hash + " " + value + "\r\n";
}

SessionDescription read(const std::string& text) {
  auto session = read_sdp(text);
  EXPECT_TRUE(session.ok()) << (session ? "" : session.error().message);
  return session ? *session : SessionDescription{};
}

SdpMedia read_section(const std::string& lines, const std::string& media_line = kVideo) {
  auto session = read(kHead + media_line + lines);
  return session.media.empty() ? SdpMedia{} : session.media[0];
}

std::string error_of(const std::string& text) {
  const auto session = read_sdp(text);
  if (session) return "";
  EXPECT_EQ(session.error().code, "sdp-syntax");
  return session.error().message;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(SdpReader, CopiesSessionValuesDownUnlessASectionHasItsOwn) {
  const auto session = read(
      kHead + "a=ice-ufrag:sess\r\na=ice-pwd:session-password-of-all\r\na=setup:actpass\r\n" +
      "a=extmap:3 urn:one\r\na=extmap:4 urn:two\r\na=recvonly\r\n" +
      fingerprint("sha-256", 32, "ab") + kVideo + "m=audio 9 RTP/SAVPF 0\r\n" +
      "a=ice-ufrag:owns\r\na=ice-pwd:password-of-that-section\r\na=setup:active\r\na=sendonly\r\n" +
      "a=extmap:3 urn:three\r\n" + fingerprint("sha-256", 32, "cd"));
  ASSERT_EQ(session.media.size(), 2u);
  const auto& inherits = session.media[0];
  EXPECT_EQ(inherits.transport.ufrag, "sess");
  EXPECT_EQ(inherits.transport.setup, "actpass");
  EXPECT_EQ(inherits.transport.fingerprint_value.substr(0, 5), "AB:AB");
  EXPECT_EQ(inherits.direction, Direction::kRecvOnly);
  EXPECT_EQ(inherits.extmaps.size(), 2u);
  const auto& own = session.media[1];
  EXPECT_EQ(own.transport.pwd, "password-of-that-section");
  EXPECT_EQ(own.transport.setup, "active");
  EXPECT_EQ(own.transport.fingerprint_value.substr(0, 5), "CD:CD");
  EXPECT_EQ(own.direction, Direction::kSendOnly);
  ASSERT_EQ(own.extmaps.size(), 2u);
  EXPECT_EQ(own.extmaps[0].uri, "urn:three");
  EXPECT_EQ(own.extmaps[1].uri, "urn:two");
}

TEST(SdpReader, PrefersSha256AmongFingerprints) {
  const auto media =
      read_section(fingerprint("sha-1", 20, "01") + fingerprint("SHA-256", 32, "02") +
                   fingerprint("sha-512", 64, "03") + fingerprint("md5", 16, "04"));
  EXPECT_EQ(media.transport.fingerprint_hash, "sha-256");
  EXPECT_EQ(media.transport.fingerprint_value.substr(0, 5), "02:02");
}

TEST(SdpReader, ReadsFormatsWithFeedbackForAll) {
  const auto media = read_section(
      "a=rtcp-fb:* transport-cc\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:96 VP8/90000\r\n"
      "a=fmtp:96 max-fs=12288\r\na=rtpmap:97 rtx/90000\r\na=rtpmap:55 VP9/90000\r\n",
      "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n");
  ASSERT_EQ(media.formats.size(), 2u);
  EXPECT_EQ(media.formats[0].name, "VP8");
  EXPECT_EQ(media.formats[0].clock_rate, 90000u);
  EXPECT_EQ(media.formats[0].fmtp, "max-fs=12288");
  EXPECT_EQ(media.formats[0].feedback, (std::vector<std::string>{"transport-cc", "nack pli"}));
  EXPECT_EQ(media.formats[1].feedback, (std::vector<std::string>{"transport-cc"}));
}

TEST(SdpReader, KnowsStaticPayloadTypes) {
  const auto media = read_section("", "m=audio 9 UDP/TLS/RTP/SAVPF 0 8 9 13\r\n");
  ASSERT_EQ(media.formats.size(), 4u);
  EXPECT_EQ(media.formats[0].name, "PCMU");
  EXPECT_EQ(media.formats[1].name, "PCMA");
  EXPECT_EQ(media.formats[2].clock_rate, 8000u);
  EXPECT_EQ(media.formats[3].name, "");
}

TEST(SdpReader, ReadsSimulcastOldAndNew) {
  struct {
    const char* value;
    const char* send;
    const char* recv;
  } const rows[] = {{"send q;h;~f", "q;h;~f", ""},
                    {" send rid=q;h", "q;h", ""},
                    {"recv a send b,c", "b,c", "a"},
                    {"send", "", ""}};
  for (const auto& row : rows) {
    const auto media =
        read_section("a=rid:q send pt=96;max-width=320\r\na=rid:r recv\r\na=simulcast:" +
                     std::string(row.value) + "\r\n");
    EXPECT_EQ(media.simulcast_send, row.send) << row.value;
    EXPECT_EQ(media.simulcast_recv, row.recv) << row.value;
    ASSERT_EQ(media.rids.size(), 2u);
    EXPECT_TRUE(media.rids[0].send);
    EXPECT_EQ(media.rids[0].restrictions, "pt=96;max-width=320");
    EXPECT_FALSE(media.rids[1].send);
  }
}

TEST(SdpReader, TakesStreamAndTrackFromEitherPlace) {
  EXPECT_EQ(read_section("a=msid:stream track\r\n").msid_track, "track");
  const auto media = read_section(
      "a=ssrc:0 cname:nothing\r\na=ssrc:5 cname:c\r\na=ssrc:5 msid:s t\r\na=ssrc:6 cname:c\r\n"
      "a=ssrc-group:FID 5 6\r\n");
  EXPECT_EQ(media.msid_stream, "s");
  EXPECT_EQ(media.msid_track, "t");
  ASSERT_EQ(media.ssrcs.size(), 2u);
  EXPECT_EQ(media.ssrcs[0].cname, "c");
  ASSERT_EQ(media.ssrc_groups.size(), 1u);
  EXPECT_EQ(media.ssrc_groups[0].ssrcs, (std::vector<std::uint32_t>{5, 6}));
}

TEST(SdpReader, ReadsExtmapsWithDirections) {
  const auto media = read_section(
      "a=extmap:3/recvonly urn:a\r\na=extmap:4 urn:b with attributes\r\na=extmap:4096 urn:c\r\n");
  ASSERT_EQ(media.extmaps.size(), 2u);
  EXPECT_EQ(media.extmaps[0].direction, Direction::kRecvOnly);
  EXPECT_EQ(media.extmaps[1].uri, "urn:b");
}

TEST(SdpReader, ReadsDataSectionsOldAndNew) {
  const auto now = read_section("a=sctp-port:5001\r\na=max-message-size:0\r\n",
                                "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
  EXPECT_EQ(now.kind, MediaKind::kApplication);
  EXPECT_FALSE(now.sctpmap);
  EXPECT_EQ(now.sctp_port, 5001);
  EXPECT_EQ(now.max_message_size, 0u);
  const auto old = read_section("a=sctpmap:5000 webrtc-datachannel 65535\r\n",
                                "m=application 9 DTLS/SCTP 5000\r\n");
  EXPECT_TRUE(old.sctpmap);
  EXPECT_EQ(old.sctp_port, 5000);
  EXPECT_EQ(old.max_message_size, 65536u);
  EXPECT_FALSE(read_section("", "m=application 9 UDP/BFCP *\r\n").other_kind.empty());
}

TEST(SdpReader, TellsRejectedFromBundleOnly) {
  const auto session =
      read(kHead + "a=group:BUNDLE 0 1\r\na=group:BUNDLE 2\r\n" + kVideo + "a=mid:0\r\n" +
           "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=bundle-only\r\n" +
           "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=bundle-only\r\n" +
           "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:3\r\n");
  ASSERT_EQ(session.media.size(), 4u);
  EXPECT_FALSE(session.media[1].rejected);
  EXPECT_TRUE(session.media[2].rejected);
  EXPECT_TRUE(session.media[3].rejected);
  EXPECT_EQ(session.bundle, (std::vector<std::string>{"0", "1"}));
}

TEST(SdpReader, GivesMidsToSectionsWithoutOne) {
  const auto session = read(kHead + kVideo + kVideo + "a=mid:0\r\n" + kVideo);
  ASSERT_EQ(session.media.size(), 3u);
  EXPECT_EQ(session.media[0].mid, "1");
  EXPECT_EQ(session.media[1].mid, "0");
  EXPECT_EQ(session.media[2].mid, "2");
}

TEST(SdpReader, TakesAnyLineEnds) {
  std::string text = kHead + kVideo + "a=mid:x\r\na=sendonly\r\na=ice-options:trickle\r\n";
  std::string bare;
  for (const char c : text)
    if (c != '\r') bare += c;
  for (const auto& variant : {text, bare, text + "\r\n\r\n", bare.substr(0, bare.size() - 1)}) {
    const auto session = read(variant);
    ASSERT_EQ(session.media.size(), 1u);
    EXPECT_EQ(session.media[0].mid, "x");
    EXPECT_EQ(session.media[0].direction, Direction::kSendOnly);
    EXPECT_TRUE(session.trickle);
  }
}

TEST(SdpReader, NamesTheLineThatIsWrong) {
  struct {
    std::string text;
    const char* part;
  } const rows[] = {
      {"", "empty"},
      {"\r\n \r\n", "empty"},
      {"hello", "Line 1"},
      {"{\"type\":\"offer\"}", "Line 1"},
      {"a=v\r\n", "Line 1 should be 'v=0'"},
      {kHead + "a", "Line 5 has no '='"},
      {kHead + "m=video", "Line 5 is not 'm="},
      {kHead + "m=video x RTP/SAVPF 96", "Line 5 has no port"},
      {kHead + "m=video 70000 RTP/SAVPF 96", "Line 5 has no port"},
      {kHead + "m=video -1 RTP/SAVPF 96", "Line 5 has no port"},
      {kHead + "a=" + std::string(9000, 'x'), "Line 5 is longer"},
      {kHead + kVideo + std::string("a=mid:\0x\r\n", 10), "zero byte"},
  };
  for (const auto& row : rows) {
    const auto message = error_of(row.text);
    EXPECT_TRUE(has(message, row.part)) << row.text << " -> " << message;
    EXPECT_TRUE(has(message, "localDescription")) << message;
  }
}

TEST(SdpReader, NamesTheSectionThatIsWrong) {
  const char* const lines[] = {"a=rtpmap:96 VP8",
                               "a=rtpmap:96 /90000",
                               "a=rtpmap:96 VP8/x",
                               "a=rtpmap:96 VP8/90000/-1",
                               "a=extmap:1",
                               "a=extmap:x urn:a",
                               "a=extmap:1/both urn:a",
                               "a=rid:a b send",
                               "a=rid:q",
                               "a=rid:q both",
                               "a=ssrc:x cname:y",
                               "a=ssrc:4294967296 cname:y",
                               "a=ssrc-group:FID 1 x",
                               "a=fingerprint:sha-256 AB",
                               "a=fingerprint:sha-1 zz:zz",
                               "a=ice-ufrag:",
                               "a=ice-ufrag:abc",
                               "a=ice-pwd:012345678901234567890",
                               "a=ice-pwd:a b",
                               "a=mid:",
                               "a=mid:a b"};
  for (const std::string line : lines) {
    const auto message = error_of(kHead + "m=audio 9 RTP/SAVPF 0\r\n" + kVideo + line + "\r\n");
    EXPECT_TRUE(has(message, "Section 1 (2 of 2)")) << line << " -> " << message;
  }
  EXPECT_TRUE(has(error_of(kHead + "m=video 9 RTP/SAVPF 128\r\n"), "'128'"));
  EXPECT_TRUE(has(error_of(kHead + "m=video 9 RTP/SAVPF VP8\r\n"), "'VP8'"));
  EXPECT_TRUE(has(error_of(kHead + kVideo + "a=mid:0\r\n" + kVideo + "a=mid:0\r\n"), "mids"));
  EXPECT_TRUE(has(error_of(kHead + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                                   "a=sctp-port:99999\r\n"),
                  "sctp-port"));
}

TEST(SdpReader, HoldsItsLimits) {
  std::string many = kHead;
  for (int i = 0; i < 256; ++i) many += kVideo;
  EXPECT_EQ(read(many).media.size(), 256u);
  EXPECT_TRUE(has(error_of(many + kVideo), "257th"));

  EXPECT_TRUE(has(error_of(kHead + std::string(262144, 'a')), "262144"));

  std::string formats = "m=video 9 RTP/SAVPF";
  for (int i = 0; i < 128; ++i) formats += " " + std::to_string(i);
  EXPECT_EQ(read(kHead + formats + "\r\n").media[0].formats.size(), 128u);
  EXPECT_TRUE(has(error_of(kHead + formats + " 1\r\n"), "128 formats"));

  const auto repeated = [&](const std::string& start, const std::string& rest, int count) {
    std::string text = kHead + kVideo;
    for (int i = 1; i <= count; ++i) text += start + std::to_string(i) + rest + "\r\n";
    return text;
  };
  EXPECT_TRUE(has(error_of(repeated("a=ssrc:", " cname:x", 129)), "128 SSRCs"));
  EXPECT_TRUE(has(error_of(repeated("a=rid:r", " send", 33)), "32 a=rid"));
  EXPECT_TRUE(has(error_of(repeated("a=extmap:", " urn:x", 65)), "64 a=extmap"));
  EXPECT_EQ(
      read(repeated("a=candidate:", " 1 udp 1 ::1 9 typ host", 500)).media[0].candidates.size(),
      128u);
}

TEST(SdpReader, ReadsTheLargestInputQuickly) {
  // Everything a section copies from the session, in as many sections as there may be.
  std::string text = kHead;
  for (int i = 1; i <= 64; ++i)
    text += "a=extmap:" + std::to_string(i) + " urn:" + std::string(200, 'x') + std::to_string(i) +
            "\r\n";
  for (int i = 0; i < 256; ++i) text += kVideo;
  while (text.size() < 262000) text += "a=rtcp-fb:* ack\r\n";
  EXPECT_EQ(read(text).media.size(), 256u);
}

}  // namespace
}  // namespace rooms
