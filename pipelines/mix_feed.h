// SPDX-License-Identifier: LGPL-2.1-or-later
// One input of a mixer and whatever feeds it: the mixer's pad stays as long as this lives, the
// decoder before it may fail and come back.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <optional>
#include <string>

#include "gst/core/time.h"
#include "gst/glue/ref.h"
#include "pipelines/mix_tap.h"

namespace rooms {

class MixFeed {
 public:
  /// Of `videogrid` or `mixminus`, which outlives this.
  MixFeed(RoomContext& room, GstElement* mixer);
  ~MixFeed();
  MixFeed(const MixFeed&) = delete;
  MixFeed& operator=(const MixFeed&) = delete;

  /// From now on this track of this codec. Makes a decoder, or another one, if there is none, and
  /// none after an error before some time has passed. True: there is a new one.
  bool follow(const std::string& track, Codec codec, Timestamp now);
  /// The error came from here: the decoder goes, the input falls silent.
  bool take_error(GstObject* source, Timestamp now);

  [[nodiscard]] GstPad* pad() const { return pad_.get(); }
  [[nodiscard]] std::string pad_name() const;
  /// nullptr: it is broken at present, or nothing decodes it.
  [[nodiscard]] MixTap* tap() const { return tap_.get(); }
  [[nodiscard]] unsigned failures() const { return failures_; }

 private:
  void fail(Timestamp now);

  RoomContext& room_;
  GstElement* mixer_;
  Ref<GstPad> pad_;
  std::unique_ptr<MixTap> tap_;
  unsigned failures_ = 0;
  unsigned doublings_ = 0;  // of the rest after the next failure
  Timestamp since_;         // the decoder is there
  std::optional<Timestamp> retry_at_;
};

}  // namespace rooms
