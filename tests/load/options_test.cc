// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/options.h"

#include <gtest/gtest.h>

#include "tests/load/json_value.h"
#include "tests/load/report.h"

namespace rooms::load {
namespace {

using Words = std::vector<std::string>;

TEST(Options, HaveDefaultsThatMeasureABroadcast) {
  const auto options = read_options({"http://127.0.0.1:8080/"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->url, "http://127.0.0.1:8080");
  EXPECT_EQ(options->publishers, 1U);
  EXPECT_EQ(options->subscribers, 10U);
  EXPECT_FALSE(options->meeting());
  EXPECT_EQ(options->codec, Codec::kVp8);
}

TEST(Options, ReadEverythingThatTheBenchUses) {
  const auto options = read_options({"--rooms",
                                     "4",
                                     "--size=5",
                                     "--server",
                                     "janus",
                                     "--codec",
                                     "h264",
                                     "--bitrate",
                                     "1.5M",
                                     "--fps",
                                     "25",
                                     "--simulcast",
                                     "--spin",
                                     "--cpu",
                                     "1",
                                     "--pid",
                                     "10",
                                     "--pid",
                                     "11",
                                     "--duration",
                                     "2.5",
                                     "--warmup",
                                     "0",
                                     "--ramp",
                                     "200",
                                     "--json",
                                     "--verify",
                                     "1",
                                     "--max-loss",
                                     "0.5",
                                     "http://10.99.0.1:8088/janus"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_TRUE(options->meeting());
  EXPECT_EQ(options->rooms, 4U);
  EXPECT_EQ(options->size, 5U);
  EXPECT_EQ(options->server, ServerKind::kJanus);
  EXPECT_EQ(options->codec, Codec::kH264);
  EXPECT_EQ(options->bitrate, 1500000U);
  EXPECT_EQ(options->fps, 25U);
  EXPECT_TRUE(options->simulcast && options->spin && options->json);
  EXPECT_EQ(options->cpu, 1);
  EXPECT_EQ(options->pids, (std::vector<int>{10, 11}));
  EXPECT_EQ(options->duration, std::chrono::milliseconds(2500));
  EXPECT_EQ(options->warmup, Duration{});
  EXPECT_EQ(options->ramp, 200.0);
  EXPECT_EQ(options->verify, 1U);
  EXPECT_EQ(options->max_loss, 0.5);
}

TEST(Options, LastNIsOfRoomsOfOurs) {
  const auto options = read_options({"--rooms=1", "--size=5", "--last-n", "3", "http://a"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->last_n, 3U);
}

TEST(Options, SayWhatIsWrong) {
  const struct {
    Words arguments;
    std::string_view part;
  } rows[] = {
      {{}, "Which server?"},
      {{"ftp://x"}, "not a URL"},
      {{"http://a", "http://b"}, "Two URLs"},
      {{"--nonsense", "http://a"}, "no option --nonsense"},
      {{"-x", "http://a"}, "no option -x"},
      {{"http://a", "--subscribers"}, "wants a value"},
      {{"--subscribers", "many", "http://a"}, "--subscribers many"},
      {{"--subscribers", "-1", "http://a"}, "--subscribers -1"},
      {{"--subscribers", "1e9", "http://a"}, "--subscribers 1e9"},
      {{"--bitrate", "nan", "http://a"}, "--bitrate nan"},
      {{"--bitrate", "5", "http://a"}, "--bitrate 5"},
      {{"--spin=yes", "http://a"}, "takes no value"},
      {{"--codec", "av1", "http://a"}, "vp8 or h264"},
      {{"--server", "livekit", "http://a"}, "gst-rooms, whip"},
      {{"--pid", "0", "http://a"}, "--pid 0"},
      {{"--rooms", "4", "http://a"}, "belong together"},
      {{"--size", "4", "http://a"}, "belong together"},
      {{"--rooms", "1000", "--size", "200", "http://a"}, "more than 20000"},
      {{"--rooms", "2", "--size", "2", "--find-limit", "http://a"}, "broadcast"},
      {{"--last-n", "2", "http://a"}, "--rooms and --size"},
      {{"--last-n", "2", "--rooms", "1", "--size", "5", "--server", "janus", "http://a"},
       "of gst-rooms"},
      {{"--no-audio", "--no-video", "http://a"}, "leave nothing"},
      {{"--duration", "0", "http://a"}, "--duration 0"},
  };
  for (const auto& row : rows) {
    const auto options = read_options(row.arguments);
    ASSERT_FALSE(options) << row.part;
    EXPECT_EQ(options.error().code, "bad-option");
    EXPECT_NE(options.error().message.find(row.part), std::string::npos) << options.error().message;
  }
}

TEST(Options, AreAllInTheHelp) {
  EXPECT_TRUE(read_options({"--help"}));
  EXPECT_TRUE(read_options({"-h"}));
  const auto text = help_text();
  for (const auto* name : {"--publishers", "--rooms", "--find-limit", "--spin", "Examples"})
    EXPECT_NE(text.find(name), std::string::npos) << name;
}

TEST(Report, HasTheJsonMembersThatOthersReadAndNullForAnUnknownServer) {
  Report report;
  report.failures["it said \"no\""] = 2;
  const auto json = JsonValue::parse(to_json(report));
  ASSERT_TRUE(json) << to_json(report);
  for (const auto* name : {"forwarded_packets", "cpu_us_per_packet", "loss_percent", "rss_mib",
                           "rss_mib_per_subscriber", "threads", "threads_per_subscriber",
                           "generator_cpu_us_per_packet", "failed_clients"})
    EXPECT_TRUE(json->has({name})) << name;
  for (const auto* name : {"latency_ms", "join_ms", "first_packet_ms", "first_keyframe_ms"})
    for (const auto* part : {"p50", "p95", "p99", "max"}) EXPECT_TRUE(json->has({name, part}));
  EXPECT_EQ(json->number({"failures", "it said \"no\""}), 2);
  EXPECT_NE(to_json(report).find("\"rss_mib\": null"), std::string::npos);
}

TEST(JsonText, SurvivesReading) {
  const std::string text = "a=mid:0\r\n\"quoted\" \\ \x01 ü";
  const auto json = JsonValue::parse("{\"sdp\": " + to_json_text(text) + "}");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->text({"sdp"}), text);
  EXPECT_EQ(json->text({"nothing", "there"}), "");
  EXPECT_FALSE(JsonValue::parse("{"));
}

}  // namespace
}  // namespace rooms::load
