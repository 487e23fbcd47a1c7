// SPDX-License-Identifier: LGPL-2.1-or-later
// webrtcbin's ICE agent, as far as webrtcbin needs one: everything about addresses, checks and
// credentials is in MediaTransport. One stream, one component (max-bundle, rtcp-mux).
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include <memory>

#include "gst/transport/media_transport.h"

namespace rooms {

/// For webrtcbin's construct-only `ice-agent`, which takes over the reference. Floating references
/// are not returned.
GstWebRTCICE* make_ice_agent(std::shared_ptr<MediaTransport> transport);

/// Opens the way for DTLS: tells webrtcbin that ICE is connected and lets datagrams through. Runs
/// webrtcbin code on the calling thread (WEBRTC: it starts its DTLS encoder there), so not from a
/// network worker.
void connect_ice(GstWebRTCICE* agent);
/// Nothing is pushed into webrtcbin once this has returned; call it before setting webrtcbin to
/// NULL.
void disconnect_ice(GstWebRTCICE* agent);

}  // namespace rooms
