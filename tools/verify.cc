// SPDX-License-Identifier: LGPL-2.1-or-later
// gst-rooms-verify: is a recording whole?
#include <glib.h>
#include <gst/gst.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "tools/verify_file.h"

namespace rooms {
namespace {

constexpr const char* kHelp =
    "gst-rooms-verify: is a recording whole, and are sound and picture together?\n\n"
    "Usage: gst-rooms-verify [options] FILE..\n\n"
    "  --json          one JSON array instead of text\n"
    "  --gap MS        a pause longer than this, and than three frames, is a gap (250)\n"
    "  --offset MS     sound and picture may begin this far apart (80)\n"
    "  --help          this\n\n"
    "Of each file: whether it was finalised (\"open\": the process ended before it did; it plays "
    "up to\n"
    "its last fragment), and of each stream codec, frames, keyframes, where it begins and ends, "
    "gaps;\n"
    "how much later the sound begins than the picture, and by how much that has changed at the "
    "end.\n\n"
    "Exit status: 0 nothing is wrong; 1 something is; 2 a file cannot be read, or a wrong "
    "option.\n";

struct Options {
  bool json = false;
  VerifyLimits limits;
  std::vector<std::string> files;
};

std::int64_t milliseconds(Duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    if (byte >= 0x20) {
      out += c;
      continue;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
    out += escape.data();
  }
  return out + "\"";
}

std::string number_field(const char* name, std::int64_t value) {
  return std::string(", \"") + name + "\": " + std::to_string(value);
}

std::string to_json(const std::string& path, const Result<VerifiedFile>& result) {
  std::string out = "{\"file\": " + quoted(path);
  if (!result) return out + ", \"error\": " + quoted(result.error().message) + "}";
  out += ", \"ending\": " + quoted(std::string(name_of(result->ending))) + ", \"streams\": [";
  for (const auto& stream : result->streams) {
    const auto& summary = stream.summary;
    if (&stream != result->streams.data()) out += ", ";
    out += "{\"codec\": " + quoted(stream.codec);
    out += number_field("frames", static_cast<std::int64_t>(summary.frames));
    out += number_field("keyframes", static_cast<std::int64_t>(summary.keyframes));
    out += number_field("bytes", static_cast<std::int64_t>(summary.bytes));
    out += number_field("startMs", milliseconds(summary.start));
    out += number_field("endMs", milliseconds(summary.end));
    out += ", \"gaps\": [";
    for (const auto& gap : summary.gaps) {
      if (&gap != summary.gaps.data()) out += ", ";
      out += "{\"atMs\": " + std::to_string(milliseconds(gap.at)) +
             number_field("lengthMs", milliseconds(gap.length)) + "}";
    }
    out += "]}";
  }
  out += "]";
  const auto at_start = sound_offset(*result, false);
  if (at_start) {
    out += number_field("soundOffsetMs", milliseconds(*at_start));
    out += number_field("driftMs", milliseconds(*sound_offset(*result, true) - *at_start));
  }
  out += ", \"problems\": [";
  for (const auto& problem : result->problems)
    out += (&problem == result->problems.data() ? "" : ", ") + quoted(problem);
  return out + "]}";
}

void print(const std::string& path, const Result<VerifiedFile>& result) {
  if (!result) {
    std::printf("%s\n  cannot be read: %s\n", path.c_str(), result.error().message.c_str());
    return;
  }
  std::printf("%s: %s\n", path.c_str(), std::string(name_of(result->ending)).c_str());
  for (const auto& stream : result->streams) {
    const auto& summary = stream.summary;
    std::printf("  %-14s %6llu frames, %llu keyframes, from %.3f to %.3f s, %zu gaps\n",
                stream.codec.c_str(), static_cast<unsigned long long>(summary.frames),
                static_cast<unsigned long long>(summary.keyframes),
                static_cast<double>(summary.start.count()) / 1e9,
                static_cast<double>(summary.end.count()) / 1e9, summary.gaps.size());
  }
  if (const auto offset = sound_offset(*result, false))
    std::printf("  sound begins %lld ms later than the picture, drift %lld ms\n",
                static_cast<long long>(milliseconds(*offset)),
                static_cast<long long>(milliseconds(*sound_offset(*result, true) - *offset)));
  for (const auto& problem : result->problems) std::printf("  PROBLEM: %s\n", problem.c_str());
}

std::optional<Duration> read_ms(const char* text) {
  unsigned value = 0;
  const auto* end = text + std::strlen(text);
  const auto [at, problem] = std::from_chars(text, end, value);
  if (problem != std::errc{} || at != end || at == text) return std::nullopt;
  return std::chrono::milliseconds(value);
}

int complain(const std::string& text) {
  std::fprintf(stderr, "gst-rooms-verify: %s (--help lists the options)\n", text.c_str());
  return 2;
}

int verify(const Options& options) {
  int status = 0;
  if (options.json) std::printf("[");
  for (const auto& path : options.files) {
    const auto result = verify_file(path, options.limits);
    if (!result) {
      status = 2;
    } else if (!result->problems.empty() && status == 0) {
      status = 1;
    }
    if (options.json) {
      std::printf("%s%s", &path == options.files.data() ? "" : ",\n ",
                  to_json(path, result).c_str());
    } else {
      print(path, result);
    }
  }
  if (options.json) std::printf("]\n");
  return status;
}

int run(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--gap" || argument == "--offset") {
      const auto value = i + 1 < argc ? read_ms(argv[++i]) : std::nullopt;
      if (!value) return complain(argument + " wants milliseconds");
      (argument == "--gap" ? options.limits.gap : options.limits.offset) = *value;
    } else if (argument.starts_with("--")) {
      return complain("there is no option " + argument);
    } else {
      options.files.push_back(argument);
    }
  }
  if (options.files.empty()) return complain("name a file");
  gst_init(nullptr, nullptr);
  return verify(options);
}

}  // namespace
}  // namespace rooms

int main(int argc, char** argv) { return rooms::run(argc, argv); }
