// SPDX-License-Identifier: LGPL-2.1-or-later
// When queued packets may leave, so that a keyframe does not fill a router's queue at once and
// sound never waits behind pictures. Deals in ids and sizes: what may not `pass` is queued, and
// whoever keeps the packets asks `next` until it has nothing more to say, and again at `due`. Not
// thread-safe. Memory grows to what waited at once, nothing is allocated per packet.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "gst/core/bwe/probe.h"
#include "gst/core/pacing/fair_queue.h"
#include "gst/core/units.h"

namespace rooms {

/// In the order in which they leave.
enum class PacedKind : std::uint8_t { kAudio, kRetransmission, kVideo };

/// Streams of one kind take turns; within a stream order stays.
struct PacedStream {
  PacedStream(PacedKind of_kind, std::uint32_t id = 0) : kind(of_kind), stream(id) {}
  PacedKind kind;
  std::uint32_t stream;
};

class Pacer {
 public:
  struct Config {
    double factor = 2.5;  ///< of the estimate: a frame leaves in well under its duration
    /// The rate rises so that nothing waits longer, whatever the estimate says.
    Duration longest_wait = std::chrono::milliseconds(250);
    /// So much may leave at once, in time at the pacing rate; callers that wake up rarely need
    /// more.
    Duration burst = std::chrono::milliseconds(5);
    std::size_t capacity = 2048;  ///< packets of a kind
  };
  struct Departure {
    /// nullopt: there is nothing queued and a probe goes on; send padding of `size` or less, or
    /// again what was sent lately, and tell of it by `padded`.
    std::optional<std::uint64_t> id;
    DataSize size;
    std::int32_t probe = -1;  ///< record it with this
    Duration waited{};
  };

  Pacer() : Pacer(Config{}) {}
  explicit Pacer(const Config& config);

  void set_estimate(DataRate estimate, Timestamp now);
  /// A packet that leaves without having been queued; sound always may. What to record it with, as
  /// Departure::probe; nullopt: its time has not come, or others are before it: enqueue it.
  std::optional<std::int32_t> pass(PacedStream stream, DataSize size, Timestamp now);
  /// It may leave at once: ask `next`. False: there are too many, it will not be sent.
  bool enqueue(PacedStream stream, std::uint64_t id, DataSize size, Timestamp now);
  /// Begins with the next packet, for a probe of padding alone would tell nothing of a connection
  /// that sends nothing. One at a time; false: another goes on.
  bool start_probe(const ProbePlan& plan, Timestamp now);
  [[nodiscard]] bool is_probing() const { return probe_.has_value(); }

  /// One packet that leaves now.
  std::optional<Departure> next(Timestamp now);
  /// Padding left; zero: there is none to send, the probe ends here.
  void padded(DataSize size, Timestamp now);
  /// Takes out the packet of its kind that has waited longest; nullopt: there is none.
  std::optional<std::uint64_t> drop_oldest(PacedKind kind);
  /// Takes out those of a kind whose id `goes`; how many.
  template <class Predicate>
  std::size_t drop_if(PacedKind kind, Predicate goes) {
    std::size_t dropped = 0;
    queues_[static_cast<std::size_t>(kind)].remove_if(goes, [&](const FairQueue::Packet& packet) {
      queued_ -= packet.size;
      ++dropped;
    });
    return dropped;
  }
  /// When `next` will have something to say; nullopt: not before another packet is queued.
  [[nodiscard]] std::optional<Timestamp> due(Timestamp now) const;

  [[nodiscard]] DataSize queued() const { return queued_; }
  [[nodiscard]] std::size_t packets() const;
  /// Of the packet that has waited longest.
  [[nodiscard]] Duration longest_waiting(Timestamp now) const;
  void clear();

 private:
  struct Probe {
    ProbePlan plan;
    std::optional<Timestamp> begun;
    Timestamp asked;
    DataSize sent;
    unsigned packets = 0;
  };

  [[nodiscard]] FairQueue* first_waiting();
  [[nodiscard]] DataRate rate(Timestamp now) const;
  void pay_off(Timestamp now);
  void spend(DataSize size, Timestamp now);
  void forget_old_probe(Timestamp now);
  [[nodiscard]] bool probe_is_due(Timestamp now) const;
  Departure take(FairQueue& queue, Timestamp now);

  const Config config_;
  DataRate estimate_ = DataRate::kilobits_per_second(300);
  std::array<FairQueue, 3> queues_;
  DataSize queued_;
  DataSize debt_;  // what has left and is not paid off by the passing of time
  Timestamp paid_{};
  std::optional<Probe> probe_;
};

}  // namespace rooms
