// SPDX-License-Identifier: LGPL-2.1-or-later
// Boxes of ISO/IEC 14496-12 and elements of EBML (RFC 8794): both are nested, and begin with a
// size that is known when they end.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "gst/core/bytes.h"

namespace rooms {

class ByteWriter {
 public:
  ByteWriter& u8(unsigned value) {
    bytes_.push_back(static_cast<std::uint8_t>(value));
    return *this;
  }
  ByteWriter& u16(unsigned value) { return number(value, 2); }
  ByteWriter& u24(unsigned value) { return number(value, 3); }
  ByteWriter& u32(std::uint64_t value) { return number(value, 4); }
  ByteWriter& u64(std::uint64_t value) { return number(value, 8); }
  /// `size` in 1..8 bytes, big-endian.
  ByteWriter& number(std::uint64_t value, unsigned size) {
    while (size-- > 0) u8(static_cast<unsigned>(value >> (8 * size)) & 0xFFU);
    return *this;
  }
  ByteWriter& zeros(std::size_t count) {
    bytes_.insert(bytes_.end(), count, 0);
    return *this;
  }
  ByteWriter& text(std::string_view text) { return bytes(as_bytes(text)); }
  ByteWriter& bytes(Bytes bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }

  /// A box whose body `fill` writes.
  template <class Fill>
  ByteWriter& box(std::string_view type, Fill&& fill) {
    const std::size_t start = bytes_.size();
    u32(0).text(type);
    fill();
    store_u32(&bytes_[start], static_cast<std::uint32_t>(bytes_.size() - start));
    return *this;
  }
  template <class Fill>
  ByteWriter& full_box(std::string_view type, unsigned version, unsigned flags, Fill&& fill) {
    return box(type, [&] {
      u8(version).u24(flags);
      fill();
    });
  }

  /// An EBML element with an id of 1 to 4 bytes, marker included.
  ByteWriter& id(std::uint32_t id) {
    const unsigned size = id > 0xFFFFFF ? 4 : (id > 0xFFFF ? 3 : (id > 0xFF ? 2 : 1));
    return number(id, size);
  }
  template <std::invocable Fill>
  ByteWriter& element(std::uint32_t name, Fill&& fill) {
    id(name);
    const std::size_t start = bytes_.size();
    u64(0);
    fill();
    store_u64(&bytes_[start], (std::uint64_t{1} << 56) | (bytes_.size() - start - 8));
    return *this;
  }
  ByteWriter& element(std::uint32_t name, Bytes body) {
    id(name);
    size_of(body.size());
    return bytes(body);
  }
  ByteWriter& element_number(std::uint32_t name, std::uint64_t value) {
    unsigned size = 1;
    while (size < 8 && (value >> (8 * size)) != 0) ++size;
    id(name);
    size_of(size);
    return number(value, size);
  }
  /// A data size in as few bytes as it takes (RFC 8794 4).
  ByteWriter& size_of(std::uint64_t size) {
    unsigned width = 1;
    while (width < 8 && size >= (std::uint64_t{1} << (7 * width)) - 1) ++width;
    return number(size | (std::uint64_t{1} << (7 * width)), width);
  }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::uint8_t* at(std::size_t offset) { return &bytes_[offset]; }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace rooms
