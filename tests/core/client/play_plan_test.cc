// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/play_plan.h"

#include <gtest/gtest.h>

#include "tests/core/client/client_sdp.h"

namespace rooms {
namespace {

std::uint32_t counting(void* last) { return ++*static_cast<std::uint32_t*>(last); }

SessionDescription played(const SessionDescription& offer) {
  std::uint32_t last = 100;
  auto answer = answer_play(offer, "room", counting, &last);
  set_transport(answer->answer, transport_named("them", ""), {});
  return answer->answer;
}

TEST(PlayPlan, OffersWhatCanBeDecodedAndReadsWhoSends) {
  const auto offer = play_offer(local_sections({MediaKind::kAudio, MediaKind::kVideo}));
  const auto text = write_sdp(offer);
  for (const char* line : {"a=recvonly", "a=rtpmap:111 opus/48000/2", "a=rtpmap:96 VP8/90000",
                           "a=rtpmap:102 H264/90000", "a=fmtp:103 apt=102"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  const auto plan = plan_playing(offer, played(offer));
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  ASSERT_EQ(plan->sections.size(), 2u);
  EXPECT_TRUE(plan->sections[0].active);
  ASSERT_EQ(plan->sections[1].ssrcs.size(), 1u);  // not the one that repairs
  const std::vector<bool> nobody(2, false);
  const auto ssrc = plan->sections[1].ssrcs[0];
  EXPECT_EQ(section_of(plan->sections, MediaKind::kVideo, ssrc, nobody), 1u);
  EXPECT_EQ(section_of(plan->sections, MediaKind::kVideo, 4711, nobody), std::nullopt);
}

TEST(PlayPlan, AServerThatTellsNoSsrcsIsReadByKind) {
  const auto offer =
      play_offer(local_sections({MediaKind::kVideo, MediaKind::kAudio, MediaKind::kVideo}));
  auto answer = played(offer);
  for (auto& media : answer.media) media.ssrcs.clear();
  const auto plan = plan_playing(offer, answer);
  ASSERT_TRUE(plan.ok());
  std::vector<bool> taken(3, false);
  EXPECT_EQ(section_of(plan->sections, MediaKind::kVideo, 1, taken), 0u);
  taken[0] = true;
  EXPECT_EQ(section_of(plan->sections, MediaKind::kVideo, 2, taken), 2u);
  taken[2] = true;
  EXPECT_EQ(section_of(plan->sections, MediaKind::kVideo, 3, taken), std::nullopt);
  EXPECT_EQ(section_of(plan->sections, MediaKind::kAudio, 3, taken), 1u);
}

TEST(PlayPlan, NothingToPlayIsSaid) {
  const auto offer = play_offer(local_sections({MediaKind::kVideo}));
  auto answer = played(offer);
  answer.media[0].direction = Direction::kInactive;
  const auto plan = plan_playing(offer, answer);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, "codec-refused");
}

}  // namespace
}  // namespace rooms
