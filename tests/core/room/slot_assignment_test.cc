// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/slot_assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sstream>

namespace rooms {
namespace {

constexpr auto kAudio = MediaKind::kAudio;
constexpr auto kVideo = MediaKind::kVideo;

/// "a0=ada/mic v0=": slot by slot, what it shows behind the sign; "v1!" is one that was refused.
std::vector<SlotContent> slots_in(const std::string& text) {
  std::vector<SlotContent> slots;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto sign = word.find_first_of("=!");
    slots.push_back({word[0] == 'a' ? kAudio : kVideo,
                     static_cast<std::size_t>(std::stoi(word.substr(1, sign - 1))),
                     word.substr(sign + 1), word[sign] == '='});
  }
  return slots;
}

std::string text_of(const std::vector<SlotContent>& slots) {
  std::string text;
  for (const auto& slot : slots)
    text += (text.empty() ? "" : " ") + std::string(slot.kind == kAudio ? "a" : "v") +
            std::to_string(slot.pair) + (slot.is_open ? "=" : "!") + slot.track;
  return text;
}

/// "ada/mic ada/cam": what is called mic or ..-audio is sound; rank by the letter it begins with.
std::vector<WantedTrack> wanted_in(const std::string& text) {
  std::vector<WantedTrack> wanted;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto slash = word.find('/');
    const auto label = word.substr(slash + 1);
    const bool sound = label == "mic" || label.ends_with("-audio");
    wanted.push_back({word, sound ? kAudio : kVideo, sync_group(word.substr(0, slash), label),
                      static_cast<std::size_t>(word[0] - 'a')});
  }
  return wanted;
}

struct Row {
  const char* title;
  const char* slots;
  const char* wanted;
  const char* shown;
  std::size_t audio_missing = 0;
  std::size_t video_missing = 0;
};

void expect(const std::vector<Row>& rows, const SlotRules& rules) {
  for (const auto& row : rows) {
    const auto result = assign_slots(slots_in(row.slots), wanted_in(row.wanted), rules);
    EXPECT_EQ(text_of(result.slots), row.shown) << row.title;
    EXPECT_EQ(result.audio_missing, row.audio_missing) << row.title;
    EXPECT_EQ(result.video_missing, row.video_missing) << row.title;
  }
}

TEST(SlotAssignment, KeepsWhatBelongsTogetherInPairs) {
  expect(
      {{"the first free pair", "a0= v0= a1= v1=", "ada/mic ada/cam",
        "a0=ada/mic v0=ada/cam a1= v1="},
       {"beside the sound that is there", "a0=bob/mic v0= a1=ada/mic v1=",
        "bob/mic ada/mic ada/cam", "a0=bob/mic v0= a1=ada/mic v1=ada/cam"},
       {"not beside somebody else's", "a0=bob/mic v0= a1= v1=", "bob/mic ada/cam",
        "a0=bob/mic v0= a1= v1=ada/cam"},
       {"a screen is not the microphone's", "a0= v0= a1= v1=", "ada/mic ada/screen ada/cam",
        "a0=ada/mic v0=ada/cam a1= v1=ada/screen"},
       {"a screen has its sound", "a0= a1= v0= v1=", "ada/mic ada/cam ada/screen ada/screen-audio",
        "a0=ada/mic a1=ada/screen-audio v0=ada/cam v1=ada/screen"},
       {"a second camera goes elsewhere", "a0= v0= a1= v1=", "ada/mic ada/cam ada/cam-2",
        "a0=ada/mic v0=ada/cam a1= v1=ada/cam-2"},
       {"what stays alone leaves whole pairs to others",
        "a0= v0= v1=", "ada/screen bob/mic bob/cam", "a0=bob/mic v0=bob/cam v1=ada/screen"}},
      {});
}

TEST(SlotAssignment, MovesNothingWithoutNeed) {
  expect({{"one goes", "v0=a/cam v1=b/cam v2=c/cam", "a/cam c/cam", "v0=a/cam v1= v2=c/cam"},
          {"another order", "a0=a/mic v0=a/cam a1=b/mic v1=b/cam", "b/mic b/cam a/mic a/cam",
           "a0=a/mic v0=a/cam a1=b/mic v1=b/cam"},
          {"its place in the pair is taken again", "a0=a/mic v0= a1=b/mic v1=b/cam",
           "a/mic a/cam b/mic b/cam", "a0=a/mic v0=a/cam a1=b/mic v1=b/cam"}},
         {});
}

