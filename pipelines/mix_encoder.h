// SPDX-License-Identifier: LGPL-2.1-or-later
// One encoding of a mix, which is a track of the room like any other: whoever takes it is forwarded
// to, so that the second and the twentieth cost what forwarding costs. Keyframe requests come up to
// the encoder through the router, which merges them.
//
//   source (tee, mixminus) --> encoder, payloader --> sink_12 router   (track "mix/video-vp8")
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

#include "gst/core/layout/geometry.h"
#include "gst/core/result.h"
#include "gst/glue/ref.h"
#include "pipelines/mix_part.h"
#include "pipelines/publication.h"
#include "pipelines/room_context.h"

namespace rooms {

/// Of the tracks of mixes. Nobody in a room has that id.
inline constexpr const char* kMixParticipant = "mix";

class MixEncoder {
 public:
  /// `source` is unlinked again when this goes; null: whoever feeds sink() does that. `size` is of
  /// no meaning for sound. Errors: "codec-unsupported", "plugin-missing".
  static Result<std::unique_ptr<MixEncoder>> create(RoomContext& room, const std::string& track,
                                                    Codec codec, Size size, Ref<GstPad> source);
  ~MixEncoder();
  MixEncoder(const MixEncoder&) = delete;
  MixEncoder& operator=(const MixEncoder&) = delete;

  [[nodiscard]] Ref<GstPad> sink() const { return part_->pad("sink"); }
  [[nodiscard]] const PublishedTrack& track() const { return track_; }
  PublishedTrack& track() { return track_; }
  /// The pictures that come are of another size from now on.
  void resize(Size size);
  [[nodiscard]] bool contains(GstObject* source) const { return part_->contains(source); }
  /// Of its router input.
  [[nodiscard]] Owned<GstStructure> stats() const;

 private:
  MixEncoder(RoomContext& room, const std::string& track, Codec codec,
             std::unique_ptr<MixPart> part, Ref<GstPad> source);

  RoomContext& room_;
  PublishedTrack track_;
  std::unique_ptr<MixPart> part_;
  Ref<GstPad> source_;
  Ref<GstPad> input_;  // of the router
};

}  // namespace rooms
