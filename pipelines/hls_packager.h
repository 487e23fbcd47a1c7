// SPDX-License-Identifier: LGPL-2.1-or-later
// Makes an HlsStream of what taps are given, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gst/glue/executor.h"
#include "pipelines/hls_stream.h"
#include "pipelines/track_tap.h"

namespace rooms {

class HlsPackager {
 public:
  struct Source {
    std::shared_ptr<TapStream> frames;  ///< nullptr: there is none
    std::function<void()> request_keyframe;
  };
  /// `pictures`: as many as the stream has.
  HlsPackager(std::shared_ptr<HlsStream> stream, std::vector<Source> pictures, Source sound,
              Duration interval);
  /// The stream has ended.
  ~HlsPackager();
  HlsPackager(const HlsPackager&) = delete;
  HlsPackager& operator=(const HlsPackager&) = delete;

 private:
  void package();
  void ask_for_keyframes(Timestamp now);

  const std::shared_ptr<HlsStream> stream_;
  const std::vector<Source> pictures_;
  const Source sound_;
  std::vector<Timestamp> asked_;  // for a keyframe, by picture
  DelayedCall timer_;
  std::unique_ptr<Executor> executor_;  // last: ends first
};

}  // namespace rooms
