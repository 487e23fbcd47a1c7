// SPDX-License-Identifier: LGPL-2.1-or-later
// What srtsink and srtsrc have to know of the address they call, or at which they wait.
#pragma once

#include <gst/gst.h>

#include "gst/core/push/push_address.h"

namespace rooms {

/// `element`: one of the two, not started yet. A connection that breaks is told, not made anew.
void configure_srt(GstElement* element, const PushAddress& address);

}  // namespace rooms
