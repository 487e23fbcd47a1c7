// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/level_track.h"

#include <algorithm>

namespace rooms {
namespace {

// Nothing quieter is speech, however silent the room.
constexpr unsigned kQuietestSpeech = 50;
// Speech stands out of the background by this much, in dB.
constexpr unsigned kAboveBackground = 9;
// No background is louder: a loud steady sound (music, a test tone) is meant to be heard.
constexpr unsigned kLoudestBackground = 35;
constexpr unsigned kLoudnessStep = 6;
constexpr unsigned kLoudnessSteps = 4;

constexpr std::int64_t kShortFrames = 10;
constexpr std::int64_t kTenthFrames = 5;
constexpr std::int64_t kTenthsInMedium = 10;
// So many frames of a tenth of a second make it a tenth with speech: a click makes none.
constexpr unsigned kSpeechFrames = 3;

}  // namespace

bool LevelTrack::insert(unsigned level, Timestamp when) {
  const Frame frame = frame_of(when);
  if (started_ && frame <= newest_ - kFrames) return false;
  advance(frame);
  auto& slot = levels_[static_cast<std::size_t>(((frame % kFrames) + kFrames) % kFrames)];
  level = std::min(level, kSilentLevel);
  if (slot == kMissing || level < slot) slot = static_cast<std::uint8_t>(level);
  learn_background(level, frame);
  if (level <= speech_level() && (!last_speech_ || when > *last_speech_)) last_speech_ = when;
  return true;
}

void LevelTrack::advance(Frame frame) {
  if (!started_) {
    started_ = true;
    newest_ = frame;
    return;
  }
  const Frame steps = std::min(frame - newest_, kFrames);
  for (Frame step = 0; step < steps; ++step)
    levels_[static_cast<std::size_t>((((frame - step) % kFrames) + kFrames) % kFrames)] = kMissing;
  newest_ = std::max(newest_, frame);
}

void LevelTrack::learn_background(unsigned level, Frame frame) {
  second_ = std::max(second_, frame * kFrame / std::chrono::seconds(1));
  auto& quietest =
      quietest_[static_cast<std::size_t>(second_ % Frame{kSeconds} + Frame{kSeconds}) % kSeconds];
  if (quietest.second != second_) quietest = {second_, 0};
  quietest.level = std::max(quietest.level, static_cast<std::uint8_t>(level));
}

unsigned LevelTrack::speech_level() const {
  unsigned background = 0;
  for (const auto& quietest : quietest_)
    if (quietest.second >= 0 && second_ - quietest.second < Frame{kSeconds})
      background = std::max<unsigned>(background, quietest.level);
  background = std::max(background, kLoudestBackground);
  return std::min(background - kAboveBackground, kQuietestSpeech);
}

void LevelTrack::silence() { levels_.fill(kMissing); }

template <class Visit>
void LevelTrack::each_frame(Timestamp now, Frame count, Visit visit) const {
  if (!started_) return;
  const Frame last = frame_of(now);
  unsigned held = kSilentLevel;
  Frame since = 0;
  for (Frame frame = last - count - kHeld + 1; frame <= last; ++frame) {
    const bool inside = frame > newest_ - kFrames && frame <= newest_;
    const auto level =
        inside ? levels_[static_cast<std::size_t>(((frame % kFrames) + kFrames) % kFrames)]
               : kMissing;
    if (level != kMissing) {
      held = level;
      since = 0;
    } else if (++since > kHeld) {
      held = kSilentLevel;
    }
    if (frame > last - count) visit(held);
  }
}

SpeechActivity LevelTrack::activity(Timestamp now) const {
  const unsigned speech = speech_level();
  SpeechActivity activity;
  Frame at = 0;
  unsigned in_tenth = 0;
  each_frame(now, kFrames, [&](unsigned level) {
    ++at;
    if (level <= speech) {
      ++in_tenth;
      if (at > kFrames - kShortFrames)
        activity.short_window += std::min(1 + (speech - level) / kLoudnessStep, kLoudnessSteps);
    }
    if (at % kTenthFrames != 0) return;
    if (in_tenth >= kSpeechFrames) {
      ++activity.long_window;
      if (at > kFrames - kTenthsInMedium * kTenthFrames) ++activity.medium_window;
    }
    in_tenth = 0;
  });
  return activity;
}

unsigned LevelTrack::level(Timestamp now) const {
  unsigned loudest = kSilentLevel;
  each_frame(now, kShortFrames, [&](unsigned level) { loudest = std::min(loudest, level); });
  return loudest;
}

}  // namespace rooms
