// SPDX-License-Identifier: LGPL-2.1-or-later
// A room leaves the real server by RTMP and SRT, is taken by servers and players that are not ours,
// and read back by ffmpeg.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/push/child_process.h"
#include "tests/push/rtmp_server.h"
#include "tests/record/beating_publisher.h"
#include "tests/record/media_probe.h"
#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

using test::BeatingPublisher;
using test::ChildProcess;
using test::free_port;
using test::RtmpServer;

constexpr const char* kKey = "s3cret-key";

void wait(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

/// What a child process says on standard error goes to a file as long as this lives.
class ErrorsTo {
 public:
  explicit ErrorsTo(const std::string& path) : before_(dup(STDERR_FILENO)) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(file, STDERR_FILENO);
    close(file);
  }
  ~ErrorsTo() {
    dup2(before_, STDERR_FILENO);
    close(before_);
  }
  ErrorsTo(const ErrorsTo&) = delete;
  ErrorsTo& operator=(const ErrorsTo&) = delete;

 private:
  int before_;
};

/// Takes connections and says nothing.
class MuteServer {
 public:
  MuteServer() : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(descriptor_, 8), 0);
    socklen_t size = sizeof(address);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = std::to_string(ntohs(address.sin_port));
  }
  ~MuteServer() { close(descriptor_); }
  MuteServer(const MuteServer&) = delete;
  MuteServer& operator=(const MuteServer&) = delete;
  [[nodiscard]] const std::string& port() const { return port_; }

 private:
  int descriptor_;
  std::string port_;
};

class PushTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  explicit PushTest(const std::vector<std::string>& flags = {}) {
    char pattern[] = "/tmp/gst-rooms-push-XXXXXX";
    folder_ = mkdtemp(pattern);
    std::vector<std::string> all = {"--announce-ip", "127.0.0.1", "--log-level", "debug"};
    all.insert(all.end(), flags.begin(), flags.end());
    const ErrorsTo errors(log());
    server_ = std::make_unique<ServerProcess>(all);
  }
  ~PushTest() override {
    server_.reset();
    EXPECT_EQ(text_of(log()).find("s3cret"), std::string::npos) << text_of(log());
    std::error_code ignored;
    if (HasFailure()) std::printf("%s\n", text_of(log()).c_str());
    std::filesystem::remove_all(folder_, ignored);
  }
  [[nodiscard]] std::string log() const { return folder_ + "/server.log"; }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }
  static std::string text_of(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  HttpReply ask(const std::string& method, const std::string& below = {},
                const std::string& body = {}) {
    return http(method, server_->http("/api/rooms/demo/push" + below),
                {{"Content-Type", "application/json"}}, body);
  }
  HttpReply push_to(const std::string& uri) { return ask("POST", {}, R"({"uri":")" + uri + "\"}"); }
  /// Its id; fails the test when it does not start.
  std::string start(const std::string& uri) {
    const auto reply = push_to(uri);
    EXPECT_EQ(reply.status, 201U) << reply.body;
    EXPECT_EQ(reply.body.find("s3cret"), std::string::npos);
    EXPECT_EQ(reply.header("location"), "/api/rooms/demo/push/" + reply.field("id"));
    return reply.field("id");
  }
  [[nodiscard]] Message told(const std::string& id) { return Message(ask("GET", "/" + id).body); }
  /// Whether it comes to that state in time.
  bool becomes(const std::string& id, const std::string& state, double seconds = 20) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    Message last;
    while (std::chrono::steady_clock::now() < deadline) {
      last = told(id);
      if (last.at("state") == state) return true;
      visitor_->idle(0.05);
    }
    std::printf("  not %s but %s\n", state.c_str(), last.raw().c_str());
    return false;
  }
  std::unique_ptr<BeatingPublisher> publish(const std::string& name = "ada") {
    return std::make_unique<BeatingPublisher>(server_->http(), "demo", name);
  }
  /// Waits for a player to have what it wants.
  bool ends(ChildProcess& player, double seconds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!player.ends(0)) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      visitor_->idle(0.05);
    }
    return true;
  }
  /// Somebody who keeps the room open.
  void enter() {
    visitor_ = std::make_unique<SocketClient>(server_->ws());
    visitor_->ask(join_text("demo", "Bob"), "joined");
  }
  /// Reads what comes from there, as it is, into a file.
  static std::vector<std::string> recorder(const std::string& from, double seconds,
                                           const std::string& to) {
    return {
        "ffmpeg", "-nostdin", "-y", "-loglevel", "error", "-i", from, "-t", std::to_string(seconds),
        "-c",     "copy",     to};
  }
  static void expect_programme(const std::string& path, double least) {
    SCOPED_TRACE(path);
    const auto file = test::probe(path);
    EXPECT_EQ(file.complaints, "");
    ASSERT_TRUE(file.video() && file.audio());
    EXPECT_EQ(file.video()->codec, "h264");
    EXPECT_EQ(file.video()->width, 1280U);
    EXPECT_EQ(file.audio()->codec, "aac");
    EXPECT_GT(file.video()->end - file.video()->start, least);
    EXPECT_GT(file.audio()->end - file.audio()->start, least);
    EXPECT_LT(file.audio()->longest_gap, 1.5);
    const double late = test::sound_lateness(path);
    std::printf("  %s: sound %.0f ms later than the picture\n", path.c_str(), late * 1000);
    EXPECT_LT(std::abs(late), 0.3);
  }

  std::string folder_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<SocketClient> visitor_;
};

