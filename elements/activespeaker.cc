// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-activespeaker
 * @title: activespeaker
 *
 * Passes audio streams through and tells which one has the floor: the dominant speaker, over 200
 * ms, one second and two seconds after Volfin and Cohen (2012), each above its own background
 * noise. A cough, a door or a "yes" changes nothing; a new speaker is known after about half a
 * second.
 *
 * What comes in at `sink_N` goes out at `src_N`, which appears with it and may stay unlinked where
 * one only wants to know. Streams are raw audio (S16LE or F32LE), or RTP of any codec whose packets
 * carry their level (RFC 6464): nothing is decoded. The id of that header extension is read from
 * the `extmap-N` fields of the caps, or set as `extension-id`. Decisions follow the time of the
 * buffers, so a file is judged as fast as it is read.
 *
 * ## Messages
 *
 * An element message `active-speaker` is posted with every change:
 *
 * * `pad` (string): name of the sink pad; empty: nobody speaks any more
 * * `previous` (string): who spoke before; empty: nobody
 * * `level` (uint): loudest of the last 200 ms, in -dBov: 0 loud, 127 silent
 * * `running-time` (uint64): of the pipeline, in ns
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m activespeaker name=speaker
 * audiotestsrc is-live=true wave=silence ! speaker.sink_0
 * audiotestsrc is-live=true volume=0.3 ! speaker.sink_1
 * speaker.src_0 ! fakesink speaker.src_1 ! fakesink
 * ]| Raw audio: after half a second a message names sink_1.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m activespeaker name=speaker
 * audiotestsrc is-live=true volume=0.3 ! audio/x-raw,rate=48000 ! level audio-level-meta=true !
 * opusenc ! rtpopuspay !
 * 'application/x-rtp,extmap-1=(string)<"",urn:ietf:params:rtp-hdrext:ssrc-audio-level,"vad=on">' !
 * speaker.sink_0 speaker.src_0 ! udpsink host=127.0.0.1 port=5004 sync=false
 * ]| RTP whose payloader writes the level into each packet.
 */
#include "elements/activespeaker.h"

#include <memory>
#include <optional>
#include <string>

#include "elements/audio_watch.h"
#include "elements/numbered_pads.h"

GST_DEBUG_CATEGORY_STATIC(activespeaker_debug);
#define GST_CAT_DEFAULT activespeaker_debug

using rooms::adopt;
using rooms::AudioFormat;
using rooms::AudioWatch;
using rooms::Duration;
using rooms::share;

struct _SfuActiveSpeaker {
  GstElement parent;
  AudioWatch* impl;
};

namespace {

#define AUDIO_CAPS                                                       \
  "application/x-rtp; audio/x-raw, format = (string) { S16LE, F32LE }, " \
  "layout = (string) interleaved"

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(AUDIO_CAPS));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS(AUDIO_CAPS));

enum Property { kExtensionId = 1, kInterval, kHold, kActiveSpeaker, kStats };

/// One sink pad and its src pad; of the sink pad's streaming thread.
struct Stream {
  std::string name;
  GstPad* sink = nullptr;
  GstPad* src = nullptr;
  GstSegment segment{};
  AudioFormat format;
};

Stream& stream_of(GstPad* pad) { return *static_cast<Stream*>(gst_pad_get_element_private(pad)); }

// Pad functions, in the order a buffer meets them.

void tell(GstElement* element, const std::optional<rooms::SpeakerChange>& change) {
  if (!change) return;
  GST_DEBUG_OBJECT(element, "'%s' speaks after '%s'", change->pad.c_str(),
                   change->previous.c_str());
  const auto when = static_cast<guint64>(change->when.time_since_epoch().count());
  auto* facts =
      gst_structure_new("active-speaker", "pad", G_TYPE_STRING, change->pad.c_str(), "previous",
                        G_TYPE_STRING, change->previous.c_str(), "level", G_TYPE_UINT,
                        change->level, "running-time", G_TYPE_UINT64, when, nullptr);
  gst_element_post_message(element, gst_message_new_element(GST_OBJECT(element), facts));
  g_object_notify(G_OBJECT(element), "active-speaker");
}

GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  auto& stream = stream_of(pad);
  const auto when =
      stream.segment.format == GST_FORMAT_TIME
          ? gst_segment_to_running_time(&stream.segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer))
          : GST_CLOCK_TIME_NONE;
  tell(GST_ELEMENT(parent),
       SFU_ACTIVE_SPEAKER(parent)->impl->observe(stream.name, stream.format, buffer, when));
  const auto flow = gst_pad_push(stream.src, buffer);
  return flow == GST_FLOW_NOT_LINKED ? GST_FLOW_OK : flow;
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto& stream = stream_of(pad);
  auto& watch = *SFU_ACTIVE_SPEAKER(parent)->impl;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event, &caps);
      stream.format = AudioFormat::of(caps);
      GST_INFO_OBJECT(pad, "caps %" GST_PTR_FORMAT ", level extension %u", caps,
                      unsigned{stream.format.level_id});
      break;
    }
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment(event, &stream.segment);
      break;
    case GST_EVENT_GAP: {
      GstClockTime start = GST_CLOCK_TIME_NONE;
      gst_event_parse_gap(event, &start, nullptr);
      const auto when = gst_segment_to_running_time(&stream.segment, GST_FORMAT_TIME, start);
      if (GST_CLOCK_TIME_IS_VALID(when)) tell(GST_ELEMENT(parent), watch.observe_silence(when));
      break;
    }
    case GST_EVENT_FLUSH_STOP:
      watch.reset();
      gst_segment_init(&stream.segment, GST_FORMAT_UNDEFINED);
      break;
    default:
      break;
  }
  // A src pad that leads nowhere is no error.
  return gst_pad_event_default(pad, parent, event) || !gst_pad_is_linked(stream.src);
}

GstIterator* linked_inside(GstPad* pad, GstObject* /*parent*/) {
  auto& stream = stream_of(pad);
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_PAD);
  g_value_set_object(&value, pad == stream.sink ? stream.src : stream.sink);
  auto* iterator = gst_iterator_new_single(GST_TYPE_PAD, &value);
  g_value_unset(&value);
  return iterator;
}

// Pads come and go, two by two.

/// The stream lives as long as both pads do; a pad that has left the element is not asked for it.
GstPad* make_pad(GstStaticPadTemplate* templ, const std::string& name,
                 const std::shared_ptr<Stream>& stream) {
  auto* pad = gst_pad_new_from_static_template(templ, name.c_str());
  gst_pad_set_element_private(pad, stream.get());
  g_object_set_data_full(
      G_OBJECT(pad), "stream", new std::shared_ptr<Stream>(stream),
      [](gpointer owned) { delete static_cast<std::shared_ptr<Stream>*>(owned); });
  gst_pad_set_iterate_internal_links_function(pad, linked_inside);
  GST_PAD_SET_PROXY_CAPS(pad);
  GST_PAD_SET_PROXY_ALLOCATION(pad);
  return pad;
}

GstPad* request_pad(GstElement* element, GstPadTemplate* /*templ*/, const char* wished,
                    const GstCaps* /*caps*/) {
  const auto index = rooms::pad_index(element, "sink_", wished);
  if (!index) {
    GST_WARNING_OBJECT(element, "there can be no other pad %s", wished);
    return nullptr;
  }
  const auto stream = std::make_shared<Stream>();
  stream->name = "sink_" + std::to_string(*index);
  gst_segment_init(&stream->segment, GST_FORMAT_UNDEFINED);
  stream->sink = make_pad(&sink_template, stream->name, stream);
  stream->src = make_pad(&src_template, "src_" + std::to_string(*index), stream);
  gst_pad_set_chain_function(stream->sink, chain);
  gst_pad_set_event_function(stream->sink, sink_event);
  SFU_ACTIVE_SPEAKER(element)->impl->add(stream->name);
  for (auto* pad : {stream->src, stream->sink}) {
    gst_pad_set_active(pad, TRUE);
    gst_element_add_pad(element, pad);
  }
  return stream->sink;
}

void release_pad(GstElement* element, GstPad* pad) {
  const auto& stream = stream_of(pad);
  const auto sink = share(stream.sink);
  const auto src = share(stream.src);
  for (auto* one : {sink.get(), src.get()}) gst_pad_set_active(one, FALSE);  // waits for threads
  tell(element, SFU_ACTIVE_SPEAKER(element)->impl->remove(stream.name));
  for (auto* one : {sink.get(), src.get()}) gst_element_remove_pad(element, one);
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change);

