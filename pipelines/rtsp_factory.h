// SPDX-License-Identifier: LGPL-2.1-or-later
// The two places where gst-rtsp-server asks what an address plays: its mount points, which here
// know one spelling of each address, and the factory of a mount, which here plays a programme.
#pragma once

#include <memory>

#include "gst/glue/ref.h"
#include "pipelines/rtsp_library.h"
#include "pipelines/rtsp_programme.h"

namespace rooms {

Ref<GstRTSPMountPoints> make_rtsp_mount_points();

/// Of each player a media of its own, which plays the programme. `unprepared` is told of each, on
/// any thread, when its player has left.
Ref<GstRTSPMediaFactory> make_rtsp_factory(std::shared_ptr<RtspProgramme> programme,
                                           std::function<void(GstRTSPMedia*)> unprepared);

/// Calls `callback(.., std::shared_ptr<T>*)` as long as the instance lives.
template <class T>
void connect_shared(gpointer instance, const char* signal, GCallback callback,
                    std::shared_ptr<T> data) {
  g_signal_connect_data(
      instance, signal, callback, new std::shared_ptr<T>(std::move(data)),
      [](gpointer owned, GClosure*) { delete static_cast<std::shared_ptr<T>*>(owned); },
      GConnectFlags{});
}

}  // namespace rooms
