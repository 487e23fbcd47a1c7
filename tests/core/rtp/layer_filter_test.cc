// SPDX-License-Identifier: LGPL-2.1-or-later
// Layers of streams that real browsers sent. What a receiver could decode is judged by the frames
// that the descriptors say are needed, apart from the filter's own book-keeping.
#include "gst/core/forward/layer_filter.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "gst/core/codec/stream_inspector.h"
#include "gst/core/forward/output_stream.h"
#include "tests/core/rtp/recording.h"

namespace rooms {
namespace {

using test::read_recording;
using test::Recorded;

/// Counts what came out, and fails where a receiver would have stumbled.
class Receiver {
 public:
  explicit Receiver(const std::vector<Recorded>& source) {
    for (const auto& packet : source)
      if (packet.header().marker) marked_.insert(packet.header().timestamp);
  }
  void take(const SourcePacket& packet, const DependencyDescriptor& truth,
            const Decision& decision) {
    const bool marker = packet.header.marker || decision.patch.marker;
    if (newest_) {
      ASSERT_EQ(decision.extended_sequence, *newest_ + 1) << "a gap";
      const bool same_picture = decision.patch.timestamp == timestamp_;
      ASSERT_TRUE(same_picture || is_newer(decision.patch.timestamp, timestamp_)) << "back in time";
      ASSERT_FALSE(same_picture && marker_) << "a picture goes on behind its marker";
      // Chromium forgets the marker of pictures whose upper layers its encoder has dropped.
      const bool forgotten = !marked_.contains(source_timestamp_);
      ASSERT_TRUE(same_picture || marker_ || forgotten) << "a picture without a marker";
    }
    source_timestamp_ = packet.header.timestamp;
    newest_ = decision.extended_sequence;
    timestamp_ = decision.patch.timestamp;
    marker_ = marker;
    if (truth.frame_start) {
      for (std::size_t i = 0; i < truth.frame_diff_count; ++i)
        ASSERT_TRUE(
            frames_.contains(static_cast<std::uint16_t>(truth.frame_number - truth.frame_diffs[i])))
            << "frame " << truth.frame_number << " needs " << truth.frame_diffs[i] << " back";
      frames_.insert(truth.frame_number);
      ++starts_[{truth.spatial_id, truth.temporal_id}];
    }
    ++packets_;
  }
  [[nodiscard]] int frames(int spatial, int temporal) const {
    const auto at = starts_.find({spatial, temporal});
    return at != starts_.end() ? at->second : 0;
  }
  [[nodiscard]] int packets() const { return packets_; }

