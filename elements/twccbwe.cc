// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-twccbwe
 * @title: twccbwe
 *
 * Estimates what the way to a WebRTC peer carries, so that an encoder can follow it: Google
 * congestion control on the sending side (draft-ietf-rmcat-gcc-02), from the transport-wide
 * feedback that the peer sends. The element passes packets on as they are; return it from
 * webrtcbin's `request-aux-sender` signal (floating, as it was made: webrtcbin 1.22 never lets go
 * of one that is not), set the encoder's bitrate in `notify::estimated-bitrate`, and negotiate
 * transport-cc: `extmap-N` with
 * `http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01` and
 * `rtcp-fb-transport-cc` in the caps of both sides. It works with any rtpsession downstream.
 *
 * The estimate counts RTP payload, of all streams together. It begins with `start-bitrate`, rises
 * by at most eight percent per second and not beyond one and a half of what is sent: the element
 * neither delays packets nor sends any of its own to probe.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! twccbwe
 * start-bitrate=500000 max-bitrate=2500000 ! udpsink host=127.0.0.1 port=5004 sync=false
 * ]| Where nothing sends feedback, the estimate stays where it begins.
 */
#include "elements/twccbwe.h"

#include <algorithm>
#include <cmath>

#include "elements/twcc_packets.h"
#include "gst/core/bwe/bandwidth_estimator.h"
#include "gst/core/guarded.h"
#include "gst/glue/ref.h"

GST_DEBUG_CATEGORY_STATIC(twcc_bwe_debug);
#define GST_CAT_DEFAULT twcc_bwe_debug

using rooms::BandwidthEstimator;
using rooms::DataRate;
using rooms::DataSize;
using rooms::Duration;
using rooms::Timestamp;

namespace {

enum Property { kEstimatedBitrate = 1, kMinBitrate, kMaxBitrate, kStartBitrate, kStats };

// Listeners reconfigure an encoder: not for each feedback, but for what they would notice.
constexpr double kNoticeable = 0.02;
constexpr Duration kTick = std::chrono::milliseconds(25);

GParamSpec* estimated_bitrate_spec = nullptr;

struct State {
  BandwidthEstimator::Config config;
  BandwidthEstimator estimator{config};
  rooms::TwccPackets packets;
  Timestamp ticked{};
  DataRate told = config.start;
  std::uint64_t feedbacks = 0;

  void begin() {
    estimator = BandwidthEstimator(config);
    packets = {};
    ticked = {};
    feedbacks = 0;
    told = estimator.estimate();
  }
  /// Whether listeners should know.
  bool is_news() {
    const DataRate now = estimator.estimate();
    if (std::abs(now / told - 1) < kNoticeable) return false;
    told = now;
    return true;
  }
};

DataRate rate_in(const GValue* value) { return DataRate::bits_per_second(g_value_get_uint(value)); }
guint in_bits(DataRate rate) {
  return static_cast<guint>(std::clamp<std::int64_t>(rate.bits_per_second(), 0, G_MAXUINT));
}

}  // namespace

struct _SfuTwccBwe {
  GstElement parent;
  GstPad* sink;
  GstPad* src;
  GstClock* clock;  // rtpsession's, which `local-ts` is of
  rooms::Guarded<State>* state;
};

G_DEFINE_TYPE(SfuTwccBwe, sfu_twcc_bwe, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE(twccbwe, "twccbwe", GST_RANK_NONE, SFU_TYPE_TWCC_BWE)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));

static Timestamp now_of(SfuTwccBwe* self) {
  return Timestamp(Duration(static_cast<std::int64_t>(gst_clock_get_time(self->clock))));
}

static void tell(SfuTwccBwe* self, bool is_news) {
  if (!is_news) return;
  GST_DEBUG_OBJECT(self, "estimate changed");
  g_object_notify_by_pspec(G_OBJECT(self), estimated_bitrate_spec);
}

static void count(SfuTwccBwe* self, gsize size) {
  const Timestamp now = now_of(self);
  const bool is_news = self->state->with([&](State& state) {
    state.estimator.sent({DataSize::bytes(static_cast<std::int64_t>(size)), now});
    if (now - state.ticked < kTick) return false;
    state.ticked = now;
    state.estimator.tick(now);
    return state.is_news();
  });
  tell(self, is_news);
}

