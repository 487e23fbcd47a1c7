// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_pushes.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

constexpr std::size_t kMostPushes = 16;
/// Those that have ended are remembered, up to here.
constexpr std::size_t kMostKnownPushes = 50;
/// What RTMP carries, and every player of MPEG-TS plays.
constexpr MixWish kPushedMix{Codec::kH264, Codec::kAac};

}  // namespace

RoomPushes::RoomPushes(RoomContext& room, MixTakers& takers, std::string room_id,
                       PushAllowance allowance, std::function<void(const RoomEvent&)> tell)
    : room_(room),
      takers_(takers),
      room_id_(std::move(room_id)),
      allowance_(std::move(allowance)),
      tell_(std::move(tell)),
      self_(std::make_shared<RoomPushes*>(this)) {}

RoomPushes::~RoomPushes() { close("the room was closed"); }

std::function<void(RoomPushes::Task)> RoomPushes::poster() const {
  return [&executor = room_.executor, weak = std::weak_ptr(self_)](Task task) {
    executor.post([weak, task = std::move(task)] {
      if (const auto self = weak.lock()) task(**self);
    });
  };
}

std::size_t RoomPushes::count_running() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [](const auto& entry) { return entry.second.taker != nullptr; }));
}

Status RoomPushes::check(const PushAddress& address) const {
  if (auto allowed = check_allowed(allowance_, address); !allowed) return allowed;
  if (count_running() >= kMostPushes)
    return Error{"too-many-pushes", "This room is pushed to " + std::to_string(kMostPushes) +
                                        " servers; stop one first."};
  return MixTakers::check(kPushedMix);
}

Result<PushInfo> RoomPushes::start(const PushAddress& address) {
  if (auto checked = check(address); !checked) return checked.error();
  auto taker = takers_.take(kPushedMix);
  if (!taker) return taker.error();
  const unsigned number = ++last_number_;
  auto& entry = entries_[number];
  entry.taker = std::move(*taker);
  const auto& picture = *entry.taker->picture();
  entry.push = std::make_unique<Push>(
      "push-" + std::to_string(number), address,
      Push::Programme{picture.stream(), entry.taker->sound()->stream(), picture.keyframe_request()},
      [post = poster(), number](const PushInfo& info) {
        post([number, info](RoomPushes& self) { self.changed(number, info); });
      });
  forget_oldest();
  return entry.push->info();
}

void RoomPushes::changed(unsigned number, const PushInfo& info) {
  const auto at = entries_.find(number);
  if (at == entries_.end()) return;
  const bool failed = info.state == PushState::kFailed;
  g_log(G_LOG_DOMAIN, failed ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_INFO, "room %s: %s to %s: %s%s%s",
        room_id_.c_str(), info.id.c_str(), info.uri.c_str(),
        std::string(name_of(info.state)).c_str(), info.error.message.empty() ? "" : ": ",
        info.error.message.c_str());
  tell_(event::PushChanged{info});
  if (failed) release(at->second);
}

void RoomPushes::release(Entry& entry) {
  entry.taker.reset();
  entry.push->join();  // its thread has nothing left to do
}

void RoomPushes::stop(const std::string& id, Reply<PushInfo> reply) {
  const auto at = with_id(id);
  if (at == entries_.end())
    return reply(Error{"push-unknown", "There is no push '" + id.substr(0, 64) +
                                           "' of this room; GET ../push lists them."});
  auto& entry = at->second;
  if (!entry.taker) return reply(entry.push->info());
  entry.waiting.push_back(std::move(reply));
  if (entry.waiting.size() > 1) return;
  entry.push->stop("it was stopped", [post = poster(), number = at->first] {
    post([number](RoomPushes& self) { self.stopped(number); });
  });
}

void RoomPushes::stopped(unsigned number) {
  auto& entry = entries_[number];
  release(entry);
  const auto info = entry.push->info();
  for (const auto& reply : std::exchange(entry.waiting, {})) reply(info);
}

void RoomPushes::forget_oldest() {
  for (auto at = entries_.begin(); at != entries_.end() && entries_.size() > kMostKnownPushes;) {
    const bool ended = !at->second.taker && at->second.waiting.empty();
    at = ended ? entries_.erase(at) : std::next(at);
  }
}

RoomPushes::Entries::iterator RoomPushes::with_id(const std::string& id) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const auto& entry) { return entry.second.push->info().id == id; });
}

Result<PushInfo> RoomPushes::find(const std::string& id) const {
  for (const auto& [number, entry] : entries_)
    if (auto info = entry.push->info(); info.id == id) return info;
  return Error{"push-unknown",
               "There is no push '" + id.substr(0, 64) + "' of this room; GET ../push lists them."};
}

std::vector<PushInfo> RoomPushes::all() const {
  std::vector<PushInfo> infos;
  for (const auto& [number, entry] : entries_) infos.push_back(entry.push->info());
  return infos;
}

std::vector<PushInfo> RoomPushes::running() const {
  auto infos = all();
  std::erase_if(infos, [](const auto& info) {
    return info.state == PushState::kEnded || info.state == PushState::kFailed;
  });
  return infos;
}

void RoomPushes::close(const std::string& reason) {
  self_.reset();  // what comes from now on is answered here
  auto entries = std::exchange(entries_, {});
  std::erase_if(entries, [](const auto& entry) { return !entry.second.taker; });
  for (auto& [number, entry] : entries) {
    entry.taker.reset();
    entry.push->stop(reason, [] {});
  }
  for (auto& [number, entry] : entries) {
    entry.push->join();
    const auto info = entry.push->info();
    tell_(event::PushChanged{info});
    for (const auto& reply : std::exchange(entry.waiting, {})) reply(info);
  }
}

}  // namespace rooms
