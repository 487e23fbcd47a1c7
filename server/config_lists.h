// SPDX-License-Identifier: LGPL-2.1-or-later
// Options whose value is a list with commas. The errors say what the value should be.
#pragma once

#include <string>
#include <vector>

#include "gst/core/result.h"

namespace rooms {

/// With commas between them; `none`: of an empty list.
std::string joined_or(const std::vector<std::string>& words, const char* none);
/// "none", or some of source_schemes().
Status set_source_schemes(std::vector<std::string>& field, const std::string& text);
/// "off", or names of elements.
Status set_tap_elements(std::vector<std::string>& field, const std::string& text);

/// "off", or heights of pictures: even numbers from 90 to 1080, the largest first.
Status set_heights(std::vector<int>& field, const std::string& text);
std::string heights_or_off(const std::vector<int>& heights);

}  // namespace rooms
