// SPDX-License-Identifier: LGPL-2.1-or-later
// One sound in the mix, and whether it is to be heard at present. That is known from what was
// decoded, some 30 ms before it is in anybody's ears.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gst/core/audio/voice_gate.h"
#include "gst/core/guarded.h"
#include "pipelines/mix_feed.h"

namespace rooms {

struct MixSound {
  std::string track;
  std::string participant;
  Codec codec = Codec::kUnknown;
  bool muted = false;
  double volume = 1;
};

class MixVoice {
 public:
  /// `changed` comes on any thread: it began to speak, or has been silent for a while.
  MixVoice(RoomContext& room, GstElement* mixer, std::function<void()> changed);

  void follow(const MixSound& sound, Timestamp now);
  [[nodiscard]] bool is_heard() const {
    return gate_->with([](const VoiceGate& g) { return g.is_open(); });
  }
  [[nodiscard]] const MixSound& sound() const { return sound_; }
  MixFeed& feed() { return feed_; }
  [[nodiscard]] const MixFeed& feed() const { return feed_; }
  /// Of `mixminus`: everything but this.
  [[nodiscard]] Ref<GstPad> others() const;

 private:
  using Gate = Guarded<VoiceGate>;
  struct Watch {
    std::shared_ptr<Gate> gate;
    std::function<void()> changed;
  };
  static GstPadProbeReturn listen(GstPad* pad, GstPadProbeInfo* info, gpointer watch);
  void watch_decoder();

  GstElement* mixer_;
  std::function<void()> changed_;
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  MixFeed feed_;
  MixSound sound_;
};

}  // namespace rooms
