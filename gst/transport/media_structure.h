// SPDX-License-Identifier: LGPL-2.1-or-later
// Negotiated media as GstStructures: how `pipelines/` (or a script) tells sfureceive and sfusend
// what a peer agreed to. All values are numbers and strings, so that a structure can be typed:
//
//   application/x-sfu-media, mid=(string)0, kind=(string)video, payload=(uint)96,
//     payloads=(string)"96:96,97:97", extensions=(string)"3:3,4:4",
//     feedback=(string)"nack,pli,transport-cc", rids=(string)"q,h,f", ssrcs=(string)"1,2,3",
//     rtx-ssrcs=(string)"4,5,6"
//   application/x-sfu-slot, mid=.., kind=.., ssrc=(uint)1, rtx-ssrc=(uint)2, payloads=..,
//   extensions=.., feedback=..
//
// `payloads` and `extensions` are pairs local:canonical (gst/core/rtp/rtp_profile.h has the
// canonical numbers).
#pragma once

#include <gst/gst.h>

#include "gst/core/result.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/glue/ref.h"

namespace rooms {

Owned<GstStructure> to_structure(const ReceivedMedia& media);
Owned<GstStructure> to_structure(const SendSlot& slot);
/// Errors: "media-structure", naming the field.
Result<ReceivedMedia> received_media_in(const GstStructure* structure);
Result<SendSlot> send_slot_in(const GstStructure* structure);

}  // namespace rooms