TEST(SlotAssignment, TellsHowManySlotsAreMissing) {
  expect({{"of a kind", "v0=", "a/cam b/cam c/mic", "v0=a/cam", 1, 1},
          {"the free half of a pair is no place for others", "a0=a/mic v0= a1=b/mic v1=b/cam",
           "a/mic b/mic b/cam c/cam", "a0=a/mic v0= a1=b/mic v1=b/cam", 0, 1}},
         {});
}

TEST(SlotAssignment, SharesPairsWhenNoSlotCanBeAdded) {
  expect({{"sound of one, picture of another", "a0= v0=", "a/mic b/cam", "a0=a/mic v0=b/cam"},
          {"but not while there is another way", "a0= v0= v1=", "a/cam b/mic b/cam",
           "a0=b/mic v0=b/cam v1=a/cam"},
          {"the first wanted win", "a0=c/mic v0=c/cam", "a/mic a/cam c/mic c/cam",
           "a0=a/mic v0=a/cam", 1, 1}},
         {0, true});
}

TEST(SlotAssignment, LeavesRefusedSlotsEmpty) {
  expect({{"refused", "a0= v0!", "a/mic a/cam", "a0=a/mic v0!", 0, 1}}, {});
  expect({{"refused, by name", "v0! v0= v1=", "a/cam b/cam", "v0! v0=a/cam v1=b/cam"}}, {2, true});
}

TEST(SlotAssignment, ReservesTheSlotsOfThoseAskedForByName) {
  expect(
      {{"in their order", "a0= v0=b/cam a1= v1=a/cam", "a/mic a/cam b/mic b/cam",
        "a0=a/mic v0=a/cam a1=b/mic v1=b/cam"},
       {"whoever is not there yet", "a0= v0= a1= v1=", "b/mic b/cam", "a0= v0= a1=b/mic v1=b/cam"},
       {"what else they send comes behind", "v0= v1= v2=", "a/cam a/screen b/cam",
        "v0=a/cam v1=b/cam v2=a/screen"},
       {"and no further", "v0= v1=", "a/cam a/screen b/cam", "v0=a/cam v1=b/cam", 0, 1},
       {"too few slots: who is there", "a0= v0=", "b/mic b/cam", "a0=b/mic v0=b/cam"},
       {"too few slots: the first", "a0= v0=", "a/cam b/mic b/cam", "a0=b/mic v0=a/cam", 0, 1}},
      {2, true});
  expect({{"one name, all it sends", "a0= v0= v1=", "a/mic a/cam a/screen",
           "a0=a/mic v0=a/cam v1=a/screen"}},
         {1, true});
}

/// People come and go and switch things on and off.
std::vector<WantedTrack> some_crowd(std::mt19937& random) {
  std::vector<WantedTrack> wanted;
  for (char who = 'a'; who < 'h'; ++who) {
    const std::string id(1, who);
    for (const auto* label : {"mic", "cam", "screen", "screen-audio"})
      if (random() % (label[0] == 's' ? 5 : 2) == 0) {
        const auto more = wanted_in(id + "/" + label);
        wanted.insert(wanted.end(), more.begin(), more.end());
      }
  }
  return wanted;
}

TEST(SlotAssignment, NeverMixesParticipantsNorMovesWinnersNorShowsATrackTwice) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  auto slots = slots_in("a0= a1= a2= a3= v0= v1= v2= v3= v4= v5=");
  for (int round = 0; round < 2000; ++round) {
    const auto wanted = some_crowd(random);
    const auto result = assign_slots(slots, wanted, {});
    std::map<std::string, const WantedTrack*> by_track;
    for (const auto& want : wanted) by_track[want.track] = &want;
    std::set<std::string> winners;
    for (const auto kind : {kAudio, kVideo}) {
      std::size_t left = kind == kAudio ? 4 : 6;
      for (const auto& want : wanted)
        if (want.kind == kind && left > 0 && left-- > 0) winners.insert(want.track);
    }
    std::set<std::string> shown;
    std::map<std::size_t, std::set<std::string>> groups;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto& now = result.slots[i].track;
      if (winners.contains(slots[i].track)) {
        EXPECT_EQ(now, slots[i].track);
      }
      if (now.empty()) continue;
      EXPECT_TRUE(shown.insert(now).second);
      EXPECT_TRUE(winners.contains(now));
      EXPECT_EQ(by_track[now]->kind, result.slots[i].kind);
      groups[result.slots[i].pair].insert(by_track[now]->group);
    }
    for (const auto& [pair, sharing] : groups) EXPECT_EQ(sharing.size(), 1U) << pair;
    EXPECT_EQ(shown.size() + result.audio_missing + result.video_missing, wanted.size());
    slots = result.slots;
  }
}

}  // namespace
}  // namespace rooms
