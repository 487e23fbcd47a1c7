// SPDX-License-Identifier: LGPL-2.1-or-later
// Who takes the mix of a room without being in it: a composite recording, a push to another server,
// whatever leaves the room as one programme. A taker makes the room mix and encode, brings its
// media to the server, and is given encoded frames; all takers of one codec and height share one
// encoder.
//
//   mix ─▶ encoder "mix/video-h264" ─▶ router ─▶ TrackTap of each taker ─▶ frames
//
// Room thread, but for the streams.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gst/core/mix/keyframe_schedule.h"
#include "gst/core/result.h"
#include "pipelines/mix_audio.h"
#include "pipelines/mix_video.h"
#include "pipelines/track_tap.h"

namespace rooms {

/// kUnknown: it takes none. Pictures: those of mix_video_codecs(); sound: Opus or AAC.
struct MixWish {
  Codec picture = Codec::kUnknown;
  Codec sound = Codec::kUnknown;
  int height = 0;    ///< of the picture; 0: as the mix is
  bool taps = true;  ///< false: it is made, and somebody else takes it from the router

  [[nodiscard]] MixFormat format() const { return {picture, height}; }
};

class MixTaker;

/// Those of one room. While somebody takes a picture, a keyframe comes every two seconds: players
/// begin at one, and so do segments. It is the same picture in all encodings.
class MixTakers {
 public:
  struct Callbacks {
    /// Another one takes the mix, or one does no longer; it follows at once.
    std::function<void()> changed;
    /// These are to have a keyframe at that moment, which is about to come.
    std::function<void(const std::set<MixFormat>& formats, Timestamp at)> keyframe;
  };
  MixTakers(RoomContext& room, Callbacks callbacks)
      : room_(room), callbacks_(std::move(callbacks)) {}
  MixTakers(const MixTakers&) = delete;
  MixTakers& operator=(const MixTakers&) = delete;

  /// Whether take() would. Error "codec-unsupported".
  static Status check(const MixWish& wish);
  /// Outlived by this. Error "codec-unsupported": nothing here encodes it.
  Result<std::unique_ptr<MixTaker>> take(const MixWish& wish);

  /// Keyframes are to come then, and where each `segment` after it begins.
  void align_keyframes(Timestamp anchor, Duration segment);

  [[nodiscard]] bool is_empty() const { return takers_.empty(); }
  [[nodiscard]] const std::vector<MixTaker*>& all() const { return takers_; }
  /// How many take that track of the router.
  [[nodiscard]] unsigned takers_of(const std::string& track) const;

 private:
  friend class MixTaker;
  void add(MixTaker& taker);
  void remove(MixTaker& taker);
  void follow_keyframes();

  RoomContext& room_;
  const Callbacks callbacks_;
  std::vector<MixTaker*> takers_;
  KeyframeSchedule keyframes_;
  DelayedCall keyframe_timer_;
};

/// It takes the mix as long as it lives.
class MixTaker {
 public:
  ~MixTaker();
  MixTaker(const MixTaker&) = delete;
  MixTaker& operator=(const MixTaker&) = delete;

  [[nodiscard]] const MixWish& wish() const { return wish_; }
  /// nullptr: it takes none, or has no taps. Frames are on one timeline, in both of them.
  [[nodiscard]] const TrackTap* picture() const { return picture_.get(); }
  [[nodiscard]] const TrackTap* sound() const { return sound_.get(); }

 private:
  friend class MixTakers;
  MixTaker(MixTakers& takers, const MixWish& wish);

  MixTakers& takers_;
  const MixWish wish_;
  std::unique_ptr<TrackTap> picture_;
  std::unique_ptr<TrackTap> sound_;
};

/// The router's track of everybody's sound in that codec: "mix/audio-aac".
std::string mix_sound_track(Codec codec);

}  // namespace rooms
