// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-mixminus
 * @title: mixminus
 *
 * Everybody hears everybody else: `src_N`, which appears with `sink_N`, is the sum of all inputs
 * but that one. All are summed once and each is subtracted, exactly, so a room of 50 costs little
 * more than one of five; whoever is silent costs nothing and gets the very buffer that all silent
 * ones get. Outputs with nothing to hear are gap buffers. The request pad `src` is the sum of
 * everybody, for a recording or for those who only listen.
 *
 * ## Time
 *
 * If an input is live, the clock drives: each `interval` a block leaves, whatever came. What is
 * late, early, missing or drifts never delays anybody. Samples are placed by their timestamps; they
 * may come `latency` later than their source's own latency says. A block leaves `latency` +
 * `interval` after that, which is what the element adds to the latency query. An input that is
 * always later is played later from then on, one that is always more than 100 ms earlier than all
 * that is played earlier; a clock that drifts is followed by cutting out or doubling at most 1 ms
 * of a buffer under a cross-fade of 5 ms. Gaps of 10 ms and more are silence of their length;
 * smaller ones count as drift.
 *
 * If no input is live, a block is mixed as soon as all inputs that are linked have it, as fast as
 * the outputs take it. One that sends nothing for 2 s while others have something is not waited for
 * any more: a warning names it, the others go on, and it is heard again when it has caught up. When
 * all inputs have ended, so do the outputs, with a shorter last block.
 *
 * ## Inputs and outputs
 *
 * Inputs are S16LE or F32LE at 48 kHz, mono or stereo, and each may be another and change at any
 * time: they are converted. The output's format is what the consumers ask for, or else that of the
 * first input; it stays. An input of other caps is not heard: a warning is posted once and its
 * buffers are counted as `refused`, while all others go on. Convert those upstream (`audioconvert !
 * audioresample`). Sums saturate; floats beyond 24 dB above full scale, or that are no numbers, do
 * not get in.
 *
 * A consumer that blocks or fails harms nobody else: it keeps a thread of its own as long as it
 * blocks, ten blocks wait for it, and then the oldest is dropped. There is no thread for those that
 * do not block, so encoders may follow without a queue.
 *
 * ## Messages
 *
 * Each `level-interval` of time, if that is not 0, an element message `mixminus-levels`:
 *
 * * `running-time` (uint64): of the pipeline, in ns
 * * `sink_N` (uint), for each input: its loudest block since the last message, before volume and
 *   mute, in -dBov as in RFC 6464: 0 loud, 127 silent
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m mixminus name=m level-interval=500000000 m.src_0 ! fakesink m.src_1 ! fakesink
 * m.src_2 ! fakesink audiotestsrc is-live=true freq=300 ! m.sink_0
 * audiotestsrc is-live=true freq=500 ! m.sink_1 audiotestsrc is-live=true wave=silence ! m.sink_2
 * ]| Three in a room, of whom one is silent; messages tell the levels.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 mixminus name=m sink_1::volume=0.5 m.src_0 ! opusenc ! rtpopuspay !
 * udpsink host=127.0.0.1 port=5004 sync=false m.src ! audioconvert ! vorbisenc ! oggmux !
 * fakesink audiotestsrc is-live=true ! audio/x-raw,channels=2 ! m.sink_0
 * audiotestsrc is-live=true wave=ticks ! m.sink_1
 * ]| One hears the other at half the volume; a recording hears both.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 mixminus name=m m.src_0 ! wavenc ! fakesink m.src_1 ! fakesink
 * audiotestsrc num-buffers=200 ! m.sink_0 audiotestsrc num-buffers=300 freq=880 ! m.sink_1
 * ]| Without a live source: mixed as fast as it goes, and ends.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 mixminus name=m force-live=true m.src_0 ! fakesink m.src ! fakesink
 * audiotestsrc ! m.sink_0 appsrc format=time is-live=false ! m.sink_1
 * ]| By the clock: an input that never says anything is silent, and holds nobody up.
 */
#include "elements/mixminus.h"

#include <memory>
#include <string>

#include "elements/mix_caps.h"
#include "elements/mix_engine.h"
#include "elements/mixminus_impl.h"
#include "elements/mixminus_pads.h"
#include "elements/numbered_pads.h"

GST_DEBUG_CATEGORY_STATIC(mixminus_debug);
#define GST_CAT_DEFAULT mixminus_debug

