// SPDX-License-Identifier: LGPL-2.1-or-later
// A sender whose encoder follows the estimate, paced, over a LinkModel, to a receiver that writes
// real transport-wide feedback: everything but the network is what runs in a connection. Simulated
// time, deterministic.
#pragma once

#include <array>
#include <deque>
#include <queue>
#include <vector>

#include "gst/core/bwe/bandwidth_estimator.h"
#include "gst/core/endpoint/transport_feedback_generator.h"
#include "gst/core/endpoint/transport_feedback_history.h"
#include "gst/core/pacing/pacer.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "tests/support/estimate_log.h"
#include "tests/support/link_model.h"

namespace rooms::test {

struct CallPlan {
  LinkPlan link;
  LinkPlan way_back{.capacity = {{Duration{}, DataRate::kilobits_per_second(100'000)}}};
  BandwidthEstimator::Config estimator;
  DataRate application = DataRate::unlimited();  ///< the encoder goes no higher
  bool paces = true;                             ///< else frames leave at once, and nothing probes
  /// Another flow through the same queue, of constant rate.
  struct Competitor {
    Duration from{};
    Duration to{};
    DataRate rate;
  } competitor;
  /// One that fills the queue until it loses something, as TCP does.
  bool has_greedy_competitor = false;
  /// The receiver's clock is set by so much at that time.
  Duration clock_jump{};
  Duration clock_jump_at{};
  std::uint64_t seed = 1;
};

class SimulatedCall : public EstimateLog {
 public:
  explicit SimulatedCall(const CallPlan& plan)
      : plan_(plan),
        random_(plan.seed),
        link_(plan.link, random_),
        way_back_(plan.way_back, random_),
        estimator_(plan.estimator) {
    pacer_.set_estimate(estimator_.estimate(), now_);
  }

  void run_until(Duration end) {
    while (now_.time_since_epoch() < end) {
      step();
      now_ += std::chrono::milliseconds(1);
    }
  }

  [[nodiscard]] std::string seed() const { return random_.seed(); }
  [[nodiscard]] const BandwidthEstimator& estimator() const { return estimator_; }
  /// Bytes of ours that arrived since the start.
  [[nodiscard]] DataSize arrived() const { return arrived_; }
  /// The part `fraction` of packets sent since `from` waited no longer in the link's queue.
  [[nodiscard]] Duration queueing(Duration from, double fraction) const {
    std::vector<Duration> waits;
    for (const auto& [sent, waited] : waits_)
      if (sent >= from) waits.push_back(waited);
    if (waits.empty()) return {};
    const auto at = static_cast<std::size_t>(fraction * static_cast<double>(waits.size() - 1));
    std::nth_element(waits.begin(), waits.begin() + static_cast<std::ptrdiff_t>(at), waits.end());
    return waits[at];
  }

 private:
  static constexpr Duration kReceiverClock = std::chrono::hours(1000);
  struct Arrival {
    Timestamp at;
    std::uint16_t sequence;
    std::uint32_t size;
    friend bool operator>(const Arrival& a, const Arrival& b) { return a.at > b.at; }
  };
  struct Feedback {
    Timestamp at;
    std::vector<std::uint8_t> packet;
  };

  void step() {
    deliver();
    compete();
    if (is_time(25)) use(estimator_.tick(now_));
    if (is_time(20)) put(PacedKind::kAudio, DataSize::bytes(120));
    if (now_ >= next_frame_) encode();
    if (plan_.paces && !pacer_.is_probing()) {
      if (const auto probe = estimator_.probe(now_)) pacer_.start_probe(*probe, now_);
    }
    while (const auto departure = pacer_.next(now_)) leave(*departure);
    if (is_time(50))
      note({now_.time_since_epoch(), estimator_.estimate(), link_.capacity(now_),
            link_.waiting(now_)});
  }
  [[nodiscard]] bool is_time(int milliseconds) const {
    return now_.time_since_epoch() % std::chrono::milliseconds(milliseconds) == Duration{};
  }

  void use(const BandwidthEstimator::Update& update) {
    if (update.changed) pacer_.set_estimate(update.estimate, now_);
  }

  void put(PacedKind kind, DataSize size) {
    if (plan_.paces) {
      pacer_.enqueue(kind, 0, size, now_);
    } else {
      leave({0, size, -1, {}});
    }
  }

  void encode() {
    next_frame_ += std::chrono::microseconds(33'333);
    const DataRate target = std::min(estimator_.estimate(), plan_.application);
    const auto mean = (target * std::chrono::microseconds(33'333)).bytes() - 200;  // less sound
    auto left = std::max<std::int64_t>(mean * random_.between(70, 130) / 100, 100);
    const auto packets = (left + 1199) / 1200;
    for (auto i = packets; i > 0; --i) {
      put(PacedKind::kVideo, DataSize::bytes(left / i));
      left -= left / i;
    }
  }

  void leave(const Pacer::Departure& departure) {
    if (!departure.id) pacer_.padded(departure.size, now_);
    const auto size = static_cast<std::uint32_t>(departure.size.bytes());
    const auto sequence = history_.record(now_, size, 1, departure.probe);
    estimator_.sent({departure.size, now_});
    waits_.emplace_back(now_.time_since_epoch(), link_.waiting(now_));
    if (const auto arrival = link_.send(departure.size, now_))
      on_the_way_.push({*arrival, sequence, size});
  }

  [[nodiscard]] Timestamp receiver_clock(Timestamp at) const {
    const bool jumped =
        plan_.clock_jump != Duration{} && at.time_since_epoch() >= plan_.clock_jump_at;
    return at + kReceiverClock + (jumped ? plan_.clock_jump : Duration{});
  }

  void deliver() {
    while (!on_the_way_.empty() && on_the_way_.top().at <= now_) {
      generator_.observe(on_the_way_.top().sequence, receiver_clock(on_the_way_.top().at));
      arrived_ += DataSize::bytes(on_the_way_.top().size);
      if (!first_pending_) first_pending_ = now_;
      on_the_way_.pop();
    }
    // By our own clock: one that jumps would make the generator's own due time late for ever.
    if (first_pending_ && now_ - *first_pending_ >= std::chrono::milliseconds(50)) answer();
    while (!answers_.empty() && answers_.front().at <= now_) {
      if (const auto feedback = parse_transport_feedback(answers_.front().packet))
        use(estimator_.observe(history_.resolve(*feedback, now_), now_));
      answers_.pop_front();
    }
  }

  void answer() {
    first_pending_.reset();
    for (;;) {
      std::vector<std::uint8_t> packet(1200);
      RtcpWriter writer(packet);
      if (!generator_.write(writer, 1, 2)) return;
      packet.resize(writer.size());
      if (const auto at =
              way_back_.send(DataSize::bytes(static_cast<std::int64_t>(packet.size())), now_))
        answers_.push_back({*at, std::move(packet)});
    }
  }

  void compete() {
    const auto& other = plan_.competitor;
    const Duration time = now_.time_since_epoch();
    DataRate rate = time >= other.from && time < other.to ? other.rate : DataRate{};
    if (plan_.has_greedy_competitor) rate = greedy_;
    competing_ += rate * std::chrono::milliseconds(1);
    while (competing_ >= DataSize::bytes(1200)) {
      competing_ -= DataSize::bytes(1200);
      if (!link_.send(DataSize::bytes(1200), now_) && plan_.has_greedy_competitor &&
          now_ - last_backoff_ > std::chrono::milliseconds(200)) {
        greedy_ = greedy_ * 0.5;
        last_backoff_ = now_;
      }
    }
    if (plan_.has_greedy_competitor) greedy_ = greedy_ + DataRate::bits_per_second(400);
  }

  CallPlan plan_;
  Random random_;
  LinkModel link_;
  LinkModel way_back_;
  BandwidthEstimator estimator_;
  Pacer pacer_{};
  TransportFeedbackHistory history_;
  TransportFeedbackGenerator generator_{{.interval = std::chrono::milliseconds(50)}};
  Timestamp now_{};
  Timestamp next_frame_{};
  std::optional<Timestamp> first_pending_;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> on_the_way_;
  std::deque<Feedback> answers_;
  DataSize competing_;
  DataRate greedy_ = DataRate::kilobits_per_second(100);
  Timestamp last_backoff_{};
  DataSize arrived_;
  std::vector<std::pair<Duration, Duration>> waits_;
};

}  // namespace rooms::test
