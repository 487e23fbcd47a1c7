// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/speaker_detector.h"

#include <algorithm>
#include <cmath>

namespace rooms {
namespace {

// Half a second of speech in the last second, or nobody takes over, not even from silence: a cough
// or a slammed door lasts 100 to 300 ms.
constexpr unsigned kLeastSpeech = 5;

/// One window of the three: how many parts it has, how sure a part with speech makes us (lambda of
/// the paper), and how far ahead (in log of the ratio) a challenger must be.
struct Window {
  unsigned SpeechActivity::*parts;
  unsigned count;
  double lambda;
  double lead;
};
const Window kShort{&SpeechActivity::short_window, 40, 3, 0.1};
const Window kMedium{&SpeechActivity::medium_window, 10, 12, 0.9};
// Behind is allowed here: who has talked for two seconds and stopped would be unbeatable.
const Window kLong{&SpeechActivity::long_window, 20, 24, -0.9};

double log_choose(unsigned n, unsigned k) {
  double sum = 0;
  for (unsigned i = 1; i <= k; ++i) sum += std::log(static_cast<double>(n - k + i) / i);
  return sum;
}

/// The paper's score: log of the likelihood of `parts` if there is speech (binomial, p = 1/2)
/// against that if there is none (exponential in lambda).
double score(const Window& window, const SpeechActivity& activity) {
  constexpr double kLeastScore = 1;
  const unsigned parts = std::min(activity.*window.parts, window.count);
  const double speech = log_choose(window.count, parts) - window.count * std::log(2.0);
  const double silence = std::log(window.lambda) - window.lambda * parts;
  return std::max(speech - silence, kLeastScore);
}

double lead(const Window& window, const SpeechActivity& challenger, const SpeechActivity& speaker) {
  return std::log(score(window, challenger) / score(window, speaker));
}

}  // namespace

SpeakerDetector::Verdict SpeakerDetector::observe(const std::string& name, unsigned level,
                                                  Timestamp when) {
  if (level > kSilentLevel) return Verdict::kOutOfRange;
  auto& voice = voices_[name];
  if (voice.muted) return Verdict::kMuted;
  return voice.track.insert(level, when) ? Verdict::kCounted : Verdict::kLate;
}

void SpeakerDetector::set_muted(const std::string& name, bool muted) {
  auto& voice = voices_[name];
  if (voice.muted == muted) return;
  voice.muted = muted;
  voice.track.silence();
}

void SpeakerDetector::remove(const std::string& voice) {
  voices_.erase(voice);
  std::erase(recent_, voice);
  if (speaker_ == voice) speaker_.clear();
}

std::string SpeakerDetector::challenger(Timestamp now) const {
  const auto current = voices_.find(speaker_);
  const auto to_beat =
      current == voices_.end() ? SpeechActivity{} : current->second.track.activity(now);
  std::string best;
  double best_medium = 0;
  double best_short = 0;
  for (const auto& [name, voice] : voices_) {
    if (name == speaker_ || voice.muted) continue;
    const auto activity = voice.track.activity(now);
    if (activity.medium_window < kLeastSpeech) continue;
    const double short_lead = lead(kShort, activity, to_beat);
    const double medium_lead = lead(kMedium, activity, to_beat);
    if (short_lead <= kShort.lead || medium_lead <= kMedium.lead ||
        lead(kLong, activity, to_beat) <= kLong.lead)
      continue;
    if (best.empty() || medium_lead > best_medium ||
        (medium_lead == best_medium && short_lead > best_short)) {
      best = name;
      best_medium = medium_lead;
      best_short = short_lead;
    }
  }
  return best;
}

bool SpeakerDetector::evaluate(Timestamp now) {
  const auto current = voices_.find(speaker_);
  const auto last = current == voices_.end() ? std::nullopt : current->second.track.last_speech();
  // A muted speaker keeps the floor for as long as a silent one.
  const bool gone = current == voices_.end() || now - last.value_or(since_) > config_.hold;
  if (!speaker_.empty() && !gone && now - since_ < config_.dwell) return false;

  std::string next = challenger(now);
  if (next.empty() && !gone) return false;
  if (next == speaker_) return false;
  speaker_ = std::move(next);
  since_ = now;
  if (!speaker_.empty()) {
    std::erase(recent_, speaker_);
    recent_.insert(recent_.begin(), speaker_);
  }
  return true;
}

unsigned SpeakerDetector::level(const std::string& name, Timestamp now) const {
  const auto voice = voices_.find(name);
  return voice == voices_.end() || voice->second.muted ? kSilentLevel
                                                       : voice->second.track.level(now);
}

}  // namespace rooms
