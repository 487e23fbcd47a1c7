// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/log.h"

#include <glib.h>

#include <atomic>
#include <cstdio>
#include <string>

namespace rooms {
namespace {

std::atomic<LogLevel> threshold{LogLevel::kInfo};

const char* word_of(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "error";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kDebug:
      return "debug";
  }
  return "";
}

LogLevel level_of(GLogLevelFlags flags) {
  if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) return LogLevel::kError;
  if (flags & G_LOG_LEVEL_WARNING) return LogLevel::kWarning;
  // What libraries think worth a message is seldom that for who runs the server.
  return LogLevel::kDebug;
}

GLogWriterOutput write_glib_line(GLogLevelFlags flags, const GLogField* fields, gsize count,
                                 gpointer) {
  const auto level = level_of(flags);
  if (level > threshold) return G_LOG_WRITER_HANDLED;
  std::string domain;
  std::string message;
  for (gsize i = 0; i < count; ++i) {
    const auto* text = static_cast<const char*>(fields[i].value);
    if (fields[i].length >= 0) continue;
    if (g_str_equal(fields[i].key, "GLIB_DOMAIN")) domain = text;
    if (g_str_equal(fields[i].key, "MESSAGE")) message = text;
  }
  log_line(level, domain.empty() ? message : domain + ": " + message);
  return G_LOG_WRITER_HANDLED;
}

}  // namespace

void set_log_level(LogLevel level) {
  threshold = level;
  g_log_set_writer_func(write_glib_line, nullptr, nullptr);
}

void log_line(LogLevel level, std::string_view text) {
  if (level > threshold) return;
  GDateTime* now = g_date_time_new_now_local();
  char* time = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");
  // One write a line: threads do not mix theirs. Control characters of clients do not reach the
  // terminal.
  std::string line = std::string(time) + " " + word_of(level) + " ";
  for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
  g_free(time);
  g_date_time_unref(now);
}

}  // namespace rooms
