// SPDX-License-Identifier: LGPL-2.1-or-later
// What real clients wrote, and what they accepted from us. tests/data/sdp/README.md says how it was
// recorded.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "gst/core/sdp/negotiation.h"
#include "gst/glue/sdp_reader.h"
#include "tests/pipelines/sdp_files.h"

namespace rooms {
namespace {

CodecPolicy policy_for(const std::string& name) {
  CodecPolicy policy;
  if (name.ends_with("-h264")) policy.video = {Codec::kH264};
  if (name.ends_with("-vp9")) policy.video = {Codec::kVp9};
  if (name.ends_with("-av1")) policy.video = {Codec::kAv1};
  return policy;
}

std::uint32_t count_up(void* state) { return ++*static_cast<std::uint32_t*>(state); }

/// Publish or play; a session without media when there is no answer.
SessionDescription answer_for(const std::string& name, const SessionDescription& offer) {
  std::uint32_t ssrc = 5000;
  SessionDescription answer;
  if (is_play(name)) {
    if (auto played = answer_play(offer, "gst-rooms", count_up, &ssrc)) answer = played->answer;
  } else {
    if (auto published = answer_publish(offer, policy_for(name))) answer = published->answer;
  }
  set_transport(answer, recorded_transport(), recorded_candidates());
  return answer;
}

SessionDescription read_recorded(const std::string& file) {
  auto session = read_sdp(text_of_file(sdp_directory() / file));
  EXPECT_TRUE(session.ok()) << file;
  return session ? *session : SessionDescription{};
}

bool offers_type(const SdpMedia& offered, std::uint8_t payload_type) {
  return std::any_of(offered.formats.begin(), offered.formats.end(),
                     [&](const auto& f) { return f.payload_type == payload_type; });
}

/// RFC 3264 5 and 6, RFC 8843 7.3, RFC 8285 7: what holds for each pair of offer and answer.
void expect_valid(const SessionDescription& offer, const SessionDescription& answer) {
  ASSERT_EQ(answer.media.size(), offer.media.size());
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const auto& theirs = offer.media[i];
    const auto& ours = answer.media[i];
    EXPECT_EQ(ours.mid, theirs.mid);
    EXPECT_EQ(ours.kind, theirs.kind);
    EXPECT_EQ(ours.other_kind, theirs.other_kind);
    EXPECT_EQ(ours.protocol, theirs.protocol);
    EXPECT_TRUE(ours.rejected || !theirs.rejected);
    for (const auto& f : ours.formats) EXPECT_TRUE(offers_type(theirs, f.payload_type));
    if (ours.rejected) continue;
    if (ours.kind != MediaKind::kApplication) {
      EXPECT_FALSE(ours.formats.empty());
      EXPECT_TRUE(!sends(ours.direction) || receives(theirs.direction));
      EXPECT_TRUE(!receives(ours.direction) || sends(theirs.direction));
    }
    for (const auto& extmap : ours.extmaps) {
      EXPECT_TRUE(std::any_of(theirs.extmaps.begin(), theirs.extmaps.end(), [&](const auto& e) {
        return e.id == extmap.id && e.uri == extmap.uri;
      }));
    }
    for (const auto& rid : ours.rids) {
      EXPECT_TRUE(std::any_of(theirs.rids.begin(), theirs.rids.end(),
                              [&](const auto& r) { return r.id == rid.id && r.send != rid.send; }));
    }
    EXPECT_EQ(ours.transport.setup, "passive");
  }
  for (const auto& mid : answer.bundle) {
    EXPECT_NE(std::find(offer.bundle.begin(), offer.bundle.end(), mid), offer.bundle.end());
  }
}

TEST(RecordedOffers, GetTheAnswersTheirClientsAccepted) {
  const bool anew = std::getenv("GST_ROOMS_WRITE_GOLDEN") != nullptr;
  const auto names = recorded(".offer.sdp");
  EXPECT_GE(names.size(), 30u);
  for (const auto& name : names) {
    const auto offer = read_recorded(name + ".offer.sdp");
    const auto answer = write_sdp(answer_for(name, offer));
    const auto path = sdp_directory() / (name + ".answer.sdp");
    if (anew) std::ofstream(path, std::ios::binary) << answer;
    EXPECT_EQ(answer, text_of_file(path)) << name;
  }
}

TEST(RecordedOffers, AreAnsweredByTheRules) {
  for (const auto& name : recorded(".offer.sdp")) {
    SCOPED_TRACE(name);
    const auto offer = read_recorded(name + ".offer.sdp");
    expect_valid(offer, answer_for(name, offer));
  }
}

TEST(RecordedOffers, ComeBackTheSameAfterWritingAndReading) {
  for (const char* suffix : {".offer.sdp", ".answer.sdp"}) {
    for (const auto& name : recorded(suffix)) {
      const auto written = write_sdp(read_recorded(name + suffix));
      const auto again = read_sdp(written);
      ASSERT_TRUE(again.ok()) << name << ": " << again.error().message;
      EXPECT_EQ(write_sdp(*again), written) << name;
    }
  }
}

TEST(RecordedOffers, TellLayersAndStreamsOfSimulcastPublishers) {
  for (const std::string client : {"chromium", "firefox"}) {
    const auto offer = read_recorded(client + "-camera-screen-mic-data.offer.sdp");
    const auto answer = answer_publish(offer, {});
    ASSERT_TRUE(answer.ok());
    ASSERT_EQ(answer->media.size(), 3u);
    EXPECT_EQ(answer->media[0].codec, Codec::kOpus);
    EXPECT_EQ(answer->media[0].ssrcs.size(), 1u);
    EXPECT_EQ(answer->media[1].rids, (std::vector<std::string>{"q", "h", "f"}));
    EXPECT_TRUE(answer->media[1].ssrcs.empty());
    EXPECT_EQ(answer->media[2].rids, (std::vector<std::string>{""}));
    ASSERT_EQ(answer->media[2].ssrcs.size(), 1u);
    EXPECT_NE(answer->media[2].rtx_ssrcs[0], 0u);
    for (const auto& media : answer->media) {
      EXPECT_TRUE(media.active);
      EXPECT_TRUE(media.feedback.transport_cc);
      EXPECT_FALSE(media.msid_track.empty());
    }
    EXPECT_TRUE(answer->data);
  }
}

TEST(RecordedOffers, OfAiortcAreOneTransportDespiteTheirIceUsers) {
  const auto offer = read_recorded("aiortc-publish.offer.sdp");
  EXPECT_NE(offer.media[0].transport.ufrag, offer.media[1].transport.ufrag);
  const auto answer = answer_publish(offer, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->media[0].active);
  EXPECT_TRUE(answer->media[1].active);
  EXPECT_TRUE(answer->data);
  EXPECT_TRUE(answer->answer.media[2].sctpmap);
  EXPECT_EQ(answer->transport.ufrag, offer.media[0].transport.ufrag);
}

TEST(RecordedAnswers, FillEverySlot) {
  struct {
    const char* file;
    std::size_t blocks;
    std::vector<Codec> video;
  } const rows[] = {
      {"chromium-slots-1", 1, {Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kAv1}},
      {"chromium-slots-3", 3, {Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kAv1}},
      {"firefox-slots-1", 1, {Codec::kVp8, Codec::kVp9, Codec::kAv1}},
      {"firefox-slots-3", 3, {Codec::kVp8, Codec::kVp9, Codec::kAv1}},
      {"aiortc-slots-1", 1, {Codec::kVp8, Codec::kH264}},
      {"libdatachannel-slots-1", 1, {Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kAv1}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.file);
    const auto answer = read_recorded(row.file + std::string(".answer.sdp"));
    const auto slots = accept_slots(recorded_plan(row.blocks), answer);
    ASSERT_TRUE(slots.ok()) << slots.error().message;
    EXPECT_EQ(slots->size(), 4 * row.blocks);
    EXPECT_EQ(transport_of(answer)->setup, "active");
    for (const auto& slot : *slots) {
      EXPECT_TRUE(slot.active);
      EXPECT_NE(slot.extension_ids[static_cast<std::size_t>(Extension::kMid)], 0);
      if (slot.kind == MediaKind::kAudio) continue;
      EXPECT_EQ(decodable(slot), row.video);
      EXPECT_NE(slot.rtx_ssrc, 0u);
      EXPECT_TRUE(slot.feedback.nack && slot.feedback.pli);
    }
  }
}

/// Lines of real offers lost, doubled, swapped and with single bytes changed.
class Damage {
 public:
  explicit Damage(unsigned seed) : random_(seed) {}