using rooms::adopt;
using rooms::Duration;
using rooms::mix_stream_of;
using rooms::MixEngine;
using rooms::MixStream;
using rooms::Ref;
using rooms::share;

struct _SfuMixMinus {
  GstElement parent;
  MixEngine* impl;
};

namespace {

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(MIX_CAPS));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS(MIX_CAPS));
GstStaticPadTemplate everybody_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_REQUEST, GST_STATIC_CAPS(MIX_CAPS));

enum Property { kLatency = 1, kInterval, kLevelInterval, kForceLive, kStats };

// Pad functions, in the order a buffer meets them.

GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  return SFU_MIX_MINUS(parent)->impl->on_buffer(mix_stream_of(pad), buffer);
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  const auto owned = adopt(event);
  SFU_MIX_MINUS(parent)->impl->on_event(mix_stream_of(pad), event);
  return TRUE;
}

gboolean sink_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_CAPS: {
      GstCaps* filter = nullptr;
      gst_query_parse_caps(query, &filter);
      auto caps = SFU_MIX_MINUS(parent)->impl->sink_caps();
      if (filter)
        caps = adopt(gst_caps_intersect_full(caps.get(), filter, GST_CAPS_INTERSECT_FIRST));
      gst_query_set_caps_result(query, caps.get());
      return TRUE;
    }
    case GST_QUERY_ACCEPT_CAPS:
      // What cannot be mixed is refused later, without an error that ends the pipeline.
      gst_query_set_accept_caps_result(query, TRUE);
      return TRUE;
    default:
      GST_TRACE_OBJECT(pad, "no answer to %s", GST_QUERY_TYPE_NAME(query));
      return FALSE;
  }
}

gboolean sink_activate(GstPad* pad, GstObject* parent, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  if (parent) SFU_MIX_MINUS(parent)->impl->activate_sink(mix_stream_of(pad), active != FALSE);
  return TRUE;
}

gboolean src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto& engine = *SFU_MIX_MINUS(parent)->impl;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_LATENCY:
      if (engine.is_new_latency(event)) return gst_pad_event_default(pad, parent, event);
      break;
    case GST_EVENT_RECONFIGURE:
      engine.relinked(mix_stream_of(pad));
      break;
    case GST_EVENT_SEEK:
      gst_event_unref(event);
      return FALSE;  // inputs are not of one source
    default:
      break;
  }
  gst_event_unref(event);
  return TRUE;
}

gboolean src_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  auto& engine = *SFU_MIX_MINUS(parent)->impl;
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_LATENCY:
      return engine.answer_latency(query);
    case GST_QUERY_POSITION:
      return engine.answer_position(query);
    case GST_QUERY_CAPS: {
      GstCaps* filter = nullptr;
      gst_query_parse_caps(query, &filter);
      auto caps = engine.src_caps(pad);
      if (filter)
        caps = adopt(gst_caps_intersect_full(filter, caps.get(), GST_CAPS_INTERSECT_FIRST));
      gst_query_set_caps_result(query, caps.get());
      return TRUE;
    }
    case GST_QUERY_ACCEPT_CAPS:
      return gst_pad_query_default(pad, parent, query);
    default:
      return FALSE;
  }
}

GstPadLinkReturn src_link(GstPad* pad, GstObject* parent, GstPad* /*peer*/) {
  if (parent) SFU_MIX_MINUS(parent)->impl->relinked(mix_stream_of(pad));
  return GST_PAD_LINK_OK;
}

gboolean src_activate(GstPad* pad, GstObject* parent, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  if (parent) SFU_MIX_MINUS(parent)->impl->activate_src(mix_stream_of(pad), active != FALSE);
  return TRUE;
}

// Pads come and go, two by two.

Ref<GstPad> make_src(GstStaticPadTemplate* templ, const std::string& name,
                     const std::shared_ptr<MixStream>& stream) {
  auto pad = rooms::sink(gst_pad_new_from_static_template(templ, name.c_str()));
  gst_pad_set_event_function(pad.get(), src_event);
  gst_pad_set_query_function(pad.get(), src_query);
  gst_pad_set_link_function(pad.get(), src_link);
  gst_pad_set_activatemode_function(pad.get(), src_activate);
  rooms::keep_stream(pad.get(), stream);
  stream->src = pad.get();
  stream->output = std::make_shared<rooms::PushPool::Output>(pad.get());
  return pad;
}

