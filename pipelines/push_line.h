// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection of a push: a pipeline of its own that takes encoded frames and is thrown away when
// it breaks. Nothing in it knows the room, and nothing of it is felt there.
//
//   appsrc (H.264) ─┬─▶ flvmux ──▶ rtmp2sink              rtmp, rtmps
//   appsrc (AAC)  ──┘   mpegtsmux ▶ srtsink               srt
//
// Its owner's thread only.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gst/core/push/push_address.h"
#include "gst/core/record/encoded_frame.h"
#include "gst/core/result.h"
#include "gst/glue/ref.h"

namespace rooms {

class PushLine {
 public:
  /// Begins to connect. Error "push-broken": an element is missing, or refuses the address.
  static Result<std::unique_ptr<PushLine>> start(const PushAddress& address);
  /// Waits until its threads have ended.
  ~PushLine();
  PushLine(const PushLine&) = delete;
  PushLine& operator=(const PushLine&) = delete;

  /// In the order of time, each kind by itself; the picture begins with a keyframe.
  void push(EncodedFrame frame, bool video);
  /// What the pipeline has said of an error since it was asked last.
  std::optional<std::string> take_error();
  /// Nothing comes any more: what is on its way goes out, a second at most.
  void drain();

  /// Somebody takes what is pushed. What comes before is of no use to anybody.
  [[nodiscard]] bool is_connected() const;
  /// Bytes that the network has taken. 0: there is no connection yet.
  [[nodiscard]] std::uint64_t sent() const;
  /// Bytes that wait for it.
  [[nodiscard]] std::size_t waiting() const;
  /// SRT that listens: who is connected now. 1 of everything else.
  [[nodiscard]] unsigned players() const;

 private:
  struct Input {
    Ref<GstElement> source;
    StreamSetup setup;
  };
  explicit PushLine(const PushAddress& address);
  Status build(const PushAddress& address);
  Status link(Input& input, const char* parser);
  void describe(Input& input, const StreamSetup& setup) const;

  const PushScheme scheme_;
  const bool listens_;
  Ref<GstElement> pipeline_;
  Ref<GstElement> muxer_;
  Ref<GstElement> sink_;
  Ref<GstBus> bus_;
  Input picture_;
  Input sound_;
  GstClockTime base_time_ = 0;
  std::uint64_t offered_ = 0;     // bytes
  std::atomic<int> players_ = 0;  // counted on threads of the sink
};

}  // namespace rooms
