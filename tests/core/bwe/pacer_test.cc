// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/pacing/pacer.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

constexpr DataRate kbit(std::int64_t count) { return DataRate::kilobits_per_second(count); }
constexpr DataSize bytes(std::int64_t count) { return DataSize::bytes(count); }

Pacer pacer_at(std::int64_t kilobits) {
  Pacer pacer;
  pacer.set_estimate(kbit(kilobits), at_ms(0));
  return pacer;
}

TEST(Pacer, SpreadsAKeyframeAtTwoAndAHalfTimesTheEstimate) {
  auto pacer = pacer_at(1000);
  for (std::uint64_t i = 0; i < 30; ++i)
    ASSERT_TRUE(pacer.enqueue(PacedKind::kVideo, i, bytes(1200), at_ms(0)));
  std::vector<std::uint64_t> order;
  Timestamp last{};
  std::size_t at_once = 0;
  for (Timestamp now = at_ms(0); pacer.packets() > 0; now += ms(1)) {
    std::size_t together = 0;
    while (const auto departure = pacer.next(now)) {
      order.push_back(*departure->id);
      last = now;
      ++together;
    }
    at_once = std::max(at_once, together);
  }
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(order.size(), 30U);
  EXPECT_LE(at_once, 2U);
  // 36 kB at 2.5 Mbit/s are 115 ms, the burst allowed at the start comes off.
  EXPECT_NEAR(in_milliseconds(last.time_since_epoch()), 110, 10);
}

TEST(Pacer, SoundNeverWaitsBehindPictures) {
  auto pacer = pacer_at(300);
  for (std::uint64_t i = 0; i < 50; ++i) pacer.enqueue(PacedKind::kVideo, i, bytes(1200), at_ms(0));
  while (pacer.next(at_ms(0))) {
  }
  pacer.enqueue(PacedKind::kRetransmission, 200, bytes(1200), at_ms(1));
  pacer.enqueue(PacedKind::kAudio, 100, bytes(120), at_ms(1));
  EXPECT_EQ(pacer.due(at_ms(1)), at_ms(1));
  EXPECT_EQ(pacer.next(at_ms(1))->id, 100U);
  std::optional<Pacer::Departure> next;
  for (int now = 1; !next; ++now) next = pacer.next(at_ms(now));
  EXPECT_EQ(next->id, 200U) << "what somebody waits for goes before what is new";
}

TEST(Pacer, UsualPicturesPassTheKeyframeOfAnother) {
  Pacer pacer({.factor = 1, .longest_wait = ms(1000)});
  pacer.set_estimate(kbit(1000), at_ms(0));
  for (std::uint64_t i = 0; i < 40; ++i)
    pacer.enqueue({PacedKind::kVideo, 7}, i, bytes(1200), at_ms(0));
  std::map<std::uint64_t, int> left;
  for (int now = 0; now < 700 && pacer.packets() > 0; ++now) {
    if (now % 50 == 10) {  // twenty pictures a second of two packets each
      for (std::uint64_t i = 0; i < 2; ++i) {
        const auto id = 1000 + static_cast<std::uint64_t>(now) * 2 + i;
        if (pacer.pass({PacedKind::kVideo, 2}, bytes(700), at_ms(now)))
          left[id] = now;
        else
          pacer.enqueue({PacedKind::kVideo, 2}, id, bytes(700), at_ms(now));
      }
    }
    while (const auto departure = pacer.next(at_ms(now))) left[*departure->id] = now;
  }
  std::vector<int> of_keyframe;
  for (const auto& [id, when] : left) {
    if (id < 1000)
      of_keyframe.push_back(when);
    else
      EXPECT_LT(when - static_cast<int>((id - 1000) / 2), 40) << id;
  }
  EXPECT_EQ(of_keyframe.size(), 40U);
  EXPECT_TRUE(std::is_sorted(of_keyframe.begin(), of_keyframe.end()));
  EXPECT_GT(of_keyframe.back(), 384) << "it does not go faster for that";
}

TEST(Pacer, StreamsTakeTurnsByBytesAndWhatWaitedLongestIsOfAny) {
  FairQueue queue;
  for (std::uint64_t i = 0; i < 100; ++i) queue.push(3, {i, bytes(1200), at_ms(5)});
  for (std::uint64_t i = 100; i < 400; ++i) queue.push(0, {i, bytes(300), at_ms(1)});
  EXPECT_EQ(queue.size(), 400U);
  EXPECT_EQ(queue.oldest().since, at_ms(1));
  std::array<std::int64_t, 2> sent{};
  for (int i = 0; i < 200; ++i) {
    const auto packet = queue.pop();
    sent[packet.id < 100 ? 0 : 1] += packet.size.bytes();
  }
  EXPECT_NEAR(static_cast<double>(sent[0]) / static_cast<double>(sent[1]), 1, 0.1);
  queue.remove_if([](std::uint64_t id) { return id >= 100; }, [](const auto&) {});
  EXPECT_FALSE(queue.has(0));
  EXPECT_EQ(queue.oldest().since, at_ms(5));
  EXPECT_EQ(queue.pop_oldest().size, bytes(1200));
  queue.clear();
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_FALSE(queue.has(3));
}

