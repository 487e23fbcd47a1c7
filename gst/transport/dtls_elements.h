// SPDX-License-Identifier: LGPL-2.1-or-later
// The two elements that a GstWebRTCICETransport brings along: where webrtcbin's DTLS datagrams come
// from and go to.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "gst/transport/media_transport.h"

namespace rooms {

/// A source that has no thread: datagrams are pushed by whoever received them. Floating.
GstElement* make_dtls_source();
/// Any thread; one at a time. False when webrtcbin does not take data now.
bool push_dtls(GstElement* source, Bytes datagram);

/// A sink that hands DTLS to the transport, and nothing else (RFC 7983). Floating.
GstElement* make_dtls_sink(std::shared_ptr<MediaTransport> transport);

}  // namespace rooms
