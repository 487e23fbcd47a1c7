// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_ACTIVE_SPEAKER (sfu_active_speaker_get_type())
G_DECLARE_FINAL_TYPE(SfuActiveSpeaker, sfu_active_speaker, SFU, ACTIVE_SPEAKER, GstElement)
GST_ELEMENT_REGISTER_DECLARE(activespeaker)
