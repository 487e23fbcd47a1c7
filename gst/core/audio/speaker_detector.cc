// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/speaker_detector.h"

#include <algorithm>

namespace rooms {
namespace {

// Who takes over from another speaker must be clearly more active, or two who talk at once would
// alternate.
constexpr double kTakeOver = 1.3;

}  // namespace

void SpeakerDetector::observe(const std::string& participant, std::uint8_t level, Timestamp now) {
  auto& voice = voices_[participant];
  std::erase_if(voice.moments, [&](const Moment& m) { return now - m.when > config_.window; });
  voice.moments.push_back({now, std::min<std::uint8_t>(level, 127)});
  if (level < config_.speech_level) {
    voice.last_speech = now;
    voice.has_spoken = true;
  }
}

void SpeakerDetector::remove(const std::string& participant) {
  voices_.erase(participant);
  std::erase(recent_, participant);
  if (speaker_ == participant) speaker_.clear();
}

Duration SpeakerDetector::speech(const Voice& voice) const {
  Duration total{};
  for (std::size_t i = 1; i < voice.moments.size(); ++i) {
    if (voice.moments[i].level < config_.speech_level)
      total += voice.moments[i].when - voice.moments[i - 1].when;
  }
  return total;
}

double SpeakerDetector::activity(const Voice& voice) const {
  double sum = 0;
  for (const auto& moment : voice.moments)
    if (moment.level < config_.speech_level) sum += 128 - moment.level;
  return voice.moments.empty() ? 0 : sum / static_cast<double>(voice.moments.size());
}

bool SpeakerDetector::evaluate(Timestamp now) {
  const auto current = voices_.find(speaker_);
  const bool current_silent =
      current == voices_.end() || now - current->second.last_speech > config_.hold;
  const double to_beat = current_silent ? 0 : activity(current->second) * kTakeOver;

  const std::string* best = nullptr;
  double best_activity = to_beat;
  for (const auto& [participant, voice] : voices_) {
    if (participant == speaker_ || speech(voice) < config_.attack) continue;
    if (const double own = activity(voice); own > best_activity) {
      best = &participant;
      best_activity = own;
    }
  }
  std::string next = best ? *best : current_silent ? std::string() : speaker_;
  if (next == speaker_) return false;
  speaker_ = std::move(next);
  if (!speaker_.empty()) {
    std::erase(recent_, speaker_);
    recent_.insert(recent_.begin(), speaker_);
  }
  return true;
}

}  // namespace rooms
