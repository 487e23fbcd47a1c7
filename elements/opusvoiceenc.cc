// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-opusvoiceenc
 * @title: opusvoiceenc
 *
 * Encodes what a mixer makes to Opus (RFC 6716): one channel of 48 kHz, S16, in packets of 20 ms.
 * Its delay is that of a packet and the 6.5 ms that Opus looks ahead.
 *
 * `opusenc` of GStreamer encodes any number of channels through libopus' multistream encoder, which
 * asks the processor for its features with each packet. In a virtual machine that question goes to
 * the hypervisor; of a mix for many speakers it was a sixth of the whole cost.
 *
 * sink: audio/x-raw, format S16LE, rate 48000, channels 1.
 * src: audio/x-opus, channel-mapping-family 0, channels 1.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 audiotestsrc num-buffers=100 ! opusvoiceenc bitrate=24000 ! rtpopuspay ! fakesink
 * ]| A tone as packets of Opus.
 */
#include "elements/opusvoiceenc.h"

#include <opus/opus.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "gst/glue/mapped_buffer.h"
#include "gst/glue/ref.h"

GST_DEBUG_CATEGORY_STATIC(opusvoiceenc_debug);
#define GST_CAT_DEFAULT opusvoiceenc_debug

namespace rooms {
namespace {

constexpr int kRate = 48000;
constexpr int kSamples = 960;
constexpr std::size_t kMostBytes = 1276;  ///< of a packet with one frame, RFC 6716 3.4
constexpr int kLeastBitrate = 6000;
constexpr int kMostBitrate = 256000;
constexpr int kUsualBitrate = 40000;
constexpr int kUsualComplexity = 4;

struct FreeEncoder {
  void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
};

struct VoiceEncoder {
  std::unique_ptr<OpusEncoder, FreeEncoder> opus;
  std::atomic<int> bitrate = kUsualBitrate;
  std::atomic<int> complexity = kUsualComplexity;
  std::atomic<bool> changed = true;
};

}  // namespace
}  // namespace rooms

using rooms::VoiceEncoder;

struct _SfuOpusVoiceEnc {
  GstAudioEncoder parent;
  VoiceEncoder* impl;
};

G_DEFINE_TYPE(SfuOpusVoiceEnc, sfu_opus_voice_enc, GST_TYPE_AUDIO_ENCODER)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(opusvoiceenc, "opusvoiceenc", GST_RANK_NONE,
                                      SFU_TYPE_OPUS_VOICE_ENC,
                                      GST_DEBUG_CATEGORY_INIT(opusvoiceenc_debug, "opusvoiceenc", 0,
                                                              "Opus of one channel"))

namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("audio/x-raw, format=(string)S16LE, layout=(string)interleaved, "
                    "rate=(int)48000, channels=(int)1"));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS("audio/x-opus, rate=(int)48000, channels=(int)1, "
                                            "channel-mapping-family=(int)0"));

enum Property { kBitrate = 1, kComplexity };

VoiceEncoder& encoder_of(gpointer element) { return *SFU_OPUS_VOICE_ENC(element)->impl; }

gboolean start(GstAudioEncoder* base) {
  auto& self = encoder_of(base);
  int problem = OPUS_OK;
  self.opus.reset(opus_encoder_create(rooms::kRate, 1, OPUS_APPLICATION_AUDIO, &problem));
  self.changed = true;
  if (!self.opus) GST_ELEMENT_ERROR(base, LIBRARY, INIT, (nullptr), ("%s", opus_strerror(problem)));
  return self.opus != nullptr;
}

gboolean stop(GstAudioEncoder* base) {
  encoder_of(base).opus.reset();
  return TRUE;
}

