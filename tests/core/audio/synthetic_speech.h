// SPDX-License-Identifier: LGPL-2.1-or-later
// Levels as a microphone makes them when somebody talks: syllables with dips between them, pauses
// between words and longer ones between sentences, over a quiet room. One level is 20 ms.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "gst/core/audio/speaker_detector.h"
#include "tests/core/wire/random.h"

namespace rooms {

constexpr auto kPacket = std::chrono::milliseconds(20);

class Talker {
 public:
  /// `loudness`: usual -dBov of a syllable; `background`: of the room.
  explicit Talker(std::uint64_t seed, unsigned loudness = 22, unsigned background = 65)
      : random_(seed), loudness_(loudness), background_(background) {}

  unsigned talk() {
    if (left_ == 0) next_part();
    --left_;
    return near(part_level_, 3);
  }
  unsigned listen() {
    left_ = 0;
    return near(background_, 2);
  }
  /// A cough, a door, a dropped cup.
  unsigned bang() { return near(8, 3); }

 private:
  void next_part() {
    if (part_level_ != loudness_) {
      part_level_ = loudness_;
      left_ = random_.between(6, 13);  // a syllable
    } else if (random_.one_in(12)) {
      part_level_ = background_;
      left_ = random_.between(15, 35);  // between sentences
    } else if (random_.one_in(3)) {
      part_level_ = background_;
      left_ = random_.between(4, 12);  // between words
    } else {
      part_level_ = loudness_ + 16;
      left_ = random_.between(1, 4);  // within a word
    }
  }
  unsigned near(unsigned level, int spread) {
    return static_cast<unsigned>(
        std::clamp(static_cast<int>(level) + random_.between(-spread, spread), 0, 127));
  }
  Random random_;
  unsigned loudness_;
  unsigned background_;
  unsigned part_level_ = 127;
  int left_ = 0;
};

enum class Does : std::uint8_t { kListens, kTalks, kBangs, kSendsNothing };

/// Ada, Bob and Eve; the detector decides every 100 ms.
class Meeting {
 public:
  explicit Meeting(std::uint64_t seed) {
    for (std::uint64_t i = 0; i < names.size(); ++i) talkers_.emplace_back(seed * 16 + i);
  }
  /// Returns how often the speaker changed.
  int go_on(std::chrono::milliseconds duration, const std::vector<Does>& everybody) {
    int changes = 0;
    for (const auto end = now + duration; now < end; now += kPacket) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        const auto does = i < everybody.size() ? everybody[i] : Does::kListens;
        if (does == Does::kSendsNothing) continue;
        detector.observe(names[i],
                         does == Does::kTalks   ? talkers_[i].talk()
                         : does == Does::kBangs ? talkers_[i].bang()
                                                : talkers_[i].listen(),
                         now);
      }
      if (++packets_ % 5 == 0) changes += detector.evaluate(now) ? 1 : 0;
    }
    return changes;
  }
  /// How long until `who` is the speaker; `limit` if never.
  std::chrono::milliseconds until_speaker(const std::string& who,
                                          const std::vector<Does>& everybody,
                                          std::chrono::milliseconds limit) {
    std::chrono::milliseconds passed{};
    while (detector.speaker() != who && passed < limit) {
      go_on(kPacket, everybody);
      passed += kPacket;
    }
    return passed;
  }
  const std::vector<std::string> names{"ada", "bob", "eve"};
  SpeakerDetector detector;
  Timestamp now{};

 private:
  std::vector<Talker> talkers_;
  int packets_ = 0;
};

}  // namespace rooms
