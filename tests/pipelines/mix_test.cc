// SPDX-License-Identifier: LGPL-2.1-or-later
// The mix of a room: built for the first who takes it, shared by all, gone after the last, and not
// to be broken by what comes in.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "tests/pipelines/room_fixture.h"

namespace rooms::test {
namespace {

using namespace std::chrono_literals;

std::size_t entries_of(const char* folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}
std::size_t threads(const std::function<bool(const std::string&)>& counts) {
  std::size_t count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    count += counts(name) ? 1 : 0;
  }
  return count;
}
/// Those of GLib's pools wait for work some seconds longer; they count for nobody.
std::size_t threads() {
  return threads([](const std::string& name) { return !name.starts_with("pool-"); });
}
/// Of the mixers, and of outputs of the router that lead to decoders.
std::size_t mix_threads() {
  return threads([](const std::string& name) {
    return name.starts_with("mix") || name.starts_with("router:");
  });
}
std::size_t descriptors() { return entries_of("/proc/self/fd"); }

std::size_t occurrences(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

class MixTest : public RoomTest {
 protected:
  explicit MixTest(Duration linger = 300ms)
      : RoomTest({.last_n = 25, .loudest = 3, .mix_linger = linger}) {}

  /// Asks for the statistics until they suit.
  bool becomes(const std::function<bool(const std::string&)>& suits) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!suits(stats())) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }
  bool has_mix() { return stats().find("\"mix\":{\"failures\"") != std::string::npos; }
  Status control(const MixControl& mix) {
    RoomControl control;
    control.mix = mix;
    return answer_of<Done>([&](auto reply) { room_->control(control, std::move(reply)); });
  }
  /// That participant alone, on the whole picture.
  Status show_only(const std::string& name) {
    MixControl wish;
    wish.layout = R"({"tiles": [{"x": 0, "y": 0, "width": 1, "height": 1, "caption": false,)"
                  R"( "participant": ")" +
                  name + "\"}]}";
    return control(wish);
  }
};

TEST_F(MixTest, IsBuiltForTheFirstWhoTakesItAndGoneAfterTheLast) {
  enter("ada");
  const auto ada = send("ada", "red");
  ASSERT_TRUE(ada->connects());
  EXPECT_EQ(mix_threads(), 0u);
  EXPECT_FALSE(has_mix());
  {
    const auto viewer = watch_mix("viewer");
    EXPECT_TRUE(viewer->sees(1, Colour::kRed));
    EXPECT_TRUE(viewer->hears());
    EXPECT_TRUE(has_mix());
    EXPECT_GE(mix_threads(), 4u) << "two decoders, two mixers";
  }
  room_->leave("viewer", "test");
  EXPECT_TRUE(has_mix()) << "kept for a moment, for the next who comes";
  EXPECT_TRUE(becomes(
      [](const auto& told) { return told.find("\"mix\":{\"failures\"") == std::string::npos; }));
  // GLib keeps threads for whoever needs one next, under the name of their last work.
  g_thread_pool_set_max_unused_threads(0);
  EXPECT_TRUE(becomes([](const auto&) { return mix_threads() == 0; })) << mix_threads();
  g_thread_pool_set_max_unused_threads(8);
}

TEST_F(MixTest, EncodesOnceForAllWhoTakeIt) {
  enter("ada");
  const auto ada = send("ada", "blue");
  std::vector<std::unique_ptr<WebrtcClient>> viewers;
  for (const char* name : {"one", "two", "three"}) {
    viewers.push_back(watch_mix(name));
    EXPECT_TRUE(viewers.back()->sees(1, Colour::kBlue)) << name;
  }
  const auto told = stats();
  EXPECT_EQ(occurrences(told, "\"track\":\"mix/video-vp8\",\"kind\":\"video\",\"takers\":3"), 1u);
  EXPECT_EQ(occurrences(told, "\"track\":\"mix/audio-all\",\"kind\":\"audio\",\"takers\":3"), 1u);
  EXPECT_EQ(occurrences(told, "\"takers\":"), 2u) << told;
}

TEST_F(MixTest, EncodesToWhatAPlayerDecodes) {
  enter("ada");
  const auto ada = send("ada", "green");
  const auto modern = watch_mix("modern", "VP9");
  const auto simple = watch_mix("simple", "H264");
  EXPECT_TRUE(modern->sees(1, Colour::kGreen));
  EXPECT_TRUE(simple->sees(1, Colour::kGreen));
}

