// SPDX-License-Identifier: LGPL-2.1-or-later
// The rooms of a process by their ids, for what has no place in server/: any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "gst/core/guarded.h"

namespace rooms {

class Room;

class RoomTable {
 public:
  /// A later one of the same id takes its place.
  void add(const std::string& id, const std::shared_ptr<Room>& room) {
    rooms_.with([&](auto& rooms) {
      std::erase_if(rooms, [](const auto& entry) { return entry.second.expired(); });
      rooms[id] = room;
    });
  }
  /// nullptr: there is none. It may be closing.
  [[nodiscard]] std::shared_ptr<Room> find(const std::string& id) const {
    return rooms_.with([&](const auto& rooms) {
      const auto found = rooms.find(id);
      return found == rooms.end() ? nullptr : found->second.lock();
    });
  }

 private:
  Guarded<std::map<std::string, std::weak_ptr<Room>>> rooms_;
};

}  // namespace rooms
