// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/topology/direct_decision.h"

#include <gtest/gtest.h>

#include <random>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TopologySituation two(Topology wished = Topology::kAuto) {
  return {wished, {{"bob", true}, {"ada", true}}, false};
}

TopologySituation three() {
  auto situation = two();
  situation.members.push_back({"cleo", true});
  return situation;
}

class Direct : public testing::Test {
 protected:
  bool update(const TopologySituation& situation) { return decision_.update(situation, now_); }
  /// Until the two have a session, as a timer would.
  unsigned begin(const TopologySituation& situation = two()) {
    for (int n = 0; n < 10'000 && !decision_.session(); ++n) {
      update(situation);
      if (!decision_.session()) now_ += milliseconds(100);
    }
    EXPECT_TRUE(decision_.session());
    return decision_.session() ? decision_.session()->number : 0;
  }
  void establish(unsigned number) {
    EXPECT_FALSE(decision_.receives(number, "ada", now_));
    EXPECT_TRUE(decision_.receives(number, "bob", now_));
  }
  /// How long the same two wait from now on.
  Duration wait() {
    const auto from = now_;
    begin();
    return now_ - from;
  }

  DirectDecision decision_;
  Timestamp now_{seconds(100)};
};

TEST_F(Direct, BeginsOnceTwoHaveBeenByThemselvesForAWhile) {
  EXPECT_FALSE(update(two()));
  now_ += milliseconds(1999);
  EXPECT_FALSE(update(two()));
  EXPECT_FALSE(decision_.session());
  now_ += milliseconds(1);
  EXPECT_TRUE(update(two()));
  EXPECT_EQ(decision_.session(), (DirectSession{1, "ada", "bob", false}));
  EXPECT_FALSE(update(two())) << "nothing new";
}

TEST_F(Direct, IsTheSameWhateverTheOrderOfTheTwo) {
  begin();
  auto turned = two();
  std::swap(turned.members[0], turned.members[1]);
  EXPECT_FALSE(update(turned));
}

TEST_F(Direct, BeginsAtOnceWhereItIsAskedFor) {
  EXPECT_TRUE(update(two(Topology::kMesh)));
  EXPECT_TRUE(decision_.session());
}

TEST_F(Direct, IsNothingForWhomItIsNotMeant) {
  const auto stays = [&](const TopologySituation& situation) {
    DirectDecision fresh;
    for (int second = 0; second < 60; ++second)
      if (fresh.update(situation, now_ + seconds(second))) return false;
    return !fresh.session();
  };
  EXPECT_TRUE(stays(two(Topology::kSfu)));
  EXPECT_TRUE(stays(two(Topology::kMcu)));
  EXPECT_TRUE(stays(three()));
  EXPECT_TRUE(stays({Topology::kMesh, {}, false}));
  EXPECT_TRUE(stays({Topology::kMesh, {{"ada", true}}, false}));
  auto old = two(Topology::kMesh);
  old.members[1].takes_direct = false;
  EXPECT_TRUE(stays(old)) << "one of them does not know how";
  auto held = two(Topology::kMesh);
  held.needs_server = true;
  EXPECT_TRUE(stays(held));
}

TEST_F(Direct, IsEstablishedOnceBothReceive) {
  const auto number = begin();
  EXPECT_FALSE(decision_.receives(number, "ada", now_));
  EXPECT_FALSE(decision_.receives(number, "ada", now_)) << "the same one again";
  EXPECT_FALSE(decision_.receives(number, "eve", now_));
  EXPECT_FALSE(decision_.receives(number + 1, "bob", now_));
  EXPECT_FALSE(decision_.session()->established);
  EXPECT_TRUE(decision_.receives(number, "bob", now_));
  EXPECT_TRUE(decision_.session()->established);
  now_ += minutes(60);
  EXPECT_FALSE(update(two())) << "and lasts";
}

