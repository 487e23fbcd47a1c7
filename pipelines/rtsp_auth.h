// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may play, where that is asked: every request but OPTIONS needs a name and a password (digest
// authentication, RFC 2617), before anything is looked for.
#pragma once

#include "gst/glue/ref.h"
#include "pipelines/rtsp_library.h"

namespace rooms {

template <>
struct RefTraits<GstRTSPToken> : MiniObjectTraits<GstRTSPToken> {};

Ref<GstRTSPAuth> make_rtsp_auth();
/// Of somebody who is known.
Ref<GstRTSPToken> make_rtsp_token(const char* role);

}  // namespace rooms
