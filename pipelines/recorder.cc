// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/recorder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "gst/core/forward/slot_assignment.h"
#include "gst/core/record/recording_names.h"
#include "gst/glue/clock.h"

namespace rooms {
namespace {

/// What a process that is killed has not written yet.
constexpr Duration kWriteInterval = std::chrono::milliseconds(250);
/// Sizes and lengths in the report are no older.
constexpr Duration kReportInterval = std::chrono::seconds(5);
/// Kept free of other people's data, so that a recording that fills the disk can still end its
/// files and say why.
constexpr off_t kReserve = 256 << 10;
constexpr const char* kReserveName = "/.reserve";
constexpr unsigned kMostSameNames = 1000;

Status make_one_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return Done{};
  return write_error(errno, path);
}

/// Best effort: without it a full disk only loses the last report.
void reserve_room(const std::string& folder) {
  const int descriptor =
      open((folder + kReserveName).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return;
  (void)posix_fallocate(descriptor, 0, kReserve);
  close(descriptor);
}

}  // namespace

Recorder::Recorder(Settings settings)
    : settings_(std::move(settings)),
      wall_offset_(wall_clock() - monotonic_now().time_since_epoch()),
      executor_(std::make_unique<Executor>("recorder")) {
  report_.with([&](RecordingReport& report) {
    report.room = settings_.room;
    report.kind = settings_.request.kind;
    report.format = std::string(name_of(settings_.request.format));
    report.started = wall_clock();
  });
}

void Recorder::join() {
  if (!executor_) return;
  executor_->post([this] { timer_.cancel(); });
  executor_->end();
  executor_.reset();  // its context has a descriptor, and who was recorded stays on the list
}

Status Recorder::make_folder() {
  const std::string room_folder = settings_.root + "/" + file_word(settings_.room);
  for (const auto& path : {settings_.root, room_folder})
    if (auto made = make_one_folder(path); !made) return made;
  const auto& wished = settings_.request.name;
  const std::string first = wished.empty() ? folder_time(wall_clock()) : file_word(wished);
  std::string id = first;
  for (unsigned n = 2; mkdir((room_folder + "/" + id).c_str(), 0755) != 0; ++n) {
    const std::string path = room_folder + "/" + id;
    if (errno != EEXIST) return write_error(errno, path);
    if (!wished.empty() || n > kMostSameNames)
      return Error{"name-taken", "There is a recording '" + id + "' already; choose another name."};
    id = first + "-" + std::to_string(n);
  }
  folder_ = room_folder + "/" + id;
  report_.with([&](RecordingReport& report) { report.id = id; });
  return Done{};
}

void Recorder::open(std::function<void(Status)> opened, std::function<void(const Error&)> failed) {
  executor_->post([this, opened = std::move(opened), failed = std::move(failed)]() mutable {
    failed_ = std::move(failed);
    auto made = make_folder();
    if (made) made = replace_file(folder_ + "/recording.json", to_json(report()));
    if (made) {
      reserve_room(folder_);
      timer_ = executor_->call_every(kWriteInterval, [this] { write(); });
    } else {
      ended_ = true;
      if (!folder_.empty()) rmdir(folder_.c_str());
    }
    opened(made);
  });
}

FileSeries& Recorder::series_for(const TrackInfo& track, const std::string& participant_name) {
  std::string key = sync_group(track.participant, track.label);
  const auto known = series_.find(key);
  // A file has one picture: others of the same participant have files of their own.
  if (track.kind == MediaKind::kVideo && known != series_.end() && known->second->has_picture())
    key = track.id;
  auto& series = series_[key];
  if (!series) {
    RecordingTimeline::Config config;
    config.format = settings_.request.format;
    config.segment_time = settings_.request.segment_time;
    config.segment_bytes = settings_.request.segment_bytes;
    series = std::make_unique<FileSeries>(
        FileSeries::About{folder_, file_word(key), track.participant, participant_name}, config,
        wall_offset_);
  }
  return *series;
}

void Recorder::add_track(RecordedTrack track) {
  executor_->post([this, track = std::move(track)]() mutable {
    if (ended_) return;
    if (!is_composite()) note_person(track.info.participant, track.participant_name);
    auto& series = series_for(track.info, track.participant_name);
    series.add_track(std::move(track));
    write_report();
  });
}

void Recorder::note_person(const std::string& id, const std::string& name) {
  const bool is_new = std::none_of(participants_.begin(), participants_.end(),
                                   [&](const auto& person) { return person.id == id; });
  if (is_new) participants_.push_back({id, name});
}

void Recorder::show_people(std::vector<RecordedPerson> people) {
  executor_->post([this, people = std::move(people)] {
    if (ended_) return;
    const auto now = wall_clock();
    const auto same = [](const std::string& id) {
      return [&id](const RecordedPerson& person) { return person.id == id && !person.until; };
    };
    bool news = false;
    for (auto& person : participants_) {
      if (person.until || std::any_of(people.begin(), people.end(), same(person.id))) continue;
      person.until = now;
      news = true;
    }
    for (const auto& person : people) {
      if (std::any_of(participants_.begin(), participants_.end(), same(person.id))) continue;
      participants_.push_back({person.id, person.name, now});
      news = true;
    }
    if (news) write_report();
  });
}

void Recorder::remove_track(const std::string& track) {
  executor_->post([this, track] {
    if (ended_) return;
    for (auto& [key, series] : series_) series->remove_track(track);
  });
}

void Recorder::write() {
  if (ended_) return;
  const auto now = monotonic_now();
  bool news = now - reported_ >= kReportInterval;
  for (auto& [key, series] : series_) {
    if (auto written = series->write_frames(now); !written) {
      const Error error = written.error();
      end(RecordingState::kFailed, error.message);
      return failed_(error);
    }
    news |= series->take_news();
  }
  if (news) write_report();
  refresh_report();
}

void Recorder::refresh_report() {
  std::vector<RecordedFile> files;
  for (const auto& [key, series] : series_)
    files.insert(files.end(), series->files().begin(), series->files().end());
  report_.with([&](RecordingReport& report) {
    report.files = std::move(files);
    report.participants = participants_;
  });
}

void Recorder::write_report() {
  reported_ = monotonic_now();
  refresh_report();
  if (auto replaced = replace_file(folder_ + "/recording.json", to_json(report())); !replaced)
    g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "%s", replaced.error().message.c_str());
}

void Recorder::end(RecordingState state, const std::string& reason) {
  if (std::exchange(ended_, true)) return;
  timer_.cancel();
  unlink((folder_ + kReserveName).c_str());
  std::string why = reason;
  if (is_composite())
    for (auto& person : participants_)
      if (!person.until) person.until = wall_clock();
  for (auto& [key, series] : series_) {
    const auto finished = series->finish();
    if (finished || state == RecordingState::kFailed) continue;
    state = RecordingState::kFailed;
    why = finished.error().message;
  }
  report_.with([&](RecordingReport& report) {
    report.state = state;
    report.reason = why;
    report.ended = wall_clock();
  });
  write_report();
  series_.clear();
}

void Recorder::stop(const std::string& reason, std::function<void()> done) {
  executor_->post([this, reason, done = std::move(done)] {
    end(RecordingState::kStopped, reason);
    done();
  });
}

RecordingReport Recorder::report() const {
  return report_.with([](const RecordingReport& report) { return report; });
}

}  // namespace rooms
