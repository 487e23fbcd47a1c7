// SPDX-License-Identifier: LGPL-2.1-or-later
// What an RTMP server tells of who publishes to it: the form that nginx's RTMP module posts for
// `on_publish` and `on_publish_done`.
#pragma once

#include <string>
#include <string_view>

#include "gst/core/result.h"
#include "gst/core/source/stream_place.h"

namespace rooms {

struct PublishCall {
  bool begins = false;  ///< else it is over
  std::string app;
  std::string key;  ///< as the publisher wrote it, without what follows a '?'
  StreamPlace place;
};

/// `form`: application/x-www-form-urlencoded. Errors: "hook-call" (neither call=publish nor
/// call=publish_done, no app), "stream-key".
Result<PublishCall> read_publish_call(std::string_view form);

/// Where that stream is at the server with the address `base` ("rtmp://127.0.0.1:1935").
std::string pull_uri(std::string_view base, const PublishCall& call);

}  // namespace rooms
