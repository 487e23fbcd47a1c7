// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of the files of a rendition, relative to the multivariant playlist. The run is in each of
// them: whatever is kept of one run (by a CDN, say) is never taken for another one's.
#pragma once

#include <cstdint>
#include <string>

namespace rooms {

struct HlsNames {
  std::string run;        ///< letters and digits, another one each time that a programme begins
  std::string rendition;  ///< "v0"

  [[nodiscard]] std::string stem() const { return rendition + "-" + run; }
  [[nodiscard]] std::string playlist() const { return stem() + ".m3u8"; }
  [[nodiscard]] std::string init(unsigned number) const {
    return stem() + "-init" + std::to_string(number) + ".mp4";
  }
  [[nodiscard]] std::string segment(std::uint64_t number) const {
    return stem() + "-" + std::to_string(number) + ".m4s";
  }
  [[nodiscard]] std::string part(std::uint64_t segment, std::size_t number) const {
    return stem() + "-" + std::to_string(segment) + "." + std::to_string(number) + ".m4s";
  }
};

}  // namespace rooms
