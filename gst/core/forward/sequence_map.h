// SPDX-License-Identifier: LGPL-2.1-or-later
// Incoming numbers to outgoing ones: what we leave out closes up, what the network lost stays a
// gap.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>

namespace rooms {

/// Numbers are unwrapped (seqnum.h). Serves RTP sequence numbers and VP8 picture ids alike. The
/// newest kMemory incoming numbers keep their place, so that one that comes late gets the number it
/// would have had in time.
template <std::size_t kMemory>
class SequenceMap {
 public:
  /// From here on `in` becomes `out`. Numbers before `in` have no place any more.
  void restart(std::int64_t in, std::int64_t out) {
    first_in_ = newest_in_ = in;
    newest_out_ = out;
    dropped_.reset();
    started_ = true;
  }
  [[nodiscard]] bool started() const { return started_; }
  [[nodiscard]] std::int64_t newest_in() const { return newest_in_; }

  /// nullopt: before the restart, too long ago, or left out earlier.
  std::optional<std::int64_t> next(std::int64_t in) {
    if (in > newest_in_) {
      newest_out_ += in - newest_in_;
      advance(in);
      return newest_out_;
    }
    if (!remembers(in) || dropped_.test(slot(in))) return std::nullopt;
    std::int64_t out = newest_out_ - (newest_in_ - in);
    for (std::int64_t n = in + 1; n <= newest_in_; ++n) out += dropped_.test(slot(n)) ? 1 : 0;
    return out;
  }

  /// Leaves `in` out: the next number takes its place. Too late for one that later numbers have
  /// already passed.
  void drop(std::int64_t in) {
    if (in <= newest_in_) return;
    newest_out_ += in - newest_in_ - 1;
    advance(in);
    dropped_.set(slot(in));
  }

  [[nodiscard]] bool remembers(std::int64_t in) const {
    return in >= first_in_ && in > newest_in_ - static_cast<std::int64_t>(kMemory);
  }

 private:
  static std::size_t slot(std::int64_t in) { return static_cast<std::uint64_t>(in) % kMemory; }
  void advance(std::int64_t in) {
    if (in - newest_in_ >= static_cast<std::int64_t>(kMemory)) {
      dropped_.reset();
    } else {
      for (std::int64_t n = newest_in_ + 1; n <= in; ++n) dropped_.reset(slot(n));
    }
    newest_in_ = in;
  }

  std::int64_t first_in_ = 0;
  std::int64_t newest_in_ = 0;
  std::int64_t newest_out_ =
      0;  // of newest_in_, or of the last number before it that was not left out
  std::bitset<kMemory> dropped_;
  bool started_ = false;
};

}  // namespace rooms
