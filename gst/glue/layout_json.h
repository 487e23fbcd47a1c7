// SPDX-License-Identifier: LGPL-2.1-or-later
// A custom layout as people write it:
//
//   {"background": {"color": "#202830", "picture": "/srv/rooms/wall.jpg"},
//    "border": {"color": "#ffc107", "width": 4},
//    "canvas": {"width": 1280, "height": 720},
//    "tiles": [
//      {"speaker": true, "x": 0, "y": 0, "width": 1280, "height": 720, "z": 0, "caption": false},
//      {"participant": "ada", "x": 960, "y": 20, "width": 300, "height": 170, "z": 1, "fit":
//      "crop"},
//      {"slot": 0, "x": 20, "y": 530, "width": 300, "height": 170, "z": 1, "alpha": 0.9}]}
//
// With "canvas", rectangles are in its pixels, and are scaled to the canvas there is; without, they
// are fractions from 0 to 1. Tiles that name nobody show slots 0, 1, 2, ..
#pragma once

#include <string_view>

#include "gst/core/layout/custom_layout.h"

namespace rooms {

/// Checked with `check`. Other errors: `too-long` (64 KiB), `bad-json`, `missing-field`,
/// `bad-field`, `unknown-field`, `bad-canvas` (0, or more than CustomLayout::kMaxCanvas pixels).
/// The message is a sentence that names the field. Whether a background picture exists is not
/// looked at here.
Result<CustomLayout> parse_layout(std::string_view json);

}  // namespace rooms
