// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text as a candidate line: what is read and written again reads the same.
#include "gst/core/ice/candidate.h"
#include "tests/fuzz/input.h"

using namespace rooms;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto candidate = parse_candidate(as_text({data, size}));
  if (!candidate) {
    require(candidate.error().code == "candidate-malformed");
    require(candidate.error().message.size() < 256);
    return 0;
  }
  const std::string line = write_candidate(*candidate);
  const auto again = parse_candidate(line);
  require(again.ok() && write_candidate(*again) == line);
  require(again->address == candidate->address && again->priority == candidate->priority);
  require(again->type == candidate->type && again->transport == candidate->transport);
  return 0;
}
