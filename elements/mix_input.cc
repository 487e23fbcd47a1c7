// SPDX-License-Identifier: LGPL-2.1-or-later
// What comes in at the sink pads, and what they and the src pads are asked.
#include <gst/audio/audio.h>

#include <algorithm>
#include <string>
#include <utility>

#include "elements/mix_caps.h"
#include "elements/mix_engine.h"
#include "gst/glue/clock.h"
#include "gst/glue/mapped_buffer.h"

namespace rooms {
namespace {

/// All outputs ask for the latency at once; their answers need not all go upstream.
constexpr Duration kSameQuestion = std::chrono::milliseconds(20);

}  // namespace

// The streaming threads of the sink pads.

/// nullopt: what has no time goes behind the last.
std::optional<std::int64_t> MixEngine::position_of(const MixStream& stream,
                                                   GstClockTime time) const {
  if (stream.segment.format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID(time))
    return std::nullopt;
  guint64 running = 0;
  const int sign =
      gst_segment_to_running_time_full(&stream.segment, GST_FORMAT_TIME, time, &running);
  if (sign == 0) return std::nullopt;
  return sign * to_frames(running);
}

GstFlowReturn MixEngine::on_buffer(MixStream& stream, GstBuffer* buffer) {
  auto owned = adopt(buffer);
  if (!stream.format) {
    const Lock hold(mutex_);
    ++stream.refused;
    return outcome(stream);
  }
  if (stream.segment.format == GST_FORMAT_TIME) {
    owned =
        adopt(gst_audio_buffer_clip(owned.release(), &stream.segment, static_cast<gint>(kMixRate),
                                    static_cast<gint>(stream.format->frame_size())));
    if (!owned) return GST_FLOW_OK;
  }
  const auto position = position_of(stream, GST_BUFFER_PTS(owned.get()));
  if (position && GST_BUFFER_FLAG_IS_SET(owned.get(), GST_BUFFER_FLAG_GAP)) {
    const auto frames = gst_buffer_get_size(owned.get()) / stream.format->frame_size();
    return deliver_silence(stream, *position, static_cast<std::int64_t>(frames));
  }
  const MappedBuffer map(owned.get());
  unsigned channels = 1;
  {
    const Lock hold(mutex_);
    if (format_) channels = format_->channels;
  }
  stream.samples = to_floats(map.bytes(), *stream.format, channels, std::move(stream.samples));
  return deliver(stream, position, stream.samples);
}

GstFlowReturn MixEngine::deliver(MixStream& stream, std::optional<std::int64_t> position,
                                 std::vector<float>& samples) {
  Lock hold(mutex_);
  auto* input = mixer_.find(stream.number);
  if (!input || stream.flushing || !running_) return GST_FLOW_FLUSHING;
  if (!format_) return outcome(stream);
  const unsigned channels = format_->channels;
  const auto at = input->align(position, samples);
  const auto frames = static_cast<std::int64_t>(samples.size() / channels);
  return write_in_parts(
      hold, stream, at, frames, [&](AlignedInput& to, std::int64_t begin, std::int64_t count) {
        to.write(at + begin,
                 std::span(samples).subspan(static_cast<std::size_t>(begin) * channels,
                                            static_cast<std::size_t>(count) * channels));
      });
}

GstFlowReturn MixEngine::deliver_silence(MixStream& stream, std::int64_t position,
                                         std::int64_t frames) {
  Lock hold(mutex_);
  auto* input = mixer_.find(stream.number);
  if (!input || stream.flushing || !running_) return GST_FLOW_FLUSHING;
  const auto at = input->align_silence(position, frames);
  return write_in_parts(hold, stream, at, frames,
                        [at](AlignedInput& to, std::int64_t begin, std::int64_t count) {
                          to.write_silence(at + begin, count);
                        });
}

/// What is live is written at once and never waits. A file would fill any memory: it waits until
/// what it brought is mixed.
template <class Write>
GstFlowReturn MixEngine::write_in_parts(Lock& hold, MixStream& stream, std::int64_t at,
                                        std::int64_t frames, Write&& write) {
  if (is_live() && stream.live) {
    write(*mixer_.find(stream.number), 0, frames);
    return outcome(stream);
  }
  stream.heard_at = monotonic_now();
  const auto part = static_cast<std::int64_t>(mixer_.block());
  for (std::int64_t begin = 0; begin < frames;) {
    const auto count = std::min(part, frames - begin);
    auto* input = mixer_.find(stream.number);
    if (!input || stream.flushing || !running_) return GST_FLOW_FLUSHING;
    if (input->has_room(at + begin, count)) {
      write(*input, begin, count);
      begin += count;
      continue;
    }
    input->promise(at + begin);
    changed_.notify_all();
    ++waiting_;
    changed_.wait(hold);
    --waiting_;
    if (const auto flow = outcome(stream); flow != GST_FLOW_OK) return flow;
  }
  changed_.notify_all();
  return outcome(stream);
}

/// Who is live goes on whatever becomes of the mix; others end when nobody takes it any more.
GstFlowReturn MixEngine::outcome(const MixStream& stream) const {
  if (is_live() || stream.live) return GST_FLOW_OK;
  GstFlowReturn worst = GST_FLOW_NOT_LINKED;
  const auto look = [&](const MixStream& one) {
    if (!gst_pad_is_linked(one.src)) return false;
    const auto flow = pool_.state(*one.output).flow;
    if (flow == GST_FLOW_OK || flow == GST_FLOW_FLUSHING || flow == GST_FLOW_NOT_LINKED)
      return true;
    worst = flow == GST_FLOW_EOS && worst != GST_FLOW_NOT_LINKED ? worst : flow;
    return false;
  };
  for (const auto& [number, one] : streams_)
    if (look(*one)) return GST_FLOW_OK;
  return everybody_ && look(*everybody_) ? GST_FLOW_OK : worst;
}

void MixEngine::on_event(MixStream& stream, GstEvent* event) {
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START: {
      const Lock hold(mutex_);
      stream.eos = false;
      stream.heard = true;
      break;
    }
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event, &caps);
      set_caps(stream, caps);
      break;
    }
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment(event, &stream.segment);
      break;
    case GST_EVENT_GAP: {
      GstClockTime start = GST_CLOCK_TIME_NONE;
      GstClockTime duration = GST_CLOCK_TIME_NONE;
      gst_event_parse_gap(event, &start, &duration);
      const auto position = position_of(stream, start);
      if (position && GST_CLOCK_TIME_IS_VALID(duration))
        deliver_silence(stream, *position, to_frames(duration));
      break;
    }
    case GST_EVENT_EOS: {
      const Lock hold(mutex_);
      stream.eos = true;
      changed_.notify_all();
      break;
    }
    case GST_EVENT_FLUSH_START: {
      const Lock hold(mutex_);
      stream.flushing = true;
      changed_.notify_all();
      break;
    }
    case GST_EVENT_FLUSH_STOP:
      end_flush(stream);
      break;
    default:
      break;  // tags and the like are of one input and not of a mix
  }
}

