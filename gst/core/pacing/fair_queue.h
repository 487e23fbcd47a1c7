// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets of several streams that wait for one line: in order within a stream, by turns of about a
// packet between streams (deficit round robin), so that the usual pictures of one do not stand
// behind the keyframe of another. Not thread-safe. Memory grows to what waited at once and is used
// again.
#pragma once

#include <cstdint>
#include <vector>

#include "gst/core/units.h"

namespace rooms {

class FairQueue {
 public:
  struct Packet {
    std::uint64_t id = 0;
    DataSize size;
    Timestamp since;
  };

  void push(std::uint32_t stream, const Packet& packet);
  /// Of the stream whose turn it is. There has to be one.
  Packet pop();
  /// What has waited longest, of whatever stream. There has to be one.
  [[nodiscard]] const Packet& oldest() const { return front(oldest_turn()); }
  Packet pop_oldest() { return take(oldest_turn()); }
  [[nodiscard]] bool has(std::uint32_t stream) const {
    return stream < streams_.size() && !streams_[stream].is_empty();
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear();

  /// Takes out those whose id `goes`; `gone` is told each.
  template <class Predicate, class Gone>
  void remove_if(Predicate goes, Gone gone) {
    for (std::size_t turn = turns_.size(); turn-- > 0;) {
      for (auto left = streams_[turns_[turn]].size(); left > 0; --left) {
        auto& stream = streams_[turns_[turn]];
        const Packet packet = stream.pop();
        if (goes(packet.id)) {
          --size_;
          gone(packet);
        } else {
          stream.push(packet);
        }
      }
      if (streams_[turns_[turn]].is_empty()) end_turns(turn);
    }
  }

 private:
  class Stream {
   public:
    void push(const Packet& packet);
    Packet pop() { return ring_[head_++ & (ring_.size() - 1)]; }
    [[nodiscard]] const Packet& front() const { return ring_[head_ & (ring_.size() - 1)]; }
    [[nodiscard]] std::size_t size() const { return tail_ - head_; }
    [[nodiscard]] bool is_empty() const { return tail_ == head_; }

    DataSize credit;  ///< may leave before the next one's turn

   private:
    std::vector<Packet> ring_;
    std::size_t head_ = 0;
    std::size_t tail_ = 0;
  };

  [[nodiscard]] const Packet& front(std::size_t turn) const {
    return streams_[turns_[turn]].front();
  }
  [[nodiscard]] std::size_t oldest_turn() const;
  Packet take(std::size_t turn);
  void end_turns(std::size_t turn);

  std::vector<Stream> streams_;
  std::vector<std::uint32_t> turns_;  // streams that have something to say
  std::size_t turn_ = 0;
  std::size_t size_ = 0;
};

}  // namespace rooms
