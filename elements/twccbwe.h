// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define SFU_TYPE_TWCC_BWE (sfu_twcc_bwe_get_type())
G_DECLARE_FINAL_TYPE(SfuTwccBwe, sfu_twcc_bwe, SFU, TWCC_BWE, GstElement)

GST_ELEMENT_REGISTER_DECLARE(twccbwe)

G_END_DECLS
