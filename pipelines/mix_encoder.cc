// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_encoder.h"

#include <gst/video/video.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "pipelines/mix_codecs.h"

namespace rooms {
namespace {

/// The latency of a mix ends here. Asked further, the question would come to the router again,
/// which asks all its inputs, this one among them.
GstPadProbeReturn answer_latency(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer /*data*/) {
  auto* query = GST_PAD_PROBE_INFO_QUERY(info);
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return GST_PAD_PROBE_OK;
  gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return GST_PAD_PROBE_HANDLED;
}

GstPadProbeReturn keep_latency(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer /*data*/) {
  return GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_LATENCY ? GST_PAD_PROBE_DROP
                                                                             : GST_PAD_PROBE_OK;
}

/// What an encoder says of times, which is not always what the router takes them for: those of the
/// pipeline. x264enc counts from 1000 hours and says so in its segment; AAC comes out with the time
/// at which its first sample was put in, and decodes to what was put in before.
struct EncoderTimes {
  GstClockTime delay = 0;
  GstSegment segment;
  std::shared_ptr<std::atomic<std::uint64_t>> frames;
};

GstClockTime true_time(const EncoderTimes& times, GstClockTime told) {
  guint64 running = 0;
  if (gst_segment_to_running_time_full(&times.segment, GST_FORMAT_TIME, told, &running) <= 0)
    return 0;
  return running - std::min(running, times.delay);
}

void tell_true_segment(EncoderTimes& times, GstPadProbeInfo* info) {
  if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_SEGMENT) return;
  const auto event = adopt(GST_PAD_PROBE_INFO_EVENT(info));  // another one goes on
  gst_event_copy_segment(event.get(), &times.segment);
  GstSegment plain;
  gst_segment_init(&plain, GST_FORMAT_TIME);
  GST_PAD_PROBE_INFO_DATA(info) = gst_event_new_segment(&plain);
}

GstPadProbeReturn tell_true_times(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
  auto& times = *static_cast<EncoderTimes*>(data);
  if ((GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) != 0) {
    tell_true_segment(times, info);
    return GST_PAD_PROBE_OK;
  }
  times.frames->fetch_add(1, std::memory_order_relaxed);
  auto* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
  GST_PAD_PROBE_INFO_DATA(info) = buffer;
  if (GST_BUFFER_PTS_IS_VALID(buffer))
    GST_BUFFER_PTS(buffer) = true_time(times, GST_BUFFER_PTS(buffer));
  if (GST_BUFFER_DTS_IS_VALID(buffer))
    GST_BUFFER_DTS(buffer) = true_time(times, GST_BUFFER_DTS(buffer));
  return GST_PAD_PROBE_OK;
}

void correct_times(GstElement* encoder, std::shared_ptr<std::atomic<std::uint64_t>> frames) {
  auto times = std::make_unique<EncoderTimes>();
  times->frames = std::move(frames);
  times->delay = static_cast<GstClockTime>(encoder_delay(encoder).count());
  gst_segment_init(&times->segment, GST_FORMAT_TIME);
  constexpr auto kBoth =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
  gst_pad_add_probe(adopt(gst_element_get_static_pad(encoder, "src")).get(), kBoth, tell_true_times,
                    times.release(),
                    [](gpointer owned) { delete static_cast<EncoderTimes*>(owned); });
}

PublishedTrack describe(const std::string& name, Codec codec) {
  PublishedTrack track;
  track.info.id = name;
  track.info.participant = kMixParticipant;
  track.info.kind = profile_of(codec)->kind;
  track.info.label = kMixParticipant;
  track.info.codec = std::string(name_of(codec));
  track.codec = codec;
  track.rids = {""};
  return track;
}

}  // namespace

Result<std::unique_ptr<MixEncoder>> MixEncoder::create(RoomContext& room, const std::string& track,
                                                       Codec codec, Size size, Ref<GstPad> source,
                                                       bool scaled) {
  const auto line = encoder_line(codec, size, scaled);
  if (!line)
    return Error{"codec-unsupported",
                 "Nothing here encodes a mix to " + std::string(name_of(codec)) + "."};
  auto part = MixPart::create(room, "mix-encoder-" + std::to_string(room.mix_parts++), *line);
  if (!part) return part.error();
  return std::unique_ptr<MixEncoder>(
      new MixEncoder(room, track, codec, std::move(*part), std::move(source)));
}

MixEncoder::MixEncoder(RoomContext& room, const std::string& track, Codec codec,
                       std::unique_ptr<MixPart> part, Ref<GstPad> source)
    : room_(room),
      track_(describe(track, codec)),
      part_(std::move(part)),
      source_(std::move(source)),
      input_(adopt(gst_element_request_pad_simple(room_.router, "sink_%u"))) {
  const auto src = part_->pad("src");
  gst_pad_add_probe(src.get(), GST_PAD_PROBE_TYPE_QUERY_UPSTREAM, answer_latency, nullptr, nullptr);
  gst_pad_add_probe(src.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, keep_latency, nullptr, nullptr);
  if (const auto encoder = part_->element("encoder")) correct_times(encoder.get(), frames_);
  g_object_set(input_.get(), "track", track.c_str(), nullptr);
  gst_pad_link(src.get(), input_.get());
  part_->start();
  if (source_) gst_pad_link(source_.get(), sink().get());
}

MixEncoder::~MixEncoder() {
  if (source_) {
    const auto entry = sink();
    gst_pad_unlink(source_.get(), entry.get());
    // What is inside comes out first: a source that finds its consumer stopping stops as well.
    GST_PAD_STREAM_LOCK(entry.get());
    GST_PAD_STREAM_UNLOCK(entry.get());
  }
  gst_pad_unlink(part_->pad("src").get(), input_.get());
  gst_element_release_request_pad(room_.router, input_.get());
}

void MixEncoder::set_bitrate(std::uint32_t bitrate) {
  if (const auto encoder = part_->element("encoder"))
    set_mix_bitrate(encoder.get(), track_.codec, bitrate);
}

void MixEncoder::set_size(Size size) {
  if (const auto filter = part_->element("scaled"))
    gst_util_set_object_arg(G_OBJECT(filter.get()), "caps", scaled_caps(size).c_str());
}

void MixEncoder::request_keyframe(GstClockTime running_time) {
  // Not by way of the router, which asks for one as soon as can be.
  if (const auto encoder = part_->element("encoder"))
    gst_pad_send_event(adopt(gst_element_get_static_pad(encoder.get(), "src")).get(),
                       gst_video_event_new_upstream_force_key_unit(running_time, TRUE, 0));
}

Owned<GstStructure> MixEncoder::stats() const {
  GstStructure* stats = nullptr;
  g_object_get(input_.get(), "stats", &stats, nullptr);
  if (stats)
    gst_structure_set(stats, "frames", G_TYPE_UINT64, frames_->load(std::memory_order_relaxed),
                      nullptr);
  return own(stats);
}

}  // namespace rooms
