// SPDX-License-Identifier: LGPL-2.1-or-later
// Session token to session. Keeps sessions alive while they have a line or wait for one. Server
// thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "server/ice_servers.h"
#include "server/room_registry.h"
#include "server/session.h"

namespace rooms {

class SessionTable {
 public:
  /// `members_control`: whoever is in a room may control it.
  SessionTable(RoomRegistry& registry, IceServerSettings ice_servers, bool members_control)
      : registry_(registry),
        ice_servers_(std::move(ice_servers)),
        members_control_(members_control) {}

  std::shared_ptr<Session> open();
  /// nullptr: no such session.
  [[nodiscard]] std::shared_ptr<Session> find(const std::string& token) const;
  void drop(const std::string& token) { sessions_.erase(token); }
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  [[nodiscard]] bool members_control() const { return members_control_; }
  [[nodiscard]] RoomRegistry& registry() const { return registry_; }
  [[nodiscard]] std::vector<IceServer> ice_servers(const std::string& user) const;

 private:
  RoomRegistry& registry_;
  IceServerSettings ice_servers_;
  const bool members_control_;
  std::unordered_map<std::string, std::shared_ptr<Session>> sessions_;
};

}  // namespace rooms