  std::string done_to(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size() - 1);
      lines.push_back(text.substr(at, end - at + 1));
      at = end + 1;
    }
    for (auto count = below(12); count > 0; --count) {
      const auto line = below(lines.size());
      const auto other = below(lines.size());
      switch (below(4)) {
        case 0:
          if (line > 3) lines[line].clear();
          break;
        case 1:
          lines[line] += lines[other];
          break;
        case 2:
          std::swap(lines[line], lines[other]);
          break;
        default:
          if (!lines[line].empty()) lines[line][below(lines[line].size())] = byte();
      }
    }
    std::string damaged;
    for (const auto& line : lines) damaged += line;
    return damaged;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % std::max<std::size_t>(limit, 1); }
  char byte() {
    constexpr std::string_view kLikely = "0123456789 :;,=~/-*am\n";
    return below(4) == 0 ? static_cast<char>(below(256)) : kLikely[below(kLikely.size())];
  }
  std::mt19937 random_;
};

TEST(DamagedOffers, GetAValidAnswerOrAnErrorWithASentence) {
  const char* wish = std::getenv("GST_ROOMS_SEED");
  const unsigned seed =
      wish ? static_cast<unsigned>(std::strtoul(wish, nullptr, 10)) : std::random_device{}();
  SCOPED_TRACE("GST_ROOMS_SEED=" + std::to_string(seed));
  Damage damage(seed);
  std::size_t answered = 0;
  for (int round = 0; round < 10; ++round) {
    for (const auto& name : recorded(".offer.sdp")) {
      const auto offer =
          read_sdp(damage.done_to(text_of_file(sdp_directory() / (name + ".offer.sdp"))));
      if (!offer) {
        EXPECT_FALSE(offer.error().message.empty());
        continue;
      }
      const auto answer = answer_for(name, *offer);
      if (answer.media.empty()) continue;
      ++answered;
      expect_valid(*offer, answer);
      EXPECT_TRUE(read_sdp(write_sdp(answer)).ok());
      if (::testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GT(answered, 50u);
}

}  // namespace
}  // namespace rooms
