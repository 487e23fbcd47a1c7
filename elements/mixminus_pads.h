// SPDX-License-Identifier: LGPL-2.1-or-later
// The sink pads of `mixminus`, with volume and mute; and what their pads have in common.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "elements/mix_stream.h"

#define SFU_TYPE_MIX_MINUS_SINK (sfu_mix_minus_sink_get_type())
G_DECLARE_FINAL_TYPE(SfuMixMinusSink, sfu_mix_minus_sink, SFU, MIX_MINUS_SINK, GstPad)

namespace rooms {

/// Both pads of a stream keep it.
void keep_stream(GstPad* pad, const std::shared_ptr<MixStream>& stream);
MixStream& mix_stream_of(GstPad* pad);

}  // namespace rooms
