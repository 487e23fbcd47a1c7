// SPDX-License-Identifier: LGPL-2.1-or-later
// Names as small pictures, each drawn once: writing text costs more than scaling a tile.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "gst/core/picture/planar_picture.h"

namespace rooms {

class NameLabels {
 public:
  enum class Style { kCaption, kPlaceholder };

  /// White letters `height` pixels high, on a shade for a caption; shortened to `width` pixels.
  const Label& get(const std::string& name, Style style, int height, int width);
  /// Forgets what has not been asked for since the last time.
  void forget_unused();

 private:
  struct Entry {
    Label label;
    bool used = true;
  };
  std::map<std::tuple<std::string, Style, int, int>, Entry> entries_;
};

/// The first text of a process looks for fonts, which takes long: not while frames are due.
void find_fonts();

/// A dark colour that stays with the name. 0xRRGGBB
std::uint32_t colour_of_name(const std::string& name);

}  // namespace rooms