TEST_F(Direct, IsDoubtedUntilBothReceiveAgain) {
  const auto number = begin();
  EXPECT_FALSE(decision_.doubts(number, "ada", now_)) << "not established yet";
  decision_.receives(number, "ada", now_);
  EXPECT_TRUE(decision_.receives(number, "bob", now_));
  now_ += minutes(5);
  EXPECT_FALSE(decision_.doubts(number, "eve", now_));
  EXPECT_FALSE(decision_.doubts(number + 1, "ada", now_));
  EXPECT_TRUE(decision_.doubts(number, "ada", now_));
  EXPECT_FALSE(decision_.session()->established);
  EXPECT_FALSE(decision_.doubts(number, "bob", now_)) << "known, but now both have to receive";
  EXPECT_FALSE(decision_.receives(number, "ada", now_));
  EXPECT_FALSE(update(two()));
  EXPECT_TRUE(decision_.receives(number, "bob", now_));
  EXPECT_TRUE(decision_.session()->established);
}

TEST_F(Direct, IsNotDoubtedForEver) {
  const auto number = begin();
  establish(number);
  now_ += minutes(5);
  EXPECT_TRUE(decision_.doubts(number, "ada", now_));
  now_ += milliseconds(9999);
  EXPECT_FALSE(update(two()));
  now_ += milliseconds(1);
  EXPECT_TRUE(update(two()));
  EXPECT_FALSE(decision_.session());
  EXPECT_EQ(wait(), seconds(30)) << "it had proven itself before";
}

TEST_F(Direct, EndsAtOnceWhenAThirdComesAndBeginsAnewAfterwards) {
  const auto number = begin();
  establish(number);
  EXPECT_TRUE(update(three()));
  EXPECT_FALSE(decision_.session());
  now_ += seconds(60);
  EXPECT_FALSE(update(three()));
  EXPECT_FALSE(update(two()));
  now_ += seconds(2);
  EXPECT_TRUE(update(two()));
  EXPECT_GT(decision_.session()->number, number);
}

TEST_F(Direct, EndsWhenTheServerIsNeeded) {
  establish(begin());
  auto held = two();
  held.needs_server = true;
  EXPECT_TRUE(update(held));
  EXPECT_FALSE(decision_.session());
  EXPECT_FALSE(update(two(Topology::kSfu)));
}

TEST_F(Direct, EndsWhenOneOfTheTwoIsSomebodyElse) {
  establish(begin());
  const TopologySituation others{Topology::kAuto, {{"ada", true}, {"cleo", true}}, false};
  EXPECT_TRUE(update(others));
  EXPECT_FALSE(decision_.session());
  now_ += seconds(2);
  EXPECT_TRUE(update(others));
  EXPECT_EQ(decision_.session()->second, "cleo");
}

TEST_F(Direct, FailsWhenItIsNotEstablishedInTime) {
  begin();
  now_ += milliseconds(9999);
  EXPECT_FALSE(update(two()));
  now_ += milliseconds(1);
  EXPECT_TRUE(update(two()));
  EXPECT_FALSE(decision_.session());
  EXPECT_EQ(wait(), seconds(30));
}

TEST_F(Direct, PausesTwiceAsLongAfterEachFailure) {
  for (const int expected : {30, 60, 120, 240, 480, 600, 600, 600}) {
    EXPECT_TRUE(decision_.failed(begin(), "ada", now_));
    EXPECT_EQ(wait(), seconds(expected));
  }
}

TEST_F(Direct, PausesShortlyAgainOnceItHasLasted) {
  for (int n = 0; n < 4; ++n) EXPECT_TRUE(decision_.failed(begin(), "bob", now_));
  const auto number = begin();
  establish(number);
  now_ += minutes(1);
  EXPECT_TRUE(decision_.failed(number, "bob", now_));
  EXPECT_EQ(wait(), seconds(30));
}

TEST_F(Direct, KeepsItsPauseWhileAThirdComesAndGoes) {
  EXPECT_TRUE(decision_.failed(begin(), "ada", now_));
  now_ += seconds(5);
  update(three());
  now_ += seconds(5);
  EXPECT_EQ(wait(), seconds(20));
}

