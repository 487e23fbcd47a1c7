// SPDX-License-Identifier: LGPL-2.1-or-later
// What the server says on /ws, as JSON texts; docs/signalling.md is the reference. `id` is the JSON
// text that the request carried, empty when there was none or nobody asked.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/result.h"
#include "pipelines/events.h"
#include "pipelines/room.h"
#include "server/ice_servers.h"

namespace rooms {

struct JoinedMessage {
  std::string session;
  std::string participant;
  std::string name;
  std::string room;
  std::vector<ParticipantInfo> others;
  bool resumed = false;
  std::chrono::seconds resume_timeout{};
  std::vector<IceServer> ice_servers;
};

std::string joined_message(std::string_view id, const JoinedMessage& joined);
std::string published_message(std::string_view id, const PublishReply& reply);
std::string offer_message(std::string_view id, std::string_view sdp, std::int64_t version);
/// An answer that says nothing but that it was done: "unpublished", "answered", "muted", "limited",
/// "viewed", "sent", "controlled", "left".
std::string done_message(std::string_view id, std::string_view type);
std::string error_message(std::string_view id, const Error& error);
/// Of any event but SubscribeOffer, which needs the version that the session counts.
std::string event_message(const RoomEvent& event);

}  // namespace rooms