TEST_F(MixTest, DecodesOnlyWhatTheLayoutShows) {
  enter("ada");
  enter("bob");
  const auto ada = send("ada", "red");
  const auto bob = send("bob", "blue");
  const auto viewer = watch_mix("viewer");
  ASSERT_TRUE(show_only("bob"));
  EXPECT_TRUE(viewer->sees(1, Colour::kBlue));
  const auto decodes = [](const std::string& who, bool yes) {
    return [=](const std::string& told) {
      const auto at = told.find(
          "\"track\":\"" + who +
          "/camera\",\"kind\":\"video\",\"codec\":\"VP8\",\"decodes\":" + (yes ? "true" : "false"));
      return at != std::string::npos;
    };
  };
  EXPECT_TRUE(becomes(decodes("ada", false)));
  EXPECT_TRUE(becomes(decodes("bob", true)));
  ASSERT_TRUE(show_only("ada"));
  EXPECT_TRUE(viewer->sees(1, Colour::kRed));
  EXPECT_TRUE(becomes(decodes("bob", false)));
}

TEST_F(MixTest, LeavesOutWhoIsNotToBeInIt) {
  enter("ada");
  enter("bob");
  const auto ada = send("ada", "red");
  const auto bob = send("bob", "blue");
  const auto viewer = watch_mix("viewer");
  MixControl wish;
  wish.participants = {{"bob", false, std::nullopt}};
  ASSERT_TRUE(control(wish));
  EXPECT_TRUE(viewer->sees(1, Colour::kRed));
  EXPECT_EQ(occurrences(stats(), "\"track\":\"bob/microphone\""), 0u);
  wish.participants = {{"stranger", false, std::nullopt}};
  const auto refused = control(wish);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "participant-unknown");
}

TEST_F(MixTest, LeavesOutSeveralAtOnce) {
  std::vector<std::unique_ptr<WebrtcClient>> senders;
  for (const auto& [name, colour] : {std::pair("ada", "red"), {"bob", "blue"}, {"cleo", "green"}}) {
    enter(name);
    senders.push_back(send(name, colour));
  }
  const auto viewer = watch_mix("viewer");
  const auto heard = [](const std::string& told, const char* name) {
    return occurrences(told, "\"track\":\"" + std::string(name) + "/microphone\"") > 0;
  };
  EXPECT_TRUE(becomes([&](const auto& told) {
    return heard(told, "ada") && heard(told, "bob") && heard(told, "cleo");
  }));
  MixControl wish;
  wish.participants = {{"ada", false, std::nullopt}, {"cleo", false, std::nullopt}};
  ASSERT_TRUE(control(wish));
  EXPECT_TRUE(viewer->sees(1, Colour::kBlue));
  const auto told = stats();
  EXPECT_FALSE(heard(told, "ada") || heard(told, "cleo"));
  EXPECT_TRUE(heard(told, "bob"));
  EXPECT_TRUE(viewer->hears(30));
}

TEST_F(MixTest, ASpeakerGetsASoundWithoutItself) {
  enter("ada");
  enter("bob");
  const auto ada = send("ada", "red");
  const auto bob = send("bob", "blue");
  auto listener = WebrtcClient::player(1, 1);
  const auto answer = play("ada", listener->offer(), {}, MixMode::kMix);
  ASSERT_TRUE(answer) << answer.error().message;
  listener->accept(*answer);
  EXPECT_TRUE(listener->hears());
  EXPECT_TRUE(becomes([](const auto& told) {
    return told.find("\"track\":\"mix/audio/ada\",\"kind\":\"audio\",\"takers\":1") !=
           std::string::npos;
  }));
  EXPECT_EQ(occurrences(stats(), "\"track\":\"mix/audio/bob\""), 0u) << "Bob takes no mix";
  EXPECT_TRUE(listener->hears(30));
}

TEST_F(MixTest, GoesOnWhenAnInputIsBroken) {
  enter("ada");
  enter("bob");
  const auto ada = send("ada", "red");
  const auto bob = send("bob", "blue");
  const auto viewer = watch_mix("viewer");
  ASSERT_TRUE(show_only("ada"));
  EXPECT_TRUE(viewer->sees(1, Colour::kRed));
  ada->scramble();
  // What a decoder makes of noise is its own; the others' pictures are not touched by it.
  std::this_thread::sleep_for(1s);
  ASSERT_TRUE(show_only("bob"));
  EXPECT_TRUE(viewer->sees(1, Colour::kBlue));
  EXPECT_TRUE(viewer->hears(30));
  ada->mend();
  ASSERT_TRUE(show_only("ada"));
  EXPECT_TRUE(viewer->sees(1, Colour::kRed)) << "whole again";
}

