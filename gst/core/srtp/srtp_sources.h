// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gst/core/srtp/replay_window.h"
#include "gst/core/srtp/srtp.h"

namespace rooms {

/// What is remembered of authentic packets, by SSRC.
class SrtpSources {
 public:
  struct Source {
    std::uint32_t ssrc = 0;
    std::uint64_t last_used = 0;
    ReplayWindow<SrtpReceiver::kReplayWindow> window;
  };

  Source* find(std::uint32_t ssrc) {
    for (Source& source : sources_) {
      if (source.ssrc == ssrc) return &source;
    }
    return nullptr;
  }

  /// nullptr: the table is full of busy ones.
  Source* add(std::uint32_t ssrc) {
    if (sources_.size() < SrtpReceiver::kMaxSsrcs) {
      sources_.push_back({ssrc, 0, {}});
      return &sources_.back();
    }
    auto idlest = std::min_element(
        sources_.begin(), sources_.end(),
        [](const Source& a, const Source& b) { return a.last_used < b.last_used; });
    if (packets_ - idlest->last_used < SrtpReceiver::kBusyPackets) return nullptr;
    *idlest = {ssrc, 0, {}};
    return &*idlest;
  }

  void use(Source& source, std::uint64_t index) {
    source.window.add(index);
    source.last_used = ++packets_;
  }

 private:
  std::vector<Source> sources_;
  std::uint64_t packets_ = 0;
};

}  // namespace rooms
