// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_voice.h"

#include <span>
#include <utility>

#include "gst/core/audio/sound_level.h"
#include "gst/glue/clock.h"
#include "gst/glue/mapped_buffer.h"

namespace rooms {
namespace {

/// Of 16 bits a sample, as decoder_line promises.
unsigned level_of(GstBuffer* buffer) {
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP)) return kSilentLevel;
  const MappedBuffer mapped(buffer);
  const auto bytes = mapped.bytes();
  return sound_level(std::span(reinterpret_cast<const std::int16_t*>(bytes.data()),
                               bytes.size() / sizeof(std::int16_t)));
}

}  // namespace

MixVoice::MixVoice(RoomContext& room, GstElement* mixer, std::function<void()> changed)
    : mixer_(mixer), changed_(std::move(changed)), feed_(room, mixer) {}

GstPadProbeReturn MixVoice::listen(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
  const auto& watch = *static_cast<Watch*>(data);
  const auto level = level_of(GST_PAD_PROBE_INFO_BUFFER(info));
  const auto now = monotonic_now();
  if (watch.gate->with([&](VoiceGate& gate) { return gate.observe(level, now); })) watch.changed();
  return GST_PAD_PROBE_OK;
}

void MixVoice::watch_decoder() {
  gst_pad_add_probe(feed_.tap()->src().get(), GST_PAD_PROBE_TYPE_BUFFER, listen,
                    new Watch{gate_, changed_},
                    [](gpointer watch) { delete static_cast<Watch*>(watch); });
}

void MixVoice::follow(const MixSound& sound, Timestamp now) {
  if (sound.volume != sound_.volume) g_object_set(feed_.pad(), "volume", sound.volume, nullptr);
  sound_ = sound;
  if (feed_.follow(sound.track, sound.codec, now)) watch_decoder();
  if (feed_.tap()) feed_.tap()->pause(sound.muted);
  // Who sends nothing any more is silent without a word.
  (void)gate_->with([&](VoiceGate& gate) { return gate.evaluate(now); });
}

Ref<GstPad> MixVoice::others() const {
  const auto number = feed_.pad_name().substr(std::string("sink_").size());
  return adopt(gst_element_get_static_pad(mixer_, ("src_" + number).c_str()));
}

}  // namespace rooms