gboolean set_format(GstAudioEncoder* base, GstAudioInfo* /*info*/) {
  gst_audio_encoder_set_frame_samples_min(base, rooms::kSamples);
  gst_audio_encoder_set_frame_samples_max(base, rooms::kSamples);
  gst_audio_encoder_set_frame_max(base, 1);
  opus_int32 ahead = 0;
  opus_encoder_ctl(encoder_of(base).opus.get(), OPUS_GET_LOOKAHEAD(&ahead));
  const auto delay = gst_util_uint64_scale(static_cast<guint64>(rooms::kSamples + ahead),
                                           GST_SECOND, rooms::kRate);
  gst_audio_encoder_set_latency(base, delay, delay);
  const auto caps = rooms::adopt(gst_static_pad_template_get_caps(&src_template));
  return gst_audio_encoder_set_output_format(base, caps.get());
}

void apply_settings(VoiceEncoder& self) {
  if (!self.changed.exchange(false)) return;
  opus_encoder_ctl(self.opus.get(), OPUS_SET_BITRATE(self.bitrate.load()));
  opus_encoder_ctl(self.opus.get(), OPUS_SET_COMPLEXITY(self.complexity.load()));
}

GstFlowReturn handle_frame(GstAudioEncoder* base, GstBuffer* buffer) {
  if (!buffer) return GST_FLOW_OK;  // drained: what is less than a packet was filled up before
  auto& self = encoder_of(base);
  apply_settings(self);
  std::array<opus_int16, rooms::kSamples> sound{};
  gst_buffer_extract(buffer, 0, sound.data(), sizeof(sound));
  std::array<std::uint8_t, rooms::kMostBytes> packet;
  const auto bytes = opus_encode(self.opus.get(), sound.data(), rooms::kSamples, packet.data(),
                                 static_cast<opus_int32>(packet.size()));
  if (bytes < 0) {
    GST_ELEMENT_ERROR(base, STREAM, ENCODE, (nullptr), ("%s", opus_strerror(bytes)));
    return GST_FLOW_ERROR;
  }
  const auto size = static_cast<gsize>(bytes);
  auto* out = gst_audio_encoder_allocate_output_buffer(base, size);
  gst_buffer_fill(out, 0, packet.data(), size);
  return gst_audio_encoder_finish_frame(base, out, rooms::kSamples);
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto& self = encoder_of(object);
  if (id == kBitrate) {
    self.bitrate = g_value_get_int(value);
  } else if (id == kComplexity) {
    self.complexity = g_value_get_int(value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  self.changed = true;
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const auto& self = encoder_of(object);
  if (id == kBitrate) {
    g_value_set_int(value, self.bitrate);
  } else if (id == kComplexity) {
    g_value_set_int(value, self.complexity);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

}  // namespace

static void sfu_opus_voice_enc_init(SfuOpusVoiceEnc* self) { self->impl = new VoiceEncoder; }

static void sfu_opus_voice_enc_class_init(SfuOpusVoiceEncClass* klass) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  object->finalize = [](GObject* self) {
    delete SFU_OPUS_VOICE_ENC(self)->impl;
    G_OBJECT_CLASS(sfu_opus_voice_enc_parent_class)->finalize(self);
  };
  g_object_class_install_property(
      object, kBitrate,
      g_param_spec_int("bitrate", "Bit rate", "Of the packets, in bit/s; variable around it",
                       rooms::kLeastBitrate, rooms::kMostBitrate, rooms::kUsualBitrate, kSetting));
  g_object_class_install_property(
      object, kComplexity,
      g_param_spec_int("complexity", "Complexity", "More sounds better and costs more", 0, 10,
                       rooms::kUsualComplexity, kSetting));
  auto* base = GST_AUDIO_ENCODER_CLASS(klass);
  base->start = start;
  base->stop = stop;
  base->set_format = set_format;
  base->handle_frame = handle_frame;
  auto* element = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_set_static_metadata(element, "Opus encoder for a mixer", "Codec/Encoder/Audio",
                                        "Encodes one channel of 48 kHz to Opus", "gst-rooms");
}
