// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/whip_signalling.h"

namespace rooms::load {
namespace {

std::string filled(std::string path, std::string_view key, const std::string& value) {
  for (auto at = path.find(key); at != std::string::npos; at = path.find(key, at + value.size()))
    path.replace(at, key.size(), value);
  return path;
}

}  // namespace

WhipSignalling::WhipSignalling(const Options& options)
    : options_(options), http_(options.token, options.insecure) {}

/// Any answer will do: what a server says to GET is its business.
Status WhipSignalling::open(const std::vector<std::string>&) {
  auto reply = http_.send("GET", options_.url + "/");
  if (!reply) return reply.error();
  return Done{};
}

Result<RemoteEnd> WhipSignalling::post(Client& client, const std::string& path) {
  auto reply = http_.demand("POST", options_.url + path, "application/sdp", offer_of(client));
  if (!reply) return reply.error();
  client.resource = reply->location;
  return take_answer(client, reply->body);
}

Result<RemoteEnd> WhipSignalling::publish(Client& client) {
  const bool ours = options_.server == ServerKind::kGstRooms;
  auto path = ours ? std::string("/whip/{room}/{name}") : options_.publish_path;
  path = filled(std::move(path), "{room}", client.seat.room);
  return post(client, filled(std::move(path), "{name}", client.seat.name));
}

Result<RemoteEnd> WhipSignalling::play(Client& client) {
  std::string shown;
  for (const auto& seat : client.shown) shown += (shown.empty() ? "" : ",") + seat.name;
  const bool ours = options_.server == ServerKind::kGstRooms;
  auto path = ours && options_.publishers > 0 ? std::string("/whep/{room}?participants={shown}")
                                              : options_.play_path;
  path = filled(std::move(path), "{room}", client.seat.room);
  path = filled(std::move(path), "{name}", client.seat.name);
  return post(client, filled(std::move(path), "{shown}", shown));
}

void WhipSignalling::leave(Client& client) {
  if (client.resource.empty() || gone_) return;
  if (!http_.send("DELETE", client.resource)) gone_ = true;
  client.resource.clear();
}

bool WhipSignalling::plays_several() const { return options_.server == ServerKind::kGstRooms; }

}  // namespace rooms::load