void MixEngine::end_flush(MixStream& stream) {
  gst_segment_init(&stream.segment, GST_FORMAT_UNDEFINED);
  const Lock hold(mutex_);
  stream.flushing = stream.eos = false;
  if (auto* input = mixer_.find(stream.number)) input->clear();
}

void MixEngine::set_caps(MixStream& stream, GstCaps* caps) {
  stream.format = format_of(caps);
  if (!stream.format) {
    // An error would end the pipeline of all the others.
    const auto text = own(gst_caps_to_string(caps));
    GST_ELEMENT_WARNING(element_, STREAM, FORMAT, ("One input of the mix cannot be heard."),
                        ("%s: caps %s are not " MIX_CAPS, GST_PAD_NAME(stream.sink), text.get()));
    return;
  }
  choose_format(*stream.format);
  ask_latency(true);
}

/// Of all outputs; once. What their consumers want comes first, then what the input is.
void MixEngine::choose_format(SampleFormat wished) {
  std::vector<Ref<GstPad>> outputs;
  {
    const Lock hold(mutex_);
    if (format_) return;
    each_output([&](const MixStream& stream) { outputs.push_back(share(stream.src)); });
  }
  auto possible = adopt(gst_caps_from_string(MIX_CAPS));
  for (const auto& src : outputs) {
    const auto wanted = adopt(gst_pad_peer_query_caps(src.get(), possible.get()));
    // Who wants what the others cannot take fails alone.
    if (!gst_caps_is_empty(wanted.get()))
      possible = adopt(gst_caps_intersect(wanted.get(), possible.get()));
  }
  const auto caps = to_caps(wished);
  auto format = wished;
  if (!gst_caps_can_intersect(caps.get(), possible.get())) {
    possible = adopt(gst_caps_fixate(possible.release()));
    format = format_of(possible.get()).value_or(wished);
  }
  const Lock hold(mutex_);
  if (format_) return;
  format_ = format;
  configure_mixer();
  changed_.notify_all();
}

