// SPDX-License-Identifier: LGPL-2.1-or-later
// What a recording (or anything else that wants encoded frames) takes of a track, without the room
// noticing: an output of the router that keeps what comes until somebody takes it, and up to a
// bound.
//
//   router src_7 ─▶ (thread of the network) ─▶ pad of the tap ─▶ FrameAssembler ─▶ take()
//
// Like a sender it takes packets as they came (gst/glue/rtp_patch_query.h): it only ever copies
// them, so there is nothing to wait for, and no thread to be woken for each.
//
// A tap is a viewer that takes the highest layer there is, up to one if that is said. What is muted
// is not taken.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/forward/rtp_patch.h"
#include "gst/core/guarded.h"
#include "gst/core/record/frame_assembler.h"
#include "gst/core/record/frame_ring.h"
#include "gst/glue/ref.h"
#include "pipelines/room_context.h"
#include "pipelines/slot_output.h"

namespace rooms {

/// The frames of a tap. Any thread; outlives the tap.
class TapStream {
 public:
  /// `base_time`: of the room's pipeline; frames tell their time on the monotonic clock.
  explicit TapStream(GstClockTime base_time) : base_time_(base_time) {}

  /// Of no tap: of frames that came before. Nothing more comes.
  explicit TapStream(std::vector<SharedFrame> past);

  void on_codec(Codec codec);
  /// `packet`: of which `buffer` has the times.
  void on_packet(const RtpForward::Packet& packet, GstBuffer* buffer);

  /// Complete ones, in decoding order.
  std::vector<EncodedFrame> take();
  /// The same when nothing comes any more.
  std::vector<EncodedFrame> finish();
  [[nodiscard]] bool wants_keyframe() const;
  [[nodiscard]] std::optional<Codec> codec() const;
  [[nodiscard]] FrameAssembler::Counters counters() const;

 private:
  struct State {
    std::unique_ptr<FrameAssembler> assembler;
    std::vector<SharedFrame> past;
    std::vector<EncodedFrame> former;   ///< of the codec before
    FrameAssembler::Counters counters;  ///< likewise

    std::vector<EncodedFrame> take_former();
  };
  const GstClockTime base_time_;
  Guarded<State> state_;
};

/// Room thread, but for request_keyframe.
class TrackTap {
 public:
  /// `max_spatial`: -1: all layers.
  TrackTap(RoomContext& room, const std::string& track, bool muted, int max_spatial = -1);
  ~TrackTap();
  TrackTap(const TrackTap&) = delete;
  TrackTap& operator=(const TrackTap&) = delete;

  [[nodiscard]] const std::shared_ptr<TapStream>& stream() const { return stream_; }
  /// The router's.
  [[nodiscard]] const std::string& track() const { return output_->track(); }
  void set_muted(bool muted) { output_->set_muted(muted); }
  /// Any thread; nothing happens once the tap is gone.
  [[nodiscard]] std::function<void()> keyframe_request() const;

 private:
  RoomContext& room_;
  std::shared_ptr<TapStream> stream_;
  std::unique_ptr<SlotOutput> output_;
  Ref<GstPad> pad_;
};

}  // namespace rooms
