// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/loudest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;
using Names = std::vector<std::string>;

class Microphones {
 public:
  explicit Microphones(unsigned count, LoudestStreams::Config config = {}) : loudest(config) {
    for (unsigned i = 0; i < count; ++i) levels.push_back({"m" + std::to_string(i), 127});
  }
  /// Returns how often the set changed.
  int go_on(milliseconds duration, const std::string& dominant = "") {
    int changes = 0;
    for (const auto end = now + duration; now < end; now += milliseconds(200))
      changes += loudest.select(levels, dominant, now) ? 1 : 0;
    return changes;
  }
  [[nodiscard]] bool hears(const std::string& name) const {
    const auto& selected = loudest.selected();
    return std::find(selected.begin(), selected.end(), name) != selected.end();
  }
  std::vector<StreamLevel> levels;
  LoudestStreams loudest;
  Timestamp now{};
};

TEST(LoudestStreams, ASmallRoomHearsEverybody) {
  Microphones room(4);
  EXPECT_EQ(room.go_on(milliseconds(2000)), 1);
  EXPECT_EQ(room.loudest.selected(), (Names{"m0", "m1", "m2", "m3"}));
}

TEST(LoudestStreams, WhoSpeaksUpIsHeardAtOnceInPlaceOfOneWhoIsSilent) {
  Microphones room(100);
  room.go_on(milliseconds(2000));
  room.levels[70].level = 25;
  EXPECT_EQ(room.go_on(milliseconds(200)), 1);
  EXPECT_TRUE(room.hears("m70"));
  EXPECT_EQ(room.loudest.selected().size(), 4U);
}

TEST(LoudestStreams, TheDominantSpeakerIsAlwaysHeard) {
  Microphones room(10);
  for (unsigned i = 0; i < 4; ++i) room.levels[i].level = 10;
  room.levels[9].level = 40;
  room.go_on(milliseconds(3000));
  EXPECT_FALSE(room.hears("m9"));
  EXPECT_EQ(room.go_on(milliseconds(200), "m9"), 1);
  EXPECT_TRUE(room.hears("m9"));
  EXPECT_EQ(room.go_on(milliseconds(3000), "m9"), 0);
  EXPECT_EQ(room.go_on(milliseconds(3000), "somebody who left"), 1);
  EXPECT_FALSE(room.hears("m9"));
}

TEST(LoudestStreams, ALittleLouderDisplacesNobody) {
  Microphones room(6);
  for (auto& level : room.levels) level.level = 30;
  room.go_on(milliseconds(2000));
  room.levels[5].level = 26;
  EXPECT_EQ(room.go_on(milliseconds(5000)), 0);
  room.levels[5].level = 24;
  EXPECT_EQ(room.go_on(milliseconds(1000)), 1);
  EXPECT_TRUE(room.hears("m5"));
}

TEST(LoudestStreams, APauseBetweenWordsLosesNoPlace) {
  Microphones room(6);
  for (unsigned i = 0; i < 4; ++i) room.levels[i].level = 20;
  room.levels[5].level = 35;
  room.go_on(milliseconds(2000));
  room.levels[0].level = 127;
  EXPECT_EQ(room.go_on(milliseconds(600)), 0);
  EXPECT_EQ(room.go_on(milliseconds(3000)), 1);
  EXPECT_TRUE(room.hears("m5"));
  EXPECT_FALSE(room.hears("m0"));
}

TEST(LoudestStreams, StreamsThatTellNoLevelAreHeardBesides) {
  Microphones room(8);
  room.levels[6].level.reset();
  room.levels[7].level.reset();
  room.go_on(milliseconds(400));
  EXPECT_EQ(room.loudest.selected(), (Names{"m0", "m1", "m2", "m3", "m6", "m7"}));
  room.levels[6].level = 20;
  room.go_on(milliseconds(2000));
  EXPECT_TRUE(room.hears("m6"));
  EXPECT_EQ(room.loudest.selected().size(), 5U);
}

TEST(LoudestStreams, WhoLeavesMakesRoom) {
  Microphones room(6);
  room.go_on(milliseconds(1000));
  room.levels.erase(room.levels.begin() + 1);
  EXPECT_EQ(room.go_on(milliseconds(200)), 1);
  EXPECT_EQ(room.loudest.selected(), (Names{"m0", "m2", "m3", "m4"}));
  room.levels.clear();
  room.go_on(milliseconds(200));
  EXPECT_TRUE(room.loudest.selected().empty());
}

TEST(LoudestStreams, NoneBesidesTheSpeaker) {
  Microphones room(5, {.count = 0});
  room.go_on(milliseconds(1000), "m3");
  EXPECT_EQ(room.loudest.selected(), Names{"m3"});
}

TEST(LoudestStreams, NeverMoreThanThePlacesAndAlwaysTheDominantOne) {
  Random random(5);
  SCOPED_TRACE(random.seed());
  Microphones room(0);
  int next = 0;
  for (int step = 0; step < 1500; ++step) {
    if (random.one_in(10)) room.levels.push_back({"n" + std::to_string(next++), 127});
    if (random.one_in(10) && !room.levels.empty()) {
      const auto last = static_cast<int>(room.levels.size()) - 1;
      room.levels.erase(room.levels.begin() + random.between(0, last));
    }
    for (auto& level : room.levels) {
      if (random.one_in(5)) level.level = random.between(0U, 140U);
      if (random.one_in(200)) level.level.reset();
    }
    const auto known = static_cast<std::size_t>(
        std::count_if(room.levels.begin(), room.levels.end(),
                      [](const auto& one) { return one.level.has_value(); }));
    std::string dominant;
    if (!room.levels.empty() && random.one_in(2)) dominant = room.levels.back().stream;
    room.go_on(milliseconds(200), dominant);
    const auto& selected = room.loudest.selected();
    EXPECT_EQ(selected.size(), std::min<std::size_t>(known, 4) + room.levels.size() - known);
    EXPECT_EQ(std::set<std::string>(selected.begin(), selected.end()).size(), selected.size());
    if (!dominant.empty()) {
      EXPECT_TRUE(room.hears(dominant));
    }
  }
}

}  // namespace
}  // namespace rooms
