// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/source_port.h"

#include <gst/rtp/rtp.h>
#include <gst/video/video.h>

#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

constexpr std::size_t kMostLevels = 64;

std::uint32_t clock_rate_of(Codec codec) {
  const auto* profile = profile_of(codec);
  return profile ? profile->clock_rate : 90000;
}

}  // namespace

SourcePort::SourcePort(MediaKind kind, Codec codec, GstClockTime base_time, std::uint32_t random)
    : kind_(kind),
      codec_(codec),
      base_time_(base_time),
      ssrc_(random),
      pad_(sink(gst_pad_new("source", GST_PAD_SRC))),
      stamper_(clock_rate_of(codec), static_cast<std::uint16_t>(random & 0x7FFF), random) {
  gst_pad_set_element_private(pad_.get(), this);
  gst_pad_set_event_function(pad_.get(), on_event);
  gst_pad_set_query_function(pad_.get(), on_query);
  gst_pad_set_active(pad_.get(), TRUE);
}

SourcePort::~SourcePort() { gst_pad_set_active(pad_.get(), FALSE); }

void SourcePort::open() {
  const std::lock_guard hold(mutex_);
  open_ = true;
  changed_.notify_all();
}

void SourcePort::close() {
  {
    const std::lock_guard hold(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  // Whoever is downstream with a packet comes out.
  gst_pad_set_active(pad_.get(), FALSE);
}

std::vector<HeardLevel> SourcePort::take_levels() {
  return levels_.with([](auto& levels) { return std::exchange(levels, {}); });
}

void SourcePort::begin_anew(Ref<GstPad> encoder) {
  encoder_.with([&](Ref<GstPad>& one) { one = std::move(encoder); });
  const std::lock_guard hold(mutex_);
  stamper_.begin_anew();
}

void SourcePort::note_level(std::uint8_t level, Timestamp when) {
  levels_.with([&](auto& levels) {
    if (levels.size() < kMostLevels) levels.push_back({when, level});
  });
}

bool SourcePort::wait_until_open() {
  std::unique_lock hold(mutex_);
  changed_.wait(hold, [this] { return open_ || closed_; });
  return !closed_;
}

void SourcePort::announce(GstCaps* caps) {
  if (!caps_) {
    gst_pad_push_event(pad_.get(), gst_event_new_stream_start("source"));
  } else if (gst_caps_is_equal(caps_.get(), caps)) {
    return;
  }
  const bool is_first = !caps_;
  caps_ = share(caps);
  gst_pad_push_event(pad_.get(), gst_event_new_caps(caps));
  if (!is_first) return;
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(pad_.get(), gst_event_new_segment(&segment));
}

Ref<GstBuffer> SourcePort::stamped(GstBuffer* packet, Timestamp when) {
  auto own_header = adopt(gst_buffer_make_writable(gst_buffer_ref(packet)));
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  if (!gst_rtp_buffer_map(own_header.get(), GST_MAP_READWRITE, &rtp)) return nullptr;
  {
    const std::lock_guard hold(mutex_);
    const auto stamp =
        stamper_.stamp(gst_rtp_buffer_get_seq(&rtp), gst_rtp_buffer_get_timestamp(&rtp), when);
    gst_rtp_buffer_set_seq(&rtp, stamp.sequence);
    gst_rtp_buffer_set_timestamp(&rtp, stamp.timestamp);
    gst_rtp_buffer_set_ssrc(&rtp, ssrc_);
  }
  gst_rtp_buffer_unmap(&rtp);
  const auto running = [&](Timestamp time) {
    const auto at = to_gst(time);
    return at > base_time_ ? at - base_time_ : 0;
  };
  GST_BUFFER_PTS(own_header.get()) = running(when);
  // Both differ as they do where sender reports tell the time: DTS is the arrival.
  GST_BUFFER_DTS(own_header.get()) = running(monotonic_now());
  return own_header;
}

GstFlowReturn SourcePort::push(GstBuffer* packet, GstCaps* caps, Timestamp when) {
  if (!wait_until_open()) return GST_FLOW_FLUSHING;
  announce(caps);
  auto buffer = stamped(packet, when);
  if (!buffer) return GST_FLOW_OK;
  packets_.fetch_add(1, std::memory_order_relaxed);
  return gst_pad_push(pad_.get(), buffer.release());
}

gboolean SourcePort::on_event(GstPad* pad, GstObject* /*parent*/, GstEvent* event) {
  auto owned = adopt(event);
  if (!gst_video_event_is_force_key_unit(event)) return TRUE;
  auto* self = static_cast<SourcePort*>(gst_pad_get_element_private(pad));
  const auto encoder = self->encoder_.with([](const Ref<GstPad>& one) { return one; });
  if (encoder) return gst_pad_push_event(encoder.get(), owned.release());
  self->unanswered_.fetch_add(1, std::memory_order_relaxed);
  return TRUE;
}

gboolean SourcePort::on_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
  // Times are those of the room already.
  gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

}  // namespace rooms