TEST_F(PushTest, GoesToAnRtmpServerInSync) {
  RtmpServer rtmp;
  rtmp.start();
  enter();
  const auto ada = publish();
  const auto id = start(rtmp.uri("live/") + kKey);
  ASSERT_TRUE(becomes(id, "live"));
  ChildProcess player(recorder(rtmp.uri("live/") + kKey, 8, file("rtmp.mkv")));
  EXPECT_TRUE(ends(player, 30));
  const auto all = ask("GET").body;
  EXPECT_EQ(all.find("s3cret"), std::string::npos) << all;
  EXPECT_EQ(Message(all).at("pushes.0.uri"), rtmp.uri("live/***"));
  EXPECT_EQ(Message(all).at("pushes.0.droppedFrames"), "0");
  const auto news = visitor_->wait_for("push-state");
  EXPECT_EQ(news.at("state"), "connecting");
  EXPECT_EQ(news.at("push"), id);
  EXPECT_EQ(visitor_->wait_for("push-state").at("state"), "live");
  const auto stopped = ask("DELETE", "/" + id);
  EXPECT_EQ(stopped.field("state"), "ended") << stopped.body;
  EXPECT_EQ(visitor_->wait_for("push-state").at("state"), "ended");
  expect_programme(file("rtmp.mkv"), 6);  // takes longer than a socket may be silent
}

TEST_F(PushTest, ComesBackWhenTheServerDoesAndTheEncoderGoesOn) {
  RtmpServer rtmp;
  rtmp.start();
  enter();
  const auto ada = publish();
  const auto id = start(rtmp.uri("live/") + kKey);
  const auto other = start(rtmp.uri("live/other"));
  ASSERT_TRUE(becomes(id, "live"));
  ASSERT_TRUE(becomes(other, "live"));
  const auto encoders = [&] { return http("GET", server_->http("/api/rooms/demo")).body; };
  EXPECT_NE(encoders().find("\"track\":\"mix/video-h264\",\"kind\":\"video\",\"takers\":2"),
            std::string::npos)
      << encoders();
  rtmp.kill();
  ASSERT_TRUE(becomes(id, "waiting"));
  EXPECT_NE(told(id).at("reason"), "");
  wait(1);
  EXPECT_NE(encoders().find("\"track\":\"mix/video-h264\""), std::string::npos);
  rtmp.start();
  ASSERT_TRUE(becomes(id, "live"));
  ASSERT_TRUE(becomes(other, "live"));
  EXPECT_GE(std::stoi(told(id).at("connects")), 2);
  ChildProcess player(recorder(rtmp.uri("live/other"), 2, file("again.mkv")));
  EXPECT_TRUE(ends(player, 20));
  EXPECT_GT(test::probe(file("again.mkv")).duration, 1);
}

