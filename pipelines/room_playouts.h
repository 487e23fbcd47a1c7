// SPDX-License-Identifier: LGPL-2.1-or-later
// What RTSP mounts take of one room, and who is told when there is no more. Room thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/playout/playout_choice.h"
#include "gst/core/result.h"
#include "pipelines/mix_taker.h"
#include "pipelines/playout.h"
#include "pipelines/room_context.h"
#include "pipelines/track_tap.h"

namespace rooms {

class RoomPlayouts {
 public:
  /// Comes once, on the room's thread, with the reason: nothing is taken any more.
  using Ended = std::function<void(const std::string&)>;

  RoomPlayouts(RoomContext& room, MixTakers& takers) : room_(room), takers_(takers) {}
  ~RoomPlayouts() { close("the room was closed"); }
  RoomPlayouts(const RoomPlayouts&) = delete;
  RoomPlayouts& operator=(const RoomPlayouts&) = delete;

  /// H.264 and AAC, as recordings and pushes take it, so that it is encoded once. Error
  /// "codec-unsupported".
  Result<Playout> take_mix(Ended ended);
  /// Error "nothing-to-play": none of these tracks can be sent, or all pictures are muted and there
  /// is no sound.
  Result<Playout> take(const std::string& participant, const std::vector<PlayableTrack>& tracks,
                       Ended ended);
  /// Of one that has ended: nothing happens.
  void give_back(unsigned number);

  /// The tracks of all participants now.
  using Tracks = std::map<std::string, std::vector<PlayableTrack>>;
  void follow(const Tracks& tracks);
  void set_muted(const std::string& track, bool muted);
  /// Whether somebody takes the best of it that there is.
  [[nodiscard]] bool takes(const std::string& track) const;
  /// Participants are taken: their media has to come to the server.
  [[nodiscard]] bool needs_media() const;
  [[nodiscard]] bool is_empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  void close(const std::string& reason);

 private:
  struct Entry {
    std::string participant;        // empty: the mix
    std::unique_ptr<MixTaker> mix;  // of it, instead of taps
    PlayoutChoice chosen;
    PlayoutLoss lost;
    std::unique_ptr<TrackTap> picture;
    std::unique_ptr<TrackTap> sound;
    Ended ended;
  };
  void release_lost(Entry& entry);

  RoomContext& room_;
  MixTakers& takers_;
  std::map<unsigned, Entry> entries_;
  unsigned last_number_ = 0;
};

}  // namespace rooms
