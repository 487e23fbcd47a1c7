// SPDX-License-Identifier: LGPL-2.1-or-later
// Recordings of the real server with publishers that are not ours, read by ffmpeg.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/record/beating_publisher.h"
#include "tests/record/media_probe.h"
#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

namespace fs = std::filesystem;
using test::BeatingPublisher;
using test::BeatingSettings;
using test::probe;

void wait(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    char pattern[] = "/tmp/gst-rooms-recordings-XXXXXX";
    path_ = mkdtemp(pattern);
  }
  ~Folder() {
    std::error_code ignored;
    if (!std::getenv("GST_ROOMS_KEEP")) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What gst-rooms-verify says of a file.
int verify(const std::string& path) {
  const char* program = std::getenv("GST_ROOMS_VERIFY");
  const auto command = std::string(program ? program : "gst-rooms-verify") + " " + path;
  const int status = std::system((command + " > " + path + ".verified").c_str());
  if (status != 0) std::printf("%s\n", text_of(path + ".verified").c_str());
  return WEXITSTATUS(status);
}

class RecordingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  explicit RecordingTest(const std::vector<std::string>& flags = {}) {
    std::vector<std::string> all = {"--announce-ip", "127.0.0.1", "--recordings",
                                    folder_.path() + "/all"};
    all.insert(all.end(), flags.begin(), flags.end());
    server_ = std::make_unique<ServerProcess>(all);
  }

  HttpReply ask(const std::string& method, const std::string& below = {},
                const std::string& body = {}) {
    return http(method, server_->http("/api/rooms/demo/recordings" + below),
                {{"Content-Type", "application/json"}}, body);
  }
  /// Its id; fails the test when it does not start.
  std::string start(const std::string& body = "{}") {
    const auto reply = ask("POST", {}, body);
    EXPECT_EQ(reply.status, 201U) << reply.body;
    EXPECT_EQ(reply.header("location"), "/api/rooms/demo/recordings/" + reply.field("id"));
    return reply.field("id");
  }
  Message stop(const std::string& id) {
    const auto reply = ask("DELETE", "/" + id);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return Message(reply.body);
  }
  [[nodiscard]] std::string path_of(const std::string& id, const std::string& file) const {
    return folder_.path() + "/all/demo/" + id + "/" + file;
  }
  std::unique_ptr<BeatingPublisher> publish(const BeatingSettings& settings = {},
                                            const std::string& name = "ada") {
    return std::make_unique<BeatingPublisher>(server_->http(), "demo", name, settings);
  }

  Folder folder_;
  std::unique_ptr<ServerProcess> server_;
};

/// The files of a stopped recording, by name.
std::set<std::string> files_of(const Message& recording) {
  std::set<std::string> names;
  for (unsigned i = 0;; ++i) {
    const auto name = recording.at("files." + std::to_string(i) + ".file");
    if (name.empty()) return names;
    names.insert(name);
  }
}

using Names = std::set<std::string>;

