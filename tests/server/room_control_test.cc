// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/room_control.h"

#include <gtest/gtest.h>

#include "server/direct_json.h"
#include "server/requests.h"

namespace rooms {
namespace {

TEST(RoomControlJson, IsReadKeyByKey) {
  const auto nothing = parse_room_control("{}");
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->topology, std::nullopt);
  EXPECT_TRUE(nothing->mute.empty());

  const auto some = parse_room_control(R"({"topology":"mesh","mute":{"bob":true,"ada/x":false}})");
  ASSERT_TRUE(some);
  EXPECT_EQ(some->topology, Topology::kMesh);
  EXPECT_EQ(some->mute, (std::map<std::string, bool>{{"bob", true}, {"ada/x", false}}));
}

TEST(RoomControlJson, SpeaksOfTheMix) {
  const auto control =
      parse_room_control(R"({"layout":"pip","captions":false,"size":{"width":640,"height":360},)"
                         R"("mix":{"bob":false},"volume":{"bob":2,"ada":0.5}})");
  ASSERT_TRUE(control) << control.error().message;
  const auto& mix = control->mix;
  EXPECT_EQ(mix.layout, "pip");
  EXPECT_EQ(mix.captions, false);
  EXPECT_EQ(mix.size, (Size{640, 360}));
  ASSERT_EQ(mix.participants.size(), 2u);
  EXPECT_EQ(mix.participants[0].id, "bob");
  EXPECT_EQ(mix.participants[0].mixed, false);
  EXPECT_EQ(mix.participants[0].volume, 2);
  EXPECT_EQ(mix.participants[1].mixed, std::nullopt);
  EXPECT_EQ(mix.participants[1].volume, 0.5);

  const auto custom = parse_room_control(R"({"layout":{"tiles":[]}})");
  ASSERT_TRUE(custom);
  EXPECT_EQ(custom->mix.layout, R"({"tiles":[]})");
}

TEST(RoomControlJson, IsTheSameInAFrame) {
  const Frame frame = read_frame(R"({"type":"control","id":1,"topology":"sfu"})");
  ASSERT_TRUE(frame.request);
  const auto* request = std::get_if<request::Control>(&*frame.request);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->control.topology, Topology::kSfu);
}

TEST(RoomControlJson, IsRefusedWithASentenceThatHelps) {
  struct Row {
    const char* text;
    const char* code;
    const char* part;
  };
  std::string many = R"({"mute":{)";
  for (int n = 0; n < 257; ++n) many += (n ? ",\"" : "\"") + std::to_string(n) + "\":true";
  many += "}}";
  const Row rows[] = {
      {"", "bad-json", ""},
      {"[]", "bad-json", ""},
      {R"({"topology":"star"})", "bad-field", "'auto', 'sfu', 'mesh' or 'mcu'"},
      {R"({"topology":1})", "bad-field", "'topology'"},
      {R"({"topology":null})", "bad-field", "'topology'"},
      {R"({"mute":["bob"]})", "bad-field", "'mute'"},
      {R"({"mute":{"bob":1}})", "bad-field", "'mute.bob' should be true or false"},
      {many.c_str(), "bad-field", "at most 256"},
      {R"({"size":{"width":640}})", "missing-field", "'size.height'"},
      {R"({"size":7})", "bad-field", "'size'"},
      {R"({"captions":"yes"})", "bad-field", "'captions'"},
      {R"({"volume":{"bob":"loud"}})", "bad-field", "'volume.bob' should be a number"},
      {R"({"volume":3})", "bad-field", "at most 256 numbers"},
      {R"({"topolgy":"sfu"})", "bad-field", "did you mean 'topology'?"},
      {R"({"topology":"sfu","colour":"red"})", "bad-field", "'colour'"},
  };
  for (const auto& row : rows) {
    const auto control = parse_room_control(row.text);
    ASSERT_FALSE(control) << row.text;
    EXPECT_EQ(control.error().code, row.code) << row.text;
    EXPECT_NE(control.error().message.find(row.part), std::string::npos)
        << row.text << ": " << control.error().message;
  }
}

std::string relayed(const std::string& content) {
  const Frame frame = read_frame(R"({"type":"direct","session":3,)" + content + "}");
  if (!frame.request) return frame.request.error().message;
  JsonWriter out;
  out.object([&] { write_direct_message(out, std::get<request::Direct>(*frame.request).message); });
  return out.take();
}

TEST(DirectJson, ComesOutAsItWentIn) {
  for (const char* content :
       {R"("offer":"v=0","tracks":[{"mid":"0","track":"ada/camera"}])", R"("answer":"v=0")",
        R"("offer":"v=0","tracks":[])",
        R"("candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","mid":"0","ofOfferer":true)",
        R"("candidate":"","mid":"","ofOfferer":false)", R"("state":"receiving")",
        R"("state":"left")", R"("state":"failed")", R"("wishes":[])",
        R"("wishes":[{"track":"bob/camera","width":0,"height":0}])",
        R"("wishes":[{"track":"bob/camera","maxSpatial":0,"maxBitrate":100000}])"})
    EXPECT_EQ(relayed(content), R"({"session":3,)" + std::string(content) + "}");
}

TEST(DirectJson, CarriesNothingElse) {
  const auto refused = [](const std::string& text, const char* part) {
    const Frame frame = read_frame(text);
    ASSERT_FALSE(frame.request) << text.substr(0, 200);
    const auto& message = frame.request.error().message;
    EXPECT_NE(message.find(part), std::string::npos) << text.substr(0, 200) << ": " << message;
  };
  refused(R"({"type":"direct","state":"left"})", "'session'");
  refused(R"({"type":"direct","session":0,"state":"left"})", "'session'");
  refused(R"({"type":"direct","session":1})", "one of");
  refused(R"({"type":"direct","session":1,"state":"left","answer":"v=0"})", "one of");
  refused(R"({"type":"direct","session":1,"state":"gone"})", "'receiving'");
  refused(R"({"type":"direct","session":1,"state":7})", "'state'");
  refused(R"({"type":"direct","session":1,"offer":"v=0"})", "'tracks'");
  refused(R"({"type":"direct","session":1,"offer":"v=0","tracks":[{"mid":"0"}]})", "track'");
  refused(R"({"type":"direct","session":1,"candidate":"c","mid":"0"})", "'ofOfferer'");
  refused(R"({"type":"direct","session":1,"wishes":[{"track":"t","width":-1}]})", "width'");
  refused(R"({"type":"direct","session":1,"answer":")" + std::string(65'537, 'v') + "\"}",
          "65536 bytes");
  refused(R"({"type":"direct","session":1,"candidate":")" + std::string(1025, 'c') +
              R"(","mid":"0","ofOfferer":true})",
          "1024 bytes");
}

}  // namespace
}  // namespace rooms
