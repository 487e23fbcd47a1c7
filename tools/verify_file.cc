// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/verify_file.h"

#include <gst/gst.h>
#include <sys/stat.h>

#include <fstream>

#include "gst/glue/ref.h"

namespace rooms {
namespace {

constexpr GstClockTime kPatience = 20 * GST_SECOND;

struct Stream {
  std::string codec;
  StreamCheck check;
};
using Streams = std::vector<std::unique_ptr<Stream>>;

Duration to_duration(GstClockTime time) { return Duration(static_cast<std::int64_t>(time)); }

void on_frame(GstElement* /*sink*/, GstBuffer* buffer, GstPad* pad, gpointer data) {
  auto& stream = *static_cast<Stream*>(data);
  if (const auto caps = adopt(gst_pad_get_current_caps(pad)); caps && stream.codec.empty())
    stream.codec = gst_structure_get_name(gst_caps_get_structure(caps.get(), 0));
  if (!GST_BUFFER_PTS_IS_VALID(buffer)) return;
  std::optional<Duration> decoded;
  if (GST_BUFFER_DTS_IS_VALID(buffer)) decoded = to_duration(GST_BUFFER_DTS(buffer));
  stream.check.observe(to_duration(GST_BUFFER_PTS(buffer)), decoded,
                       !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT),
                       gst_buffer_get_size(buffer));
}

struct Reading {
  GstElement* pipeline;
  Streams streams;
};

/// One after the other: parsebin adds its pads from one thread.
void on_pad(GstElement* /*parsebin*/, GstPad* pad, gpointer data) {
  auto& reading = *static_cast<Reading*>(data);
  auto* end = gst_element_factory_make("fakesink", nullptr);
  g_object_set(end, "sync", FALSE, "async", FALSE, "signal-handoffs", TRUE, nullptr);
  reading.streams.push_back(std::make_unique<Stream>());
  g_signal_connect(end, "handoff", G_CALLBACK(on_frame), reading.streams.back().get());
  gst_bin_add(GST_BIN(reading.pipeline), end);
  gst_element_sync_state_with_parent(end);
  const auto entry = adopt(gst_element_get_static_pad(end, "sink"));
  gst_pad_link(pad, entry.get());
}

Result<Streams> read_streams(const std::string& path) {
  const auto pipeline = sink(gst_pipeline_new("verify"));
  auto* source = gst_element_factory_make("filesrc", nullptr);
  auto* parser = gst_element_factory_make("parsebin", nullptr);
  if (!source || !parser)
    return Error{"unreadable", "GStreamer lacks parsebin: apt install gstreamer1.0-plugins-base."};
  g_object_set(source, "location", path.c_str(), nullptr);
  gst_bin_add_many(GST_BIN(pipeline.get()), source, parser, nullptr);
  gst_element_link(source, parser);
  Reading reading{pipeline.get(), {}};
  g_signal_connect(parser, "pad-added", G_CALLBACK(on_pad), &reading);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto bus = adopt(gst_element_get_bus(pipeline.get()));
  const auto message = adopt(gst_bus_timed_pop_filtered(
      bus.get(), kPatience, static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS)));
  std::string problem = message ? "" : "reading does not end";
  if (message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
    GError* raw = nullptr;
    gst_message_parse_error(message.get(), &raw, nullptr);
    problem = own(raw)->message;
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  if (!problem.empty()) return Error{"unreadable", path + ": " + problem};
  return std::move(reading.streams);
}

FileEnding read_ending(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::uint64_t>(file.tellg());
  return ending_of(size, [&](std::uint64_t at, MutableBytes bytes) {
    file.seekg(static_cast<std::streamoff>(at));
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return file.good();
  });
}

std::string in_ms(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
         " ms";
}

const VerifiedStream* first_of(const VerifiedFile& file, bool video) {
  for (const auto& stream : file.streams)
    if (stream.video == video && stream.summary.frames > 0) return &stream;
  return nullptr;
}

void look_for_problems(VerifiedFile& file, const VerifyLimits& limits) {
  const auto add = [&](std::string text) { file.problems.push_back(std::move(text)); };
  if (file.ending == FileEnding::kCut) add("the end of the file is missing");
  for (const auto& stream : file.streams) {
    const auto& summary = stream.summary;
    if (summary.frames == 0) {
      add(stream.codec + " has no frames");
      continue;
    }
    if (stream.video && !summary.begins_with_keyframe)
      add(stream.codec + " does not begin with a keyframe");
    for (const auto& gap : summary.gaps)
      add(stream.codec + " stops at " + in_ms(gap.at) + " for " + in_ms(gap.length));
    if (summary.backwards > 0)
      add(stream.codec + " goes back in time " + std::to_string(summary.backwards) + " times");
  }
  const auto at_start = sound_offset(file, false);
  const auto at_end = sound_offset(file, true);
  const auto is_far = [&](Duration offset) {
    return offset > limits.offset || offset < -limits.offset;
  };
  if (at_start && is_far(*at_start))
    add("the sound begins " + in_ms(*at_start) + " later than the picture");
  // One of them may have been muted last: only what is far off is drift.
  if (at_start && at_end && is_far((*at_end - *at_start) / 5))
    add("the sound ends " + in_ms(*at_end) + " later than the picture");
}

}  // namespace

std::optional<Duration> sound_offset(const VerifiedFile& file, bool at_end) {
  const auto* picture = first_of(file, true);
  const auto* sound = first_of(file, false);
  if (!picture || !sound) return std::nullopt;
  return at_end ? sound->summary.end - picture->summary.end
                : sound->summary.start - picture->summary.start;
}

Result<VerifiedFile> verify_file(const std::string& path, const VerifyLimits& limits) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return Error{"unreadable", path + ": there is no such file."};
  auto streams = read_streams(path);
  if (!streams) return streams.error();
  if (streams->empty()) return Error{"unreadable", path + ": there is no sound or picture in it."};
  VerifiedFile file;
  file.ending = read_ending(path);
  for (const auto& stream : *streams) {
    const bool video = stream->codec.starts_with("video/");
    file.streams.push_back({stream->codec, video, stream->check.summarize(limits.gap)});
  }
  look_for_problems(file, limits);
  return file;
}

}  // namespace rooms
