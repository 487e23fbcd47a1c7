// SPDX-License-Identifier: LGPL-2.1-or-later
// gst-rtsp-server, whose headers convert numbers in a way that our flags refuse.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#include <gst/rtsp-server/rtsp-server.h>
#pragma GCC diagnostic pop
