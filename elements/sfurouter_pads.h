// SPDX-License-Identifier: LGPL-2.1-or-later
// The two pad types of `sfurouter`: GObject properties over RouterInput and RouterOutput, which
// live as long as their pad.
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_ROUTER_SINK (sfu_router_sink_get_type())
G_DECLARE_FINAL_TYPE(SfuRouterSink, sfu_router_sink, SFU, ROUTER_SINK, GstPad)

#define SFU_TYPE_ROUTER_SRC (sfu_router_src_get_type())
G_DECLARE_FINAL_TYPE(SfuRouterSrc, sfu_router_src, SFU, ROUTER_SRC, GstPad)

namespace rooms {
class RouterInput;
class RouterOutput;

RouterInput& input_of(SfuRouterSink* pad);
RouterOutput& output_of(SfuRouterSrc* pad);
/// From a streaming thread or reroute: `current-layer` has a new value. Call without locks.
void notify_current_layer(SfuRouterSrc* pad);
}  // namespace rooms
