// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_VIDEO_GRID (sfu_video_grid_get_type())
G_DECLARE_FINAL_TYPE(SfuVideoGrid, sfu_video_grid, SFU, VIDEO_GRID, GstElement)
GST_ELEMENT_REGISTER_DECLARE(videogrid)
