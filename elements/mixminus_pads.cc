// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/mixminus_pads.h"

#include "elements/mix_engine.h"
#include "elements/mixminus.h"
#include "elements/mixminus_impl.h"

struct _SfuMixMinusSink {
  GstPad parent;
  double volume;
  gboolean mute;
};
G_DEFINE_TYPE(SfuMixMinusSink, sfu_mix_minus_sink, GST_TYPE_PAD)

namespace {

enum Property { kVolume = 1, kMute };
constexpr const char* kStream = "mix-stream";

void tell_engine(SfuMixMinusSink* pad) {
  const auto element = rooms::adopt(gst_pad_get_parent_element(GST_PAD_CAST(pad)));
  if (!element) return;  // it is told with `add`
  rooms::mix_engine_of(SFU_MIX_MINUS(element.get()))
      .set_volume(rooms::mix_stream_of(GST_PAD_CAST(pad)), pad->volume, pad->mute != FALSE);
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto* pad = SFU_MIX_MINUS_SINK(object);
  switch (id) {
    case kVolume:
      pad->volume = g_value_get_double(value);
      break;
    case kMute:
      pad->mute = g_value_get_boolean(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      return;
  }
  tell_engine(pad);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* pad = SFU_MIX_MINUS_SINK(object);
  switch (id) {
    case kVolume:
      g_value_set_double(value, pad->volume);
      break;
    case kMute:
      g_value_set_boolean(value, pad->mute);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

}  // namespace

namespace rooms {

void keep_stream(GstPad* pad, const std::shared_ptr<MixStream>& stream) {
  gst_pad_set_element_private(pad, stream.get());
  g_object_set_data_full(
      G_OBJECT(pad), kStream, new std::shared_ptr<MixStream>(stream),
      [](gpointer owned) { delete static_cast<std::shared_ptr<MixStream>*>(owned); });
}

MixStream& mix_stream_of(GstPad* pad) {
  return *static_cast<MixStream*>(gst_pad_get_element_private(pad));
}

}  // namespace rooms

static void sfu_mix_minus_sink_class_init(SfuMixMinusSinkClass* klass) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  g_object_class_install_property(
      object, kVolume,
      g_param_spec_double("volume", "Volume",
                          "Factor by which all others hear this input; reached in the course of "
                          "the next block. 1: as it comes",
                          0, 10, 1, kSetting));
  g_object_class_install_property(
      object, kMute,
      g_param_spec_boolean("mute", "Mute",
                           "Nobody hears this input, which goes on hearing the others", FALSE,
                           kSetting));
}

static void sfu_mix_minus_sink_init(SfuMixMinusSink* self) { self->volume = 1; }
