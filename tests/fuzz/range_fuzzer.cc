// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text as a header of HTTP that we compare by hand: a range lies within what there is.
#include <optional>
#include <string>

#include "server/http_rules.h"
#include "tests/fuzz/input.h"

using namespace rooms;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  // Small files as well as the largest ones.
  const std::uint64_t length = input.u64() >> (input.u8() % 64);
  const std::string text(as_text(input.rest()));
  ByteRange range;
  switch (read_range(text, length, range)) {
    case RangeState::kWhole:
      require(range.first == 0 && range.length == length);
      break;
    case RangeState::kPart:
      require(range.length > 0 && range.length <= length && range.first <= length - range.length);
      break;
    case RangeState::kUnsatisfiable:
      break;
  }
  require(read_range(std::nullopt, length, range) == RangeState::kWhole && range.length == length);
  if_match(text, "\"tag\"");
  if_none_match_hits(text, "\"tag\"");
  accepts(text, "application/sdp");
  is_media_type(text, "application/sdp");
  return 0;
}
