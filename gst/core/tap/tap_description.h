// SPDX-License-Identifier: LGPL-2.1-or-later
// What somebody wants to do with the frames of a room, in the words of gst-launch: read, held
// against a list of what is allowed, and written anew, so that what GStreamer is given says what
// was read here and nothing else.
//
//   queue ! decodebin ! tee name=t ! queue ! filesink location="/tmp/a b" t. ! fakesink
//
// Of the language of gst-launch there are elements, their properties, names, links and filters
// (video/x-raw,width=320). Bins in parentheses, addresses in the place of elements, presets and
// properties of children (a::b=c) are refused.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gst/core/result.h"

namespace rooms {

struct TapElement {
  std::string factory;
  std::vector<std::pair<std::string, std::string>> properties;  ///< without their quotes
};

struct TapDescription {
  static constexpr std::size_t kLongest = 4096;     ///< bytes
  static constexpr std::size_t kMostElements = 64;  ///< filters among them
  /// The name of the element that gives out the frames, which nothing of it may have.
  static constexpr const char* kFrames = "tap-frames";

  std::vector<TapElement> elements;  ///< in the order in which they stand there
  std::string line;                  ///< for gst_parse: every value in quotes
};

/// Errors: "tap-empty", "tap-too-long", "tap-syntax" (says at which word).
Result<TapDescription> read_tap_description(std::string_view text);

/// Error "tap-element": names the first one that is not in `allowed`. Filters always are.
Status check_tap_elements(const TapDescription& description,
                          const std::vector<std::string>& allowed);

}  // namespace rooms
