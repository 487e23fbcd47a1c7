// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/requests.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace rooms {
namespace {

template <class T>
T request_of(const char* text) {
  const Frame frame = read_frame(text);
  if (!frame.request) {
    ADD_FAILURE() << text << ": " << frame.request.error().message;
    return {};
  }
  const auto* request = std::get_if<T>(&*frame.request);
  EXPECT_TRUE(request) << text;
  return request ? *request : T{};
}

TEST(Requests, ReadEveryExampleOfTheDocumentation) {
  const auto join = request_of<request::Join>(
      R"({"type":"join","id":1,"room":"demo","name":"Ada","codecs":{"audio":["opus"],"video":["VP8","H264"]}})");
  EXPECT_EQ(join.room, "demo");
  EXPECT_EQ(join.name, "Ada");
  EXPECT_EQ(join.participant, "");
  EXPECT_EQ(join.audio_codecs, std::vector<std::string>{"opus"});
  EXPECT_EQ(join.video_codecs, (std::vector<std::string>{"VP8", "H264"}));

  EXPECT_EQ(request_of<request::Resume>(R"({"type":"resume","session":"b9c7"})").session, "b9c7");

  const auto publish = request_of<request::Publish>(
      R"({"type":"publish","sdp":"v=0","tracks":[{"mid":"0","label":"microphone","muted":true},{"mid":"1"}]})");
  EXPECT_EQ(publish.sdp, "v=0");
  EXPECT_EQ(publish.labels.at("0").label, "microphone");
  EXPECT_TRUE(publish.labels.at("0").muted);
  EXPECT_EQ(publish.labels.at("1").label, "");

  request_of<request::Unpublish>(R"({"type":"unpublish"})");
  const auto subscribe =
      request_of<request::Subscribe>(R"({"type":"subscribe","audio":2,"video":9,"data":false})");
  EXPECT_EQ(subscribe.slots.audio_slots, 2u);
  EXPECT_EQ(subscribe.slots.video_slots, 9u);
  EXPECT_FALSE(subscribe.slots.data);
  EXPECT_EQ(subscribe.slots.last_n, std::nullopt) << "as many as the room gives";
  EXPECT_EQ(subscribe.slots.mode, std::nullopt) << "as the room is meant";
  EXPECT_EQ(request_of<request::Subscribe>(R"({"type":"subscribe","mode":"hybrid"})").slots.mode,
            MixMode::kHybrid);
  for (const unsigned most : {0U, 9U, 1000U}) {
    const auto text = R"({"type":"subscribe","lastN":)" + std::to_string(most) + "}";
    EXPECT_EQ(request_of<request::Subscribe>(text.c_str()).slots.last_n, most);
  }
  EXPECT_EQ(request_of<request::Answer>(R"({"type":"answer","sdp":"v=0","version":3})").version, 3);
  request_of<request::Restart>(R"({"type":"restart","connection":"subscribe"})");
  EXPECT_EQ(request_of<request::Candidate>(
                R"({"type":"candidate","connection":"subscribe","candidate":""})")
                .connection,
            ConnectionRole::kSubscribe);
  EXPECT_TRUE(
      request_of<request::Mute>(R"({"type":"mute","track":"ada/camera","muted":true})").muted);
  const auto layers =
      request_of<request::Layers>(R"({"type":"layers","slot":"v0","maxSpatial":1})").limit;
  EXPECT_EQ(layers.mid, "v0");
  EXPECT_EQ(layers.max_spatial, 1);
  EXPECT_EQ(layers.max_temporal, -1) << "not limited";
  EXPECT_EQ(layers.target_bitrate, 0u);
  const auto view =
      request_of<request::View>(R"({"type":"view","slots":[{"slot":"v0","width":640,"height":360},)"
                                R"({"slot":"v1","priority":"pinned"}],"pinned":["bob"],"lastN":9})")
          .view;
  ASSERT_EQ(view.slots.size(), 2U);
  EXPECT_EQ(view.slots[0].pixels, 640U * 360U);
  EXPECT_EQ(view.slots[0].priority, std::nullopt) << "left to the room";
  EXPECT_EQ(view.slots[1].pixels, std::nullopt) << "as before";
  EXPECT_EQ(view.slots[1].priority, SlotPriority::kPinned);
  EXPECT_EQ(view.pinned, std::vector<std::string>{"bob"});
  EXPECT_EQ(view.last_n, 9U);
  const auto all = request_of<request::View>(R"({"type":"view","lastN":null})").view;
  EXPECT_TRUE(all.changes_last_n);
  EXPECT_EQ(all.last_n, std::nullopt);
  EXPECT_EQ(all.pinned, std::nullopt) << "as before";
  const auto data =
      request_of<request::SendData>(R"({"type":"data","to":"bob","data":{"hand":"raised"}})");
  EXPECT_EQ(data.to, "bob");
  EXPECT_EQ(data.json, R"({"hand":"raised"})");
  request_of<request::Ping>(R"({"type":"ping"})");
  request_of<request::Leave>(R"({"type":"leave"})");
}

TEST(Requests, KeepAnIdOfAnyType) {
  for (const char* id : {"1", "-7", "\"x\"", "null", "[1,2]", "{\"a\":true}", "9007199254740993"}) {
    EXPECT_EQ(read_frame(std::string(R"({"type":"leave","id":)") + id + "}").id, id);
    // Also of what is wrong, or its sender would wait for ever.
    EXPECT_EQ(read_frame(std::string(R"({"type":"leve","id":)") + id + "}").id, id);
  }
  EXPECT_EQ(read_frame(R"({"type":"leave"})").id, "");
}

TEST(Requests, RefuseWhatIsWrongWithTheCodeAndTheFieldThatIs) {
  struct Row {
    const char* text;
    const char* code;
    const char* part;
  };
  const std::vector<Row> rows{
      {"hello", "bad-json", ""},
      {"[1]", "bad-json", "one JSON object"},
      {R"({"id":1})", "missing-field", "'type'"},
      {R"({"type":5})", "bad-field", "'type' should be a string"},
      {R"({"type":"jion"})", "unknown-type", "did you mean 'join'?"},
      {R"({"type":"join","name":"A"})", "missing-field", "'room'"},
      {R"({"type":"join","room":"a b","name":"A"})", "bad-field", "'room' should be 1 to 64"},
      {R"({"type":"join","room":"a","name":"  "})", "bad-field", "'name' should not be empty"},
      {R"({"type":"join","room":"a","name":"A","participant":"x/y"})", "bad-field",
       "'participant'"},
      {R"({"type":"join","room":"a","name":"A","codecs":[]})", "bad-field",
       "'codecs' should be an object"},
      {R"({"type":"join","room":"a","name":"A","codecs":{"video":[1]}})", "bad-field",
       "'codecs.video'"},
      {R"({"type":"resume"})", "missing-field", "'session'"},
      {R"({"type":"publish","tracks":[]})", "missing-field", "'sdp'"},
      {R"({"type":"publish","sdp":"v=0"})", "missing-field", "'tracks'"},
      {R"({"type":"publish","sdp":"v=0","tracks":[{"label":"x"}]})", "missing-field",
       "'tracks[0].mid'"},
      {R"({"type":"publish","sdp":"v=0","tracks":[{"mid":"0"},{"mid":"0"}]})", "bad-field",
       "only once"},
      {R"({"type":"publish","sdp":"v=0","tracks":["0"]})", "bad-field", "a list of objects"},
      {R"({"type":"subscribe","audio":-1})", "bad-field",
       "'audio' should be a whole number from 0"},
      {R"({"type":"subscribe","video":1e9})", "bad-field", "'video'"},
      {R"({"type":"subscribe","lastN":-1})", "bad-field",
       "'lastN' should be a whole number from 0 to 1000"},
      {R"({"type":"subscribe","lastN":1001})", "bad-field", "'lastN'"},
      {R"({"type":"subscribe","lastN":2.5})", "bad-field", "'lastN'"},
      {R"({"type":"subscribe","lastN":"all"})", "bad-field", "'lastN'"},
      {R"({"type":"subscribe","lastN":[9]})", "bad-field", "'lastN'"},
      {R"({"type":"subscribe","mode":"mcu"})", "bad-field", "'tracks', 'mix' or 'hybrid'"},
      {R"({"type":"answer","sdp":"v=0"})", "missing-field", "'version'"},
      {R"({"type":"answer","sdp":"v=0","version":"1"})", "bad-field", "'version'"},
      {R"({"type":"restart","connection":"publish"})", "bad-field", "new 'publish' offer"},
      {R"({"type":"candidate","connection":"x","candidate":""})", "bad-field", "'connection'"},
      {R"({"type":"mute","track":"t"})", "missing-field", "'muted'"},
      {R"({"type":"mute","track":"t","muted":1})", "bad-field", "true or false"},
      {R"({"type":"layers","maxSpatial":0})", "missing-field", "'slot'"},
      {R"({"type":"layers","slot":"v0","maxSpatial":99})", "bad-field",
       "'maxSpatial' should be a whole number from 0 to 7"},
      {R"({"type":"layers","slot":"v0","maxTemporal":-1})", "bad-field", "'maxTemporal'"},
      {R"({"type":"layers","slot":"v0","maxBitrate":1e12})", "bad-field", "'maxBitrate'"},
      {R"({"type":"view","slots":{}})", "bad-field", "'slots'"},
      {R"({"type":"view","slots":[{"width":1,"height":1}]})", "missing-field", "'slots[0].slot'"},
      {R"({"type":"view","slots":[{"slot":"v0","width":640}]})", "missing-field", "height'"},
      {R"({"type":"view","slots":[{"slot":"v0","width":640,"height":-1}]})", "bad-field",
       "height' should be a whole number from 0 to 16384"},
      {R"({"type":"view","slots":[{"slot":"v0","priority":"most"}]})", "bad-field", "'pinned'"},
      {R"({"type":"view","pinned":"bob"})", "bad-field", "'pinned'"},
      {R"({"type":"view","lastN":1001})", "bad-field", "'lastN'"},
      {R"({"type":"data","to":"x"})", "missing-field", "'data'"},
  };
  for (const Row& row : rows) {
    const Frame frame = read_frame(row.text);
    ASSERT_FALSE(frame.request.ok()) << row.text;
    EXPECT_EQ(frame.request.error().code, row.code) << row.text;
    EXPECT_NE(frame.request.error().message.find(row.part), std::string::npos)
        << row.text << ": " << frame.request.error().message;
  }
}

TEST(Requests, SurviveWhateverIsSent) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string good =
      R"({"type":"publish","id":2,"sdp":"v=0","tracks":[{"mid":"0","label":"mic","muted":false}]})";
  for (int round = 0; round < 5000; ++round) {
    std::string text = good;
    for (int edits = 0; edits < 3; ++edits) {
      const auto at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 5);
          break;
        default:
          text.insert(at, 1, "{}[]\",:\\"[random() % 8]);
          break;
      }
      if (text.empty()) text = "{";
    }
    const Frame frame = read_frame(text);
    if (!frame.request) {
      EXPECT_FALSE(frame.request.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace rooms
