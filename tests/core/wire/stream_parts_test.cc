// SPDX-License-Identifier: LGPL-2.1-or-later
// What media over TCP is decided by: the queue of frames, who may be connected, and for how long.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "gst/core/ice/datagram_kind.h"
#include "gst/core/ice/frame_queue.h"
#include "gst/core/ice/rfc4571.h"
#include "gst/core/ice/stream_patience.h"
#include "gst/core/ice/unclaimed_limit.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;
using Verdict = UnclaimedLimit::Verdict;

TEST(DatagramKind, IsToldByTheFirstByte) {
  const auto kind = [](std::uint8_t first) {
    Packet packet(20);
    packet[0] = first;
    return kind_of(packet);
  };
  for (unsigned first = 0; first < 256; ++first) {
    const auto expected = first < 4                     ? DatagramKind::kStun
                          : first >= 20 && first < 64   ? DatagramKind::kDtls
                          : first >= 128 && first < 192 ? DatagramKind::kMedia
                                                        : DatagramKind::kUnknown;
    EXPECT_EQ(kind(static_cast<std::uint8_t>(first)), expected) << first;
  }
  EXPECT_EQ(kind_of({}), DatagramKind::kUnknown);
  EXPECT_EQ(kind_of(Packet(7, 0x80)), DatagramKind::kUnknown) << "too short for RTP";
}

TEST(FrameQueue, GivesBackWholeFramesHoweverTheyAreWritten) {
  Random random;
  SCOPED_TRACE(random.seed());
  for (int turn = 0; turn < 30; ++turn) {
    const std::size_t limit = random.between<std::size_t>(2000, 20'000);
    FrameQueue queue(limit);
    Rfc4571Reader reader;
    std::vector<Packet> taken;
    std::vector<Packet> received;
    for (int i = 0; i < 400; ++i) {
      const Packet frame = random.bytes(random.between<std::size_t>(1, 1500));
      const bool fits = queue.size() + 2 + frame.size() <= limit;
      ASSERT_EQ(queue.push(frame), fits);
      ASSERT_LE(queue.size(), limit);
      if (fits) taken.push_back(frame);
      const bool last = i == 399;
      for (std::size_t left = last ? queue.size() : random.between<std::size_t>(0, 1600);
           left > 0;) {
        const auto space = reader.writable();
        const auto size = std::min({left, queue.size(), space.size()});
        if (size == 0) break;
        std::copy_n(queue.front().begin(), size, space.begin());
        queue.written(size);
        reader.written(size);
        left -= size;
        while (const auto whole = reader.next())
          received.emplace_back(whole->begin(), whole->end());
      }
    }
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(received, taken);
  }
}

TEST(FrameQueue, RefusesWhatCannotBeAFrame) {
  FrameQueue queue(1 << 20);
  EXPECT_FALSE(queue.push({}));
  EXPECT_FALSE(queue.push(Packet(65536)));
  EXPECT_TRUE(queue.push(Packet(65535)));
  queue.clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.front().empty());
}

TEST(UnclaimedLimit, BoundsTheTotalAndEachSource) {
  const auto at = [](const char* ip, std::uint16_t port) {
    return *SocketAddress::parse(ip, port);
  };
  UnclaimedLimit limit({.total = 6, .per_source = 2});
  EXPECT_EQ(limit.admit(at("192.0.2.1", 1)), Verdict::kAdmitted);
  EXPECT_EQ(limit.admit(at("192.0.2.1", 2)), Verdict::kAdmitted);
  EXPECT_EQ(limit.admit(at("192.0.2.1", 3)), Verdict::kTooManyOfSource);
  EXPECT_EQ(limit.admit(at("2001:db8::1", 1)), Verdict::kAdmitted);
  EXPECT_EQ(limit.admit(at("2001:db8::2", 1)), Verdict::kAdmitted);
  EXPECT_EQ(limit.admit(at("2001:db8::3", 1)), Verdict::kTooManyOfSource) << "one /64, one source";
  EXPECT_EQ(limit.admit(at("2001:db8:0:1::1", 1)), Verdict::kAdmitted);
  EXPECT_EQ(limit.admit(at("192.0.2.2", 1)), Verdict::kAdmitted);
  EXPECT_EQ(limit.admit(at("192.0.2.3", 1)), Verdict::kTooMany);
  EXPECT_EQ(limit.total(), 6U);

  limit.leave(at("192.0.2.1", 9));
  EXPECT_EQ(limit.admit(at("192.0.2.1", 4)), Verdict::kAdmitted);
  for (const auto& [ip, times] : {std::pair{"192.0.2.1", 2}, {"2001:db8::9", 2}}) {
    for (int i = 0; i < times; ++i) limit.leave(at(ip, 1));
  }
  limit.leave(at("203.0.113.1", 1));  // who was never there
  EXPECT_EQ(limit.total(), 2U);
}

TEST(StreamPatience, HasAnEndForEachKindOfStream) {
  struct Row {
    const char* title;
    StreamProgress stream;
    std::int64_t now_ms;
    StreamVerdict expected;
  };
  const auto fresh = [] { return StreamProgress{at_ms(0), false, 0, at_ms(0), std::nullopt}; };
  auto silent = fresh();
  auto chatty = fresh();
  chatty.received = StreamPatience{}.unclaimed_bytes + 1;
  auto checking = fresh();
  checking.received = StreamPatience{}.unclaimed_bytes;
  checking.last_frame = at_ms(9'000);
  auto claimed = fresh();
  claimed.claimed = true;
  claimed.last_frame = at_ms(50'000);
  auto slow = claimed;
  slow.blocked = at_ms(55'000);
  const std::vector<Row> rows{
      {"just accepted", silent, 9'999, StreamVerdict::kKeep},
      {"says nothing", silent, 10'000, StreamVerdict::kUnclaimedTooLong},
      {"says too much", chatty, 1, StreamVerdict::kUnclaimedTooMuch},
      {"tries and tries", checking, 9'999, StreamVerdict::kKeep},
      {"whole frames do not help", checking, 10'000, StreamVerdict::kUnclaimedTooLong},
      {"claimed", claimed, 109'999, StreamVerdict::kKeep},
      {"claimed and silent", claimed, 110'000, StreamVerdict::kIdle},
      {"reads slowly", slow, 64'999, StreamVerdict::kKeep},
      {"does not read", slow, 65'000, StreamVerdict::kStuck},
  };
  for (const auto& row : rows)
    EXPECT_EQ(judge(row.stream, StreamPatience{}, at_ms(row.now_ms)), row.expected) << row.title;
}

}  // namespace
}  // namespace rooms
