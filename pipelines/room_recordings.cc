// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_recordings.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

constexpr std::size_t kMostRunning = 32;
/// Those that have ended are remembered, up to here.
constexpr std::size_t kMostKnown = 100;

Error unknown(const std::string& id) {
  return {"recording-unknown", "There is no recording '" + id.substr(0, 64) +
                                   "' in this room; GET ../recordings lists them."};
}

RecordingInfo info_of(const Recorder& recorder) {
  const auto report = recorder.report();
  return {report.id, report.state == RecordingState::kRecording, to_json(report)};
}

}  // namespace

RoomRecordings::RoomRecordings(RoomContext& room, std::string room_id, std::string root,
                               std::function<void(const RoomEvent&)> tell)
    : room_(room),
      room_id_(std::move(room_id)),
      root_(std::move(root)),
      tell_(std::move(tell)),
      self_(std::make_shared<RoomRecordings*>(this)) {}

RoomRecordings::~RoomRecordings() { close("the room was closed"); }

std::function<void(RoomRecordings::Task)> RoomRecordings::poster() const {
  return [&executor = room_.executor, weak = std::weak_ptr(self_)](Task task) {
    executor.post([weak, task = std::move(task)] {
      if (const auto self = weak.lock()) task(**self);
    });
  };
}

void RoomRecordings::start(const RecordingRequest& request, Reply<RecordingInfo> reply) {
  if (root_.empty())
    return reply(Error{"recording-off",
                       "This server records nothing; --recordings DIR would say where to."});
  if (request.kind != "tracks")
    return reply(Error{"recording-kind", "There is no recording of kind '" +
                                             request.kind.substr(0, 64) +
                                             "'; 'tracks' records each participant."});
  const auto running = std::count_if(entries_.begin(), entries_.end(), [](const auto& entry) {
    return entry.second.running || entry.second.opening;
  });
  if (static_cast<std::size_t>(running) >= kMostRunning)
    return reply(Error{"too-many-recordings", "This room has " + std::to_string(kMostRunning) +
                                                  " recordings that run; stop one first."});
  const unsigned number = ++last_number_;
  auto& entry = entries_[number];
  entry.waiting.push_back(std::move(reply));
  entry.recorder = std::make_unique<Recorder>(Recorder::Settings{root_, room_id_, request});
  entry.recorder->open(
      [post = poster(), number](const Status& status) {
        post([number, status](RoomRecordings& self) { self.opened(number, status); });
      },
      [post = poster(), number](const Error& error) {
        post([number, error](RoomRecordings& self) { self.failed(number, error); });
      });
  forget_oldest();
}

void RoomRecordings::opened(unsigned number, const Status& status) {
  auto& entry = entries_[number];
  entry.opening = false;
  if (!status) {
    const auto replies = std::exchange(entry.waiting, {});
    entries_.erase(number);
    for (const auto& reply : replies) reply(status.error());
    return;
  }
  entry.running = true;
  tell_(change_of(entry));
  follow(entry);
  answer(entry);
}

void RoomRecordings::failed(unsigned number, const Error& error) {
  auto& entry = entries_[number];
  if (!std::exchange(entry.running, false)) return;
  release_taps(entry);
  entry.recorder->join();
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "room %s: recording %s failed: %s", room_id_.c_str(),
        entry.recorder->report().id.c_str(), error.message.c_str());
  tell_(change_of(entry));
}

void RoomRecordings::stop(const std::string& id, Reply<RecordingInfo> reply) {
  const auto at = with_id(id);
  if (at == entries_.end()) return reply(unknown(id));
  const unsigned number = at->first;
  auto& entry = entries_[number];
  if (!entry.running) return reply(info_of(*entry.recorder));
  entry.waiting.push_back(std::move(reply));
  if (entry.waiting.size() > 1) return;
  entry.recorder->stop("stopped", [post = poster(), number] {
    post([number](RoomRecordings& self) { self.stopped(number); });
  });
}

void RoomRecordings::stopped(unsigned number) {
  auto& entry = entries_[number];
  release_taps(entry);
  if (std::exchange(entry.running, false)) tell_(change_of(entry));
  entry.recorder->join();  // its thread has nothing left to do
  answer(entry);
}

