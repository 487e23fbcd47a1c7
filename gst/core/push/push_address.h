// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a room is pushed to: an RTMP or SRT address as people write it, taken apart, and without
// its secrets for whoever may not read them (logs, other members).
//
//   rtmp://live.example/app/KEY        rtmps://user:word@live.example:443/app/KEY
//   srt://live.example:7001?streamid=KEY&passphrase=WORD
//   srt://0.0.0.0:7001?mode=listener
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/result.h"

namespace rooms {

enum class PushScheme : std::uint8_t { kRtmp, kRtmps, kSrt };

struct PushAddress {
  PushScheme scheme = PushScheme::kRtmp;
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
  std::string uri;    ///< with all secrets: for the connection alone
  std::string shown;  ///< the same with "***" in their place
  std::vector<std::string> secrets;

  // SRT.
  bool listens = false;  ///< waits for players instead of calling
  std::string stream_id;
  std::string passphrase;
  unsigned key_length = 0;  ///< bytes: 16, 24, 32; 0: as the peer does
  unsigned latency_ms = 125;

  /// Whatever somebody else says of the push, without its secrets.
  [[nodiscard]] std::string hide_secrets(std::string text) const;
};

/// Errors: "push-scheme" (another than rtmp, rtmps, srt), "push-uri" (what is wrong with it;
/// nothing of the address is repeated, which may be half a secret).
Result<PushAddress> parse_push_address(const std::string& uri);

}  // namespace rooms
