// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define SFU_TYPE_SEND (sfu_send_get_type())
G_DECLARE_FINAL_TYPE(SfuSend, sfu_send, SFU, SEND, GstElement)

#define SFU_TYPE_SEND_PAD (sfu_send_pad_get_type())
G_DECLARE_FINAL_TYPE(SfuSendPad, sfu_send_pad, SFU, SEND_PAD, GstPad)

GST_ELEMENT_REGISTER_DECLARE(sfusend)

G_END_DECLS
