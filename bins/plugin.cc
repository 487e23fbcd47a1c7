// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/gst.h>

#include "bins/roombin.h"

#define PACKAGE "gst-rooms"

static gboolean register_bins(GstPlugin* plugin) { return GST_ELEMENT_REGISTER(roombin, plugin); }

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, roomsbin,
                  "Conference rooms: a whole room as one element", register_bins, GST_ROOMS_VERSION,
                  "LGPL", "gst-rooms", "gst-rooms")