TEST_F(RecordingTest, PlaysInSyncFromTheFirstFrameInEachKindOfFile) {
  const auto ada = publish();
  const auto bob = publish({.codec = "H264"}, "bob");
  wait(2);
  const auto best = start();
  const auto plain = start(R"({"format":"mkv","name":"as-mkv"})");
  EXPECT_EQ(plain, "as-mkv");
  wait(8);
  const auto stopped = stop(best);
  EXPECT_EQ(stopped.at("state"), "stopped");
  EXPECT_EQ(files_of(stopped), (Names{"ada.webm", "bob.mp4"})) << stopped.raw();
  EXPECT_EQ(stopped.at("files.0.complete"), "true");
  EXPECT_EQ(Message(text_of(path_of(best, "recording.json"))).raw(), stopped.raw());
  EXPECT_EQ(files_of(stop(plain)), (Names{"ada.mkv", "bob.mkv"}));

  for (const auto& [path, codec] :
       {std::pair(path_of(best, "ada.webm"), "vp8"), std::pair(path_of(best, "bob.mp4"), "h264"),
        std::pair(path_of(plain, "ada.mkv"), "vp8"),
        std::pair(path_of(plain, "bob.mkv"), "h264")}) {
    SCOPED_TRACE(path);
    const auto file = probe(path);
    EXPECT_EQ(file.complaints, "");
    ASSERT_TRUE(file.video() && file.audio());
    EXPECT_EQ(file.video()->codec, codec);
    EXPECT_EQ(file.video()->width, 320U);
    EXPECT_EQ(file.audio()->codec, "opus");
    EXPECT_NEAR(file.video()->start, 0, 0.002);
    EXPECT_LT(file.audio()->start, 0.045);
    // The keyframe is asked for at once: little of what happened is missing.
    EXPECT_GT(file.duration, 6.5);
    EXPECT_GT(file.video()->packets, 5 * BeatingPublisher::kFrameRate);
    EXPECT_GT(file.audio()->packets, 5 * 50U);
    const double late = test::sound_lateness(path);
    std::printf("  %s: sound %.0f ms later than the picture\n", path.c_str(), late * 1000);
    EXPECT_LT(std::abs(late), 0.12);
    EXPECT_EQ(verify(path), 0);
  }
}

TEST_F(RecordingTest, AServerThatIsKilledLeavesFilesThatPlay) {
  const auto ada = publish();
  const auto bob = publish({.codec = "H264"}, "bob");
  wait(2);
  const auto id = start();
  const auto began = std::chrono::steady_clock::now();
  wait(4.5);
  const double lasted =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  server_->stop(SIGKILL, 5);
  ada->vanish();
  bob->vanish();
  for (const char* name : {"ada.webm", "bob.mp4"}) {
    const auto file = probe(path_of(id, name));
    EXPECT_EQ(file.complaints, "") << name;
    ASSERT_TRUE(file.video() && file.audio()) << name;
    const double lost = lasted - file.video()->end;
    std::printf("  %s: %.0f ms of %.1f s are missing\n", name, lost * 1000, lasted);
    // Of these a part is the wait for the first keyframe.
    EXPECT_LT(lost, 2.5) << name;
    EXPECT_EQ(verify(path_of(id, name)), 0);
  }
  const Message report(text_of(path_of(id, "recording.json")));
  EXPECT_EQ(report.at("state"), "recording");
  EXPECT_EQ(files_of(report), (Names{"ada.webm", "bob.mp4"}));
}

TEST_F(RecordingTest, SegmentsFollowEachOtherAndTracksComeAndGo) {
  const auto ada = publish();
  auto bob = publish({.codec = "H264"}, "bob");
  const auto carol = publish({.codec = ""}, "carol");
  wait(1.5);
  const auto id = start(R"({"segmentSeconds":2})");
  const auto whole = start(R"({"format":"mkv"})");
  wait(3);
  ada->resize(160, 120);
  ada->stop_sound();
  bob.reset();
  bob = publish({.codec = "VP8", .sound = false}, "bob");
  wait(4);
  const auto stopped = stop(id);
  const auto one = stop(whole);
  const auto files = files_of(stopped);
  for (const char* name : {"ada.webm", "ada-2.webm", "ada-3.webm", "bob.mp4", "carol.webm",
                           "carol-2.webm", "carol-3.webm"})
    EXPECT_TRUE(files.contains(name)) << name << " is not in " << stopped.raw();
  unsigned pictures = 0;
  for (const auto& name : files) {
    const auto file = probe(path_of(id, name));
    EXPECT_EQ(file.complaints, "") << name;
    ASSERT_FALSE(file.streams.empty()) << name;
    if (name.starts_with("ada")) pictures += file.video()->packets;
    if (name.starts_with("carol")) {
      EXPECT_EQ(file.video(), nullptr);
    }
  }
  const auto in_one = probe(path_of(whole, "ada.mkv"));
  EXPECT_EQ(in_one.complaints, "");
  // A picture of another size, and sound that falls silent, need no other file.
  EXPECT_FALSE(files_of(one).contains("ada-2.mkv"));
  EXPECT_NEAR(in_one.video()->packets, pictures, 10);
  EXPECT_LT(in_one.video()->longest_gap, 1.5);
}

