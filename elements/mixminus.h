// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_MIX_MINUS (sfu_mix_minus_get_type())
G_DECLARE_FINAL_TYPE(SfuMixMinus, sfu_mix_minus, SFU, MIX_MINUS, GstElement)
GST_ELEMENT_REGISTER_DECLARE(mixminus)
