// SPDX-License-Identifier: LGPL-2.1-or-later
// Datagrams on a TCP connection: two bytes of length before each (RFC 4571, as ICE-TCP uses it, RFC
// 6544).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "gst/core/bytes.h"

namespace rooms {

/// Cuts a byte stream into datagrams. Use: read into writable(), tell with written(), take all of
/// next(). Holds at most one frame of the largest size. Not thread-safe: owned by the thread that
/// reads the connection.
class Rfc4571Reader {
 public:
  /// A peer that announces a longer frame than `max_frame` is broken(): close its connection.
  explicit Rfc4571Reader(std::size_t max_frame = 65535);

  /// Free space for the next read; never empty unless broken(). Views from next() end here.
  MutableBytes writable();
  void written(std::size_t size);
  /// The next whole datagram; empty frames are skipped (RFC 4571 2).
  std::optional<Bytes> next();
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  std::size_t max_frame_;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool broken_ = false;
};

/// What stands before a datagram of `size` bytes (at most 65535).
constexpr std::array<std::uint8_t, 2> rfc4571_head(std::size_t size) {
  return {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
}

/// Head and datagram into `out`; returns the bytes written, 0 when they do not fit.
std::size_t write_rfc4571(MutableBytes out, Bytes datagram);

}  // namespace rooms
