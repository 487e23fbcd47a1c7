// SPDX-License-Identifier: LGPL-2.1-or-later
// What `mixminus` knows of one participant: an input and the output that lacks it.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <optional>
#include <vector>

#include "elements/push_pool.h"
#include "gst/core/mix/sample_format.h"
#include "gst/core/time.h"

namespace rooms {

/// Shared by its pads and the engine.
struct MixStream {
  unsigned number = 0;
  GstPad* sink = nullptr;  ///< null: of the pad `src`, which lacks nobody
  GstPad* src = nullptr;
  std::shared_ptr<PushPool::Output> output;

  // Of the sink pad's streaming thread.
  GstSegment segment{};
  std::optional<SampleFormat> format;
  std::vector<float> samples;  ///< of the buffer that is being taken

  // Under the engine's lock.
  double volume = 1;
  bool mute = false;
  bool eos = false;
  bool flushing = false;
  bool live = false;          ///< as upstream answered last
  bool asked = false;         ///< whether it has been asked
  GstClockTime latency = 0;   ///< likewise
  bool heard = false;         ///< a stream has begun
  Timestamp heard_at{};       ///< its last sample, if it is not live
  bool missing = false;       ///< nobody waits for it: see `MixEngine::wait_for_inputs`
  std::uint64_t refused = 0;  ///< buffers of caps that cannot be mixed
  bool announced = false;     ///< the output has caps and segment
  std::uint64_t own_mixes = 0;
  std::uint64_t shared_mixes = 0;
  std::uint64_t silences = 0;
};

}  // namespace rooms