void MixEngine::activate_sink(MixStream& stream, bool active) {
  const Lock hold(mutex_);
  stream.flushing = !active;
  changed_.notify_all();
  if (!active) return;
  gst_segment_init(&stream.segment, GST_FORMAT_UNDEFINED);
  stream.format.reset();
  stream.eos = stream.heard = stream.asked = stream.missing = false;
  if (auto* input = mixer_.find(stream.number)) input->clear();
}

Ref<GstCaps> MixEngine::sink_caps() {
  auto caps = adopt(gst_caps_from_string(MIX_CAPS));
  const Lock hold(mutex_);
  if (!format_) return caps;
  // First what costs no conversion.
  auto preferred = to_caps(*format_);
  gst_caps_append(preferred.get(), caps.release());
  return preferred;
}

// Src pads.

void MixEngine::activate_src(MixStream& stream, bool active) {
  {
    const Lock hold(mutex_);
    stream.announced = false;
  }
  if (active) pool_.renew(*stream.output);
}

void MixEngine::relinked(MixStream& stream) {
  pool_.renew(*stream.output);
  const Lock hold(mutex_);
  changed_.notify_all();
}

Ref<GstCaps> MixEngine::src_caps(GstPad* pad) {
  const Lock hold(mutex_);
  return format_ ? to_caps(*format_) : adopt(gst_pad_get_pad_template_caps(pad));
}

/// `tell`: the application, if it is another one than before.
void MixEngine::ask_latency(bool tell) {
  std::vector<std::pair<unsigned, Ref<GstPad>>> sinks;
  {
    const Lock hold(mutex_);
    asked_at_ = monotonic_now();
    for (const auto& [number, stream] : streams_) sinks.emplace_back(number, share(stream->sink));
  }
  struct Answer {
    bool known = false;
    bool live = false;
    GstClockTime latency = 0;
  };
  std::vector<Answer> answers;
  for (const auto& [number, sink] : sinks) {
    Answer answer;
    const auto query = adopt(gst_query_new_latency());
    gboolean live = FALSE;
    if (gst_pad_peer_query(sink.get(), query.get())) {
      gst_query_parse_latency(query.get(), &live, &answer.latency, nullptr);
      answer.known = true;
      answer.live = live != FALSE;
    }
    answers.push_back(answer);
  }
  Lock hold(mutex_);
  GstClockTime upstream = 0;
  bool live = was_live_;
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    const auto found = streams_.find(sinks[i].first);
    if (found == streams_.end() || found->second->sink != sinks[i].second.get()) continue;
    auto& stream = *found->second;
    if (answers[i].known) {
      stream.live = answers[i].live;
      stream.latency = stream.live ? answers[i].latency : 0;
      stream.asked = true;
    }
    mixer_.set_live(stream.number, stream.live);
    live = live || stream.live;
    upstream = std::max(upstream, stream.latency);
  }
  const bool changed = live != was_live_ || upstream != upstream_;
  was_live_ = live;
  upstream_ = upstream;
  if (!changed) return;
  if (format_) configure_mixer();
  changed_.notify_all();
  if (clock_wait_) gst_clock_id_unschedule(clock_wait_);
  hold.unlock();
  if (tell) gst_element_post_message(element_, gst_message_new_latency(GST_OBJECT_CAST(element_)));
}

bool MixEngine::answer_latency(GstQuery* query) {
  bool asks = false;
  {
    const Lock hold(mutex_);
    asks = monotonic_now() - asked_at_ > kSameQuestion;
  }
  if (asks) ask_latency(false);
  const Lock hold(mutex_);
  const bool live = is_live();
  const auto latency = live ? upstream_ + static_cast<GstClockTime>(settings_.latency.count()) +
                                  static_cast<GstClockTime>(settings_.interval.count())
                            : 0;
  gst_query_set_latency(query, live, latency, GST_CLOCK_TIME_NONE);
  return true;
}

bool MixEngine::answer_position(GstQuery* query) {
  GstFormat format = GST_FORMAT_UNDEFINED;
  gst_query_parse_position(query, &format, nullptr);
  if (format != GST_FORMAT_TIME) return false;
  const Lock hold(mutex_);
  gst_query_set_position(query, format, static_cast<gint64>(to_time(position_)));
  return true;
}

bool MixEngine::is_new_latency(GstEvent* event) {
  GstClockTime latency = GST_CLOCK_TIME_NONE;
  gst_event_parse_latency(event, &latency);
  const Lock hold(mutex_);
  return std::exchange(forwarded_latency_, latency) != latency;
}

}  // namespace rooms
