// SPDX-License-Identifier: LGPL-2.1-or-later
// The action signals of roombin. Each asks the room, waits for its answer and leaves what went
// wrong in `last-error`.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "bins/roombin_parts.h"

namespace rooms {
namespace {

std::string text_or_empty(const char* text) { return text ? text : ""; }

gchar* copy_of(const std::string& text) { return g_strdup(text.c_str()); }

void note(const Error& error) { last_error() = error.code + ": " + error.message; }

/// What a request returns for a text: null if it failed.
template <class T, class F>
gchar* text_of(const Result<T>& result, F text) {
  last_error().clear();
  if (result) return copy_of(text(*result));
  note(result.error());
  return nullptr;
}

template <class T>
gboolean whether(const Result<T>& result) {
  last_error().clear();
  if (!result) note(result.error());
  return result ? TRUE : FALSE;
}

std::string field(const GstStructure* options, const char* name) {
  return options ? text_or_empty(gst_structure_get_string(options, name)) : "";
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

Result<std::optional<MixMode>> mode_named(const std::string& name) {
  if (name.empty()) return std::optional<MixMode>();
  if (name == "tracks") return std::optional(MixMode::kTracks);
  if (name == "mix") return std::optional(MixMode::kMix);
  if (name == "hybrid") return std::optional(MixMode::kHybrid);
  return Error{"bad-field", "'mode' should be 'tracks', 'mix' or 'hybrid'."};
}

gchar* add_participant(SfuRoomBin* self, const char* id, const char* name) {
  auto& parts = parts_of(self);
  const auto wished = text_or_empty(id);
  // Its listener tells its id, which the room makes if none is wished for.
  if (wished.empty())
    return text_of(Result<std::string>(Error{"bad-field", "A participant needs an id."}),
                   [](const auto& text) { return text; });
  ParticipantInfo info;
  const auto joined =
      parts.host().join(wished, text_or_empty(name), parts.notifier().of_participant(wished), info);
  return text_of(joined, [&](const Done&) { return info.id; });
}

gboolean remove_participant(SfuRoomBin* self, const char* id) {
  auto& host = parts_of(self).host();
  const auto room = host.room();
  if (room) room->leave(text_or_empty(id), "removed");
  // Its answer comes after it has left.
  return whether(host.ask<RoomStats>([](Room& one, auto reply) { one.stats(reply); }));
}

gchar* publish(SfuRoomBin* self, const char* id, const char* offer) {
  const auto reply = parts_of(self).host().ask<PublishReply>([&](Room& room, auto answer) {
    room.publish(text_or_empty(id), text_or_empty(offer), {}, answer);
  });
  return text_of(reply, [](const PublishReply& published) { return published.sdp; });
}

gchar* subscribe(SfuRoomBin* self, const char* id, const char* offer, const GstStructure* options) {
  const auto mode = mode_named(field(options, "mode"));
  if (!mode) return text_of(mode, [](const auto&) { return std::string(); });
  const PlayRequest request{text_or_empty(offer), words_of(field(options, "participants")), *mode};
  const auto reply = parts_of(self).host().ask<std::string>(
      [&](Room& room, auto answer) { room.play(text_or_empty(id), request, answer); });
  return text_of(reply, [](const std::string& sdp) { return sdp; });
}

gboolean control(SfuRoomBin* self, const RoomControl& wish) {
  return whether(
      parts_of(self).host().ask<Done>([&](Room& room, auto reply) { room.control(wish, reply); }));
}

gboolean set_layout(SfuRoomBin* self, const char* layout) {
  RoomControl wish;
  wish.mix.layout = text_or_empty(layout);
  return control(self, wish);
}

gboolean set_muted(SfuRoomBin* self, const char* id, gboolean muted) {
  RoomControl wish;
  wish.mute[text_or_empty(id)] = muted != FALSE;
  return control(self, wish);
}

Result<RecordingRequest> recording_request(const GstStructure* options) {
  RecordingRequest request;
  if (const auto kind = field(options, "kind"); !kind.empty()) request.kind = kind;
  request.name = field(options, "name");
  if (const auto layout = field(options, "layout"); !layout.empty()) request.mix.layout = layout;
  if (const auto name = field(options, "format"); !name.empty()) {
    const auto format = recording_format_named(name);
    if (!format) return Error{"bad-field", "'format' should be 'auto', 'mp4', 'webm' or 'mkv'."};
    request.format = *format;
  }
  guint64 time = 0;
  if (options && gst_structure_get_uint64(options, "segment-time", &time))
    request.segment_time = Duration(static_cast<std::int64_t>(time));
  return request;
}

gchar* start_recording(SfuRoomBin* self, const GstStructure* options) {
  const auto request = recording_request(options);
  if (!request) return text_of(request, [](const auto&) { return std::string(); });
  const auto info = parts_of(self).host().ask<RecordingInfo>(
      [&](Room& room, auto reply) { room.start_recording(*request, reply); });
  return text_of(info, [](const RecordingInfo& recording) { return recording.id; });
}

gboolean stop_recording(SfuRoomBin* self, const char* id) {
  return whether(parts_of(self).host().ask<RecordingInfo>(
      [&](Room& room, auto reply) { room.stop_recording(text_or_empty(id), reply); }));
}

gchar* add_tap(SfuRoomBin* self, const char* track) {
  return text_of(parts_of(self).add_tap(text_or_empty(track)),
                 [](const std::string& pad) { return pad; });
}

gboolean remove_tap(SfuRoomBin* self, const char* pad) {
  return whether(parts_of(self).remove_tap(text_or_empty(pad)));
}

}  // namespace

std::string& last_error() {
  thread_local std::string error;
  return error;
}

void install_room_actions(GType type) {
  const auto install = [type](const char* name, GCallback handler, GType returned,
                              std::vector<GType> given) {
    auto* closure = g_cclosure_new(handler, nullptr, nullptr);
    g_signal_newv(name, type, static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                  closure, nullptr, nullptr, nullptr, returned, static_cast<guint>(given.size()),
                  given.data());
  };
  const GType text = G_TYPE_STRING;
  install("add-participant", G_CALLBACK(add_participant), text, {text, text});
  install("remove-participant", G_CALLBACK(remove_participant), G_TYPE_BOOLEAN, {text});
  install("publish", G_CALLBACK(publish), text, {text, text});
  install("subscribe", G_CALLBACK(subscribe), text, {text, text, GST_TYPE_STRUCTURE});
  install("set-layout", G_CALLBACK(set_layout), G_TYPE_BOOLEAN, {text});
  install("set-muted", G_CALLBACK(set_muted), G_TYPE_BOOLEAN, {text, G_TYPE_BOOLEAN});
  install("start-recording", G_CALLBACK(start_recording), text, {GST_TYPE_STRUCTURE});
  install("stop-recording", G_CALLBACK(stop_recording), G_TYPE_BOOLEAN, {text});
  install("add-tap", G_CALLBACK(add_tap), text, {text});
  install("remove-tap", G_CALLBACK(remove_tap), G_TYPE_BOOLEAN, {text});
}

}  // namespace rooms
