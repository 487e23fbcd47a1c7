// SPDX-License-Identifier: LGPL-2.1-or-later
// Recordings for which something is encoded that nobody sends: tracks for players that know no VP8,
// and the last seconds of the mix.
#include "tests/record/recording_fixture.h"

namespace rooms {
namespace {

using Names = std::set<std::string>;

TEST_F(RecordingTest, Vp8BecomesH264InAnMp4WhereThatIsAskedFor) {
  const auto ada = publish();
  const auto bob = publish({.codec = "H264"}, "bob");
  const auto id = start(R"({"kind":"tracks","format":"mp4","transcode":true})");
  wait(6);
  EXPECT_EQ(files_of(stop(id)), (Names{"ada.mp4", "bob.mp4"}));
  for (const char* name : {"ada.mp4", "bob.mp4"}) {
    const auto file = probe(path_of(id, name));
    EXPECT_EQ(file.complaints, "") << name;
    ASSERT_TRUE(file.video() && file.audio()) << name;
    EXPECT_EQ(file.video()->codec, "h264") << name;
    EXPECT_EQ(file.video()->width, 320U) << name;
    EXPECT_EQ(file.audio()->codec, "opus") << name;
    EXPECT_GT(file.video()->end, 3) << name;
    EXPECT_LT(file.video()->longest_gap, 2.5) << name;
    const double late = test::sound_lateness(path_of(id, name));
    std::printf("  %s: sound %.0f ms later than the picture\n", name, late * 1000);
    EXPECT_LT(std::abs(late), 0.3) << name;
  }
}

TEST_F(RecordingTest, OnlyTracksInMp4AreTranscoded) {
  SocketClient carol(server_->ws());
  carol.ask(join_text("demo", "Carol"), "joined");
  for (const char* wrong :
       {R"({"transcode":true})", R"({"kind":"composite","format":"mp4","transcode":true})",
        R"({"format":"mp4","transcode":true,"lastSeconds":3})",
        R"({"format":"mp4","transcode":"yes"})"}) {
    const auto reply = ask("POST", {}, wrong);
    EXPECT_EQ(reply.status, 400U) << wrong;
    EXPECT_EQ(reply.field("code"), "bad-field") << wrong;
  }
}

class MixReplayTest : public RecordingTest {
 protected:
  explicit MixReplayTest(const std::vector<std::string>& flags = {"--replay-seconds", "8",
                                                                  "--replay-mix", "on"})
      : RecordingTest(flags) {}

  void expect_mix(const std::string& name, unsigned status = 201) {
    const auto reply =
        ask("POST", {}, R"({"kind":"composite","lastSeconds":6,"name":")" + name + "\"}");
    ASSERT_EQ(reply.status, status) << reply.body;
    if (status != 201) return;
    const Message report(reply.body);
    EXPECT_EQ(report.at("state"), "stopped");
    EXPECT_EQ(report.at("participants.0.id"), "ada");
    EXPECT_EQ(files_of(report), (Names{"mix.mp4"})) << reply.body;
    const auto file = probe(path_of(name, "mix.mp4"));
    EXPECT_EQ(file.complaints, "");
    ASSERT_TRUE(file.video() && file.audio());
    EXPECT_EQ(file.video()->codec, "h264");
    EXPECT_EQ(file.video()->width, 1280U);
    EXPECT_EQ(file.audio()->codec, "aac");
    EXPECT_GT(file.duration, 4);
  }
};

TEST_F(MixReplayTest, TheLastSecondsOfTheMixAreKept) {
  const auto ada = publish();
  wait(8);
  EXPECT_EQ(ask("POST", {}, R"({"kind":"composite","lastSeconds":6,"layout":"grid"})").status,
            400U);
  expect_mix("goal");
}

class LazyMixReplayTest : public MixReplayTest {
 protected:
  LazyMixReplayTest() : MixReplayTest({"--replay-seconds", "8"}) {}
};

TEST_F(LazyMixReplayTest, AreThoseThatSomebodyHadMade) {
  const auto ada = publish();
  wait(2);
  expect_mix("nothing", 409);
  const auto running = start(R"({"kind":"composite"})");
  wait(7);
  expect_mix("goal");
  stop(running);
}

}  // namespace
}  // namespace rooms
