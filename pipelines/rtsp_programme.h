// SPDX-License-Identifier: LGPL-2.1-or-later
// What the players of one RTSP mount are sent: frames of a playout, taken once and given to all who
// play. On a thread of its own.
//
//   taps ─▶ every 5 ms ─▶ RtspPlay of each player
//
// There is nothing to tell of a picture before its first keyframe; nothing goes on while nobody
// plays.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gst/core/playout/rising_times.h"
#include "gst/core/result.h"
#include "gst/core/time.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "pipelines/playout.h"
#include "pipelines/rtsp_play.h"

namespace rooms {

class RtspProgramme {
 public:
  /// `changed`: players would have to be told of other media than they were; it should be ended.
  /// Comes once, on the programme's thread.
  RtspProgramme(std::shared_ptr<Playout> playout, std::function<void(const std::string&)> changed);
  ~RtspProgramme();
  RtspProgramme(const RtspProgramme&) = delete;
  RtspProgramme& operator=(const RtspProgramme&) = delete;

  // Any thread.
  /// Waits until it is known what there is to play; a picture that does not come is left out.
  /// Error "nothing-to-play".
  Status await_media(Duration patience);
  /// What gst-rtsp-server plays to one more player, floating; nullptr: it is over.
  GstElement* make_element();
  /// The media that plays an element of it, and no longer does.
  void attach(GstRTSPMedia* media);
  void detach(GstRTSPMedia* media);
  /// Asks for one, for a player who has come.
  void request_keyframe();
  /// Players are told that the streams have ended. Nothing is sent after that.
  void end();
  /// Nobody can play it any more: a new one is to be made.
  void retire();
  /// Does so unless somebody plays it.
  bool retire_if_unused();
  [[nodiscard]] bool is_over() const { return over_; }
  [[nodiscard]] std::vector<Ref<GstRTSPMedia>> media() const;

  struct Counters {
    std::uint64_t frames = 0;
    std::uint64_t dropped = 0;  ///< the network did not take those before
  };
  [[nodiscard]] Counters counters() const;

 private:
  /// Sound comes in frames of 2.5 ms and more, mostly of 20.
  static constexpr Duration kLeastStep = std::chrono::milliseconds(2);
  struct Stream {
    Stream(const PlayoutStream& from, bool is_picture) : input(from), picture(is_picture) {}
    const PlayoutStream input;
    const bool picture;
    StreamSetup setup;
    RisingTimes times{kLeastStep};
  };
  using Plays = std::vector<std::shared_ptr<RtspPlay>>;

  void pump();
  void pump(Stream& stream, const Plays& plays);
  void take(Stream& stream, EncodedFrame frame, const Plays& plays);
  void describe(Stream& stream, const StreamSetup& setup, const Plays& plays);
  void ask_for_keyframes(const Plays& plays);
  void change(const std::string& reason);

  const std::shared_ptr<Playout> playout_;
  std::function<void(const std::string&)> changed_;
  std::atomic<bool> over_ = false;
  std::atomic<bool> wants_keyframe_ = false;

  struct Known {
    bool picture = false;  ///< its first keyframe has come
    StreamSetup picture_setup;
    Plays plays;
    Counters counters;  ///< of the pumped plays, and of those that have gone
    Counters gone;
  };
  mutable std::mutex mutex_;
  std::condition_variable news_;
  Known known_;  // with mutex_

  // The programme's thread.
  std::unique_ptr<Stream> picture_;
  std::unique_ptr<Stream> sound_;
  Timestamp asked_;
  bool ended_ = false;
  DelayedCall pump_timer_;
  std::unique_ptr<Executor> executor_;  // last: ends first
};

}  // namespace rooms
