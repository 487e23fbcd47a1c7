// SPDX-License-Identifier: LGPL-2.1-or-later
// The address of a stream that a room takes in: whether it may be, and what of it may be shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/result.h"

namespace rooms {

enum class SourceTransport : std::uint8_t { kAuto, kUdp, kTcp };  ///< of RTSP

struct SourceUri {
  std::string text;    ///< as it was given, credentials included: for the element that opens it
  std::string scheme;  ///< in lower case
  std::string shown;   ///< without user, password and the values of its query: for people and logs

  /// It sends at its own pace, whether or not anybody takes it (a camera, a pushed stream); else it
  /// is read, as a file is.
  [[nodiscard]] bool is_live() const;
  /// Its end is the end; that of others is a loss.
  [[nodiscard]] bool can_end() const { return !is_live(); }
  [[nodiscard]] bool is_rtsp() const;
  [[nodiscard]] bool is_rtmp() const;
  [[nodiscard]] bool is_srt() const;
};

/// Every scheme that can be allowed.
const std::vector<std::string>& source_schemes();
/// Those that are unless the configuration says otherwise. `file` is not: it reads the server's
/// disk.
const std::vector<std::string>& default_source_schemes();

/// Errors: "source-uri" (not an address with a scheme, a host and a port there can be, or longer
/// than 2048 bytes; of SRT: what parse_push_address() refuses, and a listener), "source-scheme"
/// (not allowed here, or known to nobody).
Result<SourceUri> read_source_uri(std::string_view text, const std::vector<std::string>& allowed);

/// What an element said of `uri`, with everything secret in it replaced.
std::string without_secrets(std::string message, const SourceUri& uri);

}  // namespace rooms
