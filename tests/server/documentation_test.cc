// SPDX-License-Identifier: LGPL-2.1-or-later
// docs/signalling.md shows each message as it is read and written.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "server/json_fields.h"
#include "server/replies.h"
#include "server/requests.h"

namespace rooms {
namespace {

/// One chapter: the types that its table names, and its examples.
struct Chapter {
  std::set<std::string> types;
  std::vector<std::string> examples;
};

/// What stands between backticks in the first column: "| `sent`, `left` | ..".
void add_types(const std::string& row, std::set<std::string>& types) {
  const std::string column = row.substr(0, row.find('|', 1));
  for (auto open = column.find('`'); open != std::string::npos; open = column.find('`', open)) {
    const auto close = column.find('`', open + 1);
    types.insert(column.substr(open + 1, close - open - 1));
    open = close + 1;
  }
}

Chapter chapter(const std::string& title) {
  std::ifstream file(GST_ROOMS_DOCS "/signalling.md");
  Chapter found;
  bool inside = false;
  bool is_example = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) inside = line == "## " + title;
    if (!inside) continue;
    if (line.starts_with("```")) {
      is_example = line == "```json";
    } else if (is_example) {
      found.examples.push_back(line);
    } else if (line.starts_with("| `")) {
      add_types(line, found.types);
    }
  }
  return found;
}

std::string type_of(const std::string& text) {
  const auto tree = parse_json_object(text);
  if (!tree) return "no JSON: " + text;
  JsonFields fields(json_node_get_object(tree->get()));
  return fields.text("type");
}

std::string compact(const std::string& text) {
  const auto tree = parse_json_object(text);
  return tree ? json_text(tree->get()) : "no JSON: " + text;
}

std::set<std::string> types_of(const std::vector<std::string>& texts) {
  std::set<std::string> types;
  for (const auto& text : texts) types.insert(type_of(text));
  return types;
}

TEST(Documentation, ShowsEachRequestAsItIsRead) {
  const auto requests = chapter("From the client");
  EXPECT_EQ(types_of(requests.examples), requests.types);
  std::set<std::size_t> kinds;
  for (const auto& example : requests.examples) {
    const auto frame = read_frame(example);
    EXPECT_TRUE(frame.request) << example << ": " << frame.request.error().message;
    if (frame.request) kinds.insert(frame.request->index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Request>) << "a request is not documented";
}

std::vector<std::string> everything_said() {
  const TrackInfo camera{"bob/camera", "bob", MediaKind::kVideo, "camera", "VP8", false};
  TrackInfo own = camera;
  own.id = "ada/camera";
  own.participant = "ada";
  const JoinedMessage joined{
      "b9c7…", "ada", "Ada", "demo", {{"bob", "Bob", {camera}}}, false, std::chrono::seconds(15),
      {}};
  std::vector<std::string> said{
      joined_message("1", joined),
      published_message("2", {"v=0…", {{"1", own}}}),
      done_message("3", "unpublished"),
      offer_message("4", "v=0…", 1),
      done_message("5", "answered"),
      done_message("7", "muted"),
      done_message("11", "limited"),
      done_message("12", "viewed"),
      done_message("8", "sent"),
      done_message("13", "controlled"),
      done_message("9", "pong"),
      done_message("10", "left"),
      error_message("2", {"sdp-syntax",
                          "The offer does not parse: line 3 has no '='. Send the SDP as "
                          "RTCPeerConnection.createOffer() gives it."})};
  const std::vector<RoomEvent> events{
      event::SlotsChanged{{{"a0", MediaKind::kAudio, {}}, {"v0", MediaKind::kVideo, camera}}},
      event::ParticipantJoined{{"bob", "Bob", {}}},
      event::ParticipantLeft{"bob", "left"},
      event::TrackAdded{camera},
      event::TrackRemoved{"bob/camera", "bob"},
      event::TrackMuted{"bob/camera", "bob", true},
      event::Speaking{"bob"},
      event::Data{"bob", R"({"hand":"raised"})"},
      event::RoomCodecs{{"opus"}, {"VP8"}},
      event::RepublishWanted{"The room agreed on other codecs."},
      event::Allocated{
          DataRate::kilobits_per_second(640),
          true,
          {{"v0",
            "bob/camera",
            SlotPriority::kActiveSpeaker,
            {LayerChoice{1, 2}, DataRate::kilobits_per_second(480), AllocationReason::kBudget}}}},
      event::EncodingsWanted{
          "ada/camera",
          {{"q", {true, DataRate::kilobits_per_second(150)}}, {"h", {false, std::nullopt}}}},
      event::TopologyChanged{Topology::kAuto, event::TopologyChanged::Direct{1, "bob", false}},
      event::Direct{"bob", {1, DirectMessage::State::kLeft}},
      event::CodecMismatch{camera, "ada"},
      event::RecordingChanged{"20261127-231706", "tracks", "started", ""},
      event::PushChanged{
          {"push-1", "rtmp://live.example/app/***", PushState::kLive, {"", ""}, 1, 0, 0}},
      event::SourceChanged{"1", "door", "away",
                           "The source cannot be reached, or has hung up. Check host and port of "
                           "its address, and that it is on."},
      event::TapChanged{"1", "bob/camera", "failed", "filesink0: There is no space left."},
      event::ConnectionChanged{ConnectionRole::kPublish, ConnectionState::kFailed,
                               "Nothing has come from the peer for 15 s."},
      event::Candidate{ConnectionRole::kSubscribe,
                       "candidate:1 1 udp 2130706431 192.0.2.1 8443 typ host"}};
  // SubscribeOffer is the one event that becomes no message of its own: it is an `offer`.
  EXPECT_EQ(events.size() + 1, std::variant_size_v<RoomEvent>) << "an event is not documented";
  for (const auto& event : events) said.push_back(event_message(event));
  return said;
}

TEST(Documentation, ShowsEachMessageOfTheServerAsItIsWritten) {
  const auto messages = chapter("From the server");
  EXPECT_EQ(types_of(messages.examples), messages.types);
  std::set<std::string> documented;
  for (const auto& example : messages.examples) documented.insert(compact(example));
  std::set<std::string> said;
  for (const auto& message : everything_said()) said.insert(compact(message));
  EXPECT_EQ(documented, said);
}

}  // namespace
}  // namespace rooms
