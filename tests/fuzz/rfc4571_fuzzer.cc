// SPDX-License-Identifier: LGPL-2.1-or-later
// Any byte stream, cut anyhow: the reader finds the frames a look at the whole stream finds.
#include <vector>

#include "gst/core/ice/rfc4571.h"
#include "tests/fuzz/input.h"

using namespace rooms;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::size_t max_frame = input.u8() % 2 == 0 ? 65535 : 1500;
  const std::size_t step = 1 + input.u8();
  const Bytes stream = input.rest();

  std::vector<Bytes> expected;
  bool broken = false;
  for (std::size_t at = 0; at + 2 <= stream.size();) {
    const std::size_t length = load_u16(&stream[at]);
    broken = length > max_frame;
    if (broken || at + 2 + length > stream.size()) break;
    if (length > 0) expected.push_back(stream.subspan(at + 2, length));
    at += 2 + length;
  }

  Rfc4571Reader reader(max_frame);
  std::size_t found = 0;
  for (std::size_t at = 0; at < stream.size() && !reader.broken();) {
    const MutableBytes space = reader.writable();
    require(!space.empty());
    const Bytes part = stream.subspan(at, std::min({step, space.size(), stream.size() - at}));
    std::copy(part.begin(), part.end(), space.begin());
    reader.written(part.size());
    at += part.size();
    while (const auto frame = reader.next()) {
      require(found < expected.size());
      require(
          std::equal(frame->begin(), frame->end(), expected[found].begin(), expected[found].end()));
      ++found;
    }
  }
  require(found == expected.size() && reader.broken() == broken);
  return 0;
}
