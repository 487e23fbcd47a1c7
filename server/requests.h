// SPDX-License-Identifier: LGPL-2.1-or-later
// What a client may ask on /ws, as typed values; docs/signalling.md is the reference. No socket in
// sight.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gst/core/result.h"
#include "pipelines/events.h"
#include "pipelines/room.h"
#include "pipelines/room_control.h"

namespace rooms {

/// Longest frame on /ws and longest body of an HTTP request.
constexpr std::size_t kLongestMessage = 256 * 1024;

namespace request {
struct Join {
  std::string room;
  std::string name;
  std::string participant;  ///< wished for; empty: the room chooses
  std::vector<std::string> audio_codecs;
  std::vector<std::string> video_codecs;
  bool mesh = false;  ///< it can send to another participant directly
};
struct Resume {
  std::string session;
};
struct Publish {
  std::string sdp;
  std::map<std::string, TrackLabel> labels;
};
struct Unpublish {};
struct Subscribe {
  SubscribeRequest slots;
};
struct Answer {
  std::string sdp;
  std::int64_t version = 0;
};
/// Only the subscribe connection: the publish connection restarts with a new `publish` offer.
struct Restart {};
struct Candidate {
  ConnectionRole connection = ConnectionRole::kPublish;
  std::string candidate;
};
struct Mute {
  std::string track;
  bool muted = false;
};
struct Layers {
  SlotLimit limit;
};
struct View {
  ViewRequest view;
};
struct SendData {
  std::string to;    ///< empty: everybody else
  std::string json;  ///< of the field `data`
};
struct Control {
  RoomControl control;
};
struct Direct {
  DirectMessage message;
};
struct Ping {};
struct Leave {};
}  // namespace request

using Request =
    std::variant<request::Join, request::Resume, request::Publish, request::Unpublish,
                 request::Subscribe, request::Answer, request::Restart, request::Candidate,
                 request::Mute, request::Layers, request::View, request::SendData, request::Control,
                 request::Direct, request::Ping, request::Leave>;

struct Frame {
  std::string
      id;  ///< JSON text of the field `id`, to be repeated in the answer; empty: there was none
  Result<Request> request;
};

Frame read_frame(std::string_view text);

}  // namespace rooms
