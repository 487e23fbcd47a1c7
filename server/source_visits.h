// SPDX-License-Identifier: LGPL-2.1-or-later
// Sources hold their rooms open as participants do. Whoever starts one (/api, an SRT call, a hook)
// does so here. Server thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "server/room_registry.h"

namespace rooms {

class SourceVisits : public std::enable_shared_from_this<SourceVisits> {
 public:
  explicit SourceVisits(RoomRegistry& registry) : registry_(registry) {}

  /// Opens the room if it is not. `started` is called on the server's thread with the source, or an
  /// error of the registry or of Room::start_source(); `over` if it started, when it has ended or
  /// its room has closed.
  void start(const std::string& room, SourceRequest request, Reply<SourceInfo> started,
             std::function<void()> over = nullptr);
  /// It is let go of; it may be gone.
  void stop(const std::string& room, const std::string& id);
  /// Of those that run or start.
  [[nodiscard]] std::size_t size() const { return visits_.size(); }

 private:
  struct Visit {
    RoomVisit place;
    std::function<void()> over;
  };
  void release(std::uint64_t number);
  void begun(std::uint64_t number, const std::string& room, const Result<SourceInfo>& info,
             const Reply<SourceInfo>& started);

  RoomRegistry& registry_;
  std::map<std::uint64_t, Visit> visits_;
  std::uint64_t last_ = 0;
};

}  // namespace rooms
