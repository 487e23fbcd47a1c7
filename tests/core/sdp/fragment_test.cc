// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/fragment.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

TEST(SdpFragment, ReadsWhatAWhipClientTrickles) {
  const auto fragment = read_fragment(
      "a=group:BUNDLE 0 1\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
      "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
      "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\n"
      "m=video 9 RTP/AVP 0\na=mid:1\na=end-of-candidates");
  ASSERT_TRUE(fragment.ok());
  EXPECT_EQ(fragment->ufrag, "EsAw");
  EXPECT_EQ(fragment->mid, "0");
  EXPECT_EQ(fragment->media, "audio 9 RTP/AVP 0");
  ASSERT_EQ(fragment->candidates.size(), 1u);
  EXPECT_EQ(fragment->candidates[0],
            "candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0");
  EXPECT_TRUE(fragment->end_of_candidates);
}

TEST(SdpFragment, ReadsBackWhatItWrites) {
  SdpFragment ours;
  ours.media = "video 9 UDP/TLS/RTP/SAVPF 96";
  ours.mid = "v";
  ours.ufrag = "abcd";
  ours.pwd = "0123456789012345678901";
  ours.candidates = {"candidate:1 1 udp 1 192.0.2.1 1 typ host"};
  ours.end_of_candidates = true;
  const auto read = read_fragment(write_fragment(ours));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->media, ours.media);
  EXPECT_EQ(read->mid, ours.mid);
  EXPECT_EQ(read->ufrag, ours.ufrag);
  EXPECT_EQ(read->pwd, ours.pwd);
  EXPECT_EQ(read->candidates, ours.candidates);
  EXPECT_TRUE(read->end_of_candidates);
}

TEST(SdpFragment, RefusesWhatIsNone) {
  const std::string password = "a=ice-pwd:0123456789012345678901";
  EXPECT_TRUE(read_fragment("a=ice-ufrag:abcd\r\n" + password).ok());
  for (const auto& text :
       {std::string("hello"), std::string("a"), "a=ice-ufrag:\r\n" + password,
        std::string("a=ice-ufrag:abcd"), "a=ice-ufrag:a bcd\r\n" + password,
        "a=ice-ufrag:abc\r\n" + password, std::string("a=ice-ufrag:abcd\r\na=ice-pwd:x"),
        "a=ice-ufrag:abcd\r\n" + password.substr(0, password.size() - 1), std::string("a=mid:a b"),
        std::string("a=x\1")}) {
    const auto fragment = read_fragment(text);
    ASSERT_FALSE(fragment.ok()) << text;
    EXPECT_EQ(fragment.error().code, "sdp-syntax");
  }
  EXPECT_FALSE(read_fragment(std::string(70000, 'a')).ok());
  EXPECT_TRUE(read_fragment("").ok());
}

}  // namespace
}  // namespace rooms