TEST_F(RecordingTest, ALossIsAGapAndNotADrift) {
  const auto ada = publish();
  wait(1.5);
  const auto id = start();
  for (int i = 0; i < 5; ++i) {
    ada->lose(0.1);
    wait(0.7);
    ada->lose(0);
    wait(1.2);
  }
  stop(id);
  const auto file = probe(path_of(id, "ada.webm"));
  EXPECT_EQ(file.complaints, "");
  EXPECT_GT(file.video()->longest_gap, 0.06);
  EXPECT_LT(std::abs(test::sound_lateness(path_of(id, "ada.webm"))), 0.25);
}

TEST_F(RecordingTest, TwentyTimesLeaveNothingBehind) {
  const auto ada = publish();
  SocketClient bob(server_->ws());
  bob.ask(join_text("demo", "Bob"), "joined");
  wait(1);
  const auto count = [&](const char* what) {
    const auto folder = "/proc/" + std::to_string(server_->pid()) + "/" + what;
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  };
  stop(start());
  wait(0.5);
  const auto threads = count("task");
  const auto descriptors = count("fd");
  for (int i = 0; i < 20; ++i) {
    const auto id = start();
    EXPECT_EQ(bob.wait_for("recording").at("state"), "started");
    wait(0.3);
    stop(id);
    EXPECT_EQ(bob.wait_for("recording").at("state"), "stopped");
  }
  wait(0.5);
  EXPECT_LE(count("task"), threads);
  EXPECT_LE(count("fd"), descriptors + 1);
}

TEST_F(RecordingTest, WhoComesLaterHearsThatTheRoomIsRecorded) {
  SocketClient bob(server_->ws());
  bob.ask(join_text("demo", "Bob"), "joined");
  const auto id = start();
  EXPECT_EQ(bob.wait_for("recording").at("recording"), id);
  SocketClient carol(server_->ws());
  carol.ask(join_text("demo", "Carol"), "joined");
  EXPECT_EQ(carol.wait_for("recording").at("state"), "started");
  EXPECT_EQ(Message(ask("GET").body).at("recordings.0.id"), id);
  EXPECT_EQ(Message(ask("GET", "/" + id).body).at("state"), "recording");
  // The room closes: so does the recording, and says why.
  EXPECT_EQ(http("DELETE", server_->http("/api/rooms/demo")).status, 204U);
  wait(0.5);
  EXPECT_EQ(Message(text_of(path_of(id, "recording.json"))).at("reason"), "the room was closed");
}

TEST_F(RecordingTest, BadRequestsAreToldWhatWouldBeRight) {
  SocketClient bob(server_->ws());
  bob.ask(join_text("demo", "Bob"), "joined");
  const auto code = [&](const std::string& body) { return ask("POST", {}, body).field("code"); };
  EXPECT_EQ(code(R"({"kind":"hologram"})"), "recording-kind");
  EXPECT_EQ(code(R"({"format":"avi"})"), "recording-format");
  EXPECT_EQ(code(R"({"name":"../../etc"})"), "bad-field");
  EXPECT_EQ(code(R"({"name":".."})"), "bad-field");
  EXPECT_EQ(code(R"({"segmentSeconds":0})"), "bad-field");
  EXPECT_EQ(code(R"({"segmentBytes":"many"})"), "bad-field");
  EXPECT_EQ(code("[1]"), "bad-json");
  EXPECT_EQ(ask("GET", "/../../../etc/passwd").status, 404U);
  EXPECT_EQ(ask("DELETE", "/nothing").field("code"), "recording-unknown");
  EXPECT_EQ(ask("PUT").status, 405U);
  const auto form = http("POST", server_->http("/api/rooms/demo/recordings"),
                         {{"Content-Type", "text/plain"}}, "{}");
  EXPECT_EQ(form.status, 415U);
  start(R"({"name":"once"})");
  EXPECT_EQ(code(R"({"name":"once"})"), "name-taken");
  EXPECT_EQ(http("POST", server_->http("/api/rooms/nobody/recordings"),
                 {{"Content-Type", "application/json"}}, "{}")
                .field("code"),
            "room-unknown");
}

