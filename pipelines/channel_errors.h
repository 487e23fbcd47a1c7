// SPDX-License-Identifier: LGPL-2.1-or-later
// The errors inside webrtcbin's data channels.
#pragma once

#include <gst/gst.h>

namespace rooms {

/// To be called with every element that is added somewhere below a webrtcbin (deep-element-added),
/// before it does anything. A data channel whose association ends while it has something to send
/// makes an error; webrtcbin 1.22 keeps that from the pipeline but forgets to free the message, and
/// with it the channel's appsrc and what waits in it. Other elements and other versions are not
/// affected.
void let_go_of_channel_errors(GstElement* element);

}  // namespace rooms
