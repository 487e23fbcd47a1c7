// SPDX-License-Identifier: LGPL-2.1-or-later
// HTTP Live Streaming of the real server: what it says over HTTP, and ffmpeg, which plays it.
#include <map>
#include <regex>

#include "tests/record/recording_fixture.h"

namespace rooms {
namespace {

class HlsTest : public RecordingTest {
 protected:
  explicit HlsTest(const std::vector<std::string>& flags = {}) : RecordingTest(flags) {}

  HttpReply get(const std::string& file, const Headers& headers = {},
                const std::string& method = "GET") {
    return http(method, server_->http("/hls/demo/" + file), headers);
  }
  /// Names that a pattern finds in a playlist.
  static std::vector<std::string> names_in(const std::string& playlist,
                                           const std::string& pattern) {
    std::vector<std::string> names;
    const std::regex expression(pattern);
    for (std::sregex_iterator at(playlist.begin(), playlist.end(), expression), end; at != end;
         ++at)
      names.push_back((*at)[1]);
    return names;
  }
  static std::string picture_of(const std::string& index) {
    const auto names = names_in(index, "\n(v0-[0-9a-f]+\\.m3u8)");
    return names.empty() ? "" : names.front();
  }
};

TEST_F(HlsTest, IsPlayedByFfmpegInSync) {
  const auto ada = publish();
  wait(1);
  const auto path = folder_.path() + "/played.mkv";
  const auto began = std::chrono::steady_clock::now();
  const auto command = "timeout 60 ffmpeg -v error -i " + server_->http("/hls/demo/index.m3u8") +
                       " -t 8 -c copy " + path;
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::printf("  8 s took %.1f s\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  const auto file = probe(path);
  EXPECT_EQ(file.complaints, "");
  ASSERT_TRUE(file.video() && file.audio());
  EXPECT_EQ(file.video()->codec, "h264");
  EXPECT_EQ(file.video()->width, 1280U);
  EXPECT_EQ(file.audio()->codec, "aac");
  EXPECT_GT(file.duration, 7);
  EXPECT_LT(file.video()->longest_gap, 2.5);
  const double late = test::sound_lateness(path);
  std::printf("  sound %.0f ms later than the picture\n", late * 1000);
  EXPECT_LT(std::abs(late), 0.3);
}

/// When each whole segment of a playlist begins, in seconds of its day, by its number.
std::map<unsigned long, double> segments_in(const std::string& playlist) {
  std::map<unsigned long, double> segments;
  const std::regex expression(
      "PROGRAM-DATE-TIME:[^T]+T([0-9]+):([0-9]+):([0-9.]+)Z\n(?:#EXT-X-PART:[^\n]+\n)*"
      "#EXTINF:[^\n]+\n[a-z0-9]+-[0-9a-f]+-([0-9]+)\\.m4s");
  for (std::sregex_iterator at(playlist.begin(), playlist.end(), expression), end; at != end; ++at)
    segments[std::stoul((*at)[4])] =
        std::stod((*at)[1]) * 3600 + std::stod((*at)[2]) * 60 + std::stod((*at)[3]);
  return segments;
}

TEST_F(HlsTest, RenditionsAreCutAtTheSameMomentsAndEachIsPlayed) {
  const auto ada = publish();
  wait(1);
  const auto index = get("index.m3u8");
  ASSERT_EQ(index.status, 200U) << index.body;
  EXPECT_EQ(names_in(index.body, "RESOLUTION=([0-9x]+)"),
            (std::vector<std::string>{"1280x720", "640x360"}));
  const auto path = folder_.path() + "/both.mkv";
  const auto command = "timeout 60 ffmpeg -v error -i " + server_->http("/hls/demo/index.m3u8") +
                       " -t 5 -map 0:v -map 0:a:0 -c copy " + path;
  EXPECT_EQ(std::system(command.c_str()), 0);
  const auto file = probe(path);
  EXPECT_EQ(file.complaints, "");
  ASSERT_EQ(file.streams.size(), 3U);
  EXPECT_EQ(file.streams[0].height + file.streams[1].height, 720U + 360U);
  for (const auto& stream : file.streams) {
    EXPECT_GT(stream.packets, 50U) << stream.codec << " " << stream.height;
    EXPECT_LT(stream.longest_gap, 2.5) << stream.codec << " " << stream.height;
  }

  const auto large = segments_in(get(picture_of(index.body)).body);
  const auto small = segments_in(get(names_in(index.body, "\n(v1-[0-9a-f]+\\.m3u8)").front()).body);
  const auto sound = segments_in(get(names_in(index.body, "(a0-[0-9a-f]+\\.m3u8)").front()).body);
  unsigned compared = 0;
  double apart = 0;
  for (const auto& [number, begins] : large) {
    // The first one begins when its encoder does.
    if (number == large.begin()->first || !small.contains(number) || !sound.contains(number))
      continue;
    ++compared;
    apart = std::max(apart, std::abs(small.at(number) - begins));
    EXPECT_LT(std::abs(sound.at(number) - begins), 0.5) << number;
  }
  std::printf("  %u segments begin at most %.0f ms apart\n", compared, apart * 1000);
  EXPECT_GE(compared, 1U);
  EXPECT_LT(apart, 0.5);  // 0, unless a busy machine's encoder leaves a picture out
}

TEST_F(HlsTest, AParticipantIsPlayedAsItIsSent) {
  BeatingSettings settings;
  settings.codec = "H264";
  const auto ada = publish(settings);
  const auto bob = publish({}, "bob");
  wait(1);
  EXPECT_EQ(get("eve/index.m3u8").field("code"), "participant-unknown");
  const auto refused = get("bob/index.m3u8");
  EXPECT_EQ(refused.status, 409U);
  EXPECT_EQ(refused.field("code"), "codec-not-playable");
  EXPECT_EQ(get("ada/v0-abc.m3u8").status, 404U);

  const auto path = folder_.path() + "/ada.mkv";
  const auto command = "timeout 60 ffmpeg -v error -i " +
                       server_->http("/hls/demo/ada/index.m3u8") + " -t 6 -c copy " + path;
  EXPECT_EQ(std::system(command.c_str()), 0);
  const auto file = probe(path);
  EXPECT_EQ(file.complaints, "");
  ASSERT_TRUE(file.video() && file.audio());
  EXPECT_EQ(file.video()->codec, "h264");
  EXPECT_EQ(file.video()->width, settings.width);
  EXPECT_EQ(file.audio()->codec, "opus");
  EXPECT_GT(file.duration, 4);
  EXPECT_LT(file.video()->longest_gap, 2.5);
}

TEST_F(HlsTest, SaysWhatMayBeKeptAndForHowLong) {
  const auto ada = publish();
  wait(1);
  EXPECT_EQ(get("v0-abc.m3u8").status, 404U);  // nothing is made for who guesses
  const auto index = get("index.m3u8");
  ASSERT_EQ(index.status, 200U) << index.body;
  EXPECT_EQ(index.header("content-type"), "application/vnd.apple.mpegurl");
  EXPECT_EQ(index.header("cache-control"), "public, max-age=1");
  EXPECT_EQ(index.header("access-control-allow-origin"), "*");
  EXPECT_NE(index.body.find("CODECS=\"avc1.42"), std::string::npos) << index.body;
  EXPECT_NE(index.body.find("mp4a.40.2\",RESOLUTION=1280x720"), std::string::npos);
  const auto playlist = get(picture_of(index.body));
  ASSERT_EQ(playlist.status, 200U) << playlist.body;
  EXPECT_NE(playlist.body.find("#EXT-X-PART-INF:PART-TARGET=0.500"), std::string::npos);

  const auto segment = names_in(playlist.body, "\n(v0-[0-9a-f]+-[0-9]+\\.m4s)").front();
  const auto whole = get(segment);
  EXPECT_EQ(whole.status, 200U);
  EXPECT_EQ(whole.header("content-type"), "video/mp4");
  EXPECT_EQ(whole.header("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(get(segment, {}, "HEAD").header("content-length"), std::to_string(whole.body.size()));
  const auto part = get(segment, {{"Range", "bytes=4-7"}});
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.body, "moof");
  EXPECT_EQ(get(segment, {{"If-None-Match", whole.header("etag")}}).status, 304U);
  const auto preflight = get(segment,
                             {{"Origin", "http://other"},
                              {"Access-Control-Request-Method", "GET"},
                              {"Access-Control-Request-Headers", "range"}},
                             "OPTIONS");
  EXPECT_EQ(preflight.status, 204U);
  EXPECT_NE(preflight.header("access-control-allow-headers").find("Range"), std::string::npos);
  EXPECT_EQ(get(segment, {}, "POST").status, 405U);
  EXPECT_EQ(get("v0-0000-1.m4s").status, 404U);
  EXPECT_EQ(get("..%2findex.m3u8").status, 400U);
}

TEST_F(HlsTest, APlaylistThatIsAskedForAheadComesWhenItIsThere) {
  const auto ada = publish();
  wait(1);
  const auto playlist_name = picture_of(get("index.m3u8").body);
  const auto now = get(playlist_name).body;
  const auto hints = names_in(now, "PRELOAD-HINT:TYPE=PART,URI=\"([^\"]+)\"");
  ASSERT_EQ(hints.size(), 1U) << now;
  EXPECT_EQ(get(hints[0]).status, 200U);  // waits for it
  const auto sequence =
      std::stoul(names_in(now, "MEDIA-SEQUENCE:([0-9]+)")[0]) + names_in(now, "(#EXTINF)").size();
  const auto next =
      get(playlist_name + "?_HLS_msn=" + std::to_string(sequence + 1) + "&_HLS_part=0");
  EXPECT_EQ(next.status, 200U);
  EXPECT_NE(next.body.find("-" + std::to_string(sequence + 1) + ".0.m4s"), std::string::npos);
  EXPECT_EQ(next.header("cache-control"), "public, max-age=18");
  EXPECT_EQ(get(playlist_name + "?_HLS_msn=" + std::to_string(sequence + 99)).status, 400U);
  EXPECT_EQ(get(playlist_name + "?_HLS_part=1").status, 400U);
  EXPECT_EQ(get(playlist_name + "?_HLS_msn=many").status, 400U);
}

class BriefHlsTest : public HlsTest {
 protected:
  BriefHlsTest() : HlsTest({"--hls-linger", "2"}) {}
};

TEST_F(BriefHlsTest, EndsWhenNobodyAsksAndThenBeginsUnderOtherNames) {
  EXPECT_EQ(get("index.m3u8").field("code"), "room-unknown");
  const auto ada = publish();
  wait(1);
  const auto first = picture_of(get("index.m3u8").body);
  ASSERT_FALSE(first.empty());
  wait(4.5);
  EXPECT_EQ(get(first).status, 404U);
  const auto second = picture_of(get("index.m3u8").body);
  ASSERT_FALSE(second.empty());
  EXPECT_NE(first, second);
  EXPECT_EQ(http("DELETE", server_->http("/api/rooms/demo")).status, 204U);
  wait(0.5);
  EXPECT_EQ(get(second).status, 404U);
  EXPECT_EQ(get("index.m3u8").status, 404U);
}

class PlainHlsTest : public HlsTest {
 protected:
  PlainHlsTest()
      : HlsTest({"--hls-low-latency", "off", "--hls-segment-seconds", "1", "--hls-renditions",
                 "off"}) {}
};

TEST_F(PlainHlsTest, HasNoPartsAndOneRenditionWhereThatIsWanted) {
  const auto ada = publish();
  wait(1);
  const auto index = get("index.m3u8").body;
  EXPECT_EQ(names_in(index, "RESOLUTION=([0-9x]+)"), std::vector<std::string>{"1280x720"});
  const auto playlist = get(picture_of(index));
  EXPECT_EQ(playlist.status, 200U);
  EXPECT_EQ(playlist.body.find("#EXT-X-PART"), std::string::npos);
  EXPECT_NE(playlist.body.find("#EXTINF:"), std::string::npos);
}

class NoHlsTest : public HlsTest {
 protected:
  NoHlsTest() : HlsTest({"--hls", "off"}) {}
};

TEST_F(NoHlsTest, IsToldSo) {
  SocketClient bob(server_->ws());
  bob.ask(join_text("demo", "Bob"), "joined");
  const auto reply = get("index.m3u8");
  EXPECT_EQ(reply.status, 403U);
  EXPECT_EQ(reply.field("code"), "hls-off");
}

}  // namespace
}  // namespace rooms