TEST_F(PushTest, GoesToAnSrtPlayerThatListensAndToOneThatCalls) {
  enter();
  const auto ada = publish();
  const auto there = std::to_string(free_port(SOCK_DGRAM));
  const std::string word = "passphrase=s3cret-passphrase";
  ChildProcess listener(
      recorder("srt://127.0.0.1:" + there + "?mode=listener&" + word, 8, file("called.ts")));
  wait(0.5);
  const auto called = start("srt://127.0.0.1:" + there + "?" + word + "&streamid=s3cret-id");
  ASSERT_TRUE(becomes(called, "live"));

  const auto here = std::to_string(free_port(SOCK_DGRAM));
  const auto listening = start("srt://127.0.0.1:" + here + "?mode=listener&" + word);
  ASSERT_TRUE(becomes(listening, "waiting"));
  EXPECT_EQ(told(listening).at("code"), "push-no-player");
  ChildProcess caller(
      recorder("srt://127.0.0.1:" + here + "?mode=caller&" + word, 6, file("calling.ts")));
  ASSERT_TRUE(becomes(listening, "live"));
  EXPECT_TRUE(ends(listener, 30));
  EXPECT_TRUE(ends(caller, 30));
  expect_programme(file("called.ts"), 6);
  EXPECT_GT(test::probe(file("calling.ts")).duration, 4);
  EXPECT_TRUE(becomes(listening, "waiting"));
  EXPECT_TRUE(becomes(called, "waiting"));
}

TEST_F(PushTest, SaysWhyItDoesNotGetThrough) {
  RtmpServer rtmp;
  rtmp.start();
  enter();
  const auto nobody = std::to_string(free_port(SOCK_STREAM));
  const auto refused = start("rtmp://127.0.0.1:" + nobody + "/live/" + kKey);
  const auto denied = start(rtmp.uri("closed/") + kKey);
  const MuteServer mute;
  const auto unanswered = start("rtmp://127.0.0.1:" + mute.port() + "/live/" + kKey);
  const auto port = std::to_string(free_port(SOCK_DGRAM));
  ChildProcess listener(
      recorder("srt://127.0.0.1:" + port + "?mode=listener&passphrase=another-passphrase", 60,
               file("never.ts")));
  wait(0.5);
  const auto secret = start("srt://127.0.0.1:" + port + "?passphrase=s3cret-passphrase");
  const auto silent =
      start("srt://127.0.0.1:" + std::to_string(free_port(SOCK_DGRAM)) + "?streamid=s3cret-id");
  const auto code_of = [&](const std::string& id) {
    for (int i = 0; i < 400 && told(id).at("code").empty(); ++i) visitor_->idle(0.05);
    std::printf("  %s\n", told(id).raw().c_str());
    return told(id).at("code");
  };
  EXPECT_EQ(code_of(refused), "push-refused");
  EXPECT_EQ(code_of(denied), "push-denied");
  EXPECT_EQ(code_of(unanswered), "push-unreachable");
  EXPECT_EQ(code_of(secret), "push-denied");
  EXPECT_EQ(code_of(silent), "push-unreachable");
  EXPECT_TRUE(becomes(denied, "failed", 30));
  EXPECT_EQ(visitor_->ask(R"({"type":"ping"})", "pong").at("type"), "pong");
}

