// SPDX-License-Identifier: LGPL-2.1-or-later
// Lines on standard error with time and level; what GLib and libsoup log goes the same way.
#pragma once

#include <string_view>

namespace rooms {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

/// Once, before the first line.
void set_log_level(LogLevel level);

void log_line(LogLevel level, std::string_view text);
inline void log_error(std::string_view text) { log_line(LogLevel::kError, text); }
inline void log_warning(std::string_view text) { log_line(LogLevel::kWarning, text); }
inline void log_info(std::string_view text) { log_line(LogLevel::kInfo, text); }
inline void log_debug(std::string_view text) { log_line(LogLevel::kDebug, text); }

}  // namespace rooms
