// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/audio_watch.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "gst/core/audio/sound_level.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/core/rtp/rtp_profile.h"
#include "gst/glue/mapped_buffer.h"

namespace rooms {
namespace {

/// The URI of an `extmap-N` field: a string, or < direction, URI, attributes >.
std::string uri_in(const GValue* value) {
  if (GST_VALUE_HOLDS_ARRAY(value)) {
    if (gst_value_array_get_size(value) < 2) return {};
    value = gst_value_array_get_value(value, 1);
  }
  const char* uri = G_VALUE_HOLDS_STRING(value) ? g_value_get_string(value) : nullptr;
  return uri ? uri : "";
}

struct ExtensionSearch {
  std::string_view uri;
  std::uint8_t id = 0;
};

gboolean look_at_field(GQuark field, const GValue* value, gpointer data) {
  auto& search = *static_cast<ExtensionSearch*>(data);
  constexpr const char* kPrefix = "extmap-";
  const char* name = g_quark_to_string(field);
  guint64 id = 0;
  if (g_str_has_prefix(name, kPrefix) &&
      g_ascii_string_to_unsigned(name + strlen(kPrefix), 10, 1, 255, &id, nullptr) &&
      uri_in(value) == search.uri)
    search.id = static_cast<std::uint8_t>(id);
  return TRUE;
}

template <class Sample>
std::vector<Sample> samples_in(Bytes bytes) {
  std::vector<Sample> samples(bytes.size() / sizeof(Sample));
  if (!samples.empty()) std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(Sample));
  return samples;
}

/// -dBov; nullopt: the packet does not tell it.
std::optional<unsigned> level_in(Bytes packet, std::uint8_t id) {
  const auto header = parse_rtp(packet);
  if (!header) return std::nullopt;
  const auto data = find_extension(*header, id);
  if (!data || data->size() != 1) return std::nullopt;
  return (*data)[0] & 0x7FU;
}

Timestamp at(GstClockTime time) { return Timestamp(Duration(static_cast<std::int64_t>(time))); }

}  // namespace

AudioFormat AudioFormat::of(const GstCaps* caps) {
  AudioFormat format;
  const auto* structure = gst_caps_get_structure(caps, 0);
  if (gst_structure_has_name(structure, "application/x-rtp")) {
    format.kind = Kind::kRtp;
    ExtensionSearch search{uri_of(Extension::kAudioLevel)};
    gst_structure_foreach(structure, look_at_field, &search);
    format.level_id = search.id;
    return format;
  }
  const char* samples = gst_structure_get_string(structure, "format");
  format.kind = g_strcmp0(samples, "S16LE") == 0   ? Kind::kS16
                : g_strcmp0(samples, "F32LE") == 0 ? Kind::kF32
                                                   : Kind::kUnknown;
  int number = 0;
  if (gst_structure_get_int(structure, "channels", &number) && number > 0)
    format.channels = static_cast<std::size_t>(number);
  if (gst_structure_get_int(structure, "rate", &number) && number > 0)
    format.rate = static_cast<std::size_t>(number);
  return format;
}

AudioWatch::Settings AudioWatch::settings() const {
  return state_.with([](const State& state) { return state.settings; });
}

void AudioWatch::set_settings(const Settings& settings) {
  state_.with([&](State& state) {
    state.settings = settings;
    state.detector.configure(settings.detector);
  });
}

void AudioWatch::add(const std::string& pad) {
  state_.with([&](State& state) { state.pads[pad]; });
}

void AudioWatch::State::insert(const std::string& pad, unsigned level, Timestamp when) {
  if (detector.observe(pad, level, when) == SpeakerDetector::Verdict::kLate) ++pads[pad].late;
  newest = std::max(newest, when);
}

