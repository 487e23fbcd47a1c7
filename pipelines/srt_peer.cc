// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/srt_peer.h"

#include <string>

namespace rooms {

void configure_srt(GstElement* element, const PushAddress& address) {
  const auto host =
      address.host.find(':') != std::string::npos ? "[" + address.host + "]" : address.host;
  const auto uri = "srt://" + host + ":" + std::to_string(address.port) +
                   (address.listens ? "?mode=listener" : "?mode=caller");
  g_object_set(element, "uri", uri.c_str(), "latency", static_cast<int>(address.latency_ms),
               "auto-reconnect", FALSE, "wait-for-connection", gboolean{!address.listens}, nullptr);
  if (!address.stream_id.empty())
    g_object_set(element, "streamid", address.stream_id.c_str(), nullptr);
  if (!address.passphrase.empty())
    g_object_set(element, "passphrase", address.passphrase.c_str(), "pbkeylen",
                 static_cast<int>(address.key_length), nullptr);
}

}  // namespace rooms
