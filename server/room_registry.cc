// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/room_registry.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "server/log.h"
#include "server/names.h"
#include "server/server_thread.h"

namespace rooms {
namespace {

/// Long enough for a reload or a publisher that starts anew not to cost the room.
constexpr auto kGrace = std::chrono::seconds(5);

}  // namespace

RoomVisit::RoomVisit(RoomVisit&& other) noexcept
    : registry_(std::move(other.registry_)),
      room_(std::exchange(other.room_, nullptr)),
      number_(other.number_) {}

RoomVisit& RoomVisit::operator=(RoomVisit&& other) noexcept {
  if (this == &other) return *this;
  leave();
  registry_ = std::move(other.registry_);
  room_ = std::exchange(other.room_, nullptr);
  number_ = other.number_;
  return *this;
}

void RoomVisit::leave() {
  const auto room = std::exchange(room_, nullptr);
  if (!room) return;
  if (auto registry = registry_.lock()) registry->left(room.get(), number_);
}

Result<RoomVisit> RoomRegistry::enter(const std::string& id, std::function<void()> on_closing) {
  if (auto named = check_name("room", id); !named) return named.error();
  if (shut_) return Error{"room-closing", "The server is shutting down."};
  auto entry = entries_.find(id);
  if (entry == entries_.end()) {
    if (entries_.size() >= limits_.rooms) {
      return Error{"server-full", "The server has as many rooms as it may (" +
                                      std::to_string(limits_.rooms) + "). Try again later."};
    }
    entry = entries_.emplace(id, Entry{Room::create(media_, id, limits_.policy), {}, {}}).first;
    log_info("room " + id + " opened");
  }
  if (entry->second.visitors.size() >= limits_.participants) {
    return Error{"room-full", "The room has as many participants as it may (" +
                                  std::to_string(limits_.participants) + "). Try again later."};
  }
  RoomVisit visit;
  visit.registry_ = weak_from_this();
  visit.room_ = entry->second.room;
  visit.number_ = next_visit_++;
  entry->second.visitors.emplace(visit.number_, std::move(on_closing));
  entry->second.grace.cancel();
  return visit;
}

void RoomRegistry::left(const Room* room, std::uint64_t number) {
  const auto entry = entries_.find(room->id());
  // A room of the same name may have been opened after this one was closed.
  if (entry == entries_.end() || entry->second.room.get() != room) return;
  entry->second.visitors.erase(number);
  if (!entry->second.visitors.empty()) return;
  entry->second.grace = server_thread::call_later(kGrace, [this, id = room->id()] { close(id); });
}

std::shared_ptr<Room> RoomRegistry::find(const std::string& id) const {
  const auto entry = entries_.find(id);
  return entry == entries_.end() ? nullptr : entry->second.room;
}

std::vector<RoomSummary> RoomRegistry::rooms() const {
  std::vector<RoomSummary> summaries;
  for (const auto& [id, entry] : entries_) summaries.push_back({id, entry.visitors.size()});
  return summaries;
}

std::size_t RoomRegistry::visitor_count() const {
  std::size_t count = 0;
  for (const auto& [id, entry] : entries_) count += entry.visitors.size();
  return count;
}

bool RoomRegistry::close(const std::string& id) {
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return false;
  retire(entry);
  return true;
}

void RoomRegistry::retire(std::map<std::string, Entry>::iterator entry) {
  Entry retired = std::move(entry->second);
  log_info("room " + entry->first + " closed");
  entries_.erase(entry);
  for (const auto& [number, on_closing] : retired.visitors) on_closing();
  ++closing_;
  // Room::close blocks, and nothing on the server thread may. The thread keeps nothing of ours but
  // the room.
  std::thread([room = std::move(retired.room), weak = weak_from_this()]() mutable {
    room->close();
    room.reset();
    server_thread::post([weak] {
      auto registry = weak.lock();
      if (!registry) return;
      --registry->closing_;
      registry->finish_shut_down();
    });
  }).detach();
}

void RoomRegistry::shut_down(std::function<void()> done) {
  shut_ = true;
  on_shut_ = std::move(done);
  while (!entries_.empty()) retire(entries_.begin());
  finish_shut_down();
}

void RoomRegistry::finish_shut_down() {
  if (closing_ == 0 && on_shut_) std::exchange(on_shut_, nullptr)();
}

}  // namespace rooms
