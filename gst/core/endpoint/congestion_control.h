// SPDX-License-Identifier: LGPL-2.1-or-later
// What one connection may send, and when: an estimator that learns from what leaves and from what
// the peer says of it, and a pacer that follows it. Until the peer has said something everything
// passes. Not thread-safe: owned by whoever sends on the connection; nothing is allocated per
// packet.
//
// Rates and sizes are those of whole IP packets: RTP header and payload, SRTP tag, UDP and IPv4
// headers. Beside 1200 bytes of video that is five percent, beside Opus as much as the sound.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "gst/core/bwe/bandwidth_estimator.h"
#include "gst/core/bwe/remote_growth.h"
#include "gst/core/pacing/pacer.h"
#include "gst/core/units.h"

namespace rooms {

class CongestionControl {
 public:
  struct Stats {
    BandwidthEstimator::Stats estimator;
    bool is_active = false;  ///< the peer has sent feedback or an estimate of its own
    DataRate sent;           ///< over the last second
    DataRate wanted;
    bool is_probing = false;
    DataSize queued;              ///< waits for its time to leave
    std::uint64_t paced = 0;      ///< packets that had to wait
    std::uint64_t dropped = 0;    ///< because they had waited too long, or too many did
    std::uint64_t overtaken = 0;  ///< because what came after made them needless
    std::uint64_t refused = 0;    ///< retransmissions that the line has no room for
    std::uint64_t probed = 0;     ///< packets sent for nothing but a probe
  };

  CongestionControl();

  // --- Settings, at any time. A maximum below the minimum counts as the minimum.
  void set_bounds(DataRate min, DataRate max);
  /// The estimate before the peer has said anything; later without effect.
  void set_start(DataRate start);
  /// The most that could be used now, all streams together: no probes while the estimate covers it.
  /// Zero: unknown.
  void set_wanted(DataRate wanted) { wish_ = wanted; }
  /// Whether the peer will send transport-wide feedback. If so, its REMB is a ceiling at most.
  void expect_feedback(bool expected) { expects_feedback_ = expected; }
  /// Whether there is something to send that costs the peer nothing but the line (RTX).
  void allow_probes(bool allowed) { may_probe_ = allowed; }

  // --- What leaves
  /// What to record a packet with that leaves now; nullopt: it has to wait, `enqueue` it.
  std::optional<std::int32_t> pass(PacedStream stream, DataSize size, Timestamp now) {
    return is_active_ ? pacer_.pass(stream, size, now) : std::optional<std::int32_t>(-1);
  }
  /// False: too many wait, and nobody waits for it any more. Where it is video, `drop` the rest.
  bool enqueue(PacedStream stream, std::uint64_t id, DataSize size, Timestamp now);
  /// The next that leaves now, as Pacer::next.
  std::optional<Pacer::Departure> next(Timestamp now) { return pacer_.next(now); }
  /// A probe went on with so much that was of no other use; zero: there was nothing.
  void padded(DataSize size, Timestamp now);
  /// When to ask `next`; nullopt: not before something is queued or the peer says something.
  [[nodiscard]] std::optional<Timestamp> due(Timestamp now) const;
  /// Has video waited for so long that it is better dropped?
  [[nodiscard]] bool is_overdue(Timestamp now) const;
  /// Takes out one packet of video that waits; nullopt: none is left. A decoder needs a keyframe
  /// then.
  std::optional<std::uint64_t> drop_video();
  /// Takes out the video that waits, sent before or not, whose id `goes`: it is of no use any more.
  template <class Predicate>
  void drop_overtaken(Predicate goes) {
    overtaken_ += pacer_.drop_if(PacedKind::kVideo, goes);
    overtaken_ += pacer_.drop_if(PacedKind::kRetransmission, goes);
  }
  [[nodiscard]] bool is_queue_empty() const { return pacer_.packets() == 0; }
  /// Whether what the peer asked for again may be sent again: it may take half of the line, for on
  /// one that is too full already more of it would only be lost again.
  bool allow_resend(DataSize size, Timestamp now);
  /// Nothing waits any more.
  void forget_queue() { pacer_.clear(); }
  /// Each packet that leaves.
  void sent(DataSize size, Timestamp now) {
    sent_ += size;
    if (is_active_) estimator_.sent({size, now});
  }

  // --- What the peer says
  void observe(std::span<const PacketResult> results, Timestamp now);
  void observe_remote_limit(DataRate limit, Timestamp now);
  /// Call every 100 to 500 ms.
  void tick(Timestamp now);

  [[nodiscard]] DataRate estimate() const { return estimator_.estimate(); }
  /// The peer has sent feedback or an estimate of its own.
  [[nodiscard]] bool is_active() const { return is_active_; }
  /// Whether listeners should be told of the estimate now: at once when it fell or has risen by
  /// five percent, else ten times a second. True once.
  bool take_news(Timestamp now);
  [[nodiscard]] Stats stats() const;

 private:
  void follow(const BandwidthEstimator::Update& update, Timestamp now);
  void activate(Timestamp now);
  void probe(Timestamp now);
  void grow(Timestamp now);

  BandwidthEstimator::Config rates_;
  BandwidthEstimator estimator_;
  RemoteGrowth growth_;
  Pacer pacer_;
  bool is_active_ = false;
  bool expects_feedback_ = false;
  bool has_feedback_ = false;
  bool may_probe_ = false;
  std::optional<DataRate> remote_limit_;  // said before there was feedback to check it by
  DataRate wish_;

  DataSize sent_;    // since ticked_
  DataSize filled_;  // of it, what a probe went on with
  std::optional<Timestamp> ticked_;
  DataRate sent_rate_;
  DataRate media_rate_;

  DataRate told_;
  Timestamp told_at_{};
  std::uint64_t paced_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t overtaken_ = 0;
  std::uint64_t probed_ = 0;

  DataSize resent_;  // and not yet paid off by the passing of time
  Timestamp resent_at_{};
  std::uint64_t refused_ = 0;
};

}  // namespace rooms
