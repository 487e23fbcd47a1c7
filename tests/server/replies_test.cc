// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/replies.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

const TrackInfo kCamera{"bob/camera", "bob", MediaKind::kVideo, "camera", "VP8", false};
const std::string kCameraJson =
    R"({"id":"bob/camera","participant":"bob","kind":"video","label":"camera","codec":"VP8","muted":false})";

TEST(Replies, AreThoseOfTheDocumentation) {
  JoinedMessage joined{
      "b9c7", "ada", "Ada", "demo", {{"bob", "Bob", {kCamera}}}, false, std::chrono::seconds(15),
      {}};
  EXPECT_EQ(
      joined_message("1", joined),
      R"({"type":"joined","id":1,"session":"b9c7","participant":"ada","name":"Ada","room":"demo",)"
      R"("others":[{"id":"bob","name":"Bob","tracks":[)" +
          kCameraJson + R"(]}],"resumed":false,"resumeTimeout":15,"iceServers":[]})");
  EXPECT_EQ(published_message("2", {"v=0\r\n", {{"1", kCamera}}}),
            R"({"type":"published","id":2,"sdp":"v=0\r\n","tracks":[{"mid":"1","track":)" +
                kCameraJson + "}]}");
  EXPECT_EQ(offer_message("4", "v=0", 1), R"({"type":"offer","id":4,"sdp":"v=0","version":1})");
  EXPECT_EQ(offer_message("", "v=0", 2), R"({"type":"offer","sdp":"v=0","version":2})");
  EXPECT_EQ(done_message("\"x\"", "muted"), R"({"type":"muted","id":"x"})");
  EXPECT_EQ(error_message("2", {"sdp-syntax", "No."}),
            R"({"type":"error","id":2,"code":"sdp-syntax","message":"No."})");
}

TEST(Replies, TellEventsAsTheDocumentationSays) {
  EXPECT_EQ(event_message(event::SlotsChanged{
                {{"a0", MediaKind::kAudio, {}}, {"v0", MediaKind::kVideo, kCamera}}}),
            R"({"type":"slots","slots":[{"mid":"a0","kind":"audio","track":null},)"
            R"({"mid":"v0","kind":"video","track":)" +
                kCameraJson + "}]}");
  EXPECT_EQ(event_message(event::ParticipantJoined{{"bob", "Bob", {}}}),
            R"({"type":"participant-joined","participant":{"id":"bob","name":"Bob","tracks":[]}})");
  EXPECT_EQ(event_message(event::ParticipantLeft{"bob", "left"}),
            R"({"type":"participant-left","participant":"bob","reason":"left"})");
  EXPECT_EQ(event_message(event::TrackAdded{kCamera}),
            R"({"type":"track-added","track":)" + kCameraJson + "}");
  EXPECT_EQ(event_message(event::TrackRemoved{"bob/camera", "bob"}),
            R"({"type":"track-removed","track":"bob/camera","participant":"bob"})");
  EXPECT_EQ(
      event_message(event::TrackMuted{"bob/camera", "bob", true, true}),
      R"({"type":"track-muted","track":"bob/camera","participant":"bob","muted":true,"moderated":true})");
  EXPECT_EQ(event_message(event::TopologyChanged{Topology::kSfu, std::nullopt}),
            R"({"type":"topology","topology":"sfu","direct":null})");
  EXPECT_EQ(event_message(event::Speaking{""}), R"({"type":"speaking","participant":""})");
  EXPECT_EQ(event_message(event::Data{"bob", R"({"x":[1]})"}),
            R"({"type":"data","from":"bob","data":{"x":[1]}})");
  EXPECT_EQ(event_message(event::RoomCodecs{{"opus"}, {"VP8"}}),
            R"({"type":"codecs","audio":["opus"],"video":["VP8"]})");
  EXPECT_EQ(event_message(event::RepublishWanted{"r"}), R"({"type":"republish","reason":"r"})");
  EXPECT_EQ(event_message(event::CodecMismatch{kCamera, "ada"}),
            R"({"type":"codec-mismatch","track":)" + kCameraJson + R"(,"participant":"ada"})");
  EXPECT_EQ(event_message(event::ConnectionChanged{ConnectionRole::kPublish,
                                                   ConnectionState::kFailed, "ice"}),
            R"({"type":"connection","connection":"publish","state":"failed","reason":"ice"})");
  EXPECT_EQ(event_message(event::Candidate{ConnectionRole::kSubscribe, "candidate:1"}),
            R"({"type":"candidate","connection":"subscribe","candidate":"candidate:1"})");
}

}  // namespace
}  // namespace rooms
