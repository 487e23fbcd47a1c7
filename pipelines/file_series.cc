// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/file_series.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "gst/core/record/recording_names.h"

namespace rooms {
namespace {

constexpr Duration kFirstPatience = std::chrono::milliseconds(500);
constexpr Duration kMostPatience = std::chrono::seconds(5);
/// Names that are taken are passed over, so many at a time.
constexpr unsigned kMostTries = 1000;

}  // namespace

FileSeries::FileSeries(About about, const RecordingTimeline::Config& config, Duration wall_offset)
    : about_(std::move(about)), wall_offset_(wall_offset), timeline_(config) {}

bool FileSeries::has_picture() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& entry) {
    return entry.second.source.info.kind == MediaKind::kVideo;
  });
}

void FileSeries::add_track(RecordedTrack track) {
  const std::string id = track.info.id;
  Track added;
  added.codec = codec_named(track.info.codec);
  added.patience = kFirstPatience;
  added.source = std::move(track);
  known_[id] = added.source.info;
  timeline_.add_track(id, added.codec);
  tracks_[id] = std::move(added);
}

void FileSeries::remove_track(const std::string& id) {
  const auto track = tracks_.find(id);
  if (track == tracks_.end()) return;
  take_frames(id, track->second, true, Timestamp());
  timeline_.remove_track(id);
  tracks_.erase(track);
}

void FileSeries::take_frames(const std::string& id, Track& track, bool all, Timestamp now) {
  auto& stream = *track.source.stream;
  for (auto& frame : all ? stream.finish() : stream.take())
    timeline_.push(id, std::move(frame), now);
  const auto codec = stream.codec();
  if (!codec || *codec == track.codec) return;
  track.codec = *codec;
  known_[id].codec = std::string(name_of(*codec));
  timeline_.add_track(id, *codec);
}

void FileSeries::ask_for_keyframe(Track& track, Timestamp now) {
  const bool video = track.source.info.kind == MediaKind::kVideo;
  if (!video || (!track.source.stream->wants_keyframe() && !timeline_.wants_keyframe())) {
    track.patience = kFirstPatience;
    return;
  }
  // Who is muted or away answers nothing.
  if (now - track.asked < track.patience) return;
  track.asked = now;
  track.patience = std::min(2 * track.patience, kMostPatience);
  track.source.request_keyframe();
}

Status FileSeries::write_frames(Timestamp now) {
  for (auto& [id, track] : tracks_) take_frames(id, track, false, now);
  auto written = perform(timeline_.advance(now));
  if (!written) return written;
  for (auto& [id, track] : tracks_) ask_for_keyframe(track, now);
  return append_frames();
}

Status FileSeries::finish() {
  for (auto& [id, track] : tracks_) take_frames(id, track, true, Timestamp());
  auto written = perform(timeline_.finish());
  // An error may have come between: then the file that is open has not ended yet.
  auto ended = end();
  return written ? ended : written;
}

Status FileSeries::perform(std::vector<RecordingTimeline::Step> steps) {
  for (auto& step : steps) {
    if (const auto* begins = std::get_if<RecordingTimeline::Begin>(&step)) {
      if (auto begun = begin(*begins); !begun) return begun;
    } else if (auto* write = std::get_if<RecordingTimeline::Write>(&step)) {
      if (!writer_) continue;
      auto& file = files_.back();
      file.length = std::max(file.length, write->time);
      writer_->add(write->track, std::move(write->frame), write->time);
    } else if (auto ended = end(); !ended) {
      return ended;
    }
  }
  return Done{};
}

Status FileSeries::begin(const RecordingTimeline::Begin& begin) {
  RecordedFile file;
  file.participant = about_.participant;
  file.name = about_.participant_name;
  file.started = begin.start.time_since_epoch() + wall_offset_;
  std::vector<ContainerTrack> tracks;
  for (const auto& track : begin.tracks) {
    auto info = known_[track.track];
    info.codec = std::string(name_of(track.setup.codec));
    tracks.push_back({track.setup, about_.participant_name + ", " + info.label});
    file.tracks.push_back(std::move(info));
  }
  for (unsigned tries = 0; !output_; ++tries) {
    file.file = file_name(about_.word, ++segment_, begin.container);
    auto created = OutputFile::create(about_.folder + "/" + file.file);
    if (created) {
      output_ = std::move(*created);
    } else if (created.error().code != "file-exists" || tries == kMostTries) {
      return created.error();
    }
  }
  writer_ =
      make_writer(begin.container, std::move(tracks), {about_.participant_name, file.started});
  files_.push_back(std::move(file));
  news_ = true;
  auto begun = output_->append(writer_->begin());
  if (begun) return begun;
  // There is nothing in it that anybody could play.
  unlink((about_.folder + "/" + files_.back().file).c_str());
  output_ = nullptr;
  writer_ = nullptr;
  files_.pop_back();
  return begun;
}

Status FileSeries::append_frames() {
  if (!writer_) return Done{};
  unwritten_ = writer_->flush();
  if (unwritten_.empty()) return Done{};
  auto appended = output_->append(unwritten_);
  if (appended) unwritten_.clear();
  files_.back().bytes = output_->size();
  return appended;
}

Status FileSeries::end() {
  if (!writer_) return Done{};
  const auto writer = std::exchange(writer_, nullptr);
  const auto output = std::exchange(output_, nullptr);
  // The index counts on what the disk refused before; without it the file stays as it is.
  const auto refused = std::exchange(unwritten_, {});
  auto finished = output->append(refused);
  if (finished) finished = output->finish(writer->finish());
  auto& file = files_.back();
  file.open = false;
  file.bytes = output->size();
  file.complete = finished.ok();
  news_ = true;
  return finished;
}

}  // namespace rooms