static GstFlowReturn sfu_twcc_bwe_chain(GstPad* /*pad*/, GstObject* parent, GstBuffer* buffer) {
  auto* self = SFU_TWCC_BWE(parent);
  count(self, gst_buffer_get_size(buffer));
  return gst_pad_push(self->src, buffer);
}

static GstFlowReturn sfu_twcc_bwe_chain_list(GstPad* /*pad*/, GstObject* parent,
                                             GstBufferList* list) {
  auto* self = SFU_TWCC_BWE(parent);
  count(self, gst_buffer_list_calculate_size(list));
  return gst_pad_push_list(self->src, list);
}

/// Feedback goes further up as well: whoever is there may want it, too.
static gboolean sfu_twcc_bwe_src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto* self = SFU_TWCC_BWE(parent);
  if (rooms::TwccPackets::is_in(event)) {
    const Timestamp now = now_of(self);
    const bool is_news = self->state->with([&](State& state) {
      ++state.feedbacks;
      state.estimator.observe(state.packets.read(gst_event_get_structure(event)), now);
      return state.is_news();
    });
    tell(self, is_news);
  }
  return gst_pad_event_default(pad, parent, event);
}

static GstStateChangeReturn sfu_twcc_bwe_change_state(GstElement* element,
                                                      GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    SFU_TWCC_BWE(element)->state->with([](State& state) { state.begin(); });
  return GST_ELEMENT_CLASS(sfu_twcc_bwe_parent_class)->change_state(element, transition);
}

static const char* nick_of(rooms::LinkUse use) {
  switch (use) {
    case rooms::LinkUse::kOver:
      return "over";
    case rooms::LinkUse::kUnder:
      return "under";
    default:
      return "normal";
  }
}

static GstStructure* stats_of(SfuTwccBwe* self) {
  return self->state->with([](State& state) {
    const auto stats = state.estimator.stats();
    return gst_structure_new(
        "application/x-sfu-twccbwe-stats", "estimated-bitrate", G_TYPE_UINT,
        in_bits(stats.estimate), "delay-bitrate", G_TYPE_UINT, in_bits(stats.delay_based),
        "loss-bitrate", G_TYPE_UINT, in_bits(stats.loss_based), "acknowledged-bitrate", G_TYPE_UINT,
        in_bits(stats.arrived.value_or(DataRate{})), "link-use", G_TYPE_STRING, nick_of(stats.use),
        "queueing-delay", G_TYPE_UINT64,
        static_cast<guint64>(std::max<std::int64_t>(stats.waiting.count(), 0)), "round-trip",
        G_TYPE_UINT64, static_cast<guint64>(stats.round_trip.count()), "loss", G_TYPE_DOUBLE,
        stats.loss, "application-limited", G_TYPE_BOOLEAN, gboolean{stats.application_limited},
        "received", G_TYPE_UINT64, static_cast<guint64>(stats.received), "lost", G_TYPE_UINT64,
        static_cast<guint64>(stats.lost), "ignored", G_TYPE_UINT64,
        static_cast<guint64>(state.packets.ignored()), "feedbacks", G_TYPE_UINT64,
        static_cast<guint64>(state.feedbacks), "overuses", G_TYPE_UINT, stats.overuses,
        "clock-jumps", G_TYPE_UINT, stats.clock_jumps, "feedback-timeouts", G_TYPE_UINT,
        stats.feedback_timeouts, nullptr);
  });
}

static void sfu_twcc_bwe_set_property(GObject* object, guint id, const GValue* value,
                                      GParamSpec* pspec) {
  auto* self = SFU_TWCC_BWE(object);
  const bool is_news = self->state->with([&](State& state) {
    switch (id) {
      case kMinBitrate:
        state.config.min = rate_in(value);
        break;
      case kMaxBitrate:
        state.config.max = rate_in(value);
        break;
      case kStartBitrate:
        state.config.start = rate_in(value);
        if (state.feedbacks == 0) state.begin();
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        return false;
    }
    state.estimator.set_bounds(state.config.min, state.config.max);
    return state.is_news();
  });
  tell(self, is_news);
}