void RoomRecordings::answer(Entry& entry) {
  const auto info = info_of(*entry.recorder);
  for (const auto& reply : std::exchange(entry.waiting, {})) reply(info);
}

void RoomRecordings::release_taps(Entry& entry) {
  for (const auto& [track, tap] : entry.taps) entry.recorder->remove_track(track);
  entry.taps.clear();
}

void RoomRecordings::forget_oldest() {
  for (auto at = entries_.begin(); at != entries_.end() && entries_.size() > kMostKnown;) {
    const bool ended = !at->second.running && !at->second.opening && at->second.waiting.empty();
    at = ended ? entries_.erase(at) : std::next(at);
  }
}

event::RecordingChanged RoomRecordings::change_of(const Entry& entry) const {
  const auto report = entry.recorder->report();
  const std::string state =
      entry.running ? "started" : (report.state == RecordingState::kFailed ? "failed" : "stopped");
  return {report.id, report.kind, state, report.reason};
}

RoomRecordings::Entries::const_iterator RoomRecordings::with_id(const std::string& id) const {
  return std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return !entry.second.opening && entry.second.recorder->report().id == id;
  });
}

Result<RecordingInfo> RoomRecordings::find(const std::string& id) const {
  const auto at = with_id(id);
  if (at == entries_.end()) return unknown(id);
  return info_of(*at->second.recorder);
}

std::vector<RecordingInfo> RoomRecordings::all() const {
  std::vector<RecordingInfo> infos;
  for (const auto& [number, entry] : entries_)
    if (!entry.opening) infos.push_back(info_of(*entry.recorder));
  return infos;
}

void RoomRecordings::follow(std::vector<Source> sources) {
  sources_ = std::move(sources);
  for (auto& [number, entry] : entries_)
    if (entry.running) follow(entry);
}

void RoomRecordings::follow(Entry& entry) {
  const auto is_there = [&](const std::string& id) {
    return std::any_of(sources_.begin(), sources_.end(),
                       [&](const auto& source) { return source.track.id == id; });
  };
  for (auto at = entry.taps.begin(); at != entry.taps.end();) {
    if (is_there(at->first)) {
      ++at;
      continue;
    }
    const std::string track = at->first;
    at = entry.taps.erase(at);  // no packet comes any more
    entry.recorder->remove_track(track);
  }
  for (const auto& source : sources_) {
    const auto& track = source.track;
    if (track.kind == MediaKind::kApplication || entry.taps.contains(track.id)) continue;
    auto tap = std::make_unique<TrackTap>(room_, track.id, track.muted);
    entry.recorder->add_track(
        {track, source.participant_name, tap->stream(), tap->keyframe_request()});
    entry.taps.emplace(track.id, std::move(tap));
  }
}

void RoomRecordings::set_muted(const std::string& track, bool muted) {
  for (auto& source : sources_)
    if (source.track.id == track) source.track.muted = muted;
  for (auto& [number, entry] : entries_)
    if (const auto tap = entry.taps.find(track); tap != entry.taps.end())
      tap->second->set_muted(muted);
}

bool RoomRecordings::takes(const std::string& track) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const auto& entry) { return entry.second.taps.contains(track); });
}

std::vector<event::RecordingChanged> RoomRecordings::running() const {
  std::vector<event::RecordingChanged> changes;
  for (const auto& [number, entry] : entries_)
    if (entry.running) changes.push_back(change_of(entry));
  return changes;
}

void RoomRecordings::close(const std::string& reason) {
  self_.reset();  // what comes from now on is answered here
  auto entries = std::exchange(entries_, {});
  for (auto& [number, entry] : entries) {
    entry.taps.clear();
    if (entry.running || entry.opening) entry.recorder->stop(reason, [] {});
  }
  for (auto& [number, entry] : entries) {
    entry.recorder->join();
    if (!entry.opening) {
      answer(entry);
      continue;
    }
    for (const auto& reply : std::exchange(entry.waiting, {}))
      reply(Error{"room-closing", "The room is being closed; nothing was recorded."});
  }
}

}  // namespace rooms
