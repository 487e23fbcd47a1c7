// SPDX-License-Identifier: LGPL-2.1-or-later
// The sink pad of a tap: takes packets of the router as they came, on the thread they came on.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "gst/glue/ref.h"

namespace rooms {

class TapStream;

/// Active. Each packet and each codec goes to `stream`.
Ref<GstPad> make_tap_pad(std::shared_ptr<TapStream> stream);

}  // namespace rooms
