// SPDX-License-Identifier: LGPL-2.1-or-later
// One encoding of a mix, which is a track of the room like any other: whoever takes it is forwarded
// to, so that the second and the twentieth cost what forwarding costs. Keyframe requests come up to
// the encoder through the router, which merges them.
//
//   source (tee, mixminus) --> encoder, payloader --> sink_12 router   (track "mix/video-vp8")
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
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
  /// no meaning for sound; `scaled`: pictures that come are made that size. Errors:
  /// "codec-unsupported", "plugin-missing".
  static Result<std::unique_ptr<MixEncoder>> create(RoomContext& room, const std::string& track,
                                                    Codec codec, Size size, Ref<GstPad> source,
                                                    bool scaled = false);
  ~MixEncoder();
  MixEncoder(const MixEncoder&) = delete;
  MixEncoder& operator=(const MixEncoder&) = delete;

  [[nodiscard]] Ref<GstPad> sink() const { return part_->pad("sink"); }
  [[nodiscard]] const PublishedTrack& track() const { return track_; }
  PublishedTrack& track() { return track_; }
  /// Of pictures, bit/s.
  void set_bitrate(std::uint32_t bitrate);
  /// Of one that is scaled.
  void set_size(Size size);
  /// The first picture that is not before that running time is a keyframe.
  void request_keyframe(GstClockTime running_time);
  [[nodiscard]] bool contains(GstObject* source) const { return part_->contains(source); }
  /// Of its router input, and `frames`: those that it has encoded.
  [[nodiscard]] Owned<GstStructure> stats() const;

 private:
  MixEncoder(RoomContext& room, const std::string& track, Codec codec,
             std::unique_ptr<MixPart> part, Ref<GstPad> source);

  RoomContext& room_;
  PublishedTrack track_;
  std::unique_ptr<MixPart> part_;
  Ref<GstPad> source_;
  Ref<GstPad> input_;  // of the router
  const std::shared_ptr<std::atomic<std::uint64_t>> frames_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace rooms
