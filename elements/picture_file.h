// SPDX-License-Identifier: LGPL-2.1-or-later
// A PNG or JPEG file as one raw frame.
#pragma once

#include <string>

#include "gst/core/result.h"
#include "gst/glue/ref.h"

namespace rooms {

/// I420, at most 8192 pixels each way. Blocks, up to 5 s. The error (`no-picture`) names the file
/// and what is wrong with it.
Result<Ref<GstSample>> load_picture(const std::string& path);

}  // namespace rooms
