// SPDX-License-Identifier: LGPL-2.1-or-later
// Bodies of requests: at most 256 KiB are kept, and only some more are even read.
#pragma once

#include <libsoup/soup.h>

namespace rooms {

/// An early handler of libsoup: runs when the headers are there. Answers 413 when the body is or
/// becomes too long. `data`: a std::uint64_t that counts those.
void limit_body(SoupServer* server, SoupServerMessage* message, const char* path, GHashTable* query,
                gpointer data);

}  // namespace rooms
