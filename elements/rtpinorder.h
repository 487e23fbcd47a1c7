// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_IN_ORDER (sfu_in_order_get_type())
G_DECLARE_FINAL_TYPE(SfuInOrder, sfu_in_order, SFU, IN_ORDER, GstElement)
GST_ELEMENT_REGISTER_DECLARE(rtpinorder)
