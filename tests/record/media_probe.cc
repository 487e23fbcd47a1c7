// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/record/media_probe.h"

#include <gio/gio.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <regex>
#include <sstream>

#include "gst/glue/ref.h"

namespace rooms::test {
namespace {

struct Output {
  std::string out;
  std::string err;
};

Output run(std::vector<const char*> command) {
  command.push_back(nullptr);
  GError* problem = nullptr;
  const auto process =
      adopt(g_subprocess_newv(command.data(),
                              static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                                            G_SUBPROCESS_FLAGS_STDERR_PIPE),
                              &problem));
  if (!process) {
    ADD_FAILURE() << own(problem)->message;
    return {};
  }
  char* out = nullptr;
  char* err = nullptr;
  g_subprocess_communicate_utf8(process.get(), nullptr, nullptr, &out, &err, nullptr);
  const auto owned_out = own(out);
  const auto owned_err = own(err);
  return {out ? out : "", err ? err : ""};
}

using Fields = std::map<std::string, std::string>;

/// Lines of ffprobe's compact format: "stream|index=0|codec_name=vp8".
std::vector<std::pair<std::string, Fields>> rows_of(const std::string& text) {
  std::vector<std::pair<std::string, Fields>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream parts(line);
    std::string part;
    std::getline(parts, part, '|');
    rows.push_back({part, {}});
    while (std::getline(parts, part, '|')) {
      const auto equals = part.find('=');
      if (equals != std::string::npos)
        rows.back().second[part.substr(0, equals)] = part.substr(equals + 1);
    }
  }
  return rows;
}

double seconds(const std::string& text) { return std::strtod(text.c_str(), nullptr); }
unsigned whole(const std::string& text) {
  return static_cast<unsigned>(std::strtoul(text.c_str(), nullptr, 10));
}

std::vector<double> times_after(const std::string& text, const std::string& word) {
  std::vector<double> times;
  const std::regex pattern(word + ": ?([0-9.]+)");
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    times.push_back(seconds((*at)[1]));
  return times;
}

}  // namespace

const ProbedStream* ProbedFile::video() const {
  for (const auto& stream : streams)
    if (stream.width != 0) return &stream;
  return nullptr;
}

const ProbedStream* ProbedFile::audio() const {
  for (const auto& stream : streams)
    if (stream.width == 0) return &stream;
  return nullptr;
}

ProbedFile probe(const std::string& path) {
  ProbedFile file;
  const auto told = run({"ffprobe", "-v", "error", "-show_streams", "-show_format", "-show_packets",
                         "-of", "compact", path.c_str()});
  std::map<unsigned, std::vector<double>> times;
  for (const auto& [kind, fields] : rows_of(told.out)) {
    const auto field = [&, &fields = fields](const char* name) {
      const auto found = fields.find(name);
      return found == fields.end() ? std::string() : found->second;
    };
    if (kind == "packet") {
      times[whole(field("stream_index"))].push_back(seconds(field("pts_time")));
    } else if (kind == "stream") {
      ProbedStream stream;
      stream.codec = field("codec_name");
      stream.width = whole(field("width"));
      stream.height = whole(field("height"));
      file.streams.push_back(stream);
    } else if (kind == "format") {
      file.format = field("format_name");
      file.duration = seconds(field("duration"));
    }
  }
  for (auto& [index, list] : times) {
    if (index >= file.streams.size()) continue;
    auto& stream = file.streams[index];
    std::sort(list.begin(), list.end());
    stream.packets = static_cast<unsigned>(list.size());
    stream.start = list.front();
    stream.end = list.back();
    for (std::size_t i = 1; i < list.size(); ++i)
      stream.longest_gap = std::max(stream.longest_gap, list[i] - list[i - 1]);
  }
  file.complaints = told.err + run({"ffmpeg", "-nostdin", "-v", "error", "-i", path.c_str(),
                                    "-fps_mode", "vfr", "-f", "null", "-"})
                                   .err;
  return file;
}

double sound_lateness(const std::string& path) {
  const auto told = run({"ffmpeg", "-nostdin", "-i", path.c_str(), "-vf",
                         "blackdetect=d=0.2:pix_th=0.5:pic_th=0.9", "-af",
                         "silencedetect=n=-40dB:d=0.2", "-f", "null", "-"});
  const auto flashes = times_after(told.err, "black_end");
  const auto beeps = times_after(told.err, "silence_end");
  std::vector<double> late;
  for (const double flash : flashes) {
    for (const double beep : beeps)
      if (std::abs(beep - flash) < 0.4) late.push_back(beep - flash);
  }
  std::sort(late.begin(), late.end());
  if (late.size() < 3) {
    ADD_FAILURE() << "only " << late.size() << " beats in " << path << ", it is bright at "
                  << testing::PrintToString(flashes) << " s, loud at "
                  << testing::PrintToString(beeps) << " s";
    return 0;
  }
  return late[late.size() / 2];
}

}  // namespace rooms::test
