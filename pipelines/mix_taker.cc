// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_taker.h"

#include <algorithm>

#include "gst/glue/clock.h"
#include "pipelines/mix_codecs.h"

namespace rooms {
namespace {

/// How often it is looked whether one is due; see KeyframeSchedule::kAhead.
constexpr Duration kKeyframeCheck = std::chrono::milliseconds(200);

bool is_offered(Codec picture) {
  const auto& codecs = mix_video_codecs();
  return picture == Codec::kUnknown ||
         std::find(codecs.begin(), codecs.end(), picture) != codecs.end();
}

}  // namespace

std::string mix_sound_track(Codec codec) { return codec == Codec::kAac ? kMixAsAac : kMixForAll; }

Status MixTakers::check(const MixWish& wish) {
  if (is_offered(wish.picture)) return Done{};
  return Error{"codec-unsupported",
               "Nothing here encodes a mix to " + std::string(name_of(wish.picture)) + "."};
}

Result<std::unique_ptr<MixTaker>> MixTakers::take(const MixWish& wish) {
  if (auto checked = check(wish); !checked) return checked.error();
  return std::unique_ptr<MixTaker>(new MixTaker(*this, wish));
}

unsigned MixTakers::takers_of(const std::string& track) const {
  return static_cast<unsigned>(std::count_if(takers_.begin(), takers_.end(), [&](const auto* one) {
    const auto& wish = one->wish();
    return (one->picture() && mix_picture_track(wish.format()) == track) ||
           (one->sound() && mix_sound_track(wish.sound) == track);
  }));
}

void MixTakers::add(MixTaker& taker) {
  takers_.push_back(&taker);
  if (!keyframe_timer_.pending()) {
    keyframes_.follow(monotonic_now() + KeyframeSchedule::kUsual, KeyframeSchedule::kUsual);
    keyframe_timer_ = room_.executor.call_every(kKeyframeCheck, [this] { follow_keyframes(); });
  }
  callbacks_.changed();
}

void MixTakers::align_keyframes(Timestamp anchor, Duration segment) {
  keyframes_.follow(anchor, KeyframeSchedule::interval_for(segment));
}

void MixTakers::remove(MixTaker& taker) {
  std::erase(takers_, &taker);
  if (takers_.empty()) keyframe_timer_.cancel();
  callbacks_.changed();
}

void MixTakers::follow_keyframes() {
  const auto moment = keyframes_.due(monotonic_now());
  if (!moment) return;
  std::set<MixFormat> formats;
  for (const auto* taker : takers_)
    if (taker->wish().picture != Codec::kUnknown) formats.insert(taker->wish().format());
  callbacks_.keyframe(formats, *moment);
}

MixTaker::MixTaker(MixTakers& takers, const MixWish& wish) : takers_(takers), wish_(wish) {
  // First they wait, then what they wait for is made: nothing of its beginning is missed.
  if (wish.taps && wish.picture != Codec::kUnknown)
    picture_ = std::make_unique<TrackTap>(takers.room_, mix_picture_track(wish.format()), false);
  if (wish.taps && wish.sound != Codec::kUnknown)
    sound_ = std::make_unique<TrackTap>(takers.room_, mix_sound_track(wish.sound), false);
  takers.add(*this);
}

MixTaker::~MixTaker() {
  picture_.reset();
  sound_.reset();
  takers_.remove(*this);
}

}  // namespace rooms
