// SPDX-License-Identifier: LGPL-2.1-or-later
// What the answer to a WHIP or WHEP request means for the client.
#pragma once

#include <string>
#include <string_view>

#include "gst/core/result.h"

namespace rooms {

/// Why there is no connection, and whether asking again could help.
struct Refusal {
  Error error;
  bool permanent = false;
};

/// For any status but 201 and 307/308, or 0 when there was no answer. `detail`: what the server or
/// the HTTP library says, shown to the user (control characters are taken out, long text is cut).
/// Codes: "unauthorized", "forbidden", "not-found", "not-whip" (405), "not-acceptable" (406),
/// "gone" (410), "unsupported-media-type" (415), "too-many-requests", "redirect", "server-error",
/// "offer-refused" (400, 409, 422), "unexpected-status".
Refusal refusal_of(unsigned status, std::string_view uri, std::string_view detail);

/// RFC 9725 4.5: who is sent elsewhere asks there. At most this often for one request.
constexpr unsigned kMostRedirects = 5;
constexpr bool is_redirect(unsigned status) { return status == 307 || status == 308; }
/// The server that knows the token sends us on, so its word is enough; but a token never leaves
/// TLS.
constexpr bool may_take_token(bool from_tls, bool to_tls) { return to_tls || !from_tls; }

}  // namespace rooms
