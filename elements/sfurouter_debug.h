// SPDX-License-Identifier: LGPL-2.1-or-later
// The debug category that all files of `sfurouter` log under. For .cc files only.
#pragma once

#include <gst/gst.h>

GST_DEBUG_CATEGORY_EXTERN(sfurouter_debug);
#define GST_CAT_DEFAULT sfurouter_debug
