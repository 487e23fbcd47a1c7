// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bins/room_host.h"

namespace rooms {
namespace {

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + ",") {
    if (c != ',') {
      if (c != ' ') part += c;
      continue;
    }
    if (!part.empty()) parts.push_back(std::exchange(part, {}));
  }
  return parts;
}

}  // namespace

Status RoomHost::open(const std::string& id, const Settings& settings) {
  MediaSettings media;
  media.udp_port = settings.udp_port;
  media.announce_ips = parts_of(settings.announce_ip);
  media.workers = settings.workers;
  auto share = MediaShare::take(media);
  if (!share) return share.error();
  media_ = std::move(*share);
  RoomPolicy policy;
  policy.topology = settings.topology;
  policy.recordings = settings.recordings;
  policy.observer = listener_;
  auto room = Room::create(media_.media(), id, policy);
  room_.with([&](auto& held) { held = room; });
  if (settings.layout.empty()) return Done{};
  RoomControl control;
  control.mix.layout = settings.layout;
  auto controlled = ask<Done>([&](Room& one, auto reply) { one.control(control, reply); });
  if (!controlled) close();
  return controlled;
}

void RoomHost::close() {
  auto room = room_.with([](auto& held) { return std::exchange(held, nullptr); });
  if (!room) return;
  room->close();
  room.reset();
  media_.release();
}

std::shared_ptr<Room> RoomHost::room() const {
  return room_.with([](const auto& held) { return held; });
}

Status RoomHost::join(const std::string& id, const std::string& name,
                      std::shared_ptr<RoomListener> listener, ParticipantInfo& self) const {
  JoinRequest request;
  request.id = id;
  request.name = name;
  request.listener = std::move(listener);
  const auto joined = ask<JoinReply>([&](Room& room, auto reply) { room.join(request, reply); });
  if (!joined) return joined.error();
  self = joined->self;
  return Done{};
}

std::string RoomHost::media_stats() const { return room() ? media_.media().stats_json() : "{}"; }

std::uint16_t RoomHost::port() const { return room() ? media_.media().udp_port() : 0; }

}  // namespace rooms