Ref<GstPad> make_sink(GstPadTemplate* templ, const std::string& name,
                      const std::shared_ptr<MixStream>& stream) {
  auto pad = rooms::sink(
      GST_PAD_CAST(g_object_new(SFU_TYPE_MIX_MINUS_SINK, "name", name.c_str(), "direction",
                                GST_PAD_SINK, "template", templ, nullptr)));
  gst_pad_set_chain_function(pad.get(), chain);
  gst_pad_set_event_function(pad.get(), sink_event);
  gst_pad_set_query_function(pad.get(), sink_query);
  gst_pad_set_activatemode_function(pad.get(), sink_activate);
  rooms::keep_stream(pad.get(), stream);
  stream->sink = pad.get();
  return pad;
}

void add_pad(GstElement* element, GstPad* pad) {
  gst_pad_set_active(pad, TRUE);
  gst_element_add_pad(element, pad);
  const auto name = rooms::own(gst_pad_get_name(pad));
  gst_child_proxy_child_added(GST_CHILD_PROXY(element), G_OBJECT(pad), name.get());
}

GstPad* request_pad(GstElement* element, GstPadTemplate* templ, const char* wished,
                    const GstCaps* /*caps*/) {
  auto& engine = *SFU_MIX_MINUS(element)->impl;
  const auto stream = std::make_shared<MixStream>();
  if (GST_PAD_TEMPLATE_DIRECTION(templ) == GST_PAD_SRC) {
    if (adopt(gst_element_get_static_pad(element, "src"))) return nullptr;
    const auto src = make_src(&everybody_template, "src", stream);
    engine.add(stream);
    add_pad(element, src.get());
    return src.get();
  }
  const auto index = rooms::pad_index(element, "sink_", wished);
  if (!index) {
    GST_WARNING_OBJECT(element, "there can be no other pad %s", wished);
    return nullptr;
  }
  stream->number = *index;
  gst_segment_init(&stream->segment, GST_FORMAT_UNDEFINED);
  const auto src = make_src(&src_template, "src_" + std::to_string(*index), stream);
  const auto sink = make_sink(templ, "sink_" + std::to_string(*index), stream);
  engine.add(stream);
  add_pad(element, src.get());
  add_pad(element, sink.get());
  return sink.get();
}

void remove_pad(GstElement* element, GstPad* pad) {
  const auto name = rooms::own(gst_pad_get_name(pad));
  gst_child_proxy_child_removed(GST_CHILD_PROXY(element), G_OBJECT(pad), name.get());
  gst_pad_set_active(pad, FALSE);  // waits for its thread
  gst_element_remove_pad(element, pad);
}

void release_pad(GstElement* element, GstPad* pad) {
  auto& stream = mix_stream_of(pad);
  const auto src = share(stream.src);
  const auto sink = share(stream.sink);
  SFU_MIX_MINUS(element)->impl->remove(stream);
  if (sink) remove_pad(element, sink.get());
  remove_pad(element, src.get());
}

// Properties. Those of sink pads are reached as children: "sink_0::volume".

