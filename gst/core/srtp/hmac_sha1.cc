// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/srtp/hmac_sha1.h"

#include <openssl/crypto.h>

#include <algorithm>

// OpenSSL 3 deprecates the low-level calls in favour of EVP, which has no way to start from a saved
// state without allocating. They do use the SHA instructions of the processor.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace rooms {

HmacSha1::HmacSha1(Bytes key) {
  std::array<std::uint8_t, SHA_CBLOCK> block{};
  if (key.size() > block.size()) {
    SHA1(key.data(), key.size(), block.data());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  for (auto& byte : block) byte ^= 0x36;
  SHA1_Init(&inner_);
  SHA1_Update(&inner_, block.data(), block.size());
  for (auto& byte : block) byte ^= 0x36 ^ 0x5c;
  SHA1_Init(&outer_);
  SHA1_Update(&outer_, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
}

HmacSha1::~HmacSha1() {
  OPENSSL_cleanse(&inner_, sizeof(inner_));
  OPENSSL_cleanse(&outer_, sizeof(outer_));
}

Sha1Digest HmacSha1::digest(Bytes first, Bytes second) const {
  Sha1Digest result;
  SHA_CTX state = inner_;
  SHA1_Update(&state, first.data(), first.size());
  if (!second.empty()) SHA1_Update(&state, second.data(), second.size());
  SHA1_Final(result.data(), &state);
  state = outer_;
  SHA1_Update(&state, result.data(), result.size());
  SHA1_Final(result.data(), &state);
  return result;
}

bool equal_in_constant_time(Bytes a, Bytes b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace rooms