TEST(Pacer, HastensRatherThanLetAnythingWaitTooLong) {
  auto pacer = pacer_at(100);
  for (std::uint64_t i = 0; i < 100; ++i)
    pacer.enqueue(PacedKind::kVideo, i, bytes(1200), at_ms(0));
  Duration longest{};
  for (Timestamp now = at_ms(0); pacer.packets() > 0 && now < at_ms(5000); now += ms(1)) {
    while (const auto departure = pacer.next(now)) longest = std::max(longest, departure->waited);
  }
  EXPECT_EQ(pacer.packets(), 0U);
  EXPECT_LE(longest, ms(260));
  EXPECT_GE(longest, ms(200)) << "but not all at once";
}

TEST(Pacer, WhatIsOvertakenIsTakenOutAndTheRestKeepsItsOrder) {
  auto pacer = pacer_at(1000);
  for (std::uint64_t i = 0; i < 30; ++i) pacer.enqueue(PacedKind::kVideo, i, bytes(1200), at_ms(0));
  EXPECT_EQ(pacer.drop_if(PacedKind::kVideo, [](std::uint64_t id) { return id % 3 != 0; }), 20U);
  EXPECT_EQ(pacer.queued(), bytes(12'000));
  std::vector<std::uint64_t> order;
  for (Timestamp now = at_ms(0); pacer.packets() > 0; now += ms(1))
    while (const auto departure = pacer.next(now)) order.push_back(*departure->id);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{0, 3, 6, 9, 12, 15, 18, 21, 24, 27}));
  EXPECT_EQ(pacer.drop_if(PacedKind::kVideo, [](std::uint64_t) { return true; }), 0U);
}

TEST(Pacer, SaysWhenItWantsToBeAskedAgain) {
  auto pacer = pacer_at(1000);
  EXPECT_FALSE(pacer.due(at_ms(0)));
  for (std::uint64_t i = 0; i < 20; ++i) pacer.enqueue(PacedKind::kVideo, i, bytes(1200), at_ms(0));
  Timestamp now = at_ms(0);
  int asked = 0;
  while (pacer.packets() > 0) {
    while (pacer.next(now)) {
    }
    const auto due = pacer.due(now);
    if (!due) break;
    ASSERT_GT(*due, now);
    now = *due;
    ASSERT_LT(++asked, 40) << "each time that it wanted to be asked it had something to say";
  }
  EXPECT_EQ(pacer.packets(), 0U);
}

TEST(Pacer, AProbeLeavesAtItsRateAndIsFilledWithPadding) {
  auto pacer = pacer_at(300);
  ASSERT_TRUE(pacer.start_probe({.id = 4, .rate = kbit(2000), .size = bytes(5000), .packets = 5},
                                at_ms(0)));
  EXPECT_FALSE(pacer.next(at_ms(5))) << "it begins with media";
  EXPECT_FALSE(pacer.start_probe({.id = 5}, at_ms(5)));
  for (std::uint64_t i = 0; i < 3; ++i) pacer.enqueue(PacedKind::kVideo, i, bytes(1000), at_ms(10));
  DataSize padding;
  Timestamp end{};
  for (Timestamp now = at_ms(10); pacer.is_probing(); now += ms(1)) {
    ASSERT_LT(now, at_ms(100));
    while (const auto departure = pacer.next(now)) {
      EXPECT_EQ(departure->probe, 4);
      if (!departure->id) {
        pacer.padded(departure->size, now);
        padding += departure->size;
      }
      end = now;
      if (!pacer.is_probing()) break;
    }
  }
  EXPECT_GE(padding, bytes(2000));
  EXPECT_LT(padding, bytes(2300));
  EXPECT_NEAR(in_milliseconds(end - at_ms(10)), 20, 3);
}

TEST(Pacer, AProbeEndsWhereThereIsNoPaddingAndForgetsItselfWithoutMedia) {
  auto pacer = pacer_at(300);
  pacer.start_probe({.id = 1, .rate = kbit(2000), .size = bytes(5000), .packets = 5}, at_ms(0));
  pacer.enqueue(PacedKind::kVideo, 1, bytes(100), at_ms(0));
  EXPECT_TRUE(pacer.next(at_ms(0))->id);
  EXPECT_FALSE(pacer.next(at_ms(10))->id);
  pacer.padded({}, at_ms(10));
  EXPECT_FALSE(pacer.is_probing());
  pacer.start_probe({.id = 2, .rate = kbit(2000), .size = bytes(5000), .packets = 5}, at_ms(20));
  EXPECT_FALSE(pacer.next(at_ms(2000)));
  EXPECT_FALSE(pacer.is_probing());
}

