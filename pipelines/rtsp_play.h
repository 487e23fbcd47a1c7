// SPDX-License-Identifier: LGPL-2.1-or-later
// What one RTSP player is sent: the pipeline that gst-rtsp-server makes of a programme for it. Each
// player has its own: in one that several share, gst-rtsp-server adds and starts the sinks of the
// next player beside what already plays, and a sink that is left behind in PAUSED by two who come
// at once stops all of them for good.
//
//   frames ─▶ PlayoutGate ─▶ appsrc ─▶ payloader "pay0" ─▶ rtpbin ─▶ UDP or TCP of the player
#pragma once

#include <memory>
#include <optional>

#include "gst/core/playout/playout_gate.h"
#include "gst/core/record/encoded_frame.h"
#include "gst/glue/ref.h"
#include "pipelines/rtsp_library.h"

namespace rooms {

class RtspPlay {
 public:
  /// nullptr: there is no element for one of them.
  static std::shared_ptr<RtspPlay> create(const std::optional<StreamSetup>& picture,
                                          const std::optional<StreamSetup>& sound);

  // The player's thread.
  [[nodiscard]] GstElement* element() const { return bin_.get(); }
  /// What plays it; returns with the pipeline on the room's times.
  void attach(GstRTSPMedia* media);
  [[nodiscard]] const Ref<GstRTSPMedia>& media() const { return media_; }

  // The programme's thread, from bind() on.
  /// attach() has returned.
  void bind();
  [[nodiscard]] bool is_bound() const { return bound_; }
  [[nodiscard]] bool has(bool picture) const { return !!stream(picture).source; }
  /// Sees whether the player plays. True: a picture has begun to flow.
  bool follow();
  void describe(const StreamSetup& picture);
  /// `data`: of the frame, for all players.
  void push(bool picture, const EncodedFrame& frame, GstBuffer* data);
  [[nodiscard]] bool is_flowing(bool picture) const { return stream(picture).gate.is_flowing(); }
  [[nodiscard]] bool wants_keyframe() const { return picture_.gate.wants_keyframe(); }
  void end();
  [[nodiscard]] std::uint64_t passed() const {
    return picture_.gate.passed() + sound_.gate.passed();
  }
  [[nodiscard]] std::uint64_t dropped() const {
    return picture_.gate.dropped() + sound_.gate.dropped();
  }

 private:
  struct Stream {
    explicit Stream(bool picture) : gate(picture) {}
    Ref<GstElement> source;
    Ref<GstRTSPStream> rtsp;
    bool prerolled = false;
    PlayoutGate gate;
  };
  [[nodiscard]] Stream& stream(bool picture) { return picture ? picture_ : sound_; }
  [[nodiscard]] const Stream& stream(bool picture) const { return picture ? picture_ : sound_; }
  /// Its place is told, so that preparing does not wait for data that may never come.
  void preroll(Stream& stream) const;
  void follow(Stream& stream);

  Ref<GstElement> bin_;
  Ref<GstRTSPMedia> media_;
  GstClockTime base_time_ = 0;
  bool bound_ = false;
  Stream picture_{true};
  Stream sound_{false};
};

}  // namespace rooms
