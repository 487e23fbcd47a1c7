// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_ROUTER (sfu_router_get_type())
G_DECLARE_FINAL_TYPE(SfuRouter, sfu_router, SFU, ROUTER, GstElement)
GST_ELEMENT_REGISTER_DECLARE(sfurouter)
