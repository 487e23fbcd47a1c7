// SPDX-License-Identifier: LGPL-2.1-or-later
// A room in one element, as an application uses it: by properties, action signals and pads alone.
// Its peers are Debian's webrtcbin.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/bins/room_application.h"

namespace rooms::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RoomBin, LetsTwoParticipantsSeeAndHearEachOther) {
  RoomApplication app("roombin name=room udp-port=0 announce-ip=127.0.0.1");
  ASSERT_TRUE(app.play());
  const std::pair<const char*, const char*> people[] = {{"ada", "red"}, {"bob", "blue"}};
  std::vector<std::unique_ptr<WebrtcClient>> clients;
  for (const auto& [id, colour] : people) {
    EXPECT_EQ(app.call("add-participant", id, "Somebody"), id);
    auto camera = WebrtcClient::publisher(colour);
    const auto answer = app.call("publish", id, camera->offer());
    ASSERT_FALSE(answer.empty()) << app.last_error();
    camera->accept(answer);
    clients.push_back(std::move(camera));
  }
  for (const auto& [id, seen] : {std::pair{"ada", Colour::kBlue}, std::pair{"bob", Colour::kRed}}) {
    auto player = WebrtcClient::player(1, 1);
    const auto answer = app.subscribe(id, player->offer());
    ASSERT_FALSE(answer.empty()) << app.last_error();
    player->accept(answer);
    EXPECT_TRUE(player->sees(1, seen)) << id;
    EXPECT_TRUE(player->hears()) << id;
    clients.push_back(std::move(player));
  }
  EXPECT_TRUE(app.told("participant-joined ada Somebody"));
  EXPECT_TRUE(app.told("track-added bob/camera bob video camera VP8"));
  EXPECT_TRUE(app.told("connection-changed ada publish connected"));
  EXPECT_NE(app.stats().find("\"ada\""), std::string::npos) << app.stats();
  EXPECT_TRUE(app.ask("remove-participant", "ada"));
  EXPECT_TRUE(app.told("participant-left ada removed"));
}

TEST(RoomBin, TakesAndGivesOutMediaByPads) {
  RoomApplication app(
      "roombin name=room udp-port=0 announce-ip=127.0.0.1 "
      "room.mix_video ! fakesink name=mix sync=false "
      "videotestsrc is-live=true pattern=red ! video/x-raw,width=320,height=240,framerate=15/1 ! "
      "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=1000 ! room.sink_0 "
      "audiotestsrc is-live=true ! audio/x-raw,rate=48000 ! room.sink_1");
  ASSERT_TRUE(app.play());
  ASSERT_TRUE(app.told("track-added host/camera host video camera VP8"));
  ASSERT_TRUE(app.told("track-added host/microphone host audio microphone opus"));
  EXPECT_TRUE(app.flows("mix")) << "the mix";
  EXPECT_EQ(app.call("add-participant", "eve", "Eve"), "eve");
  const auto player = WebrtcClient::player(1, 1);
  const auto answer = app.subscribe("eve", player->offer());
  ASSERT_FALSE(answer.empty()) << app.last_error();
  player->accept(answer);
  EXPECT_TRUE(player->sees(1, Colour::kRed));
  EXPECT_TRUE(player->hears());

  const auto pad = app.call("add-tap", "host/camera");
  ASSERT_FALSE(pad.empty()) << app.last_error();
  app.link(pad, "taken");
  EXPECT_TRUE(app.flows("taken"));
  EXPECT_EQ(app.caps_at("taken"), "video/x-vp8");
  EXPECT_TRUE(app.ask("remove-tap", pad));
  EXPECT_FALSE(app.ask("remove-tap", pad));
  app.release("sink_0");
  EXPECT_TRUE(app.told("track-removed host/camera host"));
  app.release("sink_1");
  EXPECT_TRUE(app.told("participant-left host"));
  EXPECT_EQ(app.error(), "");
}

TEST(RoomBin, SaysWhyARequestFails) {
  RoomApplication app("roombin name=room udp-port=0 announce-ip=127.0.0.1");
  EXPECT_EQ(app.call("add-participant", "ada", "Ada"), "");
  EXPECT_EQ(app.error_word(), "closed");
  ASSERT_TRUE(app.play());
  ASSERT_EQ(app.call("add-participant", "ada", "Ada"), "ada") << app.last_error();
  EXPECT_EQ(app.last_error(), "");
  const struct {
    const char* signal;
    const char* first;
    const char* second;
    const char* word;
  } rows[] = {
      {"add-participant", "ada", "Ada", "name-taken"},
      {"add-participant", "mix", "Mix", "name-reserved"},
      {"add-participant", nullptr, nullptr, "bad-field"},
      {"publish", "bob", "v=0\r\n", "participant-unknown"},
      {"publish", nullptr, nullptr, "participant-unknown"},
      {"publish", "ada", "no description", "sdp-syntax"},
      {"publish", "ada", nullptr, "sdp-syntax"},
      {"add-tap", "ada/camera", nullptr, "track-unknown"},
  };
  for (const auto& row : rows) {
    if (std::string(row.signal) == "add-tap") {
      EXPECT_EQ(app.call(row.signal, row.first), "");
    } else {
      EXPECT_EQ(app.call(row.signal, row.first, row.second), "");
    }
    EXPECT_EQ(app.error_word(), row.word) << row.signal << ": " << app.last_error();
  }
  EXPECT_EQ(app.subscribe("ada", "no description"), "");
  EXPECT_EQ(app.error_word(), "sdp-syntax");
  EXPECT_FALSE(app.ask("set-layout", "pyramid"));
  EXPECT_EQ(app.error_word(), "layout-unknown");
  EXPECT_FALSE(app.ask("stop-recording", "none"));
  EXPECT_EQ(app.error_word(), "recording-unknown");
  EXPECT_EQ(app.record("tracks"), "");
  EXPECT_EQ(app.error_word(), "recording-off");
  EXPECT_TRUE(app.ask("set-layout", "speaker")) << app.last_error();
}

