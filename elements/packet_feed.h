// SPDX-License-Identifier: LGPL-2.1-or-later
// Puts packets of any SSRC into the RTP session of a webrtcbin, as its aux sender:
//
//   webrtcbin's rtprtxsend ─▶ sink│ packet feed │src ─▶ rtprtxsend ─▶ twccbwe ─▶ RTP session
//                                      ▲
//                                 push() from any thread
//
// webrtcbin 1.22 knows one SSRC per section, and its sink pads block until it is connected; here
// are as many as there are layers, and who may not send yet drops.
#pragma once

#include <gst/gst.h>

#include <functional>

#include "gst/glue/ref.h"

namespace rooms {

#define ROOMS_TYPE_PACKET_FEED (rooms_packet_feed_get_type())
G_DECLARE_FINAL_TYPE(RoomsPacketFeed, rooms_packet_feed, ROOMS, PACKET_FEED, GstElement)

/// `caps` are those of all packets (application/x-rtp with extmap-N). `on_keyframe_wanted` is
/// called with an SSRC, on the thread that reads RTCP; it is gone after `close_packet_feed`.
Ref<RoomsPacketFeed> make_packet_feed(GstCaps* caps,
                                      std::function<void(guint32)> on_keyframe_wanted);
/// Any thread; the buffer's PTS is a running time.
GstFlowReturn push_packet(RoomsPacketFeed* feed, Ref<GstBuffer> packet);
void close_packet_feed(RoomsPacketFeed* feed);

}  // namespace rooms