TEST_F(MixTest, FollowsAnInputThatChangesItsResolution) {
  enter("ada");
  const auto ada = send("ada", "red");
  const auto viewer = watch_mix("viewer");
  EXPECT_TRUE(viewer->sees(1, Colour::kRed));
  const struct {
    int width, height;
    const char* name;
    Colour colour;
  } pictures[] = {{320, 180, "blue", Colour::kBlue},
                  {90, 160, "green", Colour::kGreen},
                  {1280, 720, "red", Colour::kRed}};
  for (const auto& picture : pictures) {
    ada->film(picture.width, picture.height, picture.name);
    EXPECT_TRUE(viewer->sees(1, picture.colour)) << picture.name;
  }
  EXPECT_TRUE(viewer->hears(30));
}

TEST_F(MixTest, FollowsAnInputThatChangesItsCodec) {
  enter("ada");
  enter("bob");
  const auto ada = send("ada", "red");
  const auto bob = send("bob", "green");
  const auto viewer = watch_mix("viewer");
  ASSERT_TRUE(show_only("ada"));
  EXPECT_TRUE(viewer->sees(1, Colour::kRed));
  const struct {
    const char* name;
    const char* codec;
    Colour colour;
  } cameras[] = {{"blue", "H264", Colour::kBlue}, {"red", "VP8", Colour::kRed}};
  for (const auto& camera : cameras) {
    const auto again = WebrtcClient::publisher(camera.name, camera.codec);
    const auto reply = publish("ada", again->offer());
    ASSERT_TRUE(reply) << reply.error().message;
    again->accept(reply->sdp);
    EXPECT_TRUE(viewer->sees(1, camera.colour)) << camera.codec;
    EXPECT_TRUE(viewer->hears(30));
  }
}

TEST_F(MixTest, NobodyIsCalledMix) {
  JoinRequest request;
  request.name = "anybody";
  request.id = "mix";
  const auto refused = join(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "name-reserved");
  request.name = "Mix";
  request.id.clear();
  const auto joined = join(request);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->self.id, "mix-1");
}

TEST_F(MixTest, TranscodesATrackOnceForAllWhoCannotDecodeIt) {
  enter("ada");
  const auto ada = send("ada", "red");
  const auto modern = watch("modern", 1);
  EXPECT_TRUE(modern->sees(1, Colour::kRed));
  EXPECT_EQ(occurrences(stats(), "mix/H264"), 0u);
  std::vector<std::unique_ptr<WebrtcClient>> simple;
  for (const char* name : {"one", "two"}) {
    enter(name, true);
    simple.push_back(WebrtcClient::player(1, 1, "H264"));
    const auto answer = play(name, simple.back()->offer());
    ASSERT_TRUE(answer) << answer.error().message;
    simple.back()->accept(*answer);
  }
  for (const auto& player : simple) EXPECT_TRUE(player->sees(1, Colour::kRed));
  EXPECT_EQ(
      occurrences(stats(), "\"track\":\"mix/H264/ada/camera\",\"kind\":\"video\",\"takers\":2"),
      1u);
  EXPECT_TRUE(modern->sees(1, Colour::kRed)) << "as it was sent";
  room_->leave("one", "test");
  EXPECT_TRUE(simple[1]->sees(1, Colour::kRed));
  room_->leave("two", "test");
  EXPECT_TRUE(becomes([](const auto& told) { return told.find("mix/H264") == std::string::npos; }));
}

class MixThatEndsAtOnce : public MixTest {
 protected:
  MixThatEndsAtOnce() : MixTest(0ms) {}
};

TEST_F(MixThatEndsAtOnce, IsBackAtTheStartAfterAHundredMixingParticipants) {
  enter("ada");
  const auto camera = WebrtcClient::publisher("red")->offer();
  const auto screen = WebrtcClient::player(1, 1)->offer();
  ASSERT_TRUE(publish("ada", camera));
  std::size_t threads_before = 0;
  std::size_t descriptors_before = 0;
  constexpr int kWarmUp = 5;
  for (int i = 0; i < 100 + kWarmUp; ++i) {
    if (i == kWarmUp) {
      threads_before = threads();
      descriptors_before = descriptors();
    }
    enter("bob");
    ASSERT_TRUE(publish("bob", camera));
    ASSERT_TRUE(play("bob", screen, {}, MixMode::kMix));
    room_->leave("bob", "test");
    ASSERT_TRUE(becomes([](const auto& told) {
      return told.find("\"mix\":{\"failures\"") == std::string::npos;
    })) << i;
  }
  // The last one's may be ending.
  EXPECT_TRUE(becomes([&](const auto&) {
    return threads() <= threads_before + 2 && descriptors() <= descriptors_before + 2;
  })) << threads()
      << " threads, " << threads_before << " before; " << descriptors() << " descriptors, "
      << descriptors_before << " before";
}

}  // namespace
}  // namespace rooms::test
