// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_SIMULCAST_SELECT (sfu_simulcast_select_get_type())
G_DECLARE_FINAL_TYPE(SfuSimulcastSelect, sfu_simulcast_select, SFU, SIMULCAST_SELECT, GstBin)
GST_ELEMENT_REGISTER_DECLARE(simulcastselect)
