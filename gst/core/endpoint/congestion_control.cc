// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/congestion_control.h"

#include <algorithm>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Streams are forwarded as their publishers made them, so a frame that is larger than most is no
// mistake to be smoothed at any price. Frames of the usual size pass as they come: only what is
// much larger than its share of time waits. Faster than this, and the line's own queue, in which
// sound does not overtake, would fill before ours.
constexpr Pacer::Config kPacing{
    .factor = 1.15, .longest_wait = milliseconds(500), .burst = milliseconds(40), .capacity = 1024};
// What is woken up for; several packets leave then.
constexpr Duration kQuantum = milliseconds(3);
constexpr Duration kLongestQueue = seconds(2);
constexpr DataSize kMostQueued = DataSize::bytes(4 << 20);
// One good picture: as long as nobody says what is wanted, it is worth knowing that the line
// carries this, or what is sent already.
constexpr DataRate kUsuallyWanted = DataRate::kilobits_per_second(2500);
constexpr double kRise = 1.05;
constexpr Duration kNewsInterval = milliseconds(100);
constexpr double kResendShare = 0.5;
constexpr Duration kResendBurst = milliseconds(500);
constexpr Duration kRateWindow = seconds(1);

}  // namespace

CongestionControl::CongestionControl() : pacer_(kPacing), told_(estimator_.estimate()) {}

void CongestionControl::set_bounds(DataRate min, DataRate max) {
  rates_.min = min;
  rates_.max = max;
  if (is_active_) {
    estimator_.set_bounds(min, max);
  } else {
    estimator_ = BandwidthEstimator(rates_);
  }
}

void CongestionControl::set_start(DataRate start) {
  rates_.start = start;
  if (!is_active_) estimator_ = BandwidthEstimator(rates_);
}

void CongestionControl::activate(Timestamp now) {
  if (is_active_) return;
  is_active_ = true;
  pacer_.set_estimate(estimator_.estimate(), now);
}

void CongestionControl::follow(const BandwidthEstimator::Update& update, Timestamp now) {
  pacer_.set_estimate(update.estimate, now);
  probe(now);
}

void CongestionControl::probe(Timestamp now) {
  if (!may_probe_ || pacer_.is_probing()) return;
  if (!has_feedback_) return grow(now);
  estimator_.set_wanted(wish_ > DataRate{} ? wish_ : std::max(sent_rate_, kUsuallyWanted));
  if (const auto plan = estimator_.probe(now)) pacer_.start_probe(*plan, now);
}

/// By what the peer allows: there is nobody who would tell how a probe went.
void CongestionControl::grow(Timestamp now) {
  if (const auto plan = growth_.next({estimate(), media_rate_, wish_}, now))
    pacer_.start_probe(*plan, now);
}

void CongestionControl::observe(std::span<const PacketResult> results, Timestamp now) {
  if (results.empty()) return;
  activate(now);
  if (!has_feedback_ && remote_limit_) estimator_.observe_remote_limit(*remote_limit_, now);
  has_feedback_ = true;
  follow(estimator_.observe(results, now), now);
}

void CongestionControl::observe_remote_limit(DataRate limit, Timestamp now) {
  if (expects_feedback_ && !has_feedback_) {
    remote_limit_ = limit;
    return;
  }
  activate(now);
  follow(estimator_.observe_remote_limit(limit, now), now);
}

void CongestionControl::tick(Timestamp now) {
  if (ticked_ && now > *ticked_) {
    const Duration since = now - *ticked_;
    const double share = std::min(in_seconds(since) / in_seconds(kRateWindow), 1.0);
    sent_rate_ = sent_rate_ * (1 - share) + (sent_ / since) * share;
    media_rate_ = media_rate_ * (1 - share) + ((sent_ - filled_) / since) * share;
  }
  sent_ = filled_ = {};
  ticked_ = now;
  if (is_active_) follow(estimator_.tick(now), now);
}

bool CongestionControl::enqueue(PacedStream stream, std::uint64_t id, DataSize size,
                                Timestamp now) {
  if (pacer_.queued() + size > kMostQueued || !pacer_.enqueue(stream, id, size, now)) {
    ++dropped_;
    return false;
  }
  ++paced_;
  return true;
}

bool CongestionControl::allow_resend(DataSize size, Timestamp now) {
  if (!is_active_) return true;
  const DataRate share = estimate() * kResendShare;
  if (now > resent_at_) {
    resent_ = std::max(resent_ - share * (now - resent_at_), DataSize{});
    resent_at_ = now;
  }
  if (resent_ > share * kResendBurst) {
    ++refused_;
    return false;
  }
  resent_ += size;
  return true;
}

bool CongestionControl::is_overdue(Timestamp now) const {
  return pacer_.longest_waiting(now) > kLongestQueue;
}

std::optional<std::uint64_t> CongestionControl::drop_video() {
  const auto id = pacer_.drop_oldest(PacedKind::kVideo);
  if (id) ++dropped_;
  return id;
}

void CongestionControl::padded(DataSize size, Timestamp now) {
  if (size > DataSize{}) ++probed_;
  filled_ += size;
  pacer_.padded(size, now);
}

std::optional<Timestamp> CongestionControl::due(Timestamp now) const {
  const auto due = pacer_.due(now);
  if (!due || pacer_.is_probing()) return due;
  return std::max(*due, now + kQuantum);
}

bool CongestionControl::take_news(Timestamp now) {
  const DataRate estimate = estimator_.estimate();
  if (estimate == told_) return false;
  const bool is_urgent = estimate < told_ || estimate >= told_ * kRise;
  if (!is_urgent && now - told_at_ < kNewsInterval) return false;
  told_ = estimate;
  told_at_ = now;
  return true;
}

CongestionControl::Stats CongestionControl::stats() const {
  Stats stats;
  stats.estimator = estimator_.stats();
  stats.is_active = is_active_;
  stats.sent = sent_rate_;
  stats.wanted = wish_;
  stats.is_probing = pacer_.is_probing();
  stats.queued = pacer_.queued();
  stats.paced = paced_;
  stats.dropped = dropped_;
  stats.overtaken = overtaken_;
  stats.refused = refused_;
  stats.probed = probed_;
  return stats;
}

}  // namespace rooms
