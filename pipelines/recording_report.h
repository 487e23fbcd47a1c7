// SPDX-License-Identifier: LGPL-2.1-or-later
// What is told of a recording: the JSON beside its files, and over HTTP. docs/recording.md has the
// fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/time.h"
#include "pipelines/events.h"

namespace rooms {

struct RecordedFile {
  std::string file;  ///< its name
  std::string participant;
  std::string name;  ///< of the participant
  std::vector<TrackInfo> tracks;
  Duration started{};  ///< since 1970, of its first moment
  Duration length{};
  std::uint64_t bytes = 0;
  bool open = true;
  bool complete = false;  ///< ended well: has its index
};

/// Somebody who was recorded.
struct RecordedPerson {
  std::string id;
  std::string name;
  /// Of a composite: when they came into the picture, and left it. Since 1970.
  std::optional<Duration> from = {};
  std::optional<Duration> until = {};
};

enum class RecordingState : std::uint8_t { kRecording, kStopped, kFailed };
std::string_view name_of(RecordingState state);

struct RecordingReport {
  std::string id;
  std::string room;
  std::string kind;
  std::string format;  ///< as asked for
  RecordingState state = RecordingState::kRecording;
  std::string reason;  ///< why it ended; empty: it has not
  Duration started{};
  std::optional<Duration> ended;
  std::vector<RecordedPerson> participants;
  std::vector<RecordedFile> files;
};

std::string to_json(const RecordingReport& report);

}  // namespace rooms
