// SPDX-License-Identifier: LGPL-2.1-or-later
// The fingerprint of a certificate as SDP writes it (RFC 8122 5).
#pragma once

#include <string>

#include "gst/core/result.h"

namespace rooms {

/// "AB:CD:.." of a certificate in PEM. `hash` as in SDP: "sha-256", "sha-384", ... Error
/// "fingerprint": no certificate, or a hash we do not accept (sha-1 and md5 are broken).
Result<std::string> certificate_fingerprint(const std::string& pem, const std::string& hash);

}  // namespace rooms