static void sfu_twcc_bwe_get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  auto* self = SFU_TWCC_BWE(object);
  const auto set = [&](auto&& choose) {
    g_value_set_uint(value, in_bits(self->state->with(choose)));
  };
  switch (id) {
    case kEstimatedBitrate:
      set([](State& state) { return state.estimator.estimate(); });
      break;
    case kMinBitrate:
      set([](State& state) { return state.config.min; });
      break;
    case kMaxBitrate:
      set([](State& state) { return state.config.max; });
      break;
    case kStartBitrate:
      set([](State& state) { return state.config.start; });
      break;
    case kStats:
      g_value_take_boxed(value, stats_of(self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void sfu_twcc_bwe_finalize(GObject* object) {
  auto* self = SFU_TWCC_BWE(object);
  delete self->state;
  const auto clock = rooms::adopt(self->clock);
  G_OBJECT_CLASS(sfu_twcc_bwe_parent_class)->finalize(object);
}

static void sfu_twcc_bwe_init(SfuTwccBwe* self) {
  self->state = new rooms::Guarded<State>();
  self->clock = gst_system_clock_obtain();
  self->sink = gst_pad_new_from_static_template(&sink_template, "sink");
  self->src = gst_pad_new_from_static_template(&src_template, "src");
  gst_pad_set_chain_function(self->sink, sfu_twcc_bwe_chain);
  gst_pad_set_chain_list_function(self->sink, sfu_twcc_bwe_chain_list);
  gst_pad_set_event_function(self->src, sfu_twcc_bwe_src_event);
  for (auto* pad : {self->sink, self->src}) {
    GST_PAD_SET_PROXY_CAPS(pad);
    GST_PAD_SET_PROXY_ALLOCATION(pad);
    GST_PAD_SET_PROXY_SCHEDULING(pad);
    gst_element_add_pad(GST_ELEMENT(self), pad);
  }
}

static void install_properties(GObjectClass* object_class) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const BandwidthEstimator::Config defaults;
  estimated_bitrate_spec = g_param_spec_uint(
      "estimated-bitrate", "Estimated bitrate",
      "What the way to the peer carries, in bit/s of RTP payload of all streams together; notified "
      "when it changes by two percent or more, from a streaming thread",
      0, G_MAXUINT, in_bits(defaults.start), kFact);
  g_object_class_install_property(object_class, kEstimatedBitrate, estimated_bitrate_spec);
  g_object_class_install_property(
      object_class, kMinBitrate,
      g_param_spec_uint("min-bitrate", "Least bitrate",
                        "The estimate falls no lower, in bit/s; stronger than max-bitrate", 1,
                        G_MAXINT, in_bits(defaults.min), kSetting));
  g_object_class_install_property(
      object_class, kMaxBitrate,
      g_param_spec_uint("max-bitrate", "Most bitrate", "The estimate rises no higher, in bit/s", 1,
                        G_MAXINT, in_bits(defaults.max), kSetting));
  g_object_class_install_property(
      object_class, kStartBitrate,
      g_param_spec_uint("start-bitrate", "First bitrate",
                        "The estimate before any feedback, in bit/s; a later change counts from "
                        "the next READY to PAUSED on",
                        1, G_MAXINT, in_bits(defaults.start),
                        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                 GST_PARAM_MUTABLE_READY)));
  g_object_class_install_property(
      object_class, kStats,
      g_param_spec_boxed(
          "stats", "Statistics",
          "Bitrates in bit/s (estimated, delay, loss, acknowledged); link-use normal, over or "
          "under; queueing-delay and round-trip in ns; loss 0..1; packets received, lost and "
          "ignored (told of but never sent); feedbacks, overuses, clock-jumps, feedback-timeouts",
          GST_TYPE_STRUCTURE, kFact));
}

static void sfu_twcc_bwe_class_init(SfuTwccBweClass* klass) {
  GST_DEBUG_CATEGORY_INIT(twcc_bwe_debug, "twccbwe", 0, "Bandwidth estimator");
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = sfu_twcc_bwe_set_property;
  object_class->get_property = sfu_twcc_bwe_get_property;
  object_class->finalize = sfu_twcc_bwe_finalize;
  element_class->change_state = sfu_twcc_bwe_change_state;
  install_properties(object_class);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(
      element_class, "Bandwidth estimator", "Filter/Network/RTP",
      "Estimates from transport-wide feedback what a WebRTC connection carries, for webrtcbin's "
      "request-aux-sender",
      "gst-rooms developers");
}
