// SPDX-License-Identifier: LGPL-2.1-or-later
// HMAC-SHA1 (RFC 2104) for many short messages under one key: both key blocks are hashed once, and
// each message starts from copies of the two states. EVP_MAC would allocate for every packet.
#pragma once

#include <openssl/sha.h>

#include <array>

#include "gst/core/bytes.h"

namespace rooms {

using Sha1Digest = std::array<std::uint8_t, 20>;

class HmacSha1 {
 public:
  explicit HmacSha1(Bytes key);
  ~HmacSha1();
  HmacSha1(const HmacSha1&) = default;
  HmacSha1& operator=(const HmacSha1&) = default;

  /// Of `first` followed by `second`.
  [[nodiscard]] Sha1Digest digest(Bytes first, Bytes second = {}) const;

 private:
  SHA_CTX inner_;
  SHA_CTX outer_;
};

/// In time that does not depend on where they differ. Both must be of one size.
bool equal_in_constant_time(Bytes a, Bytes b);

}  // namespace rooms
