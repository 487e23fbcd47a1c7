// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-opusvoicedec
 * @title: opusvoicedec
 *
 * Decodes Opus (RFC 6716) to what a mixer takes: one channel, 48 kHz, S16. Stereo comes out mixed
 * to one channel by the decoder itself. What is lost is concealed, if the stream says so (gap
 * events, as depayloaders send them); a packet that is no Opus is concealed too, and counted.
 *
 * `opusdec` of GStreamer decodes any number of channels through libopus' multistream decoder, which
 * asks the processor for its features with each packet. In a virtual machine that question goes to
 * the hypervisor and costs more than the decoding.
 *
 * sink: audio/x-opus, channel-mapping-family 0, 1 or 2 channels.
 * src: audio/x-raw, format S16LE, rate 48000, channels 1.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 audiotestsrc num-buffers=100 ! opusvoiceenc ! rtpopuspay ! rtpopusdepay !
 * opusvoicedec ! fakesink
 * ]| A tone through Opus and RTP.
 */
#include "elements/opusvoicedec.h"

#include <opus/opus.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "gst/glue/mapped_buffer.h"
#include "gst/glue/ref.h"

GST_DEBUG_CATEGORY_STATIC(opusvoicedec_debug);
#define GST_CAT_DEFAULT opusvoicedec_debug

namespace rooms {
namespace {

constexpr int kRate = 48000;
constexpr int kLongest = 5760;  ///< samples of a packet: 120 ms, RFC 6716 2.1.4
constexpr int kUnit = 120;      ///< what is concealed is a multiple of 2.5 ms
constexpr int kUsual = 960;

struct FreeDecoder {
  void operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
};

struct VoiceDecoder {
  std::unique_ptr<OpusDecoder, FreeDecoder> opus;
  int last = kUsual;  ///< samples of the last packet
  std::atomic<std::uint64_t> concealed = 0;
  std::atomic<std::uint64_t> unreadable = 0;
};

}  // namespace
}  // namespace rooms

using rooms::VoiceDecoder;

struct _SfuOpusVoiceDec {
  GstAudioDecoder parent;
  VoiceDecoder* impl;
};

G_DEFINE_TYPE(SfuOpusVoiceDec, sfu_opus_voice_dec, GST_TYPE_AUDIO_DECODER)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(opusvoicedec, "opusvoicedec", GST_RANK_NONE,
                                      SFU_TYPE_OPUS_VOICE_DEC,
                                      GST_DEBUG_CATEGORY_INIT(opusvoicedec_debug, "opusvoicedec", 0,
                                                              "Opus to one channel"))

namespace {

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS("audio/x-opus, channel-mapping-family=(int)0"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/x-raw, format=(string)S16LE, layout=(string)interleaved, "
                    "rate=(int)48000, channels=(int)1"));

enum Property { kStats = 1 };

VoiceDecoder& decoder_of(gpointer element) { return *SFU_OPUS_VOICE_DEC(element)->impl; }

gboolean start(GstAudioDecoder* base) {
  auto& self = decoder_of(base);
  int problem = OPUS_OK;
  self.opus.reset(opus_decoder_create(rooms::kRate, 1, &problem));
  self.last = rooms::kUsual;
  gst_audio_decoder_set_plc_aware(base, TRUE);  // forgotten when it stops
  if (!self.opus) GST_ELEMENT_ERROR(base, LIBRARY, INIT, (nullptr), ("%s", opus_strerror(problem)));
  return self.opus != nullptr;
}

gboolean stop(GstAudioDecoder* base) {
  decoder_of(base).opus.reset();
  return TRUE;
}

gboolean set_format(GstAudioDecoder* base, GstCaps* /*caps*/) {
  GstAudioInfo info;
  gst_audio_info_set_format(&info, GST_AUDIO_FORMAT_S16LE, rooms::kRate, 1, nullptr);
  return gst_audio_decoder_set_output_format(base, &info);
}

