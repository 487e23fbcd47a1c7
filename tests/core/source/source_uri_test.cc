// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/source_uri.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

SourceUri read(const std::string& text) {
  const auto uri = read_source_uri(text, source_schemes());
  EXPECT_TRUE(uri) << text;
  return uri ? *uri : SourceUri{};
}

std::string code_of(const std::string& text, const std::vector<std::string>& allowed) {
  const auto uri = read_source_uri(text, allowed);
  return uri ? "" : uri.error().code;
}

TEST(SourceUri, ShowsNoSecrets) {
  EXPECT_EQ(read("rtsp://joe:s3cret@cam:554/door").shown, "rtsp://***@cam:554/door");
  EXPECT_EQ(read("RTSP://joe:p@ss@cam/door").shown, "rtsp://***@cam/door");
  EXPECT_EQ(read("http://cam/film?token=abc&x=1").shown, "http://cam/film?token=***&x=***");
  EXPECT_EQ(read("rtmp://host/live/KEY").shown, "rtmp://host/live/***");
  EXPECT_EQ(read("srt://cam:7001?streamid=x&passphrase=correct-horse").shown,
            "srt://cam:7001?streamid=***&passphrase=***");
  EXPECT_EQ(read("http://cam/film").shown, "http://cam/film");
  EXPECT_EQ(read("rtsp://joe:s3cret@cam/door").text, "rtsp://joe:s3cret@cam/door");
}

TEST(SourceUri, HidesThemInWhatElementsSay) {
  const auto uri = read("rtsp://joe:s3cret@cam/door?key=abcd");
  EXPECT_EQ(without_secrets("Could not open rtsp://joe:s3cret@cam/door?key=abcd", uri),
            "Could not open " + uri.shown);
  EXPECT_EQ(without_secrets("s3cret is wrong, so is abcd", uri), "*** is wrong, so is ***");
  EXPECT_EQ(without_secrets("no stream 'KEY1'", read("rtmp://host/live/KEY1")), "no stream '***'");
  EXPECT_EQ(without_secrets("nothing", read("file:///a.mkv")), "nothing");
}

TEST(SourceUri, TakesWhatIsAllowedOnly) {
  const auto& usual = default_source_schemes();
  EXPECT_EQ(code_of("rtsp://cam/door", usual), "");
  EXPECT_EQ(code_of("rtsp://[::1]:554/door", usual), "");
  EXPECT_EQ(code_of("srt://[::1]:7001?streamid=x", usual), "");
  EXPECT_EQ(code_of("file:///etc/passwd", usual), "source-scheme");
  EXPECT_EQ(code_of("FILE:///etc/passwd", usual), "source-scheme");
  EXPECT_EQ(code_of("gopher://cam/door", usual), "source-scheme");
  EXPECT_EQ(code_of("rtsp://cam/door", {}), "source-scheme");
}

TEST(SourceUri, RefusesWhatIsNoAddress) {
  for (const std::string text :
       {"", "door", "rtsp:/cam", "://cam", "rtsp://", "rtsp:///door", "1rtsp://cam",
        "rtsp://joe@/door", "rtsp://cam/a b", "rtsp://cam/\ninfo forged", "rtsp://cam:65536/door",
        "rtsp://joe:x@cam:0/door", "rtsp://[::1]:port/door", "srt://cam", "srt://cam:7001/door",
        "srt://:7001?mode=listener", "srt://0.0.0.0:7001?mode=listener",
        "srt://cam:7001?passphrase=short", "srt://cam:7001?colour=red"})
    EXPECT_EQ(code_of(text, source_schemes()), "source-uri") << text;
  EXPECT_EQ(code_of("rtsp://" + std::string(2048, 'c'), source_schemes()), "source-uri");
}

TEST(SourceUri, FilesEndAndCamerasDoNot) {
  EXPECT_TRUE(read("file:///a.mkv").can_end());
  EXPECT_TRUE(read("https://host/a.mp4").can_end());
  EXPECT_FALSE(read("rtsps://cam/door").can_end());
  EXPECT_TRUE(read("rtsps://cam/door").is_rtsp());
  EXPECT_TRUE(read("rtmp://host/live/key").is_live());
}

}  // namespace
}  // namespace rooms
