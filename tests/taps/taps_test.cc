// SPDX-License-Identifier: LGPL-2.1-or-later
// Pipelines on the tracks of a room, asked for over the API of the real server, and what a viewer
// sees meanwhile. Files are read back by ffprobe.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/record/beating_publisher.h"
#include "tests/record/media_probe.h"
#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

using test::BeatingPublisher;

void wait(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

class TapsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  TapsTest()
      : server_({"--announce-ip", "127.0.0.1", "--tap-elements",
                 "queue,identity,tee,fakesink,filesink,y4menc,videotestsrc,mp4mux,h264parse,"
                 "opusparse,oggmux,wavenc,autovideosink,nosuchelement,videoscale,fpsdisplaysink"}) {
    char pattern[] = "/tmp/gst-rooms-taps-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~TapsTest() override { std::filesystem::remove_all(folder_); }

  HttpReply ask(const std::string& method, const std::string& below = {},
                const std::string& body = {}) {
    return http(method, server_.http("/api/rooms/demo/taps" + below),
                {{"Content-Type", "application/json"}}, body);
  }
  HttpReply tap(const std::string& pipeline, const std::string& more = R"("track":"ada/camera")") {
    return ask("POST", {}, "{" + more + R"(,"pipeline":)" + json_string(pipeline) + "}");
  }
  /// Its id; fails the test when it does not start.
  std::string start(const std::string& pipeline,
                    const std::string& more = R"("track":"ada/camera")") {
    const auto reply = tap(pipeline, more);
    EXPECT_EQ(reply.status, 201U) << reply.body;
    EXPECT_EQ(reply.header("location"), "/api/rooms/demo/taps/" + reply.field("id"));
    return reply.field("id");
  }
  void stop(const std::string& id) {
    const auto stopped = ask("DELETE", "/" + id);
    EXPECT_EQ(stopped.status, 200U) << stopped.body;
    EXPECT_EQ(stopped.field("state"), "ended") << stopped.body;
  }
  bool becomes(const std::string& id, const std::string& state, double seconds = 20) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < deadline) {
      if (ask("GET", "/" + id).field("state") == state) return true;
      wait(0.1);
    }
    return false;
  }
  /// Whether so many frames come to it.
  bool is_given(const std::string& id, int frames, double seconds = 20) {
    std::string told;
    for (double left = seconds; left > 0; left -= 0.1) {
      told = ask("GET", "/" + id).body;
      if (std::stoi(Message(told).at("frames")) >= frames) return true;
      wait(0.1);
    }
    std::printf("  %s\n", told.c_str());
    return false;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }

  ServerProcess server_;
  std::string folder_;
};

/// Somebody who watches, and notices when nothing comes for long.
class Viewer {
 public:
  explicit Viewer(const ServerProcess& server) : client_(test::WebrtcClient::player(0, 1)) {
    const auto answer = http("POST", server.http("/whep/demo"),
                             {{"Content-Type", "application/sdp"}}, client_->offer());
    EXPECT_EQ(answer.status, 201U) << answer.body;
    client_->accept(answer.body);
  }
  /// True: pictures go on coming, with no second without one.
  bool sees(double seconds) {
    auto last = client_->frames();
    auto came = std::chrono::steady_clock::now();
    const auto until = came + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < until || client_->frames() == last) {
      const auto now = std::chrono::steady_clock::now();
      const auto frames = client_->frames();
      if (frames != last) came = now;
      last = frames;
      if (now - came > std::chrono::seconds(3)) return false;
      wait(0.02);
    }
    return true;
  }

 private:
  std::unique_ptr<test::WebrtcClient> client_;
};

TEST_F(TapsTest, GivesAPipelineWhatATrackAndTheMixShow) {
  const BeatingPublisher ada(server_.http(), "demo", "ada");
  const auto raw =
      start("y4menc ! filesink location=" + file("raw.y4m"), R"("track":"ada/camera","raw":true)");
  const auto sound = start("wavenc ! filesink location=" + file("sound.wav"),
                           R"("track":"ada/microphone","raw":true)");
  const auto mix =
      start("h264parse ! mp4mux ! filesink location=" + file("mix.mp4"), R"("track":"mix")");
  const auto mixed_sound = start("opusparse ! oggmux ! filesink location=" + file("mix.ogg"),
                                 R"("track":"mix","media":"audio")");
  for (const auto& id : {raw, sound, mix, mixed_sound}) EXPECT_TRUE(is_given(id, 60)) << id;
  for (const auto& id : {raw, sound, mix, mixed_sound}) stop(id);

  const auto picture = test::probe(file("raw.y4m"));
  ASSERT_TRUE(picture.video()) << picture.complaints;
  EXPECT_EQ(picture.video()->codec, "rawvideo");
  EXPECT_EQ(picture.video()->width, 320U);
  EXPECT_GT(picture.video()->packets, 25U);
  const auto heard = test::probe(file("sound.wav"));
  ASSERT_TRUE(heard.audio()) << heard.complaints;
  EXPECT_EQ(heard.audio()->codec, "pcm_s16le");
  EXPECT_GT(heard.duration, 1.0);
  const auto programme = test::probe(file("mix.mp4"));
  ASSERT_TRUE(programme.video()) << programme.complaints;
  EXPECT_EQ(programme.video()->codec, "h264");
  EXPECT_GT(programme.duration, 1.0);
  const auto all = test::probe(file("mix.ogg"));
  ASSERT_TRUE(all.audio()) << all.complaints;
  EXPECT_EQ(all.audio()->codec, "opus");
}

