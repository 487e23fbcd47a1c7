// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_encoder.h"

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
                                                       Codec codec, Size size, Ref<GstPad> source) {
  const auto line = encoder_line(codec, size);
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

void MixEncoder::resize(Size size) {
  if (const auto encoder = part_->element("encoder"))
    set_mix_bitrate(encoder.get(), track_.codec, mix_bitrate(size));
}

Owned<GstStructure> MixEncoder::stats() const {
  GstStructure* stats = nullptr;
  g_object_get(input_.get(), "stats", &stats, nullptr);
  return own(stats);
}

}  // namespace rooms
