// SPDX-License-Identifier: LGPL-2.1-or-later
// Recordings of what was: of the ring that is kept of every track.
#include <algorithm>

#include "pipelines/room_recordings.h"

namespace rooms {
namespace {

/// As recordings, pushes and HLS take it, so that it is encoded once.
constexpr MixWish kKeptMix{Codec::kH264, Codec::kAac, 0, false};

std::string whose(const std::string& kind) {
  return kind == kCompositeRecording ? kMixParticipant : "";
}

std::string seconds_of(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

}  // namespace

void RoomRecordings::keep_past(Duration length, bool mix) {
  if (length <= Duration::zero() || root_.empty()) return;
  keeps_mix_ = mix;
  replay_ = std::make_unique<RoomReplay>(room_, length);
  replay_->add_programme(mixed_track(MediaKind::kVideo, kKeptMix.picture));
  replay_->add_programme(mixed_track(MediaKind::kAudio, kKeptMix.sound));
}

Status RoomRecordings::check_past(const RecordingRequest& request) {
  if (request.last <= Duration::zero()) return Done{};
  if (!replay_)
    return Error{"replay-off", "This server keeps nothing of what was; --replay-seconds N would."};
  if (request.last > replay_->length())
    return Error{"replay-too-long", "This server keeps the last " + seconds_of(replay_->length()) +
                                        " seconds; 'lastSeconds' should be no more."};
  if (!replay_->last(request.last, whose(request.kind)).empty()) return Done{};
  if (request.kind == kCompositeRecording)
    return Error{"replay-empty",
                 "Nothing of the mix was made in that time; --replay-mix on has it made always."};
  return Error{"replay-empty", "Nobody has sent anything in that time."};
}

void RoomRecordings::write_past(unsigned number) {
  auto& entry = entries_[number];
  const auto kind = entry.recorder->report().kind;
  if (kind == kCompositeRecording) show_people(entry);
  for (auto& past : replay_->last(entry.last, whose(kind)))
    entry.recorder->add_track({past.track, past.participant_name, past.stream, [] {}});
  entry.recorder->stop("the last " + seconds_of(entry.last) + " seconds",
                       [post = poster(), number] {
                         post([number](RoomRecordings& self) { self.stopped(number); });
                       });
}

void RoomRecordings::follow_past(const std::vector<Source>& sources) {
  if (keeps_mix_ && sources.empty()) kept_mix_.reset();
  if (keeps_mix_ && !sources.empty() && !kept_mix_)
    if (auto taken = takers_.take(kKeptMix)) kept_mix_ = std::move(*taken);
  for (const auto& former : sources_) {
    const bool stays = std::any_of(sources.begin(), sources.end(), [&](const auto& source) {
      return source.track.id == former.track.id;
    });
    if (!stays) replay_->remove(former.track.id);
  }
  for (const auto& source : sources)
    if (source.track.kind != MediaKind::kApplication)
      replay_->add(source.track, source.participant_name);
}

}  // namespace rooms