TEST_F(Direct, TriesOtherPeopleAtOnce) {
  EXPECT_TRUE(decision_.failed(begin(), "ada", now_));
  const TopologySituation others{Topology::kAuto, {{"ada", true}, {"cleo", true}}, false};
  const auto from = now_;
  begin(others);
  EXPECT_EQ(now_ - from, seconds(2));
}

TEST_F(Direct, TriesAgainAtOnceWhenAsked) {
  EXPECT_TRUE(decision_.failed(begin(), "ada", now_));
  EXPECT_TRUE(update(two(Topology::kMesh)));
  // Asked for once is not asked for again and again.
  EXPECT_TRUE(decision_.failed(decision_.session()->number, "ada", now_));
  now_ += seconds(10);
  EXPECT_FALSE(update(two(Topology::kMesh)));
}

TEST_F(Direct, BelievesOnlyMembersAboutThePresentSession) {
  const auto number = begin();
  EXPECT_FALSE(decision_.failed(number + 1, "ada", now_));
  EXPECT_FALSE(decision_.failed(number - 1, "ada", now_));
  EXPECT_FALSE(decision_.failed(number, "eve", now_));
  EXPECT_TRUE(decision_.session());
}

TEST_F(Direct, CarriesWordsBetweenTheTwoAlsoAfterItsEnd) {
  EXPECT_EQ(decision_.peer_in(0, "ada"), std::nullopt);
  EXPECT_EQ(decision_.peer_in(1, "ada"), std::nullopt);
  const auto number = begin();
  EXPECT_EQ(decision_.peer_in(number, "ada"), "bob");
  EXPECT_EQ(decision_.peer_in(number, "bob"), "ada");
  EXPECT_EQ(decision_.peer_in(number, "eve"), std::nullopt);
  update(three());
  EXPECT_EQ(decision_.peer_in(number, "ada"), "bob");
  now_ += seconds(1);
  const auto next = begin();
  EXPECT_EQ(decision_.peer_in(number, "ada"), std::nullopt) << "of a session long gone";
  EXPECT_EQ(decision_.peer_in(next, "ada"), "bob");
}

TEST_F(Direct, NeverHasASessionThatTheSituationForbids) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  unsigned highest = 0;
  for (int step = 0; step < 20'000; ++step) {
    TopologySituation situation;
    situation.wished = static_cast<Topology>(random() % kTopologies);
    if (random() % 4) situation.wished = Topology::kAuto;
    situation.needs_server = random() % 8 == 0;
    for (const char* id : {"ada", "bob", "cleo"})
      if (random() % 3) situation.members.push_back({id, random() % 8 != 0});
    for (int n = 0; n < 30; ++n) {
      now_ += milliseconds(random() % 2000);
      update(situation);
      const auto& session = decision_.session();
      if (session && random() % 3 == 0) decision_.receives(session->number, session->first, now_);
      if (session && random() % 3 == 0) decision_.receives(session->number, session->second, now_);
      if (session && random() % 9 == 0) decision_.failed(session->number, session->first, now_);
      if (!session) continue;
      ASSERT_EQ(situation.members.size(), 2U);
      ASSERT_FALSE(situation.needs_server);
      ASSERT_TRUE(session->has(situation.members[0].id) && session->has(situation.members[1].id));
      ASSERT_TRUE(situation.members[0].takes_direct && situation.members[1].takes_direct);
      ASSERT_NE(situation.wished, Topology::kSfu);
      ASSERT_NE(situation.wished, Topology::kMcu);
      ASSERT_GE(session->number, highest);
      highest = session->number;
    }
  }
  EXPECT_GT(highest, 100U) << "the test saw sessions at all";
}

TEST(Topologies, HaveNames) {
  for (const auto* name : {"auto", "sfu", "mesh", "mcu"}) {
    ASSERT_TRUE(topology_named(name)) << name;
    EXPECT_EQ(name_of(*topology_named(name)), name);
  }
  for (const auto* name : {"", "SFU", "p2p", "auto "}) EXPECT_FALSE(topology_named(name)) << name;
}

}  // namespace
}  // namespace rooms
