// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_audio.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

std::string own_track(const std::string& participant) {
  return std::string(kMixedSound) + "/" + participant;
}

std::unique_ptr<MixEncoder> make_encoder(RoomContext& room, const std::string& track, Codec codec,
                                         Ref<GstPad> source) {
  auto made = MixEncoder::create(room, track, codec, {}, std::move(source));
  if (made) return std::move(*made);
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "mix: %s", made.error().message.c_str());
  return nullptr;
}

}  // namespace

MixAudio::MixAudio(RoomContext& room, std::function<void()> voices_changed)
    : room_(room), voices_changed_(std::move(voices_changed)) {
  mixer_ = sink(gst_element_factory_make("mixminus", "mix-sound"));
  tee_ = sink(gst_element_factory_make("tee", "mix-sound-tee"));
  g_assert(mixer_ && tee_);
  // Silence is mixed as well: who listens hears that the line is there.
  g_object_set(mixer_.get(), "force-live", TRUE, nullptr);
  g_object_set(tee_.get(), "allow-not-linked", TRUE, nullptr);
  gst_bin_add_many(room_.pipeline, mixer_.get(), tee_.get(), nullptr);
  everybody_ = adopt(gst_element_request_pad_simple(mixer_.get(), "src"));
  gst_pad_link(everybody_.get(), adopt(gst_element_get_static_pad(tee_.get(), "sink")).get());
  gst_element_sync_state_with_parent(tee_.get());
  gst_element_sync_state_with_parent(mixer_.get());
}

MixAudio::~MixAudio() {
  own_.clear();
  for (auto& [codec, whole] : whole_) drop(whole);
  voices_.clear();
  gst_element_release_request_pad(mixer_.get(), everybody_.get());
  remove_element(room_, mixer_.get());
  remove_element(room_, tee_.get());
}

void MixAudio::mix(const std::vector<MixSound>& sounds, Timestamp now) {
  const auto goes = [&](const auto& voice) {
    return std::none_of(sounds.begin(), sounds.end(),
                        [&](const auto& sound) { return sound.track == voice->sound().track; });
  };
  // They take their outputs along; own_voice() looks at all voices, so none has moved yet.
  for (const auto& voice : voices_) {
    if (goes(voice) && own_voice(voice->sound().participant) == voice.get())
      drop_encoder(voice->sound().participant);
  }
  std::erase_if(voices_, goes);
  for (const auto& sound : sounds) {
    auto voice = std::find_if(voices_.begin(), voices_.end(),
                              [&](const auto& one) { return one->sound().track == sound.track; });
    if (voice == voices_.end()) {
      voices_.push_back(std::make_unique<MixVoice>(room_, mixer_.get(), voices_changed_));
      voice = voices_.end() - 1;
    }
    (*voice)->follow(sound, now);
  }
}

const MixVoice* MixAudio::own_voice(const std::string& participant) const {
  // Of several the first, which is the microphone.
  const auto voice = std::find_if(voices_.begin(), voices_.end(), [&](const auto& one) {
    return one->sound().participant == participant;
  });
  return voice != voices_.end() ? voice->get() : nullptr;
}

void MixAudio::encode_whole(Codec codec) {
  if (whole_.contains(codec)) return;
  Whole whole;
  whole.source = adopt(gst_element_request_pad_simple(tee_.get(), "src_%u"));
  whole.encoder =
      make_encoder(room_, codec == Codec::kAac ? kMixAsAac : kMixForAll, codec, whole.source);
  if (whole.encoder) {
    whole_.emplace(codec, std::move(whole));
  } else {
    drop(whole);
  }
}

void MixAudio::drop(Whole& whole) {
  whole.encoder.reset();
  gst_element_release_request_pad(tee_.get(), whole.source.get());
}

void MixAudio::encode(const MixListeners& listeners) {
  // Once it is there Opus stays as long as the mix does: somebody may fall silent and want it.
  if (!listeners.participants.empty()) encode_whole(Codec::kOpus);
  for (const auto codec : listeners.whole) encode_whole(codec);
  if (const auto aac = whole_.find(Codec::kAac);
      aac != whole_.end() && !listeners.whole.contains(Codec::kAac)) {
    drop(aac->second);
    whole_.erase(aac);
  }
  for (const auto& listener : listeners.participants) {
    const auto* voice = own_voice(listener);
    if (!voice || !voice->is_heard() || own_.contains(listener)) continue;
    if (auto encoder = make_encoder(room_, own_track(listener), Codec::kOpus, voice->others()))
      own_.emplace(listener, std::move(encoder));
  }
  std::erase_if(own_, [&](const auto& entry) {
    const auto* voice = own_voice(entry.first);
    return !listeners.participants.contains(entry.first) || !voice || !voice->is_heard();
  });
}

void MixAudio::drop_encoder(const std::string& participant) { own_.erase(participant); }

std::string MixAudio::source_for(const std::string& participant) const {
  return own_.contains(participant) ? own_track(participant) : kMixForAll;
}

bool MixAudio::take_error(GstObject* source, Timestamp now) {
  for (const auto& voice : voices_)
    if (voice->feed().take_error(source, now)) return true;
  for (auto& [codec, whole] : whole_) {
    if (!whole.encoder->contains(source)) continue;
    drop(whole);
    whole_.erase(codec);
    return true;
  }
  const auto broken = std::find_if(
      own_.begin(), own_.end(), [&](const auto& entry) { return entry.second->contains(source); });
  if (broken == own_.end())
    return source == GST_OBJECT(mixer_.get()) || source == GST_OBJECT(tee_.get());
  own_.erase(broken);
  return true;
}

void MixAudio::report(MixStats& stats) const {
  GstStructure* raw = nullptr;
  g_object_get(mixer_.get(), "stats", &raw, nullptr);
  stats.sound = own(raw);
  for (const auto& voice : voices_) {
    const auto* tap = voice->feed().tap();
    const auto& sound = voice->sound();
    MixStats::Input input{sound.track, MediaKind::kAudio,        sound.codec, tap && !tap->paused(),
                          {},          voice->feed().failures(), {}};
    if (tap) input.output = tap->stats();
    input.pad = GST_PAD_NAME(voice->feed().pad());
    stats.inputs.push_back(std::move(input));
  }
  const auto add = [&](const MixEncoder& encoder) {
    stats.encoders.push_back({encoder.track().info, encoder.stats(), 0});
  };
  for (const auto& [codec, whole] : whole_) add(*whole.encoder);
  for (const auto& [participant, encoder] : own_) add(*encoder);
}

}  // namespace rooms
