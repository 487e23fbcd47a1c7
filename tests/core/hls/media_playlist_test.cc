// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/media_playlist.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kNoon = seconds(1'795'867'200);
const HlsNames kNames{"r1", "v0"};
const StreamSetup kPicture{Codec::kH264, 1280, 720, 0, 0, {1, 0x42, 0xC0, 0x1F, 0xFF}};
const StreamSetup kSound{Codec::kOpus, 0, 0, 2, 48000, {}};

TEST(MediaPlaylist, IsThatOfRfc8216WithoutParts) {
  SegmentWindow window({seconds(3), {}, seconds(60)});
  for (int n = 0; n < 2; ++n) {
    window.begin(kNoon + seconds(2 * n), 1, false);
    window.add_part({seconds(2), true}, 1000);
    window.end(Timestamp(seconds(2 * n)));
  }
  window.begin(kNoon + seconds(4), 2, true);
  window.add_part({milliseconds(1960), true}, 1000);
  window.end(Timestamp(seconds(6)));
  EXPECT_EQ(media_playlist(window, kNames, {}),
            "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:0\n"
            "#EXT-X-DISCONTINUITY-SEQUENCE:0\n#EXT-X-INDEPENDENT-SEGMENTS\n"
            "#EXT-X-MAP:URI=\"v0-r1-init1.mp4\"\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-11-28T12:00:00.000Z\n#EXTINF:2.00000,\nv0-r1-0.m4s\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-11-28T12:00:02.000Z\n#EXTINF:2.00000,\nv0-r1-1.m4s\n"
            "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"v0-r1-init2.mp4\"\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-11-28T12:00:04.000Z\n#EXTINF:1.96000,\nv0-r1-2.m4s\n");
}

TEST(MediaPlaylist, ListsPartsNearTheEndAHintAndTheOtherRenditions) {
  SegmentWindow window({seconds(3), milliseconds(500), seconds(60)});
  for (int n = 0; n < 12; ++n) {
    window.begin(kNoon, 1, false);
    for (int part = 0; part < (n == 11 ? 2 : 4); ++part)
      window.add_part({milliseconds(480), part == 0}, 1000);
    if (n < 11) window.end(Timestamp(seconds(2 * n)));
  }
  const HlsRenditionReport other{"a0-r1.m3u8", 11, 1};
  const auto text = media_playlist(window, kNames, std::span(&other, 1));
  EXPECT_NE(text.find("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.500,"
                      "HOLD-BACK=9.000\n#EXT-X-PART-INF:PART-TARGET=0.500\n"),
            std::string::npos);
  EXPECT_NE(text.find("#EXT-X-PART:DURATION=0.48000,URI=\"v0-r1-11.0.m4s\",INDEPENDENT=YES\n"
                      "#EXT-X-PART:DURATION=0.48000,URI=\"v0-r1-11.1.m4s\"\n"
                      "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"v0-r1-11.2.m4s\"\n"
                      "#EXT-X-RENDITION-REPORT:URI=\"a0-r1.m3u8\",LAST-MSN=11,LAST-PART=1\n"),
            std::string::npos);
  EXPECT_EQ(text.find("URI=\"v0-r1-2.0.m4s\""), std::string::npos);  // too far from the end
  EXPECT_NE(text.find("\nv0-r1-2.m4s\n"), std::string::npos);
}

TEST(MediaPlaylist, SaysOnlyWhatIsTrueOfKeyframes) {
  SegmentWindow window({seconds(3), {}, seconds(60)});
  window.begin(kNoon, 1, false);
  window.add_part({seconds(2), false}, 1000);
  window.end(Timestamp(seconds(2)));
  EXPECT_EQ(media_playlist(window, kNames, {}).find("INDEPENDENT-SEGMENTS"), std::string::npos);
}

TEST(MultivariantPlaylist, TellsCodecsSizesAndRates) {
  const std::vector<HlsVariant> pictures = {{"v0.m3u8", kPicture, 1'000'000, 800'000}};
  const HlsVariant sound{"a0.m3u8", kSound, 100'000, 50'000};
  EXPECT_EQ(multivariant_playlist(pictures, sound),
            "#EXTM3U\n#EXT-X-VERSION:6\n"
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"Room\",DEFAULT=YES,AUTOSELECT=YES,"
            "CHANNELS=\"2\",URI=\"a0.m3u8\"\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=1375000,AVERAGE-BANDWIDTH=850000,"
            "CODECS=\"avc1.42C01F,Opus\",RESOLUTION=1280x720,AUDIO=\"sound\"\nv0.m3u8\n");
  EXPECT_EQ(multivariant_playlist({}, sound),
            "#EXTM3U\n#EXT-X-VERSION:6\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=125000,AVERAGE-BANDWIDTH=50000,CODECS=\"Opus\"\n"
            "a0.m3u8\n");
}

}  // namespace
}  // namespace rooms
