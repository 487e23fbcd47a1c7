// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/audio/gstaudioencoder.h>

#define SFU_TYPE_OPUS_VOICE_ENC (sfu_opus_voice_enc_get_type())
G_DECLARE_FINAL_TYPE(SfuOpusVoiceEnc, sfu_opus_voice_enc, SFU, OPUS_VOICE_ENC, GstAudioEncoder)
GST_ELEMENT_REGISTER_DECLARE(opusvoiceenc)
