// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/push/push_address.h"

#include <gtest/gtest.h>

#include "gst/core/push/push_allowance.h"

namespace rooms {
namespace {

std::string code_of(const std::string& uri) {
  const auto parsed = parse_push_address(uri);
  return parsed ? "" : parsed.error().code;
}

TEST(PushAddress, ReadsRtmpAndHidesTheKey) {
  const auto address = parse_push_address("rtmp://live.example/app/instance/s3cret-key?token=abc");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->scheme, PushScheme::kRtmp);
  EXPECT_EQ(address->host, "live.example");
  EXPECT_EQ(address->port, 1935);
  EXPECT_EQ(address->shown, "rtmp://live.example/app/instance/***");
  EXPECT_EQ(address->hide_secrets("cannot publish s3cret-key with token=abc"),
            "cannot publish *** with ***");
  const auto shouted = parse_push_address("RTMP://live.example/App/Key");
  ASSERT_TRUE(shouted) << shouted.error().message;
  EXPECT_EQ(shouted->uri, "rtmp://live.example/App/Key") << "schemes alone have no case";
  EXPECT_EQ(address->hide_secrets("to " + address->uri + ": no"),
            "to rtmp://live.example/app/instance/***: no");
}

TEST(PushAddress, ReadsAUserAPortAndIpv6) {
  const auto address = parse_push_address("rtmps://ada:w%6Frd@[2001:db8::1]:4430/app/key");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->scheme, PushScheme::kRtmps);
  EXPECT_EQ(address->host, "2001:db8::1");
  EXPECT_EQ(address->port, 4430);
  EXPECT_EQ(address->shown, "rtmps://***@[2001:db8::1]:4430/app/***");
  EXPECT_EQ(address->hide_secrets("w%6Frd is word"), "*** is ***");
  EXPECT_EQ(parse_push_address("rtmps://live.example/app/key")->port, 443);
}

TEST(PushAddress, ReadsSrtAndHidesPassphraseAndStreamId) {
  const auto address = parse_push_address(
      "srt://live.example:7001?mode=caller&streamid=%23!::r=demo&passphrase=longenough1&latency=200"
      "&pbkeylen=32");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->port, 7001);
  EXPECT_FALSE(address->listens);
  EXPECT_EQ(address->stream_id, "#!::r=demo");
  EXPECT_EQ(address->passphrase, "longenough1");
  EXPECT_EQ(address->key_length, 32U);
  EXPECT_EQ(address->latency_ms, 200U);
  EXPECT_EQ(address->shown,
            "srt://live.example:7001?mode=caller&streamid=***&passphrase=***&latency=200"
            "&pbkeylen=32");
  EXPECT_TRUE(parse_push_address("srt://0.0.0.0:7001?mode=listener")->listens);
}

TEST(PushAddress, SaysWhatIsWrongAndRepeatsNothing) {
  EXPECT_EQ(code_of("http://live.example/app/key"), "push-scheme");
  EXPECT_EQ(code_of("file:///etc/passwd"), "push-scheme");
  for (const char* uri : {"",
                          "live.example/app/key",
                          "rtmp://",
                          "rtmp://host",
                          "rtmp://host/app",
                          "rtmp://host/app/",
                          "rtmp:///app/key",
                          "rtmp://host:0/app/key",
                          "rtmp://host:70000/app/key",
                          "rtmp://ada@host/app/key",
                          "rtmp://host/a b/key",
                          "rtmp://[::1/app/key",
                          "srt://host",
                          "srt://:7001",
                          "srt://host:7001/path",
                          "srt://host:7001?mode=rendezvous",
                          "srt://host:7001?passphrase=short",
                          "srt://host:7001?latency=-1",
                          "srt://host:7001?key",
                          "srt://host:7001?streamid=%zz",
                          "srt://host:7001?other=1",
                          "srt://host:7001?pbkeylen=17",
                          "srt://0.0.0.0:7001?mode=listener&streamid=demo"})
    EXPECT_EQ(code_of(uri), "push-uri") << uri;
  EXPECT_EQ(code_of("rtmp://host/app/" + std::string(2000, 'k')), "push-uri");
  EXPECT_EQ(parse_push_address("srt://host:7001?passphrase=s3cret").error().message.find("s3cret"),
            std::string::npos);
}

TEST(PushAllowance, GoesByHostPortAndDomain) {
  const auto allows = [](PushAllowance allowance, const char* uri) {
    const auto checked = check_allowed(allowance, *parse_push_address(uri));
    return checked ? "" : checked.error().code;
  };
  EXPECT_EQ(allows({}, "rtmp://anything/app/key"), "");
  EXPECT_EQ(allows({false, {}}, "rtmp://anything/app/key"), "push-off");
  const PushAllowance some = {false,
                              {"Live.example", "*.tv.example", "10.0.0.1:1936", "[::1]:7001"}};
  EXPECT_EQ(allows(some, "rtmp://live.EXAMPLE:1940/app/key"), "");
  EXPECT_EQ(allows(some, "rtmp://a.tv.example/app/key"), "");
  EXPECT_EQ(allows(some, "rtmp://tv.example/app/key"), "push-not-allowed");
  EXPECT_EQ(allows(some, "rtmp://eviltv.example/app/key"), "push-not-allowed");
  EXPECT_EQ(allows(some, "rtmp://10.0.0.1:1936/app/key"), "");
  EXPECT_EQ(allows(some, "rtmp://10.0.0.1/app/key"), "push-not-allowed");
  EXPECT_EQ(allows(some, "srt://[::1]:7001"), "");
  EXPECT_EQ(allows(some, "srt://[::1]:7002"), "push-not-allowed");
  // Who is named before '@' is no host.
  EXPECT_EQ(allows(some, "rtmp://live.example:1@evil.example/app/key"), "push-not-allowed");
}

}  // namespace
}  // namespace rooms