/// Two channels come in where one goes out, which the base class would not think.
GstCaps* sink_caps(GstAudioDecoder* /*base*/, GstCaps* filter) {
  auto caps = rooms::adopt(gst_static_pad_template_get_caps(&sink_template));
  return filter ? gst_caps_intersect_full(filter, caps.get(), GST_CAPS_INTERSECT_FIRST)
                : caps.release();
}

int samples_of_gap(GstBuffer* gap, int usual) {
  if (!GST_BUFFER_DURATION_IS_VALID(gap)) return usual;
  const auto samples = static_cast<int>(std::min<GstClockTime>(
      gst_util_uint64_scale_round(GST_BUFFER_DURATION(gap), rooms::kRate, GST_SECOND),
      rooms::kLongest));
  return std::max(samples / rooms::kUnit, 1) * rooms::kUnit;
}

GstFlowReturn handle_frame(GstAudioDecoder* base, GstBuffer* buffer) {
  if (!buffer) return GST_FLOW_OK;  // nothing is held back that could be drained
  auto& self = decoder_of(base);
  std::array<opus_int16, rooms::kLongest> sound;
  int samples = 0;
  if (gst_buffer_get_size(buffer) > 0) {
    const rooms::MappedBuffer mapped(buffer);
    const auto bytes = mapped.bytes();
    samples = opus_decode(self.opus.get(), bytes.data(), static_cast<opus_int32>(bytes.size()),
                          sound.data(), rooms::kLongest, 0);
    if (samples > 0) self.last = samples;
    if (samples < 0) {
      GST_DEBUG_OBJECT(base, "no Opus: %s", opus_strerror(samples));
      ++self.unreadable;
    }
  }
  if (samples <= 0) {
    const int wanted =
        gst_buffer_get_size(buffer) > 0 ? self.last : samples_of_gap(buffer, self.last);
    samples = opus_decode(self.opus.get(), nullptr, 0, sound.data(), wanted, 0);
    ++self.concealed;
  }
  if (samples <= 0) return gst_audio_decoder_finish_frame(base, nullptr, 1);
  const auto size = static_cast<gsize>(samples) * sizeof(opus_int16);
  auto* out = gst_audio_decoder_allocate_output_buffer(base, size);
  gst_buffer_fill(out, 0, sound.data(), size);
  return gst_audio_decoder_finish_frame(base, out, 1);
}

void flush(GstAudioDecoder* base, gboolean /*hard*/) {
  auto& self = decoder_of(base);
  if (self.opus) opus_decoder_ctl(self.opus.get(), OPUS_RESET_STATE);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  if (id != kStats) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  const auto& self = decoder_of(object);
  g_value_take_boxed(value, gst_structure_new("application/x-opus-voice-stats", "concealed",
                                              G_TYPE_UINT64, self.concealed.load(), "unreadable",
                                              G_TYPE_UINT64, self.unreadable.load(), nullptr));
}

}  // namespace

static void sfu_opus_voice_dec_init(SfuOpusVoiceDec* self) {
  self->impl = new VoiceDecoder;
  auto* base = GST_AUDIO_DECODER(self);
  gst_audio_decoder_set_needs_format(base, TRUE);
  gst_audio_decoder_set_plc(base, TRUE);
  gst_audio_decoder_set_use_default_pad_acceptcaps(base, TRUE);
}

static void sfu_opus_voice_dec_class_init(SfuOpusVoiceDecClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->get_property = get_property;
  object->finalize = [](GObject* self) {
    delete SFU_OPUS_VOICE_DEC(self)->impl;
    G_OBJECT_CLASS(sfu_opus_voice_dec_parent_class)->finalize(self);
  };
  g_object_class_install_property(
      object, kStats,
      g_param_spec_boxed("stats", "Statistics",
                         "Packets that were concealed, and among them those that were no Opus",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
  auto* base = GST_AUDIO_DECODER_CLASS(klass);
  base->start = start;
  base->stop = stop;
  base->set_format = set_format;
  base->handle_frame = handle_frame;
  base->flush = flush;
  base->getcaps = sink_caps;
  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_set_static_metadata(element, "Opus decoder for a mixer", "Codec/Decoder/Audio",
                                        "Decodes Opus to one channel of 48 kHz", "gst-rooms");
}
