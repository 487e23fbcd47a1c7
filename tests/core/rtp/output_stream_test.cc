// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/output_stream.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace rooms {
namespace {

using std::chrono::milliseconds;

constexpr EncodingFormat kVp8{MediaKind::kVideo, Codec::kVp8, 90'000};
constexpr EncodingFormat kH264{MediaKind::kVideo, Codec::kH264, 90'000};
constexpr EncodingFormat kOpus{MediaKind::kAudio, Codec::kOpus, 48'000};
constexpr EncodingId kA = 1, kB = 2;

/// A source that counts its own packets, and an output that sees them.
struct Source {
  EncodingId id;
  EncodingFormat format = kVp8;
  std::uint16_t sequence = 65'530;
  std::uint32_t timestamp = 1'000'000;
  std::uint32_t ssrc = 100 + id;
  std::uint32_t track = id;
};

class OutputStreamTest : public testing::Test {
 protected:
  Decision send(Source& source, FrameInfo frame = {}) {
    static const std::uint8_t kPayload[] = {1, 2, 3};
    RtpHeader header;
    header.sequence = source.sequence++;
    header.timestamp = source.timestamp += 3000;
    header.ssrc = source.ssrc;
    if (!padding_only_) header.payload = kPayload;
    now_ += milliseconds(33);
    SourcePacket packet;
    packet.encoding = source.id;
    packet.track = source.track;
    packet.format = source.format;
    packet.header = header;
    packet.frame = frame;
    packet.captured = captured_;
    packet.now = now_;
    return output_.consider(packet);
  }
  Decision key(Source& source) { return send(source, {.keyframe = true, .frame_start = true}); }
  Decision layer(Source& source, unsigned temporal, bool sync = false) {
    return send(source, layered(temporal, sync));
  }
  /// As StreamInspector tells of VP8.
  static FrameInfo layered(unsigned temporal, bool sync) {
    FrameInfo frame{.frame_start = true, .layer_sync = sync};
    frame.layers.told = true;
    frame.layers.temporal = static_cast<std::uint8_t>(temporal);
    frame.layers.exist = all_targets(1, 3);
    frame.layers.present = frame.layers.required = targets_from(0, temporal);
    if (!sync) return frame;
    frame.layers.switches = LayerTarget{0, frame.layers.temporal}.bit();
    frame.layers.switches_above = static_cast<std::uint8_t>(temporal - 1);
    return frame;
  }

  void limit_temporal(unsigned highest) {
    output_.limit_layers({LayerTarget::kAll, static_cast<std::uint8_t>(highest)});
  }

  OutputStream output_{RtpStart{.ssrc = 42, .sequence = 10, .timestamp = 0}};
  Timestamp now_{};
  bool padding_only_ = false;
  std::optional<Timestamp> captured_;
  Source a_{kA};
  Source b_{kB};
};

TEST_F(OutputStreamTest, BeginsVideoOnlyWithAKeyframeAndAsksForOne) {
  output_.want(kA);
  const auto first = send(a_);
  EXPECT_FALSE(first.forward);
  EXPECT_TRUE(first.wants_keyframe);
  EXPECT_EQ(first.reason, DropReason::kWaitingForKeyframe);
  const auto keyframe = key(a_);
  EXPECT_TRUE(keyframe.forward);
  EXPECT_TRUE(keyframe.switched);
  EXPECT_EQ(keyframe.patch.ssrc, 42U);
  EXPECT_EQ(keyframe.extended_sequence, 10U);
  EXPECT_TRUE(send(a_).forward);
}

TEST_F(OutputStreamTest, BeginsAudioAtOnce) {
  a_.format = kOpus;
  output_.want(kA);
  EXPECT_TRUE(send(a_).forward);
}

TEST_F(OutputStreamTest, JoinsCodecsItCannotReadAtOnce) {
  a_.format = {MediaKind::kVideo, Codec::kUnknown, 90'000};
  output_.want(kA);
  EXPECT_TRUE(send(a_).forward);
}

TEST_F(OutputStreamTest, KeepsTheOldTrackUntilTheKeyframeOfTheNewOne) {
  output_.want(kA);
  key(a_);
  output_.want(kB);
  EXPECT_TRUE(send(a_).forward) << "goes on";
  const auto waiting = send(b_);
  EXPECT_FALSE(waiting.forward);
  EXPECT_TRUE(waiting.wants_keyframe);
  const auto last = send(a_);
  EXPECT_TRUE(last.forward);
  const auto first = key(b_);
  EXPECT_TRUE(first.switched);
  EXPECT_EQ(first.extended_sequence, last.extended_sequence + 1);
  EXPECT_EQ(send(a_).reason, DropReason::kNotWanted);
}

TEST_F(OutputStreamTest, ComesBackToTheOldTrackWithoutAKeyframeIfItNeverLeft) {
  output_.want(kA);
  key(a_);
  output_.want(kB);
  send(b_);
  output_.want(kA);
  EXPECT_TRUE(send(a_).forward);
  EXPECT_FALSE(output_.waits());
}

TEST_F(OutputStreamTest, SwitchesTheCodecToo) {
  b_.format = kH264;
  output_.want(kA);
  key(a_);
  output_.want(kB);
  const auto first = key(b_);
  EXPECT_TRUE(first.switched);
  EXPECT_EQ(first.patch.edit.length, 0);
}

TEST_F(OutputStreamTest, StopsAtOnceWhenNothingIsWanted) {
  output_.want(kA);
  key(a_);
  output_.want(0);
  EXPECT_EQ(send(a_).reason, DropReason::kNotWanted);
  EXPECT_FALSE(output_.waits());
}

TEST_F(OutputStreamTest, ResumesVideoWithAKeyframeAndWithoutAGap) {
  output_.want(kA);
  const auto before = key(a_);
  output_.pause(true);
  EXPECT_EQ(send(a_).reason, DropReason::kPaused);
  EXPECT_FALSE(key(a_).forward);
  output_.pause(false);
  EXPECT_TRUE(send(a_).wants_keyframe);
  const auto after = key(a_);
  EXPECT_TRUE(after.forward);
  EXPECT_FALSE(after.switched) << "the same source";
  EXPECT_EQ(after.extended_sequence, before.extended_sequence + 1);
  EXPECT_EQ(after.patch.timestamp - before.patch.timestamp, 4U * 3000U);
}

TEST_F(OutputStreamTest, ResumesWithNothingButWhatIsWantedThen) {
  output_.want(kA);
  key(a_);
  output_.pause(true);
  output_.want(kB);
  output_.pause(false);
  EXPECT_EQ(send(a_).reason, DropReason::kNotWanted);
  EXPECT_EQ(key(a_).reason, DropReason::kNotWanted);
  EXPECT_TRUE(send(b_).wants_keyframe);
  EXPECT_TRUE(key(b_).switched);
  EXPECT_TRUE(send(b_).forward);
}

TEST_F(OutputStreamTest, ResumesAudioAtOnce) {
  a_.format = kOpus;
  output_.want(kA);
  send(a_);
  output_.pause(true);
  send(a_);
  output_.pause(false);
  EXPECT_TRUE(send(a_).forward);
}

TEST_F(OutputStreamTest, WaitsForAKeyframeAfterItsConsumerLostPackets) {
  output_.want(kA);
  key(a_);
  output_.lost_room();
  EXPECT_TRUE(output_.waits());
  EXPECT_TRUE(send(a_).wants_keyframe);
  EXPECT_TRUE(key(a_).forward);
}

TEST_F(OutputStreamTest, TakesANewSsrcOfTheSourceForANewSource) {
  output_.want(kA);
  const auto before = key(a_);
  a_.ssrc = 999;
  a_.timestamp = 17;
  EXPECT_EQ(send(a_).reason, DropReason::kWaitingForKeyframe);
  const auto after = key(a_);
  EXPECT_TRUE(after.switched);
  EXPECT_EQ(after.extended_sequence, before.extended_sequence + 1);
  EXPECT_TRUE(is_newer(after.patch.timestamp, before.patch.timestamp));
}

TEST_F(OutputStreamTest, TakesAJumpOfTheSequenceForARestart) {
  output_.want(kA);
  const auto before = key(a_);
  a_.sequence = static_cast<std::uint16_t>(a_.sequence + 20'000);
  EXPECT_FALSE(send(a_).forward);
  EXPECT_EQ(send(a_).reason, DropReason::kWaitingForKeyframe);
  const auto after = key(a_);
  EXPECT_EQ(after.extended_sequence, before.extended_sequence + 1);
}

TEST_F(OutputStreamTest, LeavesPaddingOutWithoutAGap) {
  output_.want(kA);
  const auto before = key(a_);
  padding_only_ = true;
  EXPECT_EQ(send(a_).reason, DropReason::kNoPayload);
  padding_only_ = false;
  EXPECT_EQ(send(a_).extended_sequence, before.extended_sequence + 1);
}

TEST_F(OutputStreamTest, LeavesOutHigherTemporalLayersAndRisesOnlyAtASyncPoint) {
  output_.want(kA);
  limit_temporal(0);
  auto key_layers = layered(0, false);
  key_layers.keyframe = true;
  auto previous = send(a_, key_layers).extended_sequence;
  EXPECT_EQ(layer(a_, 2).reason, DropReason::kTemporalLayer);
  EXPECT_EQ(layer(a_, 1, true).reason, DropReason::kTemporalLayer);
  EXPECT_EQ(layer(a_, 0).extended_sequence, previous + 1) << "no gap";
  limit_temporal(2);
  EXPECT_FALSE(layer(a_, 2).forward) << "refers to frames that were left out";
  EXPECT_TRUE(layer(a_, 1, true).forward);
  EXPECT_FALSE(layer(a_, 2).forward);
  EXPECT_TRUE(layer(a_, 2, true).forward);
  limit_temporal(1);
  EXPECT_FALSE(layer(a_, 2).forward);
  limit_temporal(2);
  send(a_, key_layers);
  EXPECT_TRUE(layer(a_, 2).forward) << "a keyframe resets it";
}

/// Two layers of one camera: frames of the same moments, clocks that began anywhere.
TEST_F(OutputStreamTest, AlignsLayersOfOneTrackByTheirCaptureTimes) {
  b_.track = a_.track;
  b_.timestamp = 77;
  const Timestamp start(std::chrono::seconds(5));
  output_.want(kA);
  captured_ = start;
  const auto before = key(a_);
  output_.want(kB);
  // The keyframe of the same moment comes late, but not its timestamp.
  captured_ = start + milliseconds(100);
  const auto after = key(b_);
  EXPECT_EQ(after.patch.timestamp - before.patch.timestamp, 9000U);
}

TEST_F(OutputStreamTest, CatchesUpWithWhatHasBeenShownWithoutGoingBack) {
  b_.track = a_.track;
  const Timestamp start(std::chrono::seconds(5));
  output_.want(kA);
  std::uint32_t newest = 0;
  for (int i = 0; i < 4; ++i) {
    captured_ = start + i * std::chrono::microseconds(33'333);
    newest = (i == 0 ? key(a_) : send(a_)).patch.timestamp;
  }
  const std::uint32_t origin = newest - 3 * 3000;
  output_.want(kB);
  for (int i = 2; i < 8; ++i) {  // the newest but one, again
    captured_ = start + i * std::chrono::microseconds(33'333);
    const auto sent = i == 2 ? key(b_) : send(b_);
    ASSERT_TRUE(sent.forward);
    EXPECT_TRUE(is_newer(sent.patch.timestamp, newest + 89)) << "a millisecond at least; " << i;
    newest = sent.patch.timestamp;
    if (i > 3) {
      EXPECT_NEAR(static_cast<double>(newest - origin), i * 3000.0, 1.0) << i;
    }
  }
}

TEST_F(OutputStreamTest, GoesByArrivalWhereCaptureTimesAreOfNoUse) {
  b_.track = a_.track;
  output_.want(kA);
  captured_ = Timestamp(std::chrono::seconds(5));
  const auto before = key(a_);
  output_.want(kB);
  captured_ = Timestamp(std::chrono::seconds(500));
  const auto after = key(b_);
  EXPECT_NEAR(static_cast<double>(after.patch.timestamp - before.patch.timestamp), 2970.0, 40.0);
}

TEST_F(OutputStreamTest, KeepsFrameNumbersOfDescriptorsGoingOn) {
  const auto numbered = [](std::uint16_t number, bool keyframe) {
    FrameInfo frame{.keyframe = keyframe, .frame_start = true};
    frame.frame_number = number;
    frame.frame_number_offset = 17;
    return frame;
  };
  output_.want(kA);
  EXPECT_EQ(send(a_, numbered(1000, true)).patch.frame_number_offset, 0) << "as it came";
  send(a_, numbered(1001, false));
  output_.want(kB);
  const auto older = send(b_, numbered(7, true));
  EXPECT_EQ(older.patch.frame_number_offset, 17);
  EXPECT_EQ(older.patch.frame_number, 1002);
  EXPECT_EQ(send(b_, numbered(9, false)).patch.frame_number, 1004) << "a gap stays one";
  output_.want(kA);
  EXPECT_EQ(send(a_, numbered(1010, true)).patch.frame_number_offset, 17)
      << "newer as it is, but not by this output's numbers of a source it has left";
}

TEST_F(OutputStreamTest, AskedOnlyByTheWantedTrack) {
  output_.want(kA);
  key(a_);
  output_.lost_room();
  output_.want(kB);
  EXPECT_FALSE(send(a_).wants_keyframe) << "it is about to go anyway";
  EXPECT_TRUE(send(b_).wants_keyframe);
}

/// Whatever is wanted, paused, lost and switched: numbers of forwarded packets have no gap that the
/// network did not make, timestamps of frames in order never go back, nothing but a keyframe
/// follows an interruption.
TEST_F(OutputStreamTest, StaysContinuousInARandomLife) {
  const unsigned seed = 555;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto chance = [&random](unsigned per_mille) { return random() % 1000 < per_mille; };
  std::map<EncodingId, Source> sources;
  for (EncodingId id = 1; id <= 4; ++id) {
    sources[id] = {.id = id,
                   .sequence = static_cast<std::uint16_t>(random()),
                   .timestamp = static_cast<std::uint32_t>(random())};
  }
  output_.want(1);
  std::optional<Decision> previous;
  EncodingId flowing = 0;
  std::map<EncodingId, unsigned> lost;  // since the last forwarded packet of this source
  for (int step = 0; step < 200'000; ++step) {
    if (chance(5)) output_.want(1 + random() % 4);
    if (chance(5)) output_.pause(chance(500));
    if (chance(2)) output_.lost_room();
    auto& source = sources[1 + random() % 4];
    if (chance(2)) {
      source.ssrc = static_cast<std::uint32_t>(random());
      source.sequence = static_cast<std::uint16_t>(random());
    }
    if (chance(20)) {
      ++source.sequence;
      ++lost[source.id];
    }
    const bool interrupted = output_.current() != source.id || !previous;
    const FrameInfo frame{.keyframe = chance(50), .frame_start = true};
    const auto decision = send(source, frame);
    if (!decision.forward) continue;
    if (interrupted || decision.switched) {
      ASSERT_TRUE(frame.keyframe) << step;
    }
    if (previous) {
      const auto advance = decision.extended_sequence - previous->extended_sequence;
      ASSERT_GE(advance, 1U) << step;
      ASSERT_LE(advance, 1U + (flowing == source.id ? lost[source.id] : 0U)) << step;
      if (decision.switched) {
        ASSERT_EQ(advance, 1U) << step;
      }
      ASSERT_TRUE(is_newer(decision.patch.timestamp, previous->patch.timestamp)) << step;
    }
    previous = decision;
    flowing = source.id;
    lost[source.id] = 0;
  }
}

}  // namespace
}  // namespace rooms