void AudioWatch::State::insert_samples(const std::string& pad, const AudioFormat& format,
                                       Bytes bytes, Timestamp when) {
  const bool is_float = format.kind == AudioFormat::Kind::kF32;
  const std::size_t frame = format.channels * (is_float ? sizeof(float) : sizeof(std::int16_t));
  // Buffers may be long; the detector hears 20 ms at a time.
  const std::size_t frames = std::max<std::size_t>(format.rate / 50, 1);
  const Duration step(static_cast<std::int64_t>(frames * 1'000'000'000 / format.rate));
  for (; bytes.size() >= frame; when += step) {
    const auto part = bytes.first(std::min(bytes.size() / frame, frames) * frame);
    bytes = bytes.subspan(part.size());
    insert(pad,
           is_float ? sound_level(samples_in<float>(part))
                    : sound_level(samples_in<std::int16_t>(part)),
           when);
  }
}

std::optional<SpeakerChange> AudioWatch::State::change_from(const std::string& previous) {
  ++changes;
  return SpeakerChange{detector.speaker(), previous, detector.level(detector.speaker(), newest),
                       newest};
}

std::optional<SpeakerChange> AudioWatch::State::decide() {
  if (newest - last_decision < settings.interval) return std::nullopt;
  last_decision = newest;
  const std::string previous = detector.speaker();
  return detector.evaluate(newest) ? change_from(previous) : std::nullopt;
}

std::optional<SpeakerChange> AudioWatch::observe(const std::string& pad, const AudioFormat& format,
                                                 GstBuffer* buffer, GstClockTime when) {
  const MappedBuffer map(buffer);
  return state_.with([&](State& state) {
    ++state.pads[pad].buffers;
    const auto time = GST_CLOCK_TIME_IS_VALID(when) ? at(when) : state.newest;
    switch (format.kind) {
      case AudioFormat::Kind::kS16:
      case AudioFormat::Kind::kF32:
        state.insert_samples(pad, format, map.bytes(), time);
        break;
      case AudioFormat::Kind::kRtp: {
        const auto asked = state.settings.extension_id;
        const auto level = level_in(map.bytes(), asked != 0 ? asked : format.level_id);
        if (level) {
          state.insert(pad, *level, time);
        } else {
          ++state.pads[pad].without_level;
          state.newest = std::max(state.newest, time);
        }
        break;
      }
      case AudioFormat::Kind::kUnknown:
        ++state.pads[pad].without_level;
    }
    return state.decide();
  });
}

std::optional<SpeakerChange> AudioWatch::observe_silence(GstClockTime when) {
  return state_.with([&](State& state) {
    state.newest = std::max(state.newest, at(when));
    return state.decide();
  });
}

std::optional<SpeakerChange> AudioWatch::remove(const std::string& pad) {
  return state_.with([&](State& state) -> std::optional<SpeakerChange> {
    state.pads.erase(pad);
    const bool spoke = state.detector.speaker() == pad;
    state.detector.remove(pad);
    return spoke ? state.change_from(pad) : std::nullopt;
  });
}

void AudioWatch::reset() {
  state_.with([](State& state) {
    state.detector = SpeakerDetector(state.settings.detector);
    state.newest = {};
    state.last_decision = {};
  });
}

std::string AudioWatch::speaker() const {
  return state_.with([](const State& state) { return state.detector.speaker(); });
}

Owned<GstStructure> AudioWatch::stats() const {
  auto stats = own(gst_structure_new_empty("application/x-active-speaker-stats"));
  state_.with([&](const State& state) {
    gst_structure_set(stats.get(), "active-speaker", G_TYPE_STRING,
                      state.detector.speaker().c_str(), "changes", G_TYPE_UINT64,
                      guint64{state.changes}, nullptr);
    for (const auto& [pad, counters] : state.pads) {
      const auto one = own(gst_structure_new(
          "application/x-active-speaker-pad-stats", "level", G_TYPE_UINT,
          state.detector.level(pad, state.newest), "buffers", G_TYPE_UINT64,
          guint64{counters.buffers}, "without-level", G_TYPE_UINT64,
          guint64{counters.without_level}, "late", G_TYPE_UINT64, guint64{counters.late}, nullptr));
      gst_structure_set(stats.get(), pad.c_str(), GST_TYPE_STRUCTURE, one.get(), nullptr);
    }
  });
  return stats;
}

}  // namespace rooms
