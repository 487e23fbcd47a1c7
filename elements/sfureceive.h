// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define SFU_TYPE_RECEIVE (sfu_receive_get_type())
G_DECLARE_FINAL_TYPE(SfuReceive, sfu_receive, SFU, RECEIVE, GstElement)

#define SFU_TYPE_RECEIVE_PAD (sfu_receive_pad_get_type())
G_DECLARE_FINAL_TYPE(SfuReceivePad, sfu_receive_pad, SFU, RECEIVE_PAD, GstPad)

GST_ELEMENT_REGISTER_DECLARE(sfureceive)

G_END_DECLS
