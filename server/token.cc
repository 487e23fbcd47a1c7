// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/token.h"

#include <openssl/rand.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace rooms {

std::string fresh_token() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    // Going on would hand out guessable sessions.
    std::fputs("The system's random number generator does not answer.\n", stderr);
    std::abort();
  }
  std::string token;
  for (const unsigned byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    token += kDigits[byte >> 4];
    token += kDigits[byte & 15];
  }
  return token;
}

}  // namespace rooms
