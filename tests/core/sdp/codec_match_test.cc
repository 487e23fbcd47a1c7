// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/codec_match.h"

#include <gtest/gtest.h>

#include "tests/core/sdp/offers.h"

namespace rooms {
namespace {

std::uint8_t canonical_of(MediaKind kind, const SdpFormat& offered) {
  const auto match = row_of(kind, offered);
  return match.row ? match.row->payload_type : 255;
}

TEST(CodecMatch, TellsH264RowsApartByProfileFamilyAndPacketizationMode) {
  struct {
    const char* title;
    const char* fmtp;
    std::uint8_t canonical;
    bool exact;
  } const rows[] = {
      {"constrained baseline", "packetization-mode=1;profile-level-id=42e01f", 102, true},
      {"constrained baseline, other level", "packetization-mode=1;profile-level-id=42E034", 102,
       true},
      {"only constraint_set1", "packetization-mode=1;profile-level-id=42c015", 102, true},
      {"main that is constrained baseline", "packetization-mode=1;profile-level-id=4d8028", 102,
       true},
      {"extended that is constrained baseline", "packetization-mode=1;profile-level-id=58e01f", 102,
       true},
      {"baseline", "packetization-mode=1;profile-level-id=42001f", 104, true},
      {"main", "packetization-mode=1;profile-level-id=4d0032", 106, true},
      {"high", "packetization-mode=1;profile-level-id=640c1f", 108, true},
      {"high 4:4:4, nearest is high", "packetization-mode=1;profile-level-id=f4001f", 108, true},
      {"mode 0", "packetization-mode=0;profile-level-id=42e01f", 112, true},
      {"mode 0 by default", "profile-level-id=42e01f", 112, true},
      {"mode 0 main, nearest with that mode", "profile-level-id=4d001f", 112, false},
      {"nothing written: baseline, mode 0", "", 112, false},
      {"spaces and capitals", "Profile-Level-Id = 42e01f ; Packetization-Mode=1", 102, true},
      {"interleaved mode is not carried", "packetization-mode=2;profile-level-id=42e01f", 255,
       true},
      {"mode that is no number", "packetization-mode=x;profile-level-id=42e01f", 255, true},
      {"profile that is no number", "packetization-mode=1;profile-level-id=zzzzzz", 104, true},
  };
  for (const auto& row : rows) {
    const auto offered = format(99, "h264", 90000, row.fmtp);
    EXPECT_EQ(canonical_of(MediaKind::kVideo, offered), row.canonical) << row.title;
    if (row.canonical != 255) {
      EXPECT_EQ(row_of(MediaKind::kVideo, offered).exact, row.exact) << row.title;
    }
  }
}

TEST(CodecMatch, TellsOtherCodecsApartByNameRateChannelsAndProfile) {
  struct {
    const char* title;
    MediaKind kind;
    SdpFormat offered;
    std::uint8_t canonical;
  } const rows[] = {
      {"opus", MediaKind::kAudio, format(96, "OPUS", 48000, "", 2), 111},
      {"opus, channels not written", MediaKind::kAudio, format(97, "OPUS", 48000), 111},
      {"opus mono is no opus", MediaKind::kAudio, format(96, "opus", 48000, "", 1), 255},
      {"opus in a video section", MediaKind::kVideo, format(96, "opus", 48000, "", 2), 255},
      {"audio red", MediaKind::kAudio, format(63, "red", 48000, "111/111", 2), 63},
      {"video red", MediaKind::kVideo, format(63, "red", 90000), 255},
      {"telephone-event", MediaKind::kAudio, format(101, "telephone-event", 8000), 255},
      {"comfort noise", MediaKind::kAudio, format(13, "CN", 8000), 255},
      {"PCMU, channels written", MediaKind::kAudio, format(0, "PCMU", 8000, "", 1), 0},
      {"wide PCMU", MediaKind::kAudio, format(97, "PCMU", 16000), 255},
      {"VP9 without profile", MediaKind::kVideo, format(98, "VP9", 90000, "max-fs=12288"), 98},
      {"VP9 profile 2", MediaKind::kVideo, format(98, "VP9", 90000, "profile-id=2"), 100},
      {"VP9 profile 1", MediaKind::kVideo, format(98, "VP9", 90000, "profile-id=1"), 255},
      {"AV1", MediaKind::kVideo, format(45, "AV1", 90000, "level-idx=5;profile=0;tier=0"), 45},
      {"AV1 professional", MediaKind::kVideo, format(39, "AV1", 90000, "profile=1"), 255},
      {"payload type that looks like RTCP", MediaKind::kVideo, format(72, "VP8", 90000), 255},
      {"H.265", MediaKind::kVideo, format(49, "H265", 90000), 255},
  };
  for (const auto& row : rows)
    EXPECT_EQ(canonical_of(row.kind, row.offered), row.canonical) << row.title;
}

TEST(CodecMatch, MapsEachCanonicalTypeOnceAndPrefersTheSameProfile) {
  const auto media =
      section(MediaKind::kVideo, "v",
              {format(50, "H264", 90000, "packetization-mode=1;profile-level-id=42001f"),
               format(51, "rtx", 90000, "apt=50"),
               format(52, "H264", 90000, "packetization-mode=1;profile-level-id=42e01f"),
               format(53, "H264", 90000, "packetization-mode=1;profile-level-id=42e02a")});
  std::vector<std::pair<int, int>> seen;
  for (const auto& mapping : mappings_of(media))
    seen.emplace_back(mapping.canonical, mapping.local);
  // Constrained Baseline has a type of its own without RTX; Baseline has one with RTX. What is
  // beyond both goes where it comes first, mode 0 packets go to mode 1 decoders.
  const std::vector<std::pair<int, int>> expected = {{102, 52}, {104, 50}, {105, 51}, {106, 50},
                                                     {107, 51}, {108, 50}, {109, 51}, {112, 52}};
  EXPECT_EQ(seen, expected);
}

TEST(CodecMatch, SendsNoFragmentationUnitsToASingleNalUnitDecoder) {
  const auto media =
      section(MediaKind::kVideo, "v", {format(50, "H264", 90000, "profile-level-id=42e01f")});
  const auto mappings = mappings_of(media);
  ASSERT_EQ(mappings.size(), 1u);
  EXPECT_EQ(mappings[0].canonical, 112);
}

TEST(CodecMatch, TakesRedOnlyForTheOpusThatIsThere) {
  const auto opus = format(111, "opus", 48000, "", 2);
  const auto own = format(63, "red", 48000, "111/111", 2);
  const auto other = format(64, "red", 48000, "96/96", 2);
  EXPECT_EQ(mappings_of(section(MediaKind::kAudio, "a", {own, opus})).size(), 2u);
  EXPECT_EQ(mappings_of(section(MediaKind::kAudio, "a", {other, opus})).size(), 1u);
  EXPECT_EQ(mappings_of(section(MediaKind::kAudio, "a", {own})).size(), 0u);
}

TEST(CodecMatch, EchoesWhatOpusPublishersAskFor) {
  const auto& opus = *profile_of(Codec::kOpus);
  const std::string base = "minptime=10;useinbandfec=1";
  EXPECT_EQ(answered_fmtp(opus, format(111, "opus", 48000, "useinbandfec=1", 2)), base);
  EXPECT_EQ(answered_fmtp(opus, format(111, "opus", 48000, "usedtx=1;stereo=1", 2)),
            base + ";stereo=1;usedtx=1");
  EXPECT_EQ(answered_fmtp(opus, format(111, "opus", 48000, "sprop-stereo=1", 2)),
            base + ";stereo=1;sprop-stereo=1");
  EXPECT_EQ(answered_fmtp(opus, format(111, "opus", 48000, "sprop-stereo=0", 2)),
            base + ";sprop-stereo=0");
}

TEST(CodecMatch, LeavesParameterSetsAndLimitsOfTheSenderOut) {
  const auto offered = format(96, "H264", 90000,
                              "packetization-mode=1;sprop-parameter-sets=Z0LAFdkBQfs=,aMuMsg==;"
                              "profile-level-id=42c015;level-asymmetry-allowed=1");
  EXPECT_EQ(answered_fmtp(*profile_of(Codec::kH264), offered),
            "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c015");
  EXPECT_EQ(answered_fmtp(*profile_of(Codec::kVp8), format(120, "VP8", 90000, "max-fs=12288")), "");
}

}  // namespace
}  // namespace rooms
