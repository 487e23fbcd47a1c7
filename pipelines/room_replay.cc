// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_replay.h"

#include <algorithm>
#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

constexpr Duration kCollect = std::chrono::milliseconds(250);
/// Browsers send a keyframe only when somebody asks, and a ring ends with the last one that it can
/// do without.
constexpr Duration kKeyframeInterval = std::chrono::seconds(5);
constexpr std::size_t kMostBytes = 64 << 20;

}  // namespace

RoomReplay::RoomReplay(RoomContext& room, Duration length) : room_(room), length_(length) {
  timer_ = room_.executor.call_every(kCollect, [this] { collect(); });
  keyframe_timer_ = room_.executor.call_every(kKeyframeInterval, [this] { ask_for_keyframes(); });
}

bool RoomReplay::takes(const std::string& track) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.tap && entry.track.id == track; });
}

void RoomReplay::add(const TrackInfo& track, const std::string& participant_name) {
  if (takes(track.id)) return;
  // One of the same name that has gone is another one.
  entries_.push_back({track, participant_name,
                      std::make_unique<TrackTap>(room_, track.id, track.muted),
                      FrameRing(length_, kMostBytes)});
}

void RoomReplay::add_programme(const TrackInfo& track) {
  add(track, track.participant);
  entries_.back().programme = true;
}

void RoomReplay::remove(const std::string& track) {
  for (auto& entry : entries_) {
    if (!entry.tap || entry.track.id != track) continue;
    for (auto& frame : entry.tap->stream()->finish()) entry.ring.push(std::move(frame));
    entry.tap.reset();
  }
}

void RoomReplay::set_muted(const std::string& track, bool muted) {
  for (auto& entry : entries_)
    if (entry.tap && entry.track.id == track) entry.tap->set_muted(muted);
}

void RoomReplay::take_frames(Entry& entry) {
  if (!entry.tap) return;
  auto& stream = *entry.tap->stream();
  for (auto& frame : stream.take()) entry.ring.push(std::move(frame));
  if (const auto codec = stream.codec()) entry.track.codec = std::string(name_of(*codec));
}

void RoomReplay::collect() {
  const auto now = monotonic_now();
  for (auto& entry : entries_) {
    take_frames(entry);
    entry.ring.expire(now);
  }
  std::erase_if(entries_, [](const Entry& entry) { return !entry.tap && entry.ring.bytes() == 0; });
}

void RoomReplay::ask_for_keyframes() {
  for (const auto& entry : entries_)
    if (entry.tap && !entry.programme && entry.track.kind == MediaKind::kVideo)
      entry.tap->keyframe_request()();
}

std::vector<RoomReplay::Past> RoomReplay::last(Duration length, const std::string& participant) {
  collect();
  const auto is_wanted = [&](const Entry& entry) {
    return entry.programme ? entry.track.participant == participant : participant.empty();
  };
  const Timestamp from = monotonic_now() - length;
  // Pictures begin with the keyframe before, and the sound with the picture.
  std::map<std::string, Timestamp> begins;
  for (const auto& entry : entries_) {
    const auto frames = entry.ring.since(from);
    if (entry.track.kind != MediaKind::kVideo || frames.empty()) continue;
    const auto at = begins.try_emplace(entry.track.participant, from).first;
    at->second = std::min(at->second, frames.front()->time);
  }
  std::map<std::string, std::vector<SharedFrame>> frames_of;  // a track may go and come back
  for (const auto& entry : entries_) {
    if (!is_wanted(entry)) continue;
    const auto begin = begins.find(entry.track.participant);
    const auto frames = entry.ring.since(begin == begins.end() ? from : begin->second);
    if (frames.empty() || frames.back()->time < from) continue;
    auto& all = frames_of[entry.track.id];
    all.insert(all.end(), frames.begin(), frames.end());
  }
  std::vector<Past> past;
  for (const auto& entry : entries_) {
    if (!is_wanted(entry)) continue;
    auto frames = frames_of.extract(entry.track.id);
    if (frames)
      past.push_back({entry.track, entry.participant_name,
                      std::make_shared<TapStream>(std::move(frames.mapped()))});
  }
  return past;
}

}  // namespace rooms