// Properties.

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto& watch = *SFU_ACTIVE_SPEAKER(object)->impl;
  auto settings = watch.settings();
  switch (id) {
    case kExtensionId:
      settings.extension_id = static_cast<std::uint8_t>(g_value_get_uint(value));
      break;
    case kInterval:
      settings.interval = Duration(static_cast<std::int64_t>(g_value_get_uint64(value)));
      break;
    case kHold:
      settings.detector.hold = Duration(static_cast<std::int64_t>(g_value_get_uint64(value)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      return;
  }
  watch.set_settings(settings);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const auto& watch = *SFU_ACTIVE_SPEAKER(object)->impl;
  switch (id) {
    case kExtensionId:
      g_value_set_uint(value, watch.settings().extension_id);
      break;
    case kInterval:
      g_value_set_uint64(value, static_cast<guint64>(watch.settings().interval.count()));
      break;
    case kHold:
      g_value_set_uint64(value, static_cast<guint64>(watch.settings().detector.hold.count()));
      break;
    case kActiveSpeaker:
      g_value_set_string(value, watch.speaker().c_str());
      break;
    case kStats:
      g_value_take_boxed(value, watch.stats().release());
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void install_properties(GObjectClass* object) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const AudioWatch::Settings defaults;
  g_object_class_install_property(
      object, kExtensionId,
      g_param_spec_uint("extension-id", "Extension id",
                        "Id of the audio level header extension (RFC 6464) in RTP packets of all "
                        "sink pads; 0: as extmap-N of their caps says",
                        0, 255, defaults.extension_id, kSetting));
  g_object_class_install_property(
      object, kInterval,
      g_param_spec_uint64("interval", "Interval",
                          "Time between two decisions, in nanoseconds of the streams' running time",
                          GST_MSECOND, 10 * GST_SECOND,
                          static_cast<guint64>(defaults.interval.count()), kSetting));
  g_object_class_install_property(
      object, kHold,
      g_param_spec_uint64(
          "hold", "Hold", "Silence, in nanoseconds, before the last speaker is speaker no more", 0,
          G_MAXINT64, static_cast<guint64>(defaults.detector.hold.count()), kSetting));
  g_object_class_install_property(
      object, kActiveSpeaker,
      g_param_spec_string("active-speaker", "Active speaker",
                          "Name of the sink pad of who speaks; empty: nobody. Notifies from a "
                          "streaming thread",
                          "", kFact));
  g_object_class_install_property(
      object, kStats,
      g_param_spec_boxed("stats", "Statistics",
                         "active-speaker, changes since the start, and for each sink pad a "
                         "structure of its name: level in -dBov; buffers, those without-level and "
                         "those too late to count",
                         GST_TYPE_STRUCTURE, kFact));
}

}  // namespace

G_DEFINE_TYPE(SfuActiveSpeaker, sfu_active_speaker, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(activespeaker, "activespeaker", GST_RANK_NONE,
                                      SFU_TYPE_ACTIVE_SPEAKER,
                                      GST_DEBUG_CATEGORY_INIT(activespeaker_debug, "activespeaker",
                                                              0, "tells who speaks"))

namespace {
GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
  const auto result =
      GST_ELEMENT_CLASS(sfu_active_speaker_parent_class)->change_state(element, change);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY) SFU_ACTIVE_SPEAKER(element)->impl->reset();
  return result;
}
}  // namespace

static void sfu_active_speaker_class_init(SfuActiveSpeakerClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  object->finalize = [](GObject* self) {
    delete SFU_ACTIVE_SPEAKER(self)->impl;
    G_OBJECT_CLASS(sfu_active_speaker_parent_class)->finalize(self);
  };
  install_properties(object);

  auto* element = GST_ELEMENT_CLASS(klass);
  element->request_new_pad = request_pad;
  element->release_pad = release_pad;
  element->change_state = change_state;
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_set_static_metadata(element, "Active speaker", "Filter/Analyzer/Audio",
                                        "Passes audio through and tells which stream has the floor",
                                        "gst-rooms");
}

static void sfu_active_speaker_init(SfuActiveSpeaker* self) { self->impl = new AudioWatch; }
