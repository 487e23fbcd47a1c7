// SPDX-License-Identifier: LGPL-2.1-or-later
// The mix of a room as HTTP Live Streaming, and each participant, as long as somebody asks for it.
// Room thread only.
//
//   MixTaker of each picture, or TrackTap of each layer ─▶ HlsPackager ─▶ HlsStream ─▶ HTTP
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/playout/playout_choice.h"
#include "pipelines/hls_packager.h"
#include "pipelines/hls_stream.h"
#include "pipelines/mix_taker.h"
#include "pipelines/room.h"
#include "pipelines/room_context.h"

namespace rooms {

class RoomHls {
 public:
  using StreamPtr = std::shared_ptr<HlsStream>;

  RoomHls(RoomContext& room, MixTakers& takers, const HlsPolicy& policy)
      : room_(room), takers_(takers), policy_(policy) {}
  ~RoomHls() { close(); }
  RoomHls(const RoomHls&) = delete;
  RoomHls& operator=(const RoomHls&) = delete;

  /// The one that runs, or a new one. `settings`: of the mix; `is_empty`: nobody is in the room.
  /// Errors: "hls-off", "hls-nobody", "codec-unsupported".
  Result<StreamPtr> open_mix(const MixSettings& settings, bool is_empty);
  /// Likewise of a participant, who sends these tracks, untouched: the layers of its picture are
  /// the renditions. Errors: "hls-off", "codec-not-playable", "nothing-to-play".
  Result<StreamPtr> open(const std::string& participant, const std::vector<PlayableTrack>& tracks,
                         const MixVideo::LayersOf& layers_of);
  /// What players of HLS take as it is.
  static bool plays(Codec codec);

  /// The tracks of all participants now. What cannot go on ends; who asks again gets another one.
  void follow(const std::map<std::string, std::vector<PlayableTrack>>& tracks);
  void set_muted(const std::string& track, bool muted);
  /// Whether all layers of it are taken.
  [[nodiscard]] bool takes(const std::string& track) const;
  /// Participants are taken: their media has to come to the server.
  [[nodiscard]] bool needs_media() const;
  /// All streams end.
  void close();

 private:
  struct Programme {
    std::vector<std::unique_ptr<MixTaker>> takings;  // the first takes the sound as well
    PlayoutChoice chosen;                            // of a participant
    PlayoutLoss lost;
    std::vector<std::unique_ptr<TrackTap>> layers;
    std::unique_ptr<TrackTap> sound;
    StreamPtr stream;
    std::unique_ptr<HlsPackager> packager;  // goes first
  };
  [[nodiscard]] StreamPtr running(const std::string& participant) const;
  [[nodiscard]] HlsProgramme::Config config(std::size_t pictures, Timestamp now) const;
  StreamPtr begin(const std::string& participant, Programme programme,
                  const HlsProgramme::Config& config, std::vector<HlsPackager::Source> pictures,
                  HlsPackager::Source sound, Timestamp now);
  void end_idle();

  RoomContext& room_;
  MixTakers& takers_;
  const HlsPolicy policy_;
  std::map<std::string, Programme> programmes_;  // by participant; empty: the mix
  DelayedCall timer_;
};

}  // namespace rooms
