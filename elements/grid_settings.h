// SPDX-License-Identifier: LGPL-2.1-or-later
// What the properties of `videogrid` say.
#pragma once

#include <memory>
#include <string>

#include "gst/core/layout/layout.h"
#include "gst/core/layout/transition.h"
#include "gst/core/result.h"
#include "gst/core/time.h"
#include "gst/glue/ref.h"

namespace rooms {

struct GridSettings {
  static constexpr int kSmallestSide = 16;
  static constexpr int kLargestSide = CustomLayout::kMaxCanvas;
  static constexpr int kFastest = 120;  // frames per second

  Size canvas{1280, 720};
  int fps_n = 25;
  int fps_d = 1;
  LayoutKind layout = LayoutKind::kGrid;
  Fit fit = Fit::kCrop;
  int gap = 4;
  std::string speaker;  // name of a sink pad; empty: nobody
  bool captions = true;
  int border_width = 4;
  unsigned border_colour = 0xFFC107;
  unsigned background = 0x181C20;
  Duration animation = std::chrono::milliseconds(300);
  Easing easing = Easing::kSmooth;
  Duration hold = std::chrono::seconds(3);
  Duration latency = std::chrono::milliseconds(40);
  bool ignore_eos = false;
  std::string layout_json;
  std::shared_ptr<const CustomLayout> custom;
  Ref<GstSample> picture;  // of the custom layout
};

/// `bad-size`, `bad-framerate`: a sentence with the limits.
Status check_canvas(Size canvas);
Status check_framerate(int numerator, int denominator);

}  // namespace rooms
