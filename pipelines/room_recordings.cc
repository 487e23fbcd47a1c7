// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_recordings.h"

#include <algorithm>
#include <utility>

#include "pipelines/mix_codecs.h"

namespace rooms {
namespace {

constexpr std::size_t kMostRecordings = 32;
/// Those that have ended are remembered, up to here.
constexpr std::size_t kMostKnownRecordings = 100;

Error unknown_recording(const std::string& id) {
  return {"recording-unknown", "There is no recording '" + id.substr(0, 64) +
                                   "' in this room; GET ../recordings lists them."};
}

/// What such a file is expected to hold, and all players play.
MixWish wish_for(RecordingFormat format) {
  if (format == RecordingFormat::kWebm) return {Codec::kVp8, Codec::kOpus};
  return {Codec::kH264, Codec::kAac};
}

/// With `transcode` H.264, and Opus or AAC; what nothing here decodes stays as it is.
Codec recorded_codec(const TrackInfo& track, bool transcode) {
  const auto codec = codec_named(track.codec);
  if (!transcode || !decoder_line(codec)) return codec;
  if (track.kind == MediaKind::kVideo) return Codec::kH264;
  return codec == Codec::kOpus ? codec : Codec::kAac;
}

/// The router's.
std::string tapped_track(const TrackInfo& track, bool transcode) {
  const auto codec = recorded_codec(track, transcode);
  return codec == codec_named(track.codec) ? track.id : RoomTranscoder::track_for(track.id, codec);
}

RecordingInfo info_of(const Recorder& recorder) {
  const auto report = recorder.report();
  return {report.id, report.state == RecordingState::kRecording, to_json(report)};
}

}  // namespace

TrackInfo mixed_track(MediaKind kind, Codec codec) {
  const bool picture = kind == MediaKind::kVideo;
  TrackInfo info;
  info.id = picture ? mix_picture_track(codec) : mix_sound_track(codec);
  info.participant = kMixParticipant;
  info.kind = kind;
  info.label = picture ? "mix" : "mix-audio";
  info.codec = std::string(name_of(codec));
  return info;
}

RoomRecordings::RoomRecordings(RoomContext& room, MixTakers& takers, std::string room_id,
                               std::string root, std::function<void(const RoomEvent&)> tell)
    : room_(room),
      takers_(takers),
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
  if (request.kind != "tracks" && request.kind != kCompositeRecording)
    return reply(Error{"recording-kind", "There is no recording of kind '" +
                                             request.kind.substr(0, 64) +
                                             "'; 'tracks' records each participant, 'composite' "
                                             "one picture and one sound of all."});
  if (request.kind == kCompositeRecording)
    if (auto checked = MixTakers::check(wish_for(request.format)); !checked)
      return reply(checked.error());
  if (auto checked = check_past(request); !checked) return reply(checked.error());
  const auto running = std::count_if(entries_.begin(), entries_.end(), [](const auto& entry) {
    return entry.second.running || entry.second.opening;
  });
  if (static_cast<std::size_t>(running) >= kMostRecordings)
    return reply(Error{"too-many-recordings", "This room has " + std::to_string(kMostRecordings) +
                                                  " recordings that run; stop one first."});
  const unsigned number = ++last_number_;
  auto& entry = entries_[number];
  entry.waiting.push_back(std::move(reply));
  entry.last = request.last;
  entry.transcode = request.transcode;
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
  if (entry.last > Duration::zero()) return write_past(number);
  tell_(change_of(entry));
  if (entry.recorder->report().kind == kCompositeRecording) take_mix(entry);
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
  if (at == entries_.end()) return reply(unknown_recording(id));
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

void RoomRecordings::take_mix(Entry& entry) {
  const auto format = recording_format_named(entry.recorder->report().format);
  const auto wish = wish_for(format.value_or(RecordingFormat::kAuto));
  auto taken = takers_.take(wish);
  if (!taken) return;  // it has been checked before
  entry.mix = std::move(*taken);
  const auto record = [&](const TrackTap& tap, TrackInfo info) {
    entry.recorder->add_track({std::move(info), room_id_, tap.stream(), tap.keyframe_request()});
  };
  record(*entry.mix->picture(), mixed_track(MediaKind::kVideo, wish.picture));
  record(*entry.mix->sound(), mixed_track(MediaKind::kAudio, wish.sound));
}

void RoomRecordings::show_people(Entry& entry) const {
  std::map<std::string, std::string> names;
  for (const auto& source : sources_) names[source.track.participant] = source.participant_name;
  std::vector<RecordedPerson> people;
  for (const auto& [id, name] : names) people.push_back({id, name});
  entry.recorder->show_people(std::move(people));
}

void RoomRecordings::release_taps(Entry& entry) {
  if (entry.mix) {
    const auto wish = entry.mix->wish();
    entry.mix.reset();
    entry.recorder->remove_track(mix_picture_track(wish.picture));
    entry.recorder->remove_track(mix_sound_track(wish.sound));
  }
  for (const auto& [track, tap] : entry.taps) entry.recorder->remove_track(track);
  entry.taps.clear();
}

void RoomRecordings::forget_oldest() {
  for (auto at = entries_.begin();
       at != entries_.end() && entries_.size() > kMostKnownRecordings;) {
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
  if (at == entries_.end()) return unknown_recording(id);
  return info_of(*at->second.recorder);
}

std::vector<RecordingInfo> RoomRecordings::all() const {
  std::vector<RecordingInfo> infos;
  for (const auto& [number, entry] : entries_)
    if (!entry.opening) infos.push_back(info_of(*entry.recorder));
  return infos;
}

void RoomRecordings::follow(std::vector<Source> sources) {
  if (replay_) follow_past(sources);
  sources_ = std::move(sources);
  for (auto& [number, entry] : entries_)
    if (entry.running) follow(entry);
}

void RoomRecordings::follow(Entry& entry) {
  if (entry.mix) return show_people(entry);
  if (entry.last > Duration::zero()) return;
  const auto is_there = [&](const std::string& id, const std::string& tapped) {
    return std::any_of(sources_.begin(), sources_.end(), [&](const auto& source) {
      return source.track.id == id && tapped_track(source.track, entry.transcode) == tapped;
    });
  };
  for (auto at = entry.taps.begin(); at != entry.taps.end();) {
    if (is_there(at->first, at->second->track())) {
      ++at;
      continue;
    }
    const std::string track = at->first;
    at = entry.taps.erase(at);  // no packet comes any more
    entry.recorder->remove_track(track);
  }
  for (const auto& source : sources_) {
    const auto& track = source.track;
    if (track.kind != MediaKind::kApplication && !entry.taps.contains(track.id))
      add_tap(entry, source);
  }
}

void RoomRecordings::add_tap(Entry& entry, const Source& source) {
  auto track = source.track;
  const auto tapped = tapped_track(track, entry.transcode);
  track.codec = std::string(name_of(recorded_codec(track, entry.transcode)));
  auto tap = std::make_unique<TrackTap>(room_, tapped, track.muted);
  entry.recorder->add_track(
      {track, source.participant_name, tap->stream(), tap->keyframe_request()});
  entry.taps.emplace(track.id, std::move(tap));
}

std::vector<RoomTranscoder::Wish> RoomRecordings::transcodings() const {
  std::vector<RoomTranscoder::Wish> wishes;
  for (const auto& [number, entry] : entries_) {
    if (!entry.running || !entry.transcode) continue;
    for (const auto& source : sources_) {
      const auto from = codec_named(source.track.codec);
      const auto to = recorded_codec(source.track, true);
      if (to != from) wishes.push_back({source.track.id, from, to});
    }
  }
  return wishes;
}

void RoomRecordings::set_muted(const std::string& track, bool muted) {
  for (auto& source : sources_)
    if (source.track.id == track) source.track.muted = muted;
  if (replay_) replay_->set_muted(track, muted);
  for (auto& [number, entry] : entries_)
    if (const auto tap = entry.taps.find(track); tap != entry.taps.end())
      tap->second->set_muted(muted);
}

bool RoomRecordings::takes(const std::string& track) const {
  if (replay_ && replay_->takes(track)) return true;
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
  replay_.reset();
  kept_mix_.reset();
  auto entries = std::exchange(entries_, {});
  for (auto& [number, entry] : entries) {
    entry.taps.clear();
    entry.mix.reset();
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
