// SPDX-License-Identifier: LGPL-2.1-or-later
// Recordings of the real server with publishers that are not ours, read by ffmpeg.
#include <sys/mount.h>

#include <csignal>
#include <tuple>

#include "tests/record/recording_fixture.h"

namespace rooms {
namespace {

using Names = std::set<std::string>;

TEST_F(RecordingTest, PlaysInSyncFromTheFirstFrameInEachKindOfFile) {
  const auto ada = publish();
  const auto bob = publish({.codec = "H264"}, "bob");
  wait(1);
  const auto best = start();
  const auto plain = start(R"({"format":"mkv","name":"as-mkv"})");
  EXPECT_EQ(plain, "as-mkv");
  wait(6);
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
    EXPECT_GT(file.duration, 4.5);
    EXPECT_GT(file.video()->packets, 3 * BeatingPublisher::kFrameRate);
    EXPECT_GT(file.audio()->packets, 3 * 50U);
    const double late = test::sound_lateness(path);
    std::printf("  %s: sound %.0f ms later than the picture\n", path.c_str(), late * 1000);
    EXPECT_LT(std::abs(late), 0.3);
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

TEST_F(RecordingTest, ACompositeHoldsEverybodyInSyncFromTheFirstFrame) {
  const auto ada = publish();
  const auto best =
      start(R"({"kind":"composite","layout":"speaker","size":{"width":640,"height":360}})");
  const auto web = start(R"({"kind":"composite","format":"webm"})");
  wait(3);
  auto bob = publish({.codec = "H264"}, "bob");
  wait(3);
  bob.reset();
  wait(2);
  const auto stopped = stop(best);
  EXPECT_EQ(stopped.at("kind"), "composite");
  EXPECT_EQ(files_of(stopped), (Names{"mix.mp4"})) << stopped.raw();
  EXPECT_EQ(stopped.at("files.0.complete"), "true");
  EXPECT_EQ(files_of(stop(web)), (Names{"mix.webm"}));
  EXPECT_EQ(stopped.at("participants.0.id"), "ada");
  EXPECT_NE(stopped.at("participants.0.joinedAt"), "");
  EXPECT_EQ(stopped.at("participants.1.id"), "bob") << stopped.raw();
  EXPECT_LT(stopped.at("participants.1.leftAt"), stopped.at("participants.0.leftAt"));
  for (const auto& [path, video, audio] : {std::tuple(path_of(best, "mix.mp4"), "h264", "aac"),
                                           std::tuple(path_of(web, "mix.webm"), "vp8", "opus")}) {
    SCOPED_TRACE(path);
    const auto file = probe(path);
    EXPECT_EQ(file.complaints, "");
    ASSERT_TRUE(file.video() && file.audio());
    EXPECT_EQ(file.video()->codec, video);
    EXPECT_EQ(file.audio()->codec, audio);
    EXPECT_EQ(file.video()->width, 640U);
    EXPECT_NEAR(file.video()->start, 0, 0.002);
    EXPECT_LT(file.audio()->start, 0.5);
    // The encoder is made for it: that takes a moment.
    EXPECT_GT(file.video()->end, 6);
    EXPECT_LT(file.video()->longest_gap, 2.5);
    const double late = test::sound_lateness(path);
    std::printf("  %s: sound %.0f ms later than the picture\n", path.c_str(), late * 1000);
    EXPECT_LT(std::abs(late), 0.3);
    EXPECT_EQ(verify(path, 2000, 500), 0);
  }
}

TEST_F(RecordingTest, ACompositeOfAServerThatIsKilledPlays) {
  const auto ada = publish();
  const auto id = start(R"({"kind":"composite"})");
  wait(4);
  server_->stop(SIGKILL, 5);
  ada->vanish();
  const auto path = path_of(id, "mix.mp4");
  const auto file = probe(path);
  EXPECT_EQ(file.complaints, "");
  ASSERT_TRUE(file.video() && file.audio());
  std::printf("  %s: %.1f s of 4 s\n", path.c_str(), file.video()->end);
  EXPECT_GT(file.video()->end, 2);
  EXPECT_EQ(verify(path, 2000, 500), 0);
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
  EXPECT_LT(in_one.video()->longest_gap, 2.5);
}

TEST_F(RecordingTest, ALossIsAGapAndNotADrift) {
  const auto ada = publish();
  wait(1.5);
  const auto id = start();
  for (int i = 0; i < 4; ++i) {
    ada->lose(0.1);
    wait(0.7);
    ada->lose(0);
    wait(0.8);
  }
  stop(id);
  const auto file = probe(path_of(id, "ada.webm"));
  EXPECT_EQ(file.complaints, "");
  EXPECT_GT(file.video()->longest_gap, 0.06);
  EXPECT_LT(std::abs(test::sound_lateness(path_of(id, "ada.webm"))), 0.3);
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
  // GLib keeps a thread of its pools for a while.
  for (int i = 0; i < 200 && count("task") > threads; ++i) wait(0.1);
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
  EXPECT_EQ(code(R"({"layout":"grid"})"), "bad-field");
  EXPECT_EQ(code(R"({"kind":"composite","layout":"spiral"})"), "layout-unknown");
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

TEST_F(RecordingTest, FilesCanBeDownloadedAlsoWhenTheRoomHasGone) {
  const auto ada = publish();
  wait(1.5);
  const auto id = start();
  wait(2);
  const auto report = stop(id);
  const auto url = server_->http(report.at("files.0.url"));
  EXPECT_TRUE(url.ends_with("/api/rooms/demo/recordings/" + id + "/files/ada.webm")) << url;
  const auto on_disk = text_of(path_of(id, "ada.webm"));
  const auto whole = http("GET", url);
  EXPECT_EQ(whole.status, 200U);
  EXPECT_TRUE(whole.body == on_disk) << whole.body.size() << " of " << on_disk.size();
  EXPECT_EQ(whole.header("content-type"), "video/webm");
  EXPECT_EQ(whole.header("accept-ranges"), "bytes");
  EXPECT_NE(whole.header("content-disposition").find("ada.webm"), std::string::npos);
  const auto size = std::to_string(on_disk.size());
  const auto head = http("HEAD", url);
  EXPECT_EQ(head.header("content-length"), size);
  EXPECT_EQ(head.body, "");

  const auto part = http("GET", url, {{"Range", "bytes=100-299"}});
  EXPECT_EQ(part.status, 206U);
  EXPECT_EQ(part.header("content-range"), "bytes 100-299/" + size);
  EXPECT_TRUE(part.body == on_disk.substr(100, 200));
  const auto tail = http("GET", url, {{"Range", "bytes=-50"}, {"If-Range", whole.header("etag")}});
  EXPECT_EQ(tail.status, 206U);
  EXPECT_TRUE(tail.body == on_disk.substr(on_disk.size() - 50));
  EXPECT_EQ(http("GET", url, {{"Range", "bytes=100-"}, {"If-Range", "\"x\""}}).status, 200U);
  EXPECT_EQ(http("GET", url, {{"Range", "bytes=" + size + "-"}}).status, 416U);
  EXPECT_EQ(http("GET", url, {{"If-None-Match", whole.header("etag")}}).status, 304U);
  EXPECT_EQ(http("DELETE", url).status, 405U);

  std::ofstream(folder_.path() + "/secret") << "secret";
  fs::create_symlink(folder_.path() + "/secret", path_of(id, "link"));
  fs::create_directory_symlink(folder_.path(), folder_.path() + "/all/demo/up");
  for (const auto& path :
       {id + "/files/link", id + "/files/.reserve", id + "/files/nothing",
        id + "/files/%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret", std::string("../files/secret"),
        std::string("%2e%2e/files/secret"), std::string("up/files/secret"), id + "/files/"}) {
    const auto reply = ask("GET", "/" + path);
    EXPECT_TRUE(reply.status == 404 || reply.status == 400) << path << " " << reply.status;
    EXPECT_EQ(reply.body.find("secret\""), std::string::npos) << path;
  }
  EXPECT_EQ(http("DELETE", server_->http("/api/rooms/demo")).status, 204U);
  EXPECT_EQ(http("GET", url).body.size(), on_disk.size());
}

class ReplayTest : public RecordingTest {
 protected:
  ReplayTest() : RecordingTest({"--replay-seconds", "8"}) {}
};

TEST_F(ReplayTest, WritesWhatWasAndEnds) {
  SocketClient carol(server_->ws());
  carol.ask(join_text("demo", "Carol"), "joined");
  EXPECT_EQ(ask("POST", {}, R"({"lastSeconds":5})").field("code"), "replay-empty");
  const auto ada = publish();
  auto bob = publish({.codec = "H264"}, "bob");
  carol.idle(9);
  bob.reset();  // what he sent is still there
  const auto reply = ask("POST", {}, R"({"lastSeconds":7,"name":"goal"})");
  ASSERT_EQ(reply.status, 201U) << reply.body;
  const Message report(reply.body);
  EXPECT_EQ(report.at("state"), "stopped");
  EXPECT_EQ(files_of(report), (Names{"ada.webm", "bob.mp4"})) << reply.body;
  EXPECT_EQ(carol.wait_for("recording").at("state"), "stopped");
  for (const char* name : {"ada.webm", "bob.mp4"}) {
    const auto file = probe(path_of("goal", name));
    EXPECT_EQ(file.complaints, "") << name;
    ASSERT_TRUE(file.video() && file.audio()) << name;
    std::printf("  %s: %.1f s\n", name, file.duration);
    EXPECT_GT(file.duration, 4.5) << name;
    EXPECT_LT(std::abs(test::sound_lateness(path_of("goal", name))), 0.3) << name;
  }
  EXPECT_EQ(ask("POST", {}, R"({"lastSeconds":9})").field("code"), "replay-too-long");
  EXPECT_EQ(ask("POST", {}, R"({"lastSeconds":0})").field("code"), "bad-field");
}

TEST_F(RecordingTest, NothingIsKeptUnlessAskedFor) {
  SocketClient carol(server_->ws());
  carol.ask(join_text("demo", "Carol"), "joined");
  const auto reply = ask("POST", {}, R"({"lastSeconds":5})");
  EXPECT_EQ(reply.status, 403U);
  EXPECT_EQ(reply.field("code"), "replay-off");
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
