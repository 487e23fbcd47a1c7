// SPDX-License-Identifier: LGPL-2.1-or-later
// What waits to be written to a TCP connection: frames (RFC 4571), each of them whole or not at
// all.
#pragma once

#include <cstddef>
#include <vector>

#include "gst/core/bytes.h"

namespace rooms {

/// Bounded, because a peer that reads slower than media is sent would be behind for ever: what does
/// not fit is refused, as a full socket buffer does with datagrams. Not thread-safe.
class FrameQueue {
 public:
  /// `limit`: bytes that may wait, heads included.
  explicit FrameQueue(std::size_t limit) : limit_(limit) {}

  /// False: there is no room for the whole frame (or it has more than 65535 bytes), and nothing of
  /// it was taken.
  bool push(Bytes datagram);
  /// All that waits, in order; empty when nothing does.
  [[nodiscard]] Bytes front() const { return Bytes(bytes_).subspan(begin_); }
  /// The first `size` bytes of front() have left.
  void written(std::size_t size);
  [[nodiscard]] bool empty() const { return begin_ == bytes_.size(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size() - begin_; }
  /// Forgets all, and gives the memory back.
  void clear();

 private:
  std::size_t limit_;
  std::vector<std::uint8_t> bytes_;
  std::size_t begin_ = 0;
};

}  // namespace rooms
