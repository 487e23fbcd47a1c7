// SPDX-License-Identifier: LGPL-2.1-or-later
// What a connection carries, from the transport-wide feedback of its peer: Google congestion
// control, sender side (draft-ietf-rmcat-gcc-02), with probes. Bytes are counted as `PacketSent`
// counts them. Not thread-safe: owned by the thread that sends on the connection. Nothing is
// allocated per packet.
//
//   arrival groups > trendline > over-use detector > rate control ┐
//   acknowledged rate, queue delay, packet trains ───────┘        ├ min ─▶ estimate
//   lost packets > loss control ──────────────────────────────────┤
//   probes > results > rate control; REMB ────────────────────────┘
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "gst/core/bwe/acknowledged_rate.h"
#include "gst/core/bwe/application_limit.h"
#include "gst/core/bwe/arrival_groups.h"
#include "gst/core/bwe/loss_control.h"
#include "gst/core/bwe/overuse_detector.h"
#include "gst/core/bwe/packet_trains.h"
#include "gst/core/bwe/probe_controller.h"
#include "gst/core/bwe/probe_results.h"
#include "gst/core/bwe/queue_delay.h"
#include "gst/core/bwe/rate_control.h"
#include "gst/core/bwe/trendline.h"
#include "gst/core/endpoint/transport_feedback_history.h"
#include "gst/core/units.h"

namespace rooms {

class BandwidthEstimator {
 public:
  struct Config {
    DataRate start = DataRate::kilobits_per_second(300);
    DataRate min = DataRate::kilobits_per_second(30);
    DataRate max = DataRate::kilobits_per_second(50'000);
  };
  struct PacketSent {
    DataSize size;
    Timestamp time;
  };
  struct Update {
    DataRate estimate;
    bool changed = false;
  };
  struct Stats {
    DataRate estimate;
    DataRate delay_based;
    DataRate loss_based;                   ///< unlimited(): loss is no matter
    std::optional<DataRate> arrived;       ///< acknowledged rate
    std::optional<DataRate> capacity;      ///< of the link, when it was last full
    std::optional<DataRate> remote_limit;  ///< REMB
    LinkUse use = LinkUse::kNormal;
    double trend = 0;      ///< ms
    double threshold = 0;  ///< ms
    Duration waiting{};    ///< in the queue on the way
    Duration round_trip{};
    double loss = 0;           ///< 0 .. 1
    double inherent_loss = 0;  ///< the part that is the link's own
    bool application_limited = false;
    std::uint64_t received = 0;  ///< packets acknowledged
    std::uint64_t lost = 0;
    std::uint32_t overuses = 0;
    std::uint32_t probes = 0;
    std::uint32_t clock_jumps = 0;        ///< of the peer
    std::uint32_t feedback_timeouts = 0;  ///< times that the estimate fell since nothing came back
  };

  BandwidthEstimator() : BandwidthEstimator(Config{}) {}
  explicit BandwidthEstimator(const Config& config);

  /// Bounds may change at any time; `max` below `min` counts as `min`.
  void set_bounds(DataRate min, DataRate max);
  /// The most that could be used now, all streams together; bounds what probes try.
  void set_wanted(DataRate wanted) { wanted_ = wanted; }

  void sent(const PacketSent& packet);
  /// The results of one feedback, in sending order. Those that make no sense are ignored.
  Update observe(std::span<const PacketResult> results, Timestamp now);
  /// REMB: a ceiling, and the estimate itself as long as the peer sends no transport-wide feedback.
  Update observe_remote_limit(DataRate limit, Timestamp now);
  /// The next cluster to send, if one is due; its packets are to be recorded with its id. Ask when
  /// the one before has left.
  std::optional<ProbePlan> probe(Timestamp now);
  /// Call every 25 to 500 ms: notices that nothing is sent, or that nothing comes back.
  Update tick(Timestamp now);

  [[nodiscard]] DataRate estimate() const { return estimate_; }
  [[nodiscard]] bool application_limited() const { return limit_.limited(); }
  [[nodiscard]] Stats stats() const;

 private:
  struct Batch {
    int lost = 0;
    int received = 0;
    std::optional<Timestamp> last_sent;
    std::optional<DataRate> probed;
  };
  void observe(const PacketResult& result, Timestamp now, Batch& batch);
  void forget_delays();
  void note_use(Timestamp now);
  void use_probe(DataRate found, Timestamp now);
  [[nodiscard]] LinkUse use() const;
  [[nodiscard]] RateControl::Input rate_input() const;
  [[nodiscard]] ProbeController::Input probe_input() const;
  Update conclude(Timestamp now);

  Config config_;
  DataRate wanted_ = DataRate::unlimited();
  DataRate estimate_;

  ArrivalGroups groups_;
  Trendline trendline_;
  OveruseDetector detector_;
  AcknowledgedRate arrived_;
  QueueDelay queue_;
  PacketTrains trains_;
  RateControl rate_;
  LossControl loss_;
  ApplicationLimit limit_;
  ProbeController probes_;
  ProbeResults results_;

  bool was_over_ = false;
  std::optional<DataRate> full_;  // what the link carried while its queue stood, lately
  Timestamp full_at_{};
  Duration round_trip_ = std::chrono::milliseconds(100);
  std::optional<DataRate> remote_limit_;
  bool has_feedback_ = false;
  std::int64_t next_sequence_ = 0;
  bool has_sent_ = false;
  std::optional<Timestamp> unanswered_;  // the first that was sent after the last feedback
  Timestamp last_timeout_{};

  std::uint64_t received_packets_ = 0;
  std::uint64_t lost_packets_ = 0;
  std::uint32_t overuses_ = 0;
  std::uint32_t timeouts_ = 0;
};

}  // namespace rooms
