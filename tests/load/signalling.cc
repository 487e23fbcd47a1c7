// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/signalling.h"

#include "tests/load/whip_signalling.h"

namespace rooms::load {

std::unique_ptr<Signalling> make_signalling(const Options& options) {
  return std::make_unique<WhipSignalling>(options);
}

}  // namespace rooms::load
