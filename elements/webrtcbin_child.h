// SPDX-License-Identifier: LGPL-2.1-or-later
// What a bin owes to a webrtcbin in it that keeps a state of its own.
#pragma once

#include <gst/gst.h>

namespace rooms {

/// A pause of the pipeline ends with a new base time; webrtcbin, which does not pause, hears of it.
void follow_base_time(GstBin* bin);
/// What webrtcbin complains of, or says of streams of its own, is of no use outside: an error ends
/// a connection, not the pipeline, and the link tells it by its state.
bool is_of_webrtcbin(GstMessage* message);

}  // namespace rooms
