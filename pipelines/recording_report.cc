// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/recording_report.h"

#include <json-glib/json-glib.h>

#include "gst/core/record/recording_names.h"
#include "gst/glue/ref.h"

namespace rooms {
namespace {

class Members {
 public:
  explicit Members(JsonBuilder* builder) : builder_(builder) {
    json_builder_begin_object(builder_);
  }
  ~Members() { json_builder_end_object(builder_); }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  void text(const char* name, std::string_view value) {
    json_builder_set_member_name(builder_, name);
    json_builder_add_string_value(builder_, std::string(value).c_str());
  }
  void number(const char* name, std::int64_t value) {
    json_builder_set_member_name(builder_, name);
    json_builder_add_int_value(builder_, value);
  }
  void flag(const char* name, bool value) {
    json_builder_set_member_name(builder_, name);
    json_builder_add_boolean_value(builder_, value);
  }
  template <class Range, class Each>
  void list(const char* name, const Range& range, Each&& each) {
    json_builder_set_member_name(builder_, name);
    json_builder_begin_array(builder_);
    for (const auto& item : range) {
      Members members(builder_);
      each(members, item);
    }
    json_builder_end_array(builder_);
  }

 private:
  JsonBuilder* builder_;
};

std::int64_t milliseconds(Duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

void put_file(Members& out, const RecordedFile& file, const std::string& folder) {
  out.text("file", file.file);
  out.text("url", folder + file.file);
  out.text("participant", file.participant);
  out.text("name", file.name);
  out.list("tracks", file.tracks, [](Members& track, const TrackInfo& info) {
    track.text("id", info.id);
    track.text("kind", name_of(info.kind));
    track.text("label", info.label);
    track.text("codec", info.codec);
  });
  out.text("startedAt", iso_time(file.started));
  if (!file.open) out.text("endedAt", iso_time(file.started + file.length));
  out.number("durationMs", milliseconds(file.length));
  out.number("bytes", static_cast<std::int64_t>(file.bytes));
  out.flag("complete", file.complete);
}

}  // namespace

std::string_view name_of(RecordingState state) {
  switch (state) {
    case RecordingState::kRecording:
      return "recording";
    case RecordingState::kStopped:
      return "stopped";
    case RecordingState::kFailed:
      return "failed";
  }
  return "failed";
}

std::string to_json(const RecordingReport& report) {
  const auto builder = adopt(json_builder_new());
  {
    Members out(builder.get());
    out.text("id", report.id);
    out.text("room", report.room);
    out.text("kind", report.kind);
    out.text("format", report.format);
    out.text("state", name_of(report.state));
    if (!report.reason.empty()) out.text("reason", report.reason);
    out.text("startedAt", iso_time(report.started));
    if (report.ended) out.text("endedAt", iso_time(*report.ended));
    out.list("participants", report.participants, [](Members& who, const auto& person) {
      who.text("id", person.id);
      who.text("name", person.name);
      if (person.from) who.text("joinedAt", iso_time(*person.from));
      if (person.until) who.text("leftAt", iso_time(*person.until));
    });
    const std::string folder = "/api/rooms/" + report.room + "/recordings/" + report.id + "/files/";
    out.list("files", report.files,
             [&](Members& file, const RecordedFile& about) { put_file(file, about, folder); });
  }
  JsonNode* root = json_builder_get_root(builder.get());
  const auto text = own(json_to_string(root, TRUE));
  json_node_unref(root);
  return text.get();
}

}  // namespace rooms
