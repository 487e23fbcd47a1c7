// SPDX-License-Identifier: LGPL-2.1-or-later
// Why a push does not get through, from what the elements that carry it say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gst/core/result.h"
#include "gst/core/time.h"

namespace rooms {

enum class PushCause : std::uint8_t {
  kUnreachable,  ///< nobody answers, or the name is not known
  kRefused,      ///< nothing listens there
  kDenied,       ///< the server answers, and does not want this stream: key, name, rights
  kCredentials,  ///< user, password or passphrase
  kTls,          ///< the server's certificate
  kLost,         ///< the connection broke, or stands still
  kBroken,       ///< something on our side
};

/// `text`: messages of rtmp2sink and srtsink of GStreamer 1.22, and what they quote of GIO, libsrt
/// and the server; what is not understood counts as unreachable. `was_live`: it got through before.
/// `took`: since the connection was begun, for SRT tells a refusal from silence by nothing else.
PushCause push_cause_of(std::string_view text, bool was_live, Duration took);

/// Codes: "push-unreachable", "push-refused", "push-denied", "push-credentials", "push-tls",
/// "push-lost", "push-broken"; a sentence that names `where` and quotes `detail`.
Error push_error(PushCause cause, const std::string& where, const std::string& detail);

}  // namespace rooms
