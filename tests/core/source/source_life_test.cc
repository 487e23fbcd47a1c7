// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/source_life.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

constexpr double kAny = 0.5;

TEST(SourceLife, ACameraThatGoesIsAwayAndTriedAgainLessAndLessOften) {
  SourceLife life(false, false);
  EXPECT_TRUE(life.on_media());
  EXPECT_FALSE(life.on_media());
  auto next = life.on_problem(SourceProblem::kUnreachable, kAny);
  EXPECT_EQ(next.state, SourceState::kAway);
  const auto first = next.retry.value();
  for (int i = 0; i < 4; ++i) next = life.on_problem(SourceProblem::kUnreachable, kAny);
  EXPECT_GT(next.retry.value(), first);
  EXPECT_EQ(life.connections_lost(), 1U);
  EXPECT_TRUE(life.on_media());
  EXPECT_EQ(life.on_end(kAny).retry.value(), first);
  EXPECT_EQ(life.connections_lost(), 2U);
}

TEST(SourceLife, OneThatHasNeverBeenThereIsStillConnecting) {
  SourceLife life(false, false);
  const auto next = life.on_problem(SourceProblem::kNotFound, kAny);
  EXPECT_EQ(next.state, SourceState::kConnecting);
  EXPECT_TRUE(next.retry);
}

TEST(SourceLife, AWrongPasswordIsNotTriedTwice) {
  SourceLife life(false, false);
  EXPECT_FALSE(life.on_problem(SourceProblem::kUnauthorized, kAny).retry);
  EXPECT_TRUE(life.is_over());
  SourceLife once_live(false, false);
  once_live.on_media();
  EXPECT_FALSE(once_live.on_problem(SourceProblem::kUnauthorized, kAny).retry);
}

TEST(SourceLife, WhatWasLiveIsTriedAgainWhateverItSaysAsItStarts) {
  SourceLife life(false, false);
  life.on_media();
  EXPECT_TRUE(life.on_problem(SourceProblem::kNothingThere, kAny).retry);
  SourceLife never(false, false);
  EXPECT_FALSE(never.on_problem(SourceProblem::kNothingThere, kAny).retry);
}

TEST(SourceLife, AFileEndsOrBeginsAnew) {
  SourceLife once(true, false);
  once.on_media();
  EXPECT_EQ(once.on_end(kAny).state, SourceState::kEnded);
  SourceLife loop(true, true);
  loop.on_media();
  const auto next = loop.on_end(kAny);
  EXPECT_EQ(next.state, SourceState::kLive);
  EXPECT_EQ(next.retry, Duration::zero());
  SourceLife empty(true, true);
  EXPECT_EQ(empty.on_end(kAny).state, SourceState::kFailed);
}

TEST(SourceLife, EachProblemHasItsSentence) {
  EXPECT_NE(sentence_for(SourceProblem::kUnauthorized, "").find("password"), std::string::npos);
  EXPECT_NE(sentence_for(SourceProblem::kUndecodable, "video/x-av1").find("(video/x-av1)"),
            std::string::npos);
}

TEST(SourceLife, WhatSomebodySendsIsTriedNoMoreOftenThanItIsWorth) {
  SourceLife caller(true, false, 0);
  caller.on_media();
  EXPECT_EQ(caller.on_problem(SourceProblem::kSilent, kAny).state, SourceState::kFailed);
  SourceLife hangs_up(true, false, 0);
  hangs_up.on_media();
  EXPECT_EQ(hangs_up.on_end(kAny).state, SourceState::kEnded);
  SourceLife published(true, false, 2);
  for (int round = 0; round < 3; ++round) {
    published.on_media();
    EXPECT_TRUE(published.on_problem(SourceProblem::kUnreachable, kAny).retry);
    EXPECT_TRUE(published.on_problem(SourceProblem::kUnreachable, kAny).retry);
  }
  EXPECT_EQ(published.on_problem(SourceProblem::kUnreachable, kAny).state, SourceState::kFailed);
}

}  // namespace
}  // namespace rooms
