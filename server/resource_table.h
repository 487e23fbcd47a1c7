// SPDX-License-Identifier: LGPL-2.1-or-later
// Token to WHIP or WHEP resource. Server thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/ice_servers.h"
#include "server/media_resource.h"
#include "server/room_registry.h"

namespace rooms {

class ResourceTable {
 public:
  ResourceTable(RoomRegistry& registry, IceServerSettings ice_servers)
      : registry_(registry), ice_servers_(std::move(ice_servers)) {}

  std::shared_ptr<MediaResource> open();
  /// nullptr: no such resource.
  [[nodiscard]] std::shared_ptr<MediaResource> find(const std::string& token) const;
  void drop(const std::string& token) { resources_.erase(token); }
  /// Ends the resource of the publisher whose place somebody is about to take over.
  void supersede_publisher(const std::string& room, const std::string& participant);

  [[nodiscard]] RoomRegistry& registry() const { return registry_; }
  [[nodiscard]] std::vector<IceServer> ice_servers(const std::string& user) const;
  [[nodiscard]] std::size_t count(ConnectionRole role) const;

 private:
  RoomRegistry& registry_;
  IceServerSettings ice_servers_;
  std::unordered_map<std::string, std::shared_ptr<MediaResource>> resources_;
};

}  // namespace rooms
