// SPDX-License-Identifier: LGPL-2.1-or-later
// One published track on its way into a mix: an output of the router, then a decoder, then a pad of
// `videogrid` or `mixminus`.
//
//   router src_9 --> rtpinorder, depayloader, decoder --> sink_3 (the mixer's)
//
// The router gives it a thread and a bounded queue, so that it holds up nobody, and takes its
// keyframe requests together with everybody else's.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

#include "gst/core/result.h"
#include "gst/core/rtp/rtp_profile.h"
#include "gst/glue/ref.h"
#include "pipelines/mix_part.h"
#include "pipelines/room_context.h"

namespace rooms {

class MixTap {
 public:
  /// Errors: "codec-unsupported", "plugin-missing". Flows when it is not paused any more.
  static Result<std::unique_ptr<MixTap>> create(RoomContext& room, const std::string& track,
                                                Codec codec, Ref<GstPad> into);
  ~MixTap();
  MixTap(const MixTap&) = delete;
  MixTap& operator=(const MixTap&) = delete;

  [[nodiscard]] const std::string& track() const { return track_; }
  [[nodiscard]] Codec codec() const { return codec_; }
  void pause(bool paused);
  [[nodiscard]] bool paused() const { return paused_; }
  /// -1: all.
  void limit(int max_spatial);
  [[nodiscard]] int max_spatial() const { return max_spatial_; }
  /// Of its router output.
  [[nodiscard]] Owned<GstStructure> stats() const;
  [[nodiscard]] bool contains(GstObject* source) const { return part_->contains(source); }
  /// Where what it decodes comes out.
  [[nodiscard]] Ref<GstPad> src() const { return part_->pad("src"); }

 private:
  MixTap(RoomContext& room, std::string track, Codec codec, std::unique_ptr<MixPart> part,
         Ref<GstPad> into);

  RoomContext& room_;
  const std::string track_;
  const Codec codec_;
  std::unique_ptr<MixPart> part_;
  Ref<GstPad> into_;
  Ref<GstPad> output_;  // of the router
  bool paused_ = true;
  int max_spatial_ = -1;
};

}  // namespace rooms
