// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer whose browser knows REMB alone: is it led up to what is wanted, and left alone where its
// line carries no more?
#include "gst/core/bwe/remote_growth.h"

#include <gtest/gtest.h>

#include "tests/core/wire/packets.h"
#include "tests/support/simulated_connection.h"

namespace rooms::test {
namespace {

using namespace std::chrono_literals;

constexpr DataRate kbit(std::int64_t count) { return DataRate::kilobits_per_second(count); }

TEST(RemoteGrowth, FillsWhatThePeerAllowsWhileMoreIsWanted) {
  RemoteGrowth growth;
  const auto plan = growth.next({kbit(300), kbit(150), kbit(900)}, at_ms(0));
  ASSERT_TRUE(plan);
  EXPECT_GT(plan->rate, kbit(200)) << "two thirds of it, or the peer does not grow";
  EXPECT_LT(plan->rate, kbit(300));
  EXPECT_FALSE(growth.next({kbit(300), kbit(150), kbit(300)}, at_ms(250))) << "enough";
  EXPECT_FALSE(growth.next({kbit(300), kbit(150), {}}, at_ms(500))) << "nobody knows";
  EXPECT_FALSE(growth.next({kbit(300), kbit(280), kbit(900)}, at_ms(750))) << "media fills it";
}

TEST(RemoteGrowth, RestsLongerEachTimeThatThePeerBecomesMoreCautious) {
  RemoteGrowth growth;
  Timestamp now = at_ms(0);
  DataRate limit = kbit(300);
  const auto rests = [&] {
    Timestamp end = now;
    while (!growth.next({limit, kbit(20), kbit(900)}, end)) end += ms(250);
    return end - now;
  };
  std::vector<Duration> seen;
  for (int turn = 0; turn < 6; ++turn) {
    EXPECT_EQ(rests(), Duration{});
    limit = limit * 0.85;
    now += ms(250);
    seen.push_back(rests());
    now += seen.back();
  }
  EXPECT_EQ(seen, (std::vector<Duration>{8s, 16s, 32s, 60s, 60s, 60s}));
}

TEST(RemoteGrowth, AFallLongAfterItIsNoVerdictOnIt) {
  RemoteGrowth growth;
  ASSERT_TRUE(growth.next({kbit(300), kbit(100), kbit(900)}, at_ms(0)));
  ASSERT_FALSE(growth.next({kbit(300), kbit(290), kbit(900)}, at_ms(250)));
  EXPECT_TRUE(growth.next({kbit(200), kbit(100), kbit(900)}, at_ms(3000)));
}

/// What libwebrtc and aiortc tell of what has arrived: eight percent more each second, but no more
/// than one and a half times it; less when the line is full.
class RembPeer {
 public:
  explicit RembPeer(std::int64_t line) : line_(kbit(line)) {}

  std::vector<std::uint8_t> tell(DataRate sent) {
    const bool is_full = sent > line_ * 0.98;
    const auto arrived = std::min(sent, line_);
    limit_ = is_full ? arrived * 0.85
                     : std::max(std::min(limit_ * 1.04, arrived * 1.5 + kbit(10)), limit_);
    std::vector<std::uint8_t> packet(100);
    RtcpWriter writer(packet);
    const std::uint32_t ssrcs[] = {11};
    EXPECT_TRUE(
        writer.receiver_estimate(1, static_cast<std::uint64_t>(limit_.bits_per_second()), ssrcs));
    packet.resize(writer.size());
    return packet;
  }
  [[nodiscard]] DataRate limit() const { return limit_; }

 private:
  DataRate line_;
  DataRate limit_ = kbit(150);
};

ConnectionPlan small_layer(std::int64_t line) {
  return {.link = {.capacity = {{0s, kbit(line)}}},
          .publisher = kbit(120),
          .follows = false,
          .has_transport_cc = false,
          .wanted = kbit(900)};
}

/// Until that time, twice a second.
void converse(SimulatedConnection& connection, RembPeer& peer, Duration from, Duration end) {
  for (Duration time = from; time < end; time += 500ms) {
    connection.run_until(time);
    connection.tell(peer.tell(connection.stats().sent));
  }
}

TEST(RemoteGrowth, LeadsThePeerUpToWhatIsWanted) {
  SimulatedConnection connection(small_layer(4000));
  RembPeer peer(4000);
  converse(connection, peer, 1s, 45s);
  EXPECT_GE(peer.limit(), kbit(900));
  const auto padded = connection.padded();
  converse(connection, peer, 45s, 60s);
  EXPECT_EQ(connection.padded(), padded) << "there it ends";
  // Behind a packet of padding, that is.
  EXPECT_LT(connection.quantile(false, 10s, 0.99, SimulatedConnection::in_pacer), 60ms);
}

TEST(RemoteGrowth, LeavesALineAloneThatCarriesNoMore) {
  SimulatedConnection connection(small_layer(300));
  RembPeer peer(300);
  converse(connection, peer, 1s, 60s);
  EXPECT_LT(peer.limit(), kbit(360));
  EXPECT_GT(peer.limit(), kbit(200));
  const auto padded = connection.padded();
  converse(connection, peer, 60s, 120s);
  // Ten packets of padding or so a second would fill it all the time.
  EXPECT_LT(connection.padded() - padded, 600U);
  EXPECT_LT(connection.quantile(true, 60s, 0.9, SimulatedConnection::whole_way), 100ms);
}

}  // namespace
}  // namespace rooms::test
