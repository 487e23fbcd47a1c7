// SPDX-License-Identifier: LGPL-2.1-or-later
// What ffprobe and ffmpeg, which are not ours, say of a file.
#pragma once

#include <string>
#include <vector>

namespace rooms::test {

struct ProbedStream {
  std::string codec;  ///< as ffmpeg calls it: "vp8", "h264", "opus"
  unsigned width = 0;
  unsigned height = 0;
  double start = 0;  ///< s
  double end = 0;    ///< s, of its last packet
  unsigned packets = 0;
  double longest_gap = 0;  ///< s, between two packets
};

struct ProbedFile {
  std::vector<ProbedStream> streams;
  std::string format;
  double duration = 0;     ///< s, as the file says; 0: it does not say
  std::string complaints;  ///< of decoding everything

  [[nodiscard]] const ProbedStream* video() const;
  [[nodiscard]] const ProbedStream* audio() const;
};

ProbedFile probe(const std::string& path);

/// By how many seconds the sound of a BeatingPublisher is later than the picture, in the median;
/// fails the test when there are no three beats.
double sound_lateness(const std::string& path);

}  // namespace rooms::test
