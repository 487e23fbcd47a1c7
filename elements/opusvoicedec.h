// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/audio/gstaudiodecoder.h>

#define SFU_TYPE_OPUS_VOICE_DEC (sfu_opus_voice_dec_get_type())
G_DECLARE_FINAL_TYPE(SfuOpusVoiceDec, sfu_opus_voice_dec, SFU, OPUS_VOICE_DEC, GstAudioDecoder)
GST_ELEMENT_REGISTER_DECLARE(opusvoicedec)
