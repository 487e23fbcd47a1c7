// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/rfc4571.h"

#include <algorithm>

namespace rooms {

namespace {

constexpr std::size_t kHead = 2;
/// What a connection that sends small datagrams needs; it grows when a longer one is announced.
constexpr std::size_t kFirstSize = 2048;

}  // namespace

Rfc4571Reader::Rfc4571Reader(std::size_t max_frame)
    : max_frame_(std::min<std::size_t>(max_frame, 65535)) {}

MutableBytes Rfc4571Reader::writable() {
  if (broken_) return {};
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= begin_;
  begin_ = 0;
  std::size_t wanted = std::min(kFirstSize, kHead + max_frame_);
  if (end_ >= kHead) {
    wanted = std::max(wanted, kHead + load_u16(buffer_.data()));
  }
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  return MutableBytes(buffer_).subspan(end_);
}

void Rfc4571Reader::written(std::size_t size) { end_ = std::min(end_ + size, buffer_.size()); }

std::optional<Bytes> Rfc4571Reader::next() {
  while (!broken_ && end_ - begin_ >= kHead) {
    const std::size_t size = load_u16(&buffer_[begin_]);
    if (size > max_frame_) {
      broken_ = true;
      break;
    }
    if (end_ - begin_ < kHead + size) break;
    const Bytes frame = Bytes(buffer_).subspan(begin_ + kHead, size);
    begin_ += kHead + size;
    if (size > 0) return frame;
  }
  return std::nullopt;
}

std::size_t write_rfc4571(MutableBytes out, Bytes datagram) {
  if (datagram.size() > 0xFFFF || out.size() < kHead + datagram.size()) return 0;
  const auto head = rfc4571_head(datagram.size());
  std::copy(head.begin(), head.end(), out.begin());
  std::copy(datagram.begin(), datagram.end(), out.begin() + kHead);
  return kHead + datagram.size();
}

}  // namespace rooms
