// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/recording_timeline.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

/// A picture that has not moved for so long does not hold up what waits for its keyframe.
constexpr Duration kPictureSilence = std::chrono::seconds(2);
/// A frame that comes after its file has ended goes to the beginning of the next one, up to here.
constexpr Duration kLate = std::chrono::milliseconds(500);

/// Between two frames of sound of which the second was captured before the first.
constexpr Duration kLeastStep = std::chrono::milliseconds(1);

}  // namespace

void RecordingTimeline::add_track(const std::string& track, Codec codec) {
  const auto* profile = profile_of(codec);
  if (!profile) return;
  Member& member = members_[track];
  member.video = profile->kind == MediaKind::kVideo;
  if (member.video) return;  // a keyframe tells
  member.setup = setup_of_sound(codec);
}

void RecordingTimeline::remove_track(const std::string& track) {
  merger_.end(track);
  members_.erase(track);
}

void RecordingTimeline::push(const std::string& track, EncodedFrame frame, Timestamp now) {
  merger_.push(track, std::move(frame), now);
}

std::vector<RecordingTimeline::Step> RecordingTimeline::advance(Timestamp now) {
  std::vector<Step> steps;
  while (auto merged = merger_.pop(now)) {
    if (!file_ && !gated_since_) gated_since_ = now;
    consider(std::move(*merged), steps);
  }
  if (!file_ && !gated_.empty() && now - *gated_since_ >= config_.start_patience)
    begin_with_gated(gated_.front().frame.time, false, steps);
  if (file_ && members_.empty()) end(steps);
  return steps;
}

std::vector<RecordingTimeline::Step> RecordingTimeline::finish() {
  std::vector<Step> steps;
  while (auto merged = merger_.pop_any()) consider(std::move(*merged), steps);
  if (!file_ && !gated_.empty()) begin_with_gated(gated_.front().frame.time, false, steps);
  if (file_) end(steps);
  return steps;
}

bool RecordingTimeline::has_picture() const {
  return std::any_of(members_.begin(), members_.end(),
                     [](const auto& entry) { return entry.second.video; });
}

bool RecordingTimeline::picture_flows(Timestamp time) const {
  return std::any_of(members_.begin(), members_.end(), [&](const auto& entry) {
    const auto& member = entry.second;
    return member.video && member.last && time - *member.last < kPictureSilence;
  });
}

std::optional<std::size_t> RecordingTimeline::place_of(const std::string& track) const {
  const auto at = std::find_if(file_->tracks.begin(), file_->tracks.end(),
                               [&](const auto& known) { return known.track == track; });
  if (at == file_->tracks.end()) return std::nullopt;
  return static_cast<std::size_t>(at - file_->tracks.begin());
}

bool RecordingTimeline::is_due(Timestamp time) const {
  if (wants_new_file_) return true;
  if (config_.segment_time > Duration::zero() && time - file_->start >= config_.segment_time)
    return true;
  return config_.segment_bytes > 0 && file_->bytes >= config_.segment_bytes;
}

bool RecordingTimeline::wants_keyframe() const {
  return file_ && has_picture() && is_due(file_->last);
}

bool RecordingTimeline::needs_new_file(const Merged& merged) const {
  const auto place = place_of(merged.track);
  return !place || !can_go_on(file_->container, file_->tracks[*place].setup, merged.frame.setup);
}

void RecordingTimeline::consider(Merged merged, std::vector<Step>& steps) {
  const auto known = members_.find(merged.track);
  // Of a track that has gone: into the file that knows it.
  const bool video = known != members_.end()
                         ? known->second.video
                         : merged.frame.setup.is_video() || !merged.frame.keyframe;
  const auto time = merged.frame.time;
  if (known != members_.end()) {
    known->second.last = time;
    if (merged.frame.keyframe) known->second.setup = merged.frame.setup;
  }
  if (!file_) return gate(std::move(merged), steps);
  const bool may_begin = merged.frame.keyframe && known != members_.end();
  if (may_begin && (needs_new_file(merged) || is_due(time))) {
    if (video || !picture_flows(time)) {
      end(steps);
      begin(time, true, steps);
      picture_needs_key_ = !video;
    } else if (needs_new_file(merged)) {
      // Who comes along waits for the picture's next keyframe.
      wants_new_file_ = true;
      return;
    }
  }
  if (video) {
    if (merged.frame.keyframe) picture_needs_key_ = false;
    if (picture_needs_key_) return;
  }
  write(std::move(merged), steps);
}

void RecordingTimeline::gate(Merged merged, std::vector<Step>& steps) {
  const auto known = members_.find(merged.track);
  if (known == members_.end()) return;
  const bool video = known->second.video;
  if (video && !merged.frame.keyframe) return;
  const auto time = merged.frame.time;
  gated_.push_back(std::move(merged));
  if (video) {
    begin_with_gated(time, true, steps);
  } else if (!has_picture()) {
    begin_with_gated(gated_.front().frame.time, false, steps);
  }
}

void RecordingTimeline::begin_with_gated(Timestamp start, bool with_picture,
                                         std::vector<Step>& steps) {
  const auto is_there = [&](const Merged& merged) { return members_.contains(merged.track); };
  if (std::none_of(gated_.begin(), gated_.end(), is_there)) {
    // All have gone before a file began: it would have no tracks.
    gated_.clear();
    gated_since_.reset();
    return;
  }
  begin(start, with_picture, steps);
  picture_needs_key_ = !with_picture;
  for (auto& merged : std::exchange(gated_, {})) {
    if (merged.frame.time < start) continue;
    if (merged.frame.setup.is_video()) picture_needs_key_ = false;
    write(std::move(merged), steps);
  }
  gated_since_.reset();
}

void RecordingTimeline::begin(Timestamp start, bool with_picture, std::vector<Step>& steps) {
  File file;
  file.start = file.last = start;
  std::vector<Codec> codecs;
  for (const auto& [track, member] : members_) {
    // Without a keyframe nobody knows what to say of a picture.
    if (member.video && (!with_picture || member.setup.codec == Codec::kUnknown)) continue;
    file.tracks.push_back({track, member.setup});
    codecs.push_back(member.setup.codec);
  }
  // The picture first, as players expect it.
  std::stable_partition(file.tracks.begin(), file.tracks.end(),
                        [](const auto& track) { return track.setup.is_video(); });
  file.container = choose_container(config_.format, codecs);
  file.written.resize(file.tracks.size());
  steps.emplace_back(Begin{start, file.container, file.tracks});
  file_ = std::move(file);
  wants_new_file_ = false;
}

void RecordingTimeline::end(std::vector<Step>& steps) {
  steps.emplace_back(End{file_->last});
  file_.reset();
}

void RecordingTimeline::write(Merged merged, std::vector<Step>& steps) {
  const auto place = place_of(merged.track);
  if (!place) return;
  auto time = merged.frame.time - file_->start;
  if (time < -kLate) return;
  auto& written = file_->written[*place];
  time = std::max(time, Duration::zero());
  // Sound is never shown in another order than it is decoded in.
  if (!file_->tracks[*place].setup.is_video() && written)
    time = std::max(time, *written + kLeastStep);
  written = time;
  file_->last = std::max(file_->last, merged.frame.time);
  file_->bytes += merged.frame.data.size();
  steps.emplace_back(Write{*place, std::move(merged.frame), time});
}

}  // namespace rooms
