// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms of the real server by RTSP, played by ffmpeg and GStreamer over TCP and UDP.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <thread>

#include "tests/push/child_process.h"
#include "tests/record/beating_publisher.h"
#include "tests/record/media_probe.h"
#include "tests/rtsp/rtsp_talk.h"
#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

using test::BeatingPublisher;
using test::BeatingSettings;
using test::ChildProcess;
using test::RtspTalk;

void wait(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

BeatingSettings in_codec(const char* codec) {
  BeatingSettings settings;
  settings.codec = codec;
  return settings;
}

class RtspTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  explicit RtspTest(const std::vector<std::string>& flags = {}) {
    char pattern[] = "/tmp/gst-rooms-rtsp-XXXXXX";
    folder_ = mkdtemp(pattern);
    std::vector<std::string> all = {"--announce-ip", "127.0.0.1",
                                    "--recordings",  "off",
                                    "--rtsp",        "127.0.0.1:" + std::to_string(port_),
                                    "--log-level",   "error"};
    all.insert(all.end(), flags.begin(), flags.end());
    server_ = std::make_unique<ServerProcess>(all);
  }
  ~RtspTest() override {
    server_.reset();  // expects a clean end
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string uri(const std::string& path, const std::string& user = {}) const {
    return "rtsp://" + user + "127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::unique_ptr<BeatingPublisher> publish(const std::string& name, const char* codec,
                                            const std::string& room = "demo") {
    return std::make_unique<BeatingPublisher>(server_->http(), room, name, in_codec(codec));
  }
  /// Keeps what it plays, as it comes.
  static std::vector<std::string> recorder(const std::string& from, const std::string& transport,
                                           double seconds, const std::string& to) {
    return {"ffmpeg",
            "-nostdin",
            "-y",
            "-loglevel",
            "error",
            "-rtsp_transport",
            transport,
            "-i",
            from,
            "-t",
            std::to_string(seconds),
            "-c",
            "copy",
            to};
  }
  /// Exit status of ffprobe, which describes what it finds there.
  [[nodiscard]] static int probed(const std::string& from) {
    return std::system(
        ("timeout 15 ffprobe -loglevel quiet -rtsp_transport tcp '" + from + "'").c_str());
  }
  [[nodiscard]] double told(const std::string& name) const {
    return metric(*server_, "gst_rooms_media_rtsp_" + name);
  }
  /// Whether a metric comes to that value in time.
  [[nodiscard]] bool becomes(const std::string& name, double value, double seconds = 10) const {
    for (double left = seconds; left > 0; left -= 0.05) {
      if (told(name) == value) return true;
      wait(0.05);
    }
    std::printf("  %s is %.0f\n", name.c_str(), told(name));
    return false;
  }
  [[nodiscard]] std::ptrdiff_t count(const char* what) const {
    const auto folder = "/proc/" + std::to_string(server_->pid()) + "/" + what;
    return std::distance(std::filesystem::directory_iterator(folder),
                         std::filesystem::directory_iterator());
  }
  static void expect_programme(const std::string& path, const char* picture, const char* sound,
                               unsigned width) {
    SCOPED_TRACE(path);
    const auto seen = test::probe(path);
    EXPECT_EQ(seen.complaints, "");
    ASSERT_TRUE(seen.video() && seen.audio());
    EXPECT_EQ(seen.video()->codec, picture);
    EXPECT_EQ(seen.audio()->codec, sound);
    EXPECT_EQ(seen.video()->width, width);
    const double late = test::sound_lateness(path);
    std::printf("  %s: sound %.0f ms later than the picture\n", path.c_str(), late * 1000);
    EXPECT_LT(std::abs(late), 0.3);
  }

  const unsigned short port_ = test::free_port(SOCK_STREAM);
  std::string folder_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(RtspTest, PlaysParticipantsAndTheMixToPlayersThatAreNotOurs) {
  const auto ada = publish("ada", "VP8", "one");
  const auto bob = publish("bob", "H264", "two");
  constexpr double kLength = 12;  // a busy machine takes seconds to begin
  std::list<ChildProcess> players;
  players.emplace_back(recorder(uri("/one/ada"), "tcp", kLength, file("ada-tcp.mkv")));
  players.emplace_back(recorder(uri("/one/ada"), "udp", kLength, file("ada-udp.mkv")));
  players.emplace_back(recorder(uri("/two/bob"), "udp", kLength, file("bob-udp.mkv")));
  players.emplace_back(recorder(uri("/two/"), "tcp", kLength, file("mix-tcp.mkv")));
  EXPECT_TRUE(becomes("players", 4));
  EXPECT_EQ(told("mounts"), 3);  // two players of ada share hers
  for (auto& player : players) EXPECT_TRUE(player.ends(40));
  expect_programme(file("ada-tcp.mkv"), "vp8", "opus", 320);
  expect_programme(file("ada-udp.mkv"), "vp8", "opus", 320);
  expect_programme(file("bob-udp.mkv"), "h264", "opus", 320);
  expect_programme(file("mix-tcp.mkv"), "h264", "aac", 1280);
  EXPECT_TRUE(becomes("mounts", 0));
  EXPECT_TRUE(becomes("connections", 0));
}

TEST_F(RtspTest, PlaysToGStreamer) {
  const auto ada = publish("ada", "H264");
  std::list<ChildProcess> players;
  for (const std::string transport : {"tcp", "udp"})
    players.emplace_back(std::vector<std::string>{"gst-launch-1.0",
                                                  "rtspsrc",
                                                  "location=" + uri("/demo/ada"),
                                                  "protocols=" + transport,
                                                  "latency=50",
                                                  "name=s",
                                                  "s.",
                                                  "!",
                                                  "application/x-rtp,media=video",
                                                  "!",
                                                  "rtph264depay",
                                                  "!",
                                                  "h264parse",
                                                  "!",
                                                  "openh264dec",
                                                  "!",
                                                  "fakesink",
                                                  "num-buffers=25",
                                                  "s.",
                                                  "!",
                                                  "application/x-rtp,media=audio",
                                                  "!",
                                                  "rtpopusdepay",
                                                  "!",
                                                  "opusdec",
                                                  "!",
                                                  "fakesink",
                                                  "num-buffers=50"});
  for (auto& player : players) EXPECT_TRUE(player.ends(20));
}

TEST_F(RtspTest, AParticipantWhoLeavesEndsItsStreamsAndMayComeAgain) {
  auto ada = publish("ada", "VP8");
  ChildProcess tcp(recorder(uri("/demo/ada"), "tcp", 60, file("tcp.mkv")));
  ChildProcess udp(recorder(uri("/demo/ada"), "udp", 60, file("udp.mkv")));
  RtspTalk plain(port_);
  ASSERT_EQ(plain.play(uri("/demo/ada")), 200);
  EXPECT_TRUE(becomes("players", 3));
  EXPECT_TRUE(plain.receive(0, 5));
  ada.reset();
  EXPECT_TRUE(plain.is_closed(100000));
  EXPECT_TRUE(tcp.ends(10));
  EXPECT_TRUE(udp.ends(10));
  EXPECT_TRUE(becomes("mounts", 0));
  ada = publish("ada", "VP8");
  RtspTalk again(port_);
  ASSERT_EQ(again.play(uri("/demo/ada")), 200);
  EXPECT_TRUE(again.receive(0, 5));
}

TEST_F(RtspTest, AMutedPictureComesBackAndAnotherCodecEndsThePlay) {
  auto ada = publish("ada", "VP8");
  const auto mute = [&](const char* word) {
    EXPECT_EQ(
        http("PATCH", server_->http("/api/rooms/demo"), {{"Content-Type", "application/json"}},
             std::string(R"({"mute":{"ada":)") + word + "}}")
            .status,
        204U);
  };
  RtspTalk player(port_);
  ASSERT_EQ(player.play(uri("/demo/ada")), 200);
  EXPECT_TRUE(player.receive(0, 5));
  EXPECT_TRUE(player.receive(2, 5));
  mute("true");
  // Somebody who comes meanwhile is told of the picture as well: it is one mount.
  RtspTalk other(port_);
  EXPECT_EQ(other.play(uri("/demo/ada")), 200);
  mute("false");
  EXPECT_TRUE(player.receive(0, 5));
  EXPECT_TRUE(other.receive(0, 5));
  // Published again by the same name, in another codec.
  const auto h264 = publish("ada", "H264");
  EXPECT_TRUE(player.is_closed(100000));
  RtspTalk again(port_);
  EXPECT_EQ(again.play(uri("/demo/ada")), 200);
  EXPECT_TRUE(again.receive(0, 5));
  ada->vanish();
}

TEST_F(RtspTest, UnknownNamesAndOtherMethodsAreRefused) {
  const auto ada = publish("ada", "VP8");
  for (const char* path : {"/nobody", "/demo/eve", "/", "/demo/ada/more", "/%zz", "/demo/%00"}) {
    RtspTalk talk(port_);
    EXPECT_EQ(talk.play(uri(path)), 404) << path;
  }
  EXPECT_NE(probed(uri("/nobody")), 0);
  RtspTalk talk(port_);
  EXPECT_EQ(talk.ask("OPTIONS", uri("/")).status, 200);
  EXPECT_EQ(talk.ask("DESCRIBE", uri("/d%65mo/ada/")).status, 200);
  const std::string sdp =
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
      "a=rtpmap:96 VP8/90000\r\n";
  EXPECT_EQ(talk.ask("ANNOUNCE", uri("/demo/ada"), "Content-Type: application/sdp\r\n", sdp).status,
            405);
  EXPECT_EQ(talk.ask("PLAY", uri("/demo/ada")).status, 454);
  EXPECT_EQ(talk.ask("TEARDOWN", uri("/demo/ada"), "Session: nonsense\r\n").status, 454);
  EXPECT_EQ(told("players"), 0);
}

TEST_F(RtspTest, NonsenseHurtsNobody) {
  const auto ada = publish("ada", "VP8");
  RtspTalk player(port_);
  ASSERT_EQ(player.play(uri("/demo/ada")), 200);
  std::string noise(100'000, '\0');
  unsigned seed = 1;
  for (char& c : noise) c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  std::list<RawSocket> crowd;
  for (const std::string& text :
       {noise, std::string("$\0\xFF\xFF", 4), std::string("DESCRIBE " + uri("/demo/ada")),
        std::string("DESCRIBE " + uri("/demo/ada") +
                    " RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n"),
        std::string("GET / HTTP/1.0\r\n\r\n"), std::string("\r\n\r\n\r\n"),
        std::string("SETUP * RTSP/1.0\r\nCSeq: -1\r\nTransport: ;;;=\r\n\r\n")})
    crowd.emplace_back(port_).send(text);
  const auto& endless = crowd.emplace_back(port_);
  endless.send("OPTIONS * RTSP/1.0\r\n");
  const std::string header = "X-Long: " + std::string(3000, 'a') + "\r\n";
  bool ended = false;
  for (int i = 0; i < 20'000 && !ended; ++i) ended = !endless.send(header);
  EXPECT_TRUE(ended);
  EXPECT_TRUE(becomes("connections_ended", 1));
  for (int i = 0; i < 300; ++i) crowd.emplace_back(port_);
  EXPECT_TRUE(player.receive(0, 25));
  // They have been taken by the kernel; the server gets to them when it can.
  for (int i = 0; i < 100 && told("connections_refused") == 0; ++i) wait(0.05);
  EXPECT_GT(told("connections_refused"), 0);
  crowd.clear();
  EXPECT_TRUE(becomes("connections", 1));
  EXPECT_EQ(probed(uri("/demo/ada")), 0);
}

TEST_F(RtspTest, TwentyPlayersLeaveNothingBehind) {
  const auto ada = publish("ada", "VP8");
  const auto once = [&](bool says_goodbye) {
    RtspTalk player(port_);
    EXPECT_EQ(player.play(uri("/demo/ada")), 200);
    EXPECT_TRUE(player.receive(2, 3));
    if (says_goodbye) {
      EXPECT_EQ(player.ask("TEARDOWN", uri("/demo/ada")).status, 200);
    }
  };
  const auto settle = [&] {
    EXPECT_TRUE(becomes("mounts", 0));
    EXPECT_TRUE(becomes("connections", 0));
    wait(0.3);
  };
  for (int i = 0; i < 2; ++i) once(i % 2 == 0);
  settle();
  const auto threads = count("task");
  const auto descriptors = count("fd");
  for (int i = 0; i < 20; ++i) once(i % 2 == 0);
  settle();
  for (int i = 0; i < 200 && count("task") > threads + 2; ++i) wait(0.1);
  EXPECT_LE(count("task"), threads + 2);
  EXPECT_LE(count("fd"), descriptors + 2);
}

TEST_F(RtspTest, TheServerEndsWhileTheyPlay) {
  const auto ada = publish("ada", "VP8");
  ChildProcess udp(recorder(uri("/demo/ada"), "udp", 60, file("udp.mkv")));
  RtspTalk player(port_);
  RtspTalk mix(port_);
  EXPECT_EQ(player.play(uri("/demo/ada")), 200);
  EXPECT_EQ(mix.play(uri("/demo")), 200);
  EXPECT_TRUE(becomes("players", 3));
  ada->vanish();
  EXPECT_EQ(server_->stop(SIGTERM, 5), 0);
  EXPECT_TRUE(player.is_closed(100000));
  EXPECT_TRUE(udp.ends(10));
}

class GuardedRtspTest : public RtspTest {
 protected:
  GuardedRtspTest() : RtspTest({"--rtsp-user", "ada:s3cret", "--rtsp-user", "bob:other"}) {}
};

TEST_F(GuardedRtspTest, AsksWhoPlaysAndNeverForAReadablePassword) {
  const auto ada = publish("ada", "VP8");
  EXPECT_NE(probed(uri("/demo/ada")), 0);
  EXPECT_NE(probed(uri("/demo/ada", "ada:wrong@")), 0);
  EXPECT_NE(probed(uri("/demo/ada", "eve:s3cret@")), 0);
  EXPECT_EQ(probed(uri("/demo/ada", "ada:s3cret@")), 0);
  EXPECT_EQ(probed(uri("/demo/ada", "bob:other@")), 0);
  RtspTalk talk(port_);
  auto asked = talk.ask("DESCRIBE", uri("/demo/ada"));
  EXPECT_EQ(asked.status, 401);
  EXPECT_TRUE(asked.headers["www-authenticate"].starts_with("Digest "))
      << asked.headers["www-authenticate"];
  // "ada:s3cret"
  EXPECT_EQ(
      talk.ask("DESCRIBE", uri("/demo/ada"), "Authorization: Basic YWRhOnMzY3JldA==\r\n").status,
      401);
  EXPECT_EQ(talk.ask("DESCRIBE", uri("/nobody")).status, 401);  // nor what there is
}

}  // namespace
}  // namespace rooms
