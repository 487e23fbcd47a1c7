// SPDX-License-Identifier: LGPL-2.1-or-later
// Room id to room. A room is made by the first who enters and closed some seconds after the last
// has left.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/glue/executor.h"
#include "pipelines/media_server.h"
#include "pipelines/room.h"

namespace rooms {

class RoomRegistry;

/// A place in a room; destroying it gives the place back. Server thread.
class RoomVisit {
 public:
  RoomVisit() = default;
  RoomVisit(RoomVisit&& other) noexcept;
  RoomVisit& operator=(RoomVisit&& other) noexcept;
  ~RoomVisit() { leave(); }

  explicit operator bool() const { return room_ != nullptr; }
  [[nodiscard]] const std::shared_ptr<Room>& room() const { return room_; }
  void leave();

 private:
  friend class RoomRegistry;
  std::weak_ptr<RoomRegistry> registry_;
  std::shared_ptr<Room> room_;
  std::uint64_t number_ = 0;
};

struct RoomSummary {
  std::string id;
  std::size_t visitors = 0;
};

class RoomRegistry : public std::enable_shared_from_this<RoomRegistry> {
 public:
  struct Limits {
    unsigned rooms = 1000;
    unsigned participants = 200;
    RoomPolicy policy = {};  ///< of each room
  };

  RoomRegistry(MediaServer& media, const Limits& limits) : media_(media), limits_(limits) {}

  /// `on_closing` is called when the room is closed while the visit lasts. Errors: "bad-field" (the
  /// name), "server-full", "room-full", "room-closing" (the server shuts down).
  Result<RoomVisit> enter(const std::string& id, std::function<void()> on_closing);

  /// nullptr: no such room.
  [[nodiscard]] std::shared_ptr<Room> find(const std::string& id) const;
  [[nodiscard]] std::vector<RoomSummary> rooms() const;
  [[nodiscard]] std::size_t visitor_count() const;

  /// False: no such room.
  bool close(const std::string& id);
  /// Nobody enters any more; `done` is called when every room has closed.
  void shut_down(std::function<void()> done);

 private:
  friend class RoomVisit;
  struct Entry {
    std::shared_ptr<Room> room;
    std::map<std::uint64_t, std::function<void()>> visitors;  ///< visit number to on_closing
    DelayedCall grace;
  };

  void left(const Room* room, std::uint64_t number);
  void retire(std::map<std::string, Entry>::iterator entry);
  void finish_shut_down();

  MediaServer& media_;
  Limits limits_;
  std::map<std::string, Entry> entries_;
  std::uint64_t next_visit_ = 1;
  unsigned closing_ = 0;  ///< rooms whose close() is under way on a thread of its own
  bool shut_ = false;
  std::function<void()> on_shut_;
};

}  // namespace rooms
