// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/bandwidth_estimator.h"

#include <algorithm>

namespace rooms {
namespace {

using std::chrono::milliseconds;

// A link that answers nothing for so long is down, or its queue is that long.
constexpr Duration kFeedbackTimeout = milliseconds(1500);
constexpr Duration kTimeoutSpacing = milliseconds(500);
constexpr double kTimeoutDecrease = 0.8;
// Less is no queue worth acting upon; more leaves no gaps between arrivals.
constexpr Duration kStanding = milliseconds(5);
// By a packet train, at least: its packets say so before the luckiest of several frames does.
constexpr Duration kWaitedInTrain = milliseconds(10);
constexpr Duration kFull = milliseconds(30);
// Feedback tells of what a full queue dropped after it tells of what went through it.
constexpr Duration kFullLately = std::chrono::seconds(2);
constexpr Duration kLongestRoundTrip = std::chrono::seconds(10);

}  // namespace

BandwidthEstimator::BandwidthEstimator(const Config& config)
    : config_(config), estimate_(config.start), rate_(config.start) {
  set_bounds(config.min, config.max);
}

void BandwidthEstimator::set_bounds(DataRate min, DataRate max) {
  config_.min = min;
  config_.max = std::max(min, max);
  rate_.set_bounds(config_.min, config_.max);
  estimate_ = std::clamp(estimate_, config_.min, config_.max);
}

void BandwidthEstimator::sent(const PacketSent& packet) {
  has_sent_ = true;
  limit_.sent(packet.size, packet.time);
  if (!unanswered_) unanswered_ = packet.time;
}

void BandwidthEstimator::forget_delays() {
  trendline_.reset();
  detector_.reset();
  queue_.reset();
  trains_.reset();
}

void BandwidthEstimator::observe(const PacketResult& result, Timestamp now, Batch& batch) {
  if (result.sequence > next_sequence_ && has_feedback_) arrived_.skip();
  next_sequence_ = std::max(next_sequence_, result.sequence + 1);
  if (!result.arrival) {
    ++batch.lost;
    return;
  }
  ++batch.received;
  if (result.was_lost) --batch.lost;
  if (!batch.last_sent || result.sent > *batch.last_sent) batch.last_sent = result.sent;

  const auto resets = groups_.resets();
  const auto delta = groups_.observe(result.sent, *result.arrival, now);
  if (groups_.resets() != resets) forget_delays();
  const auto size = DataSize::bytes(result.size);
  trains_.observe(*result.arrival, size, queue_.observe(result.sent, *result.arrival));
  arrived_.observe(*result.arrival, size);
  if (result.probe >= 0) {
    if (const auto found = results_.observe(result)) batch.probed = found;
  }
  if (!delta) return;
  trendline_.observe(*delta);
  detector_.observe(trendline_.weighted(), delta->sent, delta->arrival);
}

/// Delays that grow or shrink while no queue stands are a frame's packets waiting for each other,
/// or jitter, or over.
LinkUse BandwidthEstimator::use() const {
  if (trains_.is_below(estimate_)) return LinkUse::kOver;
  return queue_.standing() < kStanding ? LinkUse::kNormal : detector_.use();
}

void BandwidthEstimator::note_use(Timestamp now) {
  const bool is_over = use() == LinkUse::kOver;
  if (is_over && !was_over_) ++overuses_;
  was_over_ = is_over;
  if (const auto rate = trains_.rate()) {
    full_ = rate;
    full_at_ = now;
  } else if (now - full_at_ > kFullLately) {
    full_.reset();
  }
}

RateControl::Input BandwidthEstimator::rate_input() const {
  Duration standing = queue_.standing();
  if (trains_.is_under_way()) standing = std::max(standing, kWaitedInTrain);
  return {use(),          standing < kFull ? arrived_.rate() : arrived_.rate_of_full_link(),
          round_trip_,    standing,
          trains_.rate(), limit_.limited()};
}

ProbeController::Input BandwidthEstimator::probe_input() const {
  const DataRate max = remote_limit_ ? std::min(config_.max, *remote_limit_) : config_.max;
  return {estimate_, max, wanted_, use(), queue_.standing()};
}

void BandwidthEstimator::use_probe(DataRate found, Timestamp now) {
  if (found > estimate_) arrived_.expect(found);
  rate_.raise(found, now);
  loss_.raise(found);
  probes_.observe_result(found, now);
}

BandwidthEstimator::Update BandwidthEstimator::observe(std::span<const PacketResult> results,
                                                       Timestamp now) {
  if (results.empty()) return {estimate_, false};
  Batch batch;
  for (const PacketResult& result : results) observe(result, now, batch);
  received_packets_ += static_cast<std::uint64_t>(batch.received);
  lost_packets_ += static_cast<std::uint64_t>(std::max(batch.lost, 0));
  has_feedback_ = true;
  unanswered_.reset();
  if (batch.last_sent && now > *batch.last_sent) {
    const Duration sample = std::min(now - *batch.last_sent, kLongestRoundTrip);
    round_trip_ = (round_trip_ * 7 + sample) / 8;
  }
  note_use(now);
  loss_.observe({batch.lost, batch.received, queue_.standing(), round_trip_, estimate_, full_},
                now);
  if (batch.received > 0) rate_.update(rate_input(), now);
  if (batch.probed && use() != LinkUse::kOver) use_probe(*batch.probed, now);
  return conclude(now);
}

BandwidthEstimator::Update BandwidthEstimator::conclude(Timestamp now) {
  DataRate next = std::min(rate_.estimate(), loss_.ceiling());
  if (remote_limit_) next = has_feedback_ ? std::min(next, *remote_limit_) : *remote_limit_;
  next = std::clamp(next, config_.min, config_.max);
  // Rate control goes on from what is in force, or it would climb unseen above the ceiling.
  rate_.lower(next);
  const bool changed = next != estimate_;
  estimate_ = next;
  limit_.update(estimate_, now);
  probes_.observe_estimate(estimate_, now);
  return {estimate_, changed};
}

BandwidthEstimator::Update BandwidthEstimator::observe_remote_limit(DataRate limit, Timestamp now) {
  remote_limit_ = limit;
  return conclude(now);
}

std::optional<ProbePlan> BandwidthEstimator::probe(Timestamp now) {
  if (!has_sent_) return std::nullopt;
  const auto plan = probes_.next(probe_input(), now);
  if (plan) results_.expect(*plan);
  return plan;
}

BandwidthEstimator::Update BandwidthEstimator::tick(Timestamp now) {
  const bool is_silent = has_feedback_ && unanswered_ && now - *unanswered_ > kFeedbackTimeout &&
                         now - last_timeout_ >= kTimeoutSpacing;
  if (is_silent) {
    last_timeout_ = now;
    ++timeouts_;
    rate_.lower(std::max(estimate_ * kTimeoutDecrease, config_.min));
  }
  return conclude(now);
}

BandwidthEstimator::Stats BandwidthEstimator::stats() const {
  Stats stats;
  stats.estimate = estimate_;
  stats.delay_based = rate_.estimate();
  stats.loss_based = loss_.ceiling();
  stats.arrived = arrived_.rate();
  stats.capacity = rate_.capacity();
  stats.remote_limit = remote_limit_;
  stats.use = use();
  stats.trend = trendline_.weighted();
  stats.threshold = detector_.threshold();
  stats.waiting = queue_.standing();
  stats.round_trip = round_trip_;
  stats.loss = loss_.ratio();
  stats.inherent_loss = loss_.inherent();
  stats.application_limited = limit_.limited();
  stats.received = received_packets_;
  stats.lost = lost_packets_;
  stats.overuses = overuses_;
  stats.probes = probes_.started();
  stats.clock_jumps = groups_.resets();
  stats.feedback_timeouts = timeouts_;
  return stats;
}

}  // namespace rooms
