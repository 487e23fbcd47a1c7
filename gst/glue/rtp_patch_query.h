// SPDX-License-Identifier: LGPL-2.1-or-later
// How a router and an RTP sender agree to pass packets on without rewriting them. The router offers
// the address of an RtpForward; a sender that takes the offer gets every incoming buffer as it came
// and finds in *forward, during the push, what to write in its place. Taking the offer is a promise
// never to block in chain, and to have a chain function for lists: `forward` speaks of the list as a
// whole.
//
// The query is custom, not serialised, named "sfu-rtp-patch". Only the direct peer can take the
// offer (ghost pads between are fine): one that lies behind a queue would read *forward at the
// wrong time, so the answer names the answering pad.
#pragma once

#include <gst/gst.h>

#include <optional>

#include "gst/core/forward/rtp_patch.h"

namespace rooms {

/// What a sender answers. Pads of one affinity share state, so they are best served by one thread;
/// any number will do, and they should be spread evenly.
struct RtpForwardTaker {
  unsigned affinity = 0;
};

/// Router: offers `forward` to whatever is linked to `src`. An answer if the peer itself took it:
/// `forward` must then stay valid as long as `src` may push. Call without locks.
std::optional<RtpForwardTaker> offer_rtp_forward(GstPad* src, const RtpForward* forward);

/// Sender, in the query function of `sink`: takes the offer. nullptr: another query. The pointer is
/// good until the pad is unlinked or another offer comes; return TRUE from the query function.
const RtpForward* take_rtp_forward(GstPad* sink, GstQuery* query, RtpForwardTaker taker = {});

}  // namespace rooms