 private:
  std::set<std::uint32_t> marked_;  // by timestamp
  std::uint32_t source_timestamp_ = 0;
  std::optional<std::uint64_t> newest_;
  std::uint32_t timestamp_ = 0;
  bool marker_ = true;
  std::set<std::uint16_t> frames_;
  std::map<std::pair<int, int>, int> starts_;
  int packets_ = 0;
};

/// One recorded stream through one output.
class Playback {
 public:
  /// `by_descriptor` false: the inspector sees only payloads.
  explicit Playback(const std::string& name, bool by_descriptor = true)
      : packets_(read_recording(name)), descriptor_id_(by_descriptor ? test::kDescriptorId : 0) {
    output_.want(1);
  }
  template <class Before>
  void run(Before&& before) {
    for (const auto& recorded : packets_) {
      SourcePacket packet;
      packet.header = recorded.header();
      packet.encoding = 1;
      packet.format = {MediaKind::kVideo, test::codec_of(packet.header), 90'000};
      packet.now = recorded.arrival;
      packet.frame =
          inspector_.inspect(packet.format.codec, recorded.bytes, packet.header, descriptor_id_);
      const auto truth =
          truth_.read(find_extension(packet.header, test::kDescriptorId).value_or(Bytes{}));
      ASSERT_TRUE(truth);
      before(output_, *truth);
      const auto decision = output_.consider(packet);
      asked_ += decision.wants_keyframe ? 1 : 0;
      if (decision.forward) receiver_.take(packet, *truth, decision);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  void run(LayerTarget limit) {
    output_.limit_layers(limit);
    run([](auto&, auto&) {});
  }
  [[nodiscard]] const Receiver& receiver() const { return receiver_; }
  [[nodiscard]] const OutputStream& output() const { return output_; }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  std::vector<Recorded> packets_;
  std::uint8_t descriptor_id_;
  StreamInspector inspector_;
  DependencyReader truth_;
  OutputStream output_{RtpStart{.ssrc = 42, .sequence = 10, .timestamp = 0}};
  Receiver receiver_{packets_};
  int asked_ = 0;
};

struct Stream {
  const char* name;
  std::uint8_t spatial;  // layers that came
  std::uint8_t temporal;
  bool key_only;
};
constexpr Stream kStreams[] = {
    {"chromium-vp9-l1t2", 1, 2, false},    {"chromium-vp9-l3t3", 3, 3, false},
    {"chromium-vp9-l2t3-key", 2, 3, true}, {"chromium-vp9-l3t3-key", 3, 3, true},
    {"chromium-av1-l1t2", 1, 2, false},    {"chromium-av1-l3t3", 2, 3, false},
    {"chromium-av1-l3t3-key", 2, 3, true},
};

class Layers : public testing::TestWithParam<Stream> {};

TEST_P(Layers, GiveEveryTargetAStreamThatCanBeDecoded) {
  for (std::uint8_t s = 0; s < GetParam().spatial; ++s) {
    for (std::uint8_t t = 0; t < GetParam().temporal; ++t) {
      SCOPED_TRACE(std::to_string(s) + "," + std::to_string(t));
      Playback playback(GetParam().name);
      playback.run({s, t});
      const auto& got = playback.receiver();
      EXPECT_GT(got.frames(s, 0), 5);
      EXPECT_GT(got.frames(s, t), 5);
      EXPECT_EQ(got.frames(s, t + 1), 0);
      EXPECT_EQ(got.frames(s + 1, 0), 0);
      if (GetParam().key_only && s > 0) {
        EXPECT_LT(got.frames(0, 0), 10) << "lower layers serve keyframes only";
      }
    }
  }
}

TEST_P(Layers, PassAsTheyCameWithoutALimit) {
  if (GetParam().key_only) return;
  Playback playback(GetParam().name);
  playback.run({});
  EXPECT_EQ(playback.receiver().packets(), 300);
}

/// The payload descriptor of VP9 says the same with other words.
TEST_P(Layers, AreTheSameByThePayloadDescriptor) {
  if (std::string(GetParam().name).find("vp9") == std::string::npos) return;
  for (std::uint8_t s = 0; s < GetParam().spatial; ++s) {
    for (std::uint8_t t = 0; t < GetParam().temporal; ++t) {
      SCOPED_TRACE(std::to_string(s) + "," + std::to_string(t));
      Playback by_descriptor(GetParam().name);
      Playback by_payload(GetParam().name, false);
      by_descriptor.run({s, t});
      by_payload.run({s, t});
      // It learns only by the way which layers there are, and that they stand alone.
      EXPECT_NEAR(by_payload.receiver().packets(), by_descriptor.receiver().packets(), 40);
      EXPECT_GT(by_payload.receiver().frames(s, t), 5);
    }
  }
}

TEST_P(Layers, StayDecodableHoweverTheLimitsChange) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Playback playback(GetParam().name, seed % 2 == 0 || GetParam().name[9] == 'a');
    playback.run([&](OutputStream& output, const DependencyDescriptor&) {
      if (random() % 12 != 0) return;
      output.limit_layers(
          {static_cast<std::uint8_t>(random() % 4), static_cast<std::uint8_t>(random() % 4)});
    });
    if (testing::Test::HasFatalFailure()) return;
    EXPECT_GT(playback.receiver().packets(), 10);
  }
}

TEST_P(Layers, GoDownAtTheNextPicture) {
  if (GetParam().spatial < 2 || GetParam().key_only) return;
  Playback playback(GetParam().name);
  int after = 0;
  int packet = 0;
  std::uint16_t lowered_at = 0;
  playback.run([&](OutputStream& output, const DependencyDescriptor& truth) {
    if (++packet == 150) {
      output.limit_layers({0, LayerTarget::kAll});
      lowered_at = truth.frame_number;
    }
    // All layers of one picture are at most three frames.
    if (packet > 150 && truth.frame_number > lowered_at + 3 && output.spatial_layer() != 0) ++after;
  });
  EXPECT_EQ(after, 0);
  EXPECT_EQ(playback.asked(), 0);
}

TEST_P(Layers, ThatServeKeyframesOnlyNeedOneToGoDown) {
  if (!GetParam().key_only) return;
  Playback playback(GetParam().name);
  int packet = 0;
  playback.run([&](OutputStream& output, const DependencyDescriptor&) {
    if (++packet == 200) output.limit_layers({0, LayerTarget::kAll});
  });
  EXPECT_GT(playback.asked(), 0);
  EXPECT_EQ(playback.output().spatial_layer(), GetParam().spatial - 1) << "flows meanwhile";
}

TEST_P(Layers, GoUpInTimeWithoutAKeyframeAndInSpaceWithOne) {
  Playback playback(GetParam().name);
  int packet = 0;
  int top = 0;
  playback.run([&](OutputStream& output, const DependencyDescriptor& truth) {
    if (packet++ == 0) output.limit_layers({0, 0});
    if (packet == 160) output.limit_layers({LayerTarget::kAll, LayerTarget::kAll});
    if (packet > 160 && truth.temporal_id == GetParam().temporal - 1) ++top;
  });
  EXPECT_GT(playback.receiver().frames(0, GetParam().temporal - 1), 0);
  EXPECT_EQ(playback.receiver().frames(1, 0), 0) << "no keyframe came";
  EXPECT_EQ(playback.asked() > 0, GetParam().spatial > 1);
}

INSTANTIATE_TEST_SUITE_P(Chromium, Layers, testing::ValuesIn(kStreams));

/// A frame of a stream that says of itself what it likes.
FrameInfo frame(std::uint16_t number, std::uint64_t needs, bool keyframe = false) {
  FrameInfo info{.keyframe = keyframe, .frame_start = true};
  info.frame_end = true;
  auto& layers = info.layers;
  layers.told = true;
  layers.exist = all_targets(1, 1);
  layers.present = layers.required = targets_from(0, 0);
  layers.number_bits = 16;
  layers.number = number;
  layers.needs = needs;
  return info;
}

TEST(LayerFilter, LeavesOutWhatNeedsFramesFromBeforeTheBeginning) {
  LayerFilter filter;
  filter.join();
  EXPECT_TRUE(filter.consider(frame(100, 0, true), 1).forward());
  const auto refused = filter.consider(frame(101, 0b10), 2);
  EXPECT_EQ(refused.reason, DropReason::kUndecodable);
  EXPECT_TRUE(refused.wants_keyframe);
  EXPECT_EQ(filter.consider(frame(102, 0b1), 3).reason, DropReason::kUndecodable)
      << "needs the one left out";
  EXPECT_TRUE(filter.consider(frame(103, 0b100), 4).forward());
}

TEST(LayerFilter, TakesLostFramesForOnesThatMayStillCome) {
  LayerFilter filter;
  filter.join();
  filter.consider(frame(100, 0, true), 1);
  EXPECT_TRUE(filter.consider(frame(103, 0b1), 4).forward());
  EXPECT_TRUE(filter.consider(frame(102, 0b1), 3).forward()) << "late";
  EXPECT_TRUE(filter.consider(frame(102, 0b1), 3).forward()) << "its second packet";
}

TEST(LayerFilter, StopsBelievingAStreamThatContradictsItself) {
  LayerFilter filter;
  filter.join();
  std::uint16_t number = 100;
  std::uint32_t timestamp = 1;
  int forwarded = 0;
  for (int i = 0; i < 40; ++i) {
    const bool keyframe = i % 4 == 0;
    // Each but the keyframes claims to need a frame from before the first.
    const std::uint64_t needs = keyframe ? 0 : std::uint64_t{1} << (i + 5);
    if (filter.consider(frame(number++, needs, keyframe), timestamp++).forward()) ++forwarded;
  }
  EXPECT_GT(forwarded, 25) << "no stall";
}

TEST(LayerFilter, FollowsNumbersThatWrap) {
  LayerFilter filter;
  filter.join();
  EXPECT_TRUE(filter.consider(frame(65'534, 0, true), 1).forward());
  for (std::uint32_t i = 1; i < 200; ++i)
    ASSERT_TRUE(filter.consider(frame(static_cast<std::uint16_t>(65'534 + i), 1), 1 + i).forward());
}

}  // namespace
}  // namespace rooms
