// SPDX-License-Identifier: LGPL-2.1-or-later
// Compiled once for all elements: what most of them include. Each still includes what it uses (-Db_pch=false builds
// without).
#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/video/video.h>
#include <gst/webrtc/webrtc.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gst/glue/ref.h"
