// SPDX-License-Identifier: LGPL-2.1-or-later
// Asking a webrtcbin for something and waiting for its answer.
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include <memory>
#include <string>

#include "gst/glue/ref.h"

namespace rooms {

using Description =
    std::unique_ptr<GstWebRTCSessionDescription, decltype(&gst_webrtc_session_description_free)>;

/// Waits: webrtcbin's own thread keeps such promises within a few milliseconds. Not from that
/// thread. `description`: null for actions that take options, which are left out.
inline Ref<GstPromise> call(GstElement* webrtcbin, const char* action,
                            GstWebRTCSessionDescription* description) {
  auto promise = adopt(gst_promise_new());
  if (description) {
    g_signal_emit_by_name(webrtcbin, action, description, promise.get());
  } else {
    g_signal_emit_by_name(webrtcbin, action, nullptr, promise.get());
  }
  gst_promise_wait(promise.get());
  return promise;
}

/// Why a kept promise holds no answer; empty: it does.
inline std::string error_in(GstPromise* promise) {
  const auto* reply = gst_promise_get_reply(promise);
  const GValue* value = reply ? gst_structure_get_value(reply, "error") : nullptr;
  if (!value || !G_VALUE_HOLDS(value, G_TYPE_ERROR)) return {};
  const auto* error = static_cast<const GError*>(g_value_get_boxed(value));
  return error ? error->message : "";
}

}  // namespace rooms