TEST_F(PushTest, BadRequestsAreToldWhatWouldBeRight) {
  enter();
  const auto code = [&](const std::string& body) { return ask("POST", {}, body).field("code"); };
  EXPECT_EQ(code(R"({"uri":"http://127.0.0.1/s3cret"})"), "push-scheme");
  EXPECT_EQ(code(R"({"uri":"rtmp://127.0.0.1"})"), "push-uri");
  EXPECT_EQ(code("{}"), "missing-field");
  EXPECT_EQ(code("[]"), "bad-json");
  EXPECT_EQ(code(R"({"uri":"rtmp://127.0.0.1/a/b","videoBitrate":1})"), "bad-field");
  EXPECT_EQ(code(R"({"uri":"rtmp://127.0.0.1/a/b","layout":"spiral"})"), "layout-unknown");
  EXPECT_EQ(code(R"({"uri":"rtmp://127.0.0.1/a/b","size":{"width":1,"height":2}})"), "bad-size");
  EXPECT_EQ(ask("GET", "/push-9").field("code"), "push-unknown");
  EXPECT_EQ(ask("DELETE", "/push-9").status, 404U);
  EXPECT_EQ(ask("PUT").status, 405U);
  EXPECT_EQ(http("POST", server_->http("/api/rooms/demo/push"), {{"Content-Type", "text/plain"}},
                 R"({"uri":"rtmp://127.0.0.1/a/b"})")
                .status,
            415U);
  const auto nobody = "rtmp://127.0.0.1:" + std::to_string(free_port(SOCK_STREAM)) + "/a/b";
  for (int i = 0; i < 16; ++i) start(nobody);
  EXPECT_EQ(push_to(nobody).field("code"), "too-many-pushes");
  EXPECT_EQ(http("DELETE", server_->http("/api/rooms/demo")).status, 204U);
}

class LimitedPushTest : public PushTest {
 protected:
  LimitedPushTest() : PushTest({"--push", "127.0.0.1:1936", "--push", "*.tv.example"}) {}
};

TEST_F(LimitedPushTest, GoesOnlyWhereTheServerMayPush) {
  enter();
  EXPECT_EQ(push_to("rtmp://127.0.0.1:1935/live/s3cret").field("code"), "push-not-allowed");
  EXPECT_EQ(push_to("srt://192.0.2.1:1936").status, 403U);
  EXPECT_EQ(push_to("rtmp://127.0.0.1:1936/live/s3cret").status, 201U);
}

class NoPushTest : public PushTest {
 protected:
  NoPushTest() : PushTest({"--push", "off"}) {}
};

TEST_F(NoPushTest, GoesNowhere) {
  enter();
  EXPECT_EQ(push_to("rtmp://127.0.0.1/live/s3cret").field("code"), "push-off");
}

TEST_F(PushTest, FiveTimesLeaveNothingBehind) {
  RtmpServer rtmp;
  rtmp.start();
  enter();
  const auto count = [&](const char* what) {
    const auto folder = "/proc/" + std::to_string(server_->pid()) + "/" + what;
    return std::distance(std::filesystem::directory_iterator(folder),
                         std::filesystem::directory_iterator());
  };
  const auto once = [&] {
    const auto id = start(rtmp.uri("live/") + kKey);
    EXPECT_TRUE(becomes(id, "live"));
    EXPECT_EQ(ask("DELETE", "/" + id).status, 200U);
  };
  const auto keeps = start(rtmp.uri("live/keeps"));  // so that the mix stays
  ASSERT_TRUE(becomes(keeps, "live"));
  once();
  wait(1);
  const auto threads = count("task");
  const auto descriptors = count("fd");
  for (int i = 0; i < 5; ++i) once();
  wait(1);
  for (int i = 0; i < 200 && count("task") > threads + 2; ++i) wait(0.1);
  EXPECT_LE(count("task"), threads + 2);
  EXPECT_LE(count("fd"), descriptors + 2);
}

}  // namespace
}  // namespace rooms
