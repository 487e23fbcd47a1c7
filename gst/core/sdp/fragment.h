// SPDX-License-Identifier: LGPL-2.1-or-later
// The body of a WHIP or WHEP PATCH, application/trickle-ice-sdpfrag (RFC 8840 9, RFC 9725 4.3):
// candidates of a peer, or a new ICE user and password when it restarts ICE; the answer to a
// restart is ours in the same form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gst/core/result.h"

namespace rooms {

struct SdpFragment {
  std::string media;  ///< value of the first m= line, repeated in the reply; may be empty
  std::string mid;    ///< of that section
  std::string ufrag;
  std::string pwd;
  std::vector<std::string> candidates;  ///< of all sections (they are one bundle), without "a="
  bool end_of_candidates = false;
};

/// Error "sdp-syntax". Input of any content and up to 64 KiB is safe.
Result<SdpFragment> read_fragment(std::string_view text);

/// What we say to a restart: same section, our new ICE user, our candidates. We are ICE-lite.
std::string write_fragment(const SdpFragment& fragment);

}  // namespace rooms