Duration duration_in(const GValue* value) {
  return Duration(static_cast<std::int64_t>(g_value_get_uint64(value)));
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto& engine = *SFU_MIX_MINUS(object)->impl;
  auto settings = engine.settings();
  switch (id) {
    case kLatency:
      settings.latency = duration_in(value);
      break;
    case kInterval:
      settings.interval = duration_in(value);
      break;
    case kLevelInterval:
      settings.level_interval = duration_in(value);
      break;
    case kForceLive:
      settings.force_live = g_value_get_boolean(value) != FALSE;
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      return;
  }
  engine.set_settings(settings);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto& engine = *SFU_MIX_MINUS(object)->impl;
  const auto settings = engine.settings();
  switch (id) {
    case kLatency:
      g_value_set_uint64(value, static_cast<guint64>(settings.latency.count()));
      break;
    case kInterval:
      g_value_set_uint64(value, static_cast<guint64>(settings.interval.count()));
      break;
    case kLevelInterval:
      g_value_set_uint64(value, static_cast<guint64>(settings.level_interval.count()));
      break;
    case kForceLive:
      g_value_set_boolean(value, settings.force_live);
      break;
    case kStats:
      g_value_take_boxed(value, engine.stats().release());
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void install_properties(GObjectClass* object) {
  constexpr auto kAccess = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  constexpr auto kSetting = static_cast<GParamFlags>(kAccess | GST_PARAM_MUTABLE_PLAYING);
  constexpr auto kEarlySetting = static_cast<GParamFlags>(kAccess | GST_PARAM_MUTABLE_READY);
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const MixEngine::Settings defaults;
  const auto install_time = [object](Property id, const char* name, const char* nick,
                                     const char* blurb, guint64 least, guint64 most,
                                     Duration standard, GParamFlags flags) {
    g_object_class_install_property(
        object, id,
        g_param_spec_uint64(name, nick, blurb, least, most, static_cast<guint64>(standard.count()),
                            flags));
  };
  install_time(kLatency, "latency", "Latency",
               "How much later than their source's own latency says samples of live inputs may "
               "come and be mixed, in nanoseconds",
               0, 2 * GST_SECOND, defaults.latency, kSetting);
  install_time(kInterval, "interval", "Interval",
               "Duration of an output buffer, in nanoseconds, rounded to frames of 48 kHz; taken "
               "over when the element leaves READY",
               GST_MSECOND, 100 * GST_MSECOND, defaults.interval, kEarlySetting);
  install_time(
      kLevelInterval, "level-interval", "Level interval",
      "Time between two element messages mixminus-levels, in nanoseconds; 0: none. Each has "
      "running-time (ns) and for each input sink_N its loudest block since, in -dBov: 0 "
      "loud, 127 silent",
      0, 10 * GST_SECOND, defaults.level_interval, kSetting);
  g_object_class_install_property(
      object, kForceLive,
      g_param_spec_boolean("force-live", "Force live",
                           "Let the clock drive the output even if no input is live; inputs that "
                           "are not still wait until they are mixed",
                           defaults.force_live, kEarlySetting));
  g_object_class_install_property(
      object, kStats,
      g_param_spec_boxed(
          "stats", "Statistics",
          "live; blocks mixed, silent ones and those skipped; push-threads; for each sink pad "
          "whether it is live, or missing (the others are mixed without it), its frames, those "
          "lost as late, overlapped and overflowed, those inserted and removed for "
          "drift, jumps, shift (ns that it is played later) and refused buffers; for each src pad "
          "its buffers, those dropped, and how many blocks were its own, shared and silent",
          GST_TYPE_STRUCTURE, kFact));
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change);

}  // namespace

namespace rooms {
MixEngine& mix_engine_of(SfuMixMinus* element) { return *element->impl; }
}  // namespace rooms

G_DEFINE_TYPE_WITH_CODE(SfuMixMinus, sfu_mix_minus, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, rooms::pads_as_children))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(mixminus, "mixminus", GST_RANK_NONE, SFU_TYPE_MIX_MINUS,
                                      GST_DEBUG_CATEGORY_INIT(mixminus_debug, "mixminus", 0,
                                                              "everybody hears everybody else"))

namespace {
GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
  auto& engine = *SFU_MIX_MINUS(element)->impl;
  if (change == GST_STATE_CHANGE_READY_TO_PAUSED) engine.start();
  if (change == GST_STATE_CHANGE_PLAYING_TO_PAUSED) engine.set_playing(false);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY) engine.interrupt();
  const auto result = GST_ELEMENT_CLASS(sfu_mix_minus_parent_class)->change_state(element, change);
  if (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING) engine.set_playing(true);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY) engine.stop();
  // Without it sinks would wait for a buffer, and the clock that makes one for them.
  const bool is_paused =
      change == GST_STATE_CHANGE_READY_TO_PAUSED || change == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
  if (is_paused && result == GST_STATE_CHANGE_SUCCESS && engine.settings().force_live)
    return GST_STATE_CHANGE_NO_PREROLL;
  return result;
}
}  // namespace

static void sfu_mix_minus_class_init(SfuMixMinusClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  object->finalize = [](GObject* self) {
    delete SFU_MIX_MINUS(self)->impl;
    G_OBJECT_CLASS(sfu_mix_minus_parent_class)->finalize(self);
  };
  install_properties(object);

  auto* element = GST_ELEMENT_CLASS(klass);
  element->request_new_pad = request_pad;
  element->release_pad = release_pad;
  element->change_state = change_state;
  gst_element_class_add_static_pad_template_with_gtype(element, &sink_template,
                                                       SFU_TYPE_MIX_MINUS_SINK);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_add_static_pad_template(element, &everybody_template);
  gst_element_class_set_static_metadata(
      element, "Audio mixer, each without itself", "Generic/Audio",
      "Mixes audio; each output is the sum of all other inputs", "gst-rooms");
}

static void sfu_mix_minus_init(SfuMixMinus* self) {
  self->impl = new MixEngine(GST_ELEMENT_CAST(self));
}
