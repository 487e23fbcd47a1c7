// SPDX-License-Identifier: LGPL-2.1-or-later
// How much of what a publisher sent arrived on one received stream. Every packet is counted, only
// some are looked into: between two stamps of one source their sequence numbers say how many
// packets there should have been. So a server may renumber, switch layers or hide a gap: the count
// is right.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/load/stamp.h"

namespace rooms::load {

struct Delivery {
  std::uint64_t expected = 0;
  std::uint64_t received = 0;

  Delivery& operator+=(const Delivery& other) {
    expected += other.expected;
    received += other.received;
    return *this;
  }
  /// Never negative: packets that were sent twice make up for none.
  [[nodiscard]] std::uint64_t lost() const { return expected > received ? expected - received : 0; }
  [[nodiscard]] double loss_percent() const {
    return expected == 0 ? 0 : 100.0 * static_cast<double>(lost()) / static_cast<double>(expected);
  }
};

class DeliveryMeter {
 public:
  /// Every media packet; retransmissions and padding stay out.
  void count_packet() { ++packets_; }
  /// Also one of those counted, the latest.
  void observe(const Stamp& stamp) {
    const Point here{stamp.source, stamp.sequence, packets_};
    if (first_ && stamp.source == first_->source && stamp.sequence > last_.sequence) {
      last_ = here;
      return;
    }
    // A packet that was overtaken says nothing new.
    if (first_ && stamp.source == first_->source && last_.sequence - stamp.sequence < 1000) return;
    settle();
    first_ = last_ = here;
  }

  /// From the last stamp before the window to the last one in it.
  void begin_window() {
    settle();
    settled_ = {};
    if (first_) first_ = last_;
  }
  [[nodiscard]] Delivery window() const {
    Delivery total = settled_;
    return total += open();
  }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  /// nullopt before the first stamp.
  [[nodiscard]] std::optional<std::uint32_t> source() const {
    return first_ ? std::optional(first_->source) : std::nullopt;
  }
  [[nodiscard]] std::uint64_t last_sequence() const { return last_.sequence; }

 private:
  struct Point {
    std::uint32_t source = 0;
    std::uint64_t sequence = 0;
    std::uint64_t packets = 0;
  };
  [[nodiscard]] Delivery open() const {
    if (!first_) return {};
    return {last_.sequence - first_->sequence, last_.packets - first_->packets};
  }
  void settle() {
    settled_ += open();
    if (first_) first_ = last_;
  }

  std::uint64_t packets_ = 0;
  std::optional<Point> first_;
  Point last_;
  Delivery settled_;
};

}  // namespace rooms::load
