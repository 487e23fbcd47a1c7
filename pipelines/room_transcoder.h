// SPDX-License-Identifier: LGPL-2.1-or-later
// Tracks that somebody cannot decode, in a codec that they can: each made once, shared by all who
// need it, and gone some seconds after the last. Room thread.
//
//   router src_9 --> decoder --> encoder --> router sink_12   (track "mix/h264/ada/camera")
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/mix_encoder.h"
#include "pipelines/mix_stats.h"
#include "pipelines/mix_tap.h"
#include "pipelines/mix_video.h"

namespace rooms {

class RoomTranscoder {
 public:
  struct Wish {
    std::string track;
    Codec from = Codec::kUnknown;
    Codec to = Codec::kUnknown;
  };
  RoomTranscoder(RoomContext& room, Duration linger) : room_(room), linger_(linger) {}

  void follow(const std::vector<Wish>& wishes, const MixVideo::LayersOf& layers_of, Timestamp now);
  /// What the router calls it when it is made.
  static std::string track_for(const std::string& track, Codec to);
  /// The router's track; empty: it is not made.
  [[nodiscard]] std::string source(const std::string& track, Codec to) const;
  [[nodiscard]] bool is_empty() const { return transcodings_.empty(); }
  [[nodiscard]] std::vector<MixVideo::Decoded> decoded() const;
  /// True: the error came from here.
  bool take_error(GstObject* source, Timestamp now);
  [[nodiscard]] std::vector<MixStats::Encoder> stats() const;

 private:
  using Key = std::pair<std::string, Codec>;
  struct Transcoding {
    Codec from = Codec::kUnknown;
    std::unique_ptr<MixEncoder> encoder;
    std::unique_ptr<MixTap> tap;  // goes first
    std::optional<Timestamp> idle_since;
    std::optional<Timestamp> retry_at;  // after an error
  };
  void make(Transcoding& transcoding, const Key& key, Size size, Timestamp now);
  static void stop(Transcoding& transcoding);

  RoomContext& room_;
  const Duration linger_;
  std::map<Key, Transcoding> transcodings_;
};

}  // namespace rooms
