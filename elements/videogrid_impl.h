// SPDX-License-Identifier: LGPL-2.1-or-later
// The instance of `videogrid`: seen by its own two files only.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "elements/grid_mixer.h"
#include "elements/grid_output.h"
#include "elements/videogrid.h"
#include "gst/core/guarded.h"

namespace rooms {

struct VideoGrid {
  VideoGrid(GstElement* element, GstPad* src) : output(element, src, mixer) {}
  GridMixer mixer;
  GridOutput output;
  /// Property to the sentence why its last value was refused.
  Guarded<std::map<std::string, std::string>> refused;
};

/// The pads of those ids are told their size. Without locks.
void tell_resized(GstElement* element, const GridMixer::Resized& resized);

}  // namespace rooms

struct _SfuVideoGrid {
  GstElement parent;
  rooms::VideoGrid* impl;
};
