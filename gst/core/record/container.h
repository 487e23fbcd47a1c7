// SPDX-License-Identifier: LGPL-2.1-or-later
// What both kinds of files have in common: bytes that are appended as the recording goes on, so
// that a file plays up to its last append whatever happens to the process, and what is done to it
// when it ends well. Sans I/O.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/record/encoded_frame.h"

namespace rooms {

enum class Container : std::uint8_t { kMp4, kWebm, kMkv };

struct ContainerTrack {
  StreamSetup setup;
  std::string name;  ///< for people
};

/// Overwrites bytes that are there already.
struct FilePatch {
  std::uint64_t at = 0;
  std::vector<std::uint8_t> bytes;
};

/// To be written in this order: a file that ends in between still plays.
struct FileEnd {
  std::vector<std::uint8_t> append;
  std::vector<FilePatch> patches;
};

/// One file. `time` of frames counts from the file's beginning.
class ContainerWriter {
 public:
  virtual ~ContainerWriter() = default;
  /// First.
  virtual std::vector<std::uint8_t> begin() = 0;
  /// Frames of a track come in decoding order; `time` is never negative.
  virtual void add(std::size_t track, EncodedFrame frame, Duration time) = 0;
  /// What has been added since the last call, as bytes to append. May keep back the last frame of
  /// each track, whose duration the next one tells.
  virtual std::vector<std::uint8_t> flush() = 0;
  virtual FileEnd finish() = 0;
};

struct FileDescription {
  std::string title;
  /// Since 1970, of the file's first moment.
  Duration wall_clock{};
};

/// `tracks`: of codecs that `fits` the container.
std::unique_ptr<ContainerWriter> make_writer(Container container,
                                             std::vector<ContainerTrack> tracks,
                                             FileDescription description);

}  // namespace rooms