TEST(RoomBin, RecordsToItsFolder) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("roombin-" + std::to_string(g_get_monotonic_time()));
  RoomApplication app(
      "roombin name=room udp-port=0 announce-ip=127.0.0.1 recordings=" + folder.string() +
      " videotestsrc is-live=true ! video/x-raw,width=320,height=240 ! "
      "vp8enc deadline=1 cpu-used=8 ! room.sink_0");
  ASSERT_TRUE(app.play());
  ASSERT_TRUE(app.told("track-added host/camera"));
  const auto id = app.record("tracks");
  ASSERT_FALSE(id.empty()) << app.last_error();
  std::this_thread::sleep_for(seconds(2));
  EXPECT_TRUE(app.ask("stop-recording", id)) << app.last_error();
  EXPECT_TRUE(app.told("recording-changed " + id + " stopped"));
  std::uintmax_t largest = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder))
    if (file.is_regular_file() && file.path().extension() != ".json")
      largest = std::max(largest, file.file_size());
  EXPECT_GT(largest, 2000u) << "bytes of video";
  std::filesystem::remove_all(folder);
}

TEST(RoomBin, SharesAPortWithOthersOfTheProcessThatAskForTheSame) {
  const std::string line = "roombin name=room announce-ip=127.0.0.1 udp-port=";
  RoomApplication first(line + "0");
  ASSERT_TRUE(first.play());
  RoomApplication second(line + "0");
  ASSERT_TRUE(second.play());
  EXPECT_EQ(first.port(), second.port());
  EXPECT_NE(first.port(), 0u);
  // Taken by a server of its own, as by another process.
  RoomApplication refused(line + std::to_string(first.port()));
  EXPECT_FALSE(refused.play());
  EXPECT_NE(refused.error().find("port"), std::string::npos) << refused.error();
}

/// Threads and descriptors of this process.
std::pair<std::size_t, std::size_t> holdings() {
  const auto entries = [](const char* folder) {
    std::size_t count = 0;
    for (auto at = std::filesystem::directory_iterator(folder);
         at != std::filesystem::directory_iterator(); ++at)
      ++count;
    return count;
  };
  return {entries("/proc/self/task"), entries("/proc/self/fd")};
}

TEST(RoomBin, LeavesNothingBehindHoweverOftenItIsStartedAndStopped) {
  RoomApplication app(
      "roombin name=room udp-port=0 announce-ip=127.0.0.1 "
      "room.mix_audio ! fakesink name=mix sync=false "
      "videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! vp8enc deadline=1 ! "
      "room.sink_0 audiotestsrc is-live=true ! room.sink_1");
  std::pair<std::size_t, std::size_t> first;
  constexpr int kCycles = 5;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    ASSERT_TRUE(app.play());
    ASSERT_EQ(app.call("add-participant", "ada", "Ada"), "ada") << app.last_error();
    const auto camera = WebrtcClient::publisher("green");
    const auto answer = app.call("publish", "ada", camera->offer());
    ASSERT_FALSE(answer.empty()) << app.last_error();
    camera->accept(answer);
    EXPECT_TRUE(camera->connects());
    EXPECT_TRUE(app.flows("mix"));
    app.stop();
    // Once through: what is loaded and made for good is there.
    if (cycle == 0) first = holdings();
  }
  auto last = holdings();
  for (int wait = 0; wait < 50 && (last.first > first.first || last.second > first.second);
       ++wait) {
    std::this_thread::sleep_for(milliseconds(100));
    last = holdings();
  }
  EXPECT_LE(last.first, first.first) << "threads";
  EXPECT_LE(last.second, first.second) << "descriptors";
  EXPECT_EQ(app.error(), "");
}

TEST(RoomBin, MayBeAskedInTheHandlersOfItsSignals) {
  RoomApplication app("roombin name=room udp-port=0 announce-ip=127.0.0.1");
  std::atomic<bool> removed = false;
  struct Both {
    RoomApplication& app;
    std::atomic<bool>& removed;
  } both{app, removed};
  g_signal_connect(app.room(), "participant-joined",
                   G_CALLBACK(+[](GstElement*, const char* id, const char*, Both* data) {
                     data->removed = data->app.ask("remove-participant", id);
                   }),
                   &both);
  ASSERT_TRUE(app.play());
  ASSERT_EQ(app.call("add-participant", "ada", "Ada"), "ada");
  EXPECT_TRUE(app.told("participant-left ada removed"));
  EXPECT_TRUE(removed);
}

}  // namespace
}  // namespace rooms::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  gst_init(&argc, &argv);
  return RUN_ALL_TESTS();
}
