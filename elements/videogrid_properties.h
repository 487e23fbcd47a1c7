// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <string>

namespace rooms {

struct VideoGrid;

/// Set and get functions and the properties of the element.
void install_grid_properties(GObjectClass* object);
/// Why values were refused, each a sentence; empty: nothing is wrong.
std::string refusals(const VideoGrid& grid);

}  // namespace rooms