/// Where nothing can be written.
struct Place {
  const char* folder;
  const char* code;
};
class UnwritableTest : public RecordingTest, public testing::WithParamInterface<Place> {
 protected:
  UnwritableTest() : RecordingTest({"--recordings", GetParam().folder}) {}
};

TEST_P(UnwritableTest, IsToldAndTheRoomGoesOn) {
  SocketClient bob(server_->ws());
  bob.ask(join_text("demo", "Bob"), "joined");
  EXPECT_EQ(ask("POST", {}, "{}").field("code"), GetParam().code);
  EXPECT_EQ(bob.ask(R"({"type":"ping"})", "pong").at("type"), "pong");
}

INSTANTIATE_TEST_SUITE_P(, UnwritableTest,
                         testing::Values(Place{"/nowhere/recordings", "folder-missing"},
                                         Place{"/sys/recordings", "disk-refused"},
                                         Place{"/etc/hostname", "folder-missing"},
                                         Place{"off", "recording-off"}),
                         [](const auto& instance) {
                           std::string name;
                           for (const char c : std::string(instance.param.folder))
                             name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                           return name;
                         });

/// A disk of 700 KiB.
class SmallDisk {
 protected:
  SmallDisk() {
    char pattern[] = "/tmp/gst-rooms-small-XXXXXX";
    disk_ = mkdtemp(pattern);
    EXPECT_EQ(mount("none", disk_.c_str(), "tmpfs", 0, "size=700k"), 0)
        << "a disk that is full needs root, or a namespace of one's own: unshare -rm ./test";
  }
  ~SmallDisk() {
    EXPECT_EQ(umount2(disk_.c_str(), MNT_DETACH), 0);
    EXPECT_EQ(rmdir(disk_.c_str()), 0);
  }
  std::string disk_;
};

class FullDiskTest : private SmallDisk, public RecordingTest {
 protected:
  FullDiskTest() : RecordingTest({"--recordings", disk_}) {}
  /// Somebody else does.
  void fill(const std::string& name) {
    std::ofstream other(disk_ + "/" + name);
    const std::string block(4096, 'x');
    while (other.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  using SmallDisk::disk_;
};

TEST_F(FullDiskTest, EndsTheRecordingAndNotTheRoom) {
  SocketClient bob(server_->ws());
  bob.ask(join_text("demo", "Bob"), "joined");
  const auto ada = publish();
  wait(1);
  const auto id = start();
  EXPECT_EQ(bob.wait_for("recording").at("state"), "started");
  wait(2.5);
  fill("other");
  const auto failed = bob.wait_for("recording", 15);
  EXPECT_EQ(failed.at("state"), "failed");
  EXPECT_NE(failed.at("reason").find("no room left"), std::string::npos) << failed.raw();
  const auto folder = disk_ + "/demo/" + id;
  const Message report(text_of(folder + "/recording.json"));
  EXPECT_EQ(report.at("state"), "failed") << report.raw();
  EXPECT_EQ(probe(folder + "/ada.webm").complaints, "");
  fill("more");
  EXPECT_EQ(ask("POST", {}, "{}").status, 507U);
  EXPECT_EQ(bob.ask(R"({"type":"ping"})", "pong").at("type"), "pong");
}

}  // namespace
}  // namespace rooms
