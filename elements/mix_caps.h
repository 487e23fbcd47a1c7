// SPDX-License-Identifier: LGPL-2.1-or-later
// Raw audio caps to what the mixer knows of, and running time to frames.
#pragma once

#include <gst/gst.h>

#include <optional>

#include "gst/core/mix/sample_format.h"
#include "gst/glue/ref.h"

#define MIX_CAPS                                                          \
  "audio/x-raw, format = (string) { F32LE, S16LE }, rate = (int) 48000, " \
  "channels = (int) { 1, 2 }, layout = (string) interleaved"

namespace rooms {

/// nullopt: cannot be mixed.
std::optional<SampleFormat> format_of(const GstCaps* caps);
Ref<GstCaps> to_caps(SampleFormat format);

/// Rounded to the nearest frame; times that are too far away for one, to the farthest.
inline std::int64_t to_frames(GstClockTime time) {
  return static_cast<std::int64_t>(
      gst_util_uint64_scale_round(time, static_cast<guint64>(kMixRate), GST_SECOND));
}
inline GstClockTime to_time(std::int64_t frames) {
  return gst_util_uint64_scale_round(static_cast<guint64>(frames), GST_SECOND,
                                     static_cast<guint64>(kMixRate));
}

}  // namespace rooms
