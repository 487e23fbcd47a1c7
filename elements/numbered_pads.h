// SPDX-License-Identifier: LGPL-2.1-or-later
// Request pads named "sink_%u" or "src_%u" whose numbers are free to choose.
#pragma once

#include <gst/gst.h>

#include <optional>

namespace rooms {

/// The number in the wished name, or the lowest that is free. nullopt: the name is taken or not of
/// the template.
std::optional<unsigned> pad_index(GstElement* element, const char* prefix, const char* wished);

/// GstInterfaceInitFunc of a GstChildProxy whose children are the element's pads:
/// "sink_0::property" in launch lines.
void pads_as_children(gpointer iface, gpointer data);

}  // namespace rooms