TEST_F(TapsTest, RefusesWhatItCannotOrMayNotMake) {
  const BeatingPublisher ada(server_.http(), "demo", "ada");
  const struct {
    const char* pipeline;
    unsigned status;
    const char* code;
  } rows[] = {
      {"", 400, "tap-empty"},
      {"queue !", 400, "tap-syntax"},
      {"queue ! udpsink host=192.0.2.1", 400, "tap-element"},
      {"queue ! ( fakesink )", 400, "tap-syntax"},
      {"queue ! file:///tmp/x", 400, "tap-syntax"},
      {"queue ! nosuchelement", 400, "tap-element"},
      {"queue ! fakesink nosuch=1", 400, "tap-property"},
      {"fpsdisplaysink video-sink=\"filesink location=/tmp/x\"", 400, "tap-property"},
      {"queue ! fakesink num-buffers=many", 400, "tap-syntax"},
      {"queue", 400, "tap-unlinked"},
      {"fakesink fakesink", 400, "tap-unlinked"},
      {"videotestsrc ! fakesink", 400, "tap-unlinked"},
      {"videoscale ! fakesink", 400, "tap-unlinked"},
      {"tee name=t ! fakesink t.nosuch ! fakesink", 400, "tap-unlinked"},
  };
  for (const auto& row : rows) {
    const auto reply = tap(row.pipeline);
    EXPECT_EQ(reply.status, row.status) << row.pipeline << ": " << reply.body;
    EXPECT_EQ(reply.field("code"), row.code) << row.pipeline << ": " << reply.body;
  }
  EXPECT_EQ(tap("fakesink", R"("track":"bob/camera")").status, 404U);
  EXPECT_EQ(tap("fakesink", R"("track":1)").status, 400U);
  EXPECT_EQ(tap("fakesink", R"("track":"mix","media":"smell")").status, 400U);
  EXPECT_EQ(ask("POST", {}, "no JSON").status, 400U);
  EXPECT_EQ(ask("DELETE", "/77").status, 404U);
  EXPECT_EQ(ask("PUT", "/77").status, 405U);
  EXPECT_EQ(Message(ask("GET").body).at("taps"), "[]") << "nothing is left of them";
}

TEST_F(TapsTest, NeverReachTheRoomWhenTheyFailOrStall) {
  const BeatingPublisher ada(server_.http(), "demo", "ada");
  SocketClient member(server_.ws());
  member.ask(join_text("demo", "Eve"), "joined");
  Viewer viewer(server_);
  ASSERT_TRUE(viewer.sees(1));
  const auto full = start("filesink location=/dev/full", R"("track":"ada/camera","raw":true)");
  EXPECT_EQ(member.wait_for("tap").at("state"), "running");
  const auto slow = start("identity sleep-time=60000000 ! fakesink");
  EXPECT_TRUE(becomes(full, "failed"));
  EXPECT_TRUE(viewer.sees(2));
  EXPECT_EQ(member.wait_for("tap").at("state"), "running") << "the slow one";
  const auto news = member.wait_for("tap");
  EXPECT_EQ(news.at("state"), "failed");
  EXPECT_NE(news.at("reason").find("filesink"), std::string::npos) << news.raw();
  // It sleeps for a minute.
  const auto left = ask("DELETE", "/" + slow);
  EXPECT_EQ(left.status, 200U) << left.body;
  EXPECT_EQ(left.field("state"), "failed") << left.body;
  EXPECT_TRUE(viewer.sees(1));
}

TEST(Taps, AreOffUntilTheConfigurationSaysOfWhatTheyAreMade) {
  gst_init(nullptr, nullptr);
  const ServerProcess server({"--announce-ip", "127.0.0.1"});
  SocketClient member(server.ws());
  member.ask(join_text("demo", "Eve"), "joined");
  const auto reply =
      http("POST", server.http("/api/rooms/demo/taps"), {{"Content-Type", "application/json"}},
           R"({"track":"mix","pipeline":"fakesink"})");
  EXPECT_EQ(reply.status, 403U) << reply.body;
  EXPECT_NE(reply.body.find("tap-off"), std::string::npos) << reply.body;
}

}  // namespace
}  // namespace rooms