TEST(Pacer, WhatIsDuePassesWithoutBeingQueued) {
  auto pacer = pacer_at(1000);
  std::size_t passed = 0;
  while (pacer.pass(PacedKind::kVideo, bytes(1200), at_ms(0))) ++passed;
  EXPECT_EQ(passed, 2U) << "five milliseconds at 2.5 Mbit/s are more than one packet";
  EXPECT_TRUE(pacer.pass(PacedKind::kAudio, bytes(120), at_ms(0)));
  pacer.enqueue(PacedKind::kVideo, 1, bytes(1200), at_ms(0));
  EXPECT_FALSE(pacer.pass(PacedKind::kRetransmission, bytes(1200), at_ms(0)));
  EXPECT_TRUE(pacer.pass(PacedKind::kRetransmission, bytes(1200), at_ms(20)));
  EXPECT_FALSE(pacer.pass(PacedKind::kVideo, bytes(1200), at_ms(40))) << "one is before it";
  EXPECT_EQ(pacer.next(at_ms(40))->id, 1U);
  EXPECT_TRUE(pacer.pass(PacedKind::kVideo, bytes(1200), at_ms(40)));
}

TEST(Pacer, AProbeBeginsWithAPacketThatPasses) {
  auto pacer = pacer_at(300);
  pacer.start_probe({.id = 7, .rate = kbit(2000), .size = bytes(3000), .packets = 3}, at_ms(0));
  EXPECT_FALSE(pacer.due(at_ms(1)));
  EXPECT_EQ(pacer.pass(PacedKind::kVideo, bytes(1000), at_ms(1)), 7);
  EXPECT_EQ(pacer.due(at_ms(1)), at_ms(5)) << "1000 bytes at 2 Mbit/s";
  EXPECT_FALSE(pacer.pass(PacedKind::kVideo, bytes(1000), at_ms(2)));
  EXPECT_EQ(pacer.pass(PacedKind::kAudio, bytes(100), at_ms(2)), 7);
}

TEST(Pacer, LetsGoOfTheOldestOnDemand) {
  auto pacer = pacer_at(300);
  EXPECT_FALSE(pacer.drop_oldest(PacedKind::kVideo));
  for (std::uint64_t i = 0; i < 3; ++i) pacer.enqueue(PacedKind::kVideo, i, bytes(9), at_ms(0));
  EXPECT_EQ(pacer.drop_oldest(PacedKind::kVideo), 0U);
  EXPECT_EQ(pacer.queued(), bytes(18));
  EXPECT_EQ(pacer.next(at_ms(1))->id, 1U);
}

TEST(Pacer, RefusesMoreThanItHoldsAndForgetsEverythingOnDemand) {
  Pacer pacer({.capacity = 16});
  for (std::uint64_t i = 0; i < 16; ++i)
    ASSERT_TRUE(pacer.enqueue(PacedKind::kVideo, i, bytes(1), at_ms(0)));
  EXPECT_FALSE(pacer.enqueue(PacedKind::kVideo, 16, bytes(1), at_ms(0)));
  EXPECT_TRUE(pacer.enqueue(PacedKind::kAudio, 17, bytes(1), at_ms(0)));
  EXPECT_EQ(pacer.queued(), bytes(17));
  pacer.clear();
  EXPECT_EQ(pacer.packets(), 0U);
  EXPECT_EQ(pacer.queued(), DataSize{});
  EXPECT_FALSE(pacer.next(at_ms(1)));
}

/// Whatever comes: each packet leaves once, within its time, in order within its kind.
TEST(Pacer, LosesAndRepeatsNothing) {
  Random random;
  SCOPED_TRACE(random.seed());
  auto pacer = pacer_at(500);
  std::uint64_t next_id = 0;
  std::array<std::vector<std::uint64_t>, 3> in;
  std::vector<std::uint64_t> out;
  for (int now = 0; now < 5000; ++now) {
    if (random.one_in(100)) pacer.set_estimate(kbit(random.between(0, 3000)), at_ms(now));
    if (random.one_in(200))
      pacer.start_probe(
          {.id = now, .rate = kbit(random.between(500, 9000)), .size = bytes(3000), .packets = 5},
          at_ms(now));
    if (now < 4500 && random.one_in(10)) {
      for (int i = random.between(1, 8); i > 0; --i) {
        const auto kind = random.between(0, 2);
        ASSERT_TRUE(pacer.enqueue(static_cast<PacedKind>(kind), next_id,
                                  bytes(random.between(1, 1400)), at_ms(now)));
        in[static_cast<std::size_t>(kind)].push_back(next_id++);
      }
    }
    for (int calls = 0;; ++calls) {
      ASSERT_LT(calls, 1000);
      const auto departure = pacer.next(at_ms(now));
      if (!departure) break;
      if (departure->id)
        out.push_back(*departure->id);
      else
        pacer.padded(departure->size, at_ms(now));
    }
  }
  EXPECT_EQ(pacer.packets(), 0U);
  std::size_t sum = 0;
  for (const auto& kind : in) {
    std::vector<std::uint64_t> of_kind;
    for (const auto id : out)
      if (std::binary_search(kind.begin(), kind.end(), id)) of_kind.push_back(id);
    EXPECT_EQ(of_kind, kind);
    sum += kind.size();
  }
  EXPECT_EQ(out.size(), sum);
}

}  // namespace
}  // namespace rooms
