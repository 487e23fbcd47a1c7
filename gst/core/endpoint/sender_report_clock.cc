// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/sender_report_clock.h"

#include <algorithm>

#include "gst/core/endpoint/ntp_time.h"
#include "gst/core/endpoint/sequence_number.h"

namespace rooms {

namespace {

/// More than a report is delayed on the way: the publisher's clock was set.
constexpr Duration kStep = std::chrono::seconds(1);
constexpr unsigned kSuspectsToStep = 3;
/// Reports that seem late may just be: a stalled path delivers several of them at once.
constexpr Duration kLateForSure = std::chrono::seconds(3);
/// At first the offset follows at once, later by so much of the time that passes (5 ms a second).
constexpr Duration kSettling = std::chrono::seconds(5);
constexpr int kSlewDivisor = 200;
/// RTP and NTP time of one stream drift apart by less than this between reports.
constexpr Duration kMaxDisagreement = std::chrono::milliseconds(500);
/// Without packets for so long a stream has paused. So much later what a path had held up has come.
constexpr Duration kPause = std::chrono::seconds(1);
constexpr Duration kCaughtUp = std::chrono::milliseconds(200);

Duration magnitude(Duration span) { return span < Duration{} ? -span : span; }

/// RTP ticks as time, without overflow for any 64-bit rate of 32 bits.
Duration ticks_to_span(std::int64_t ticks, std::uint32_t clock_rate) {
  const std::int64_t rate = std::max<std::int64_t>(clock_rate, 1);
  return std::chrono::seconds(ticks / rate) + Duration(ticks % rate * 1'000'000'000 / rate);
}

}  // namespace

void PublisherClock::step_to(Duration offset, Timestamp arrival) {
  offset_ = offset;
  started_ = arrival;
  adjusted_ = arrival;
  sample_count_ = 0;
  next_sample_ = 0;
  suspects_ = 0;
  ++steps_;
}

bool PublisherClock::suspect(Duration offset, Timestamp arrival) {
  if (suspects_ == 0 || magnitude(offset - suspect_) > kStep) {
    suspects_ = 0;
    suspect_since_ = arrival;
  }
  ++suspects_;
  suspect_ = offset;
  const bool seems_late = offset > *offset_;
  return suspects_ >= kSuspectsToStep && (!seems_late || arrival - suspect_since_ >= kLateForSure);
}

void PublisherClock::follow(Duration offset, Timestamp arrival) {
  samples_[next_sample_] = offset;
  next_sample_ = (next_sample_ + 1) % kWindow;
  sample_count_ = std::min(sample_count_ + 1, kWindow);
  const Duration target = *std::min_element(
      samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(sample_count_));

  const Duration limit = arrival - started_ < kSettling
                             ? kStep
                             : std::max((arrival - adjusted_) / kSlewDivisor, Duration{});
  *offset_ += std::clamp(target - *offset_, -limit, limit);
  adjusted_ = arrival;
}

bool PublisherClock::observe(std::uint64_t ntp_time, Timestamp arrival) {
  if (ntp_time == 0) return false;  // RFC 3550 6.4.1: a sender without wall clock
  const Duration offset = arrival.time_since_epoch() - ntp_to_unix(ntp_time);
  if (!offset_) {
    step_to(offset, arrival);
  } else if (magnitude(offset - *offset_) > kStep) {
    if (!suspect(offset, arrival)) return false;
    step_to(offset, arrival);
  }
  suspects_ = 0;
  follow(offset, arrival);
  return true;
}

std::optional<Timestamp> PublisherClock::to_local(std::uint64_t ntp_time) const {
  if (!offset_) return std::nullopt;
  return Timestamp(ntp_to_unix(ntp_time) + *offset_);
}

Duration SenderReportClock::disagreement(const Anchor& from, const Anchor& to) const {
  const Duration by_ntp = ntp_to_unix(to.ntp_time) - ntp_to_unix(from.ntp_time);
  const Duration by_rtp =
      ticks_to_span(timestamp_distance(from.rtp_time, to.rtp_time), clock_rate_);
  return magnitude(by_ntp - by_rtp);
}

void SenderReportClock::observe_packet(std::uint32_t rtp_time, Timestamp arrival) {
  if (last_ && arrival - last_->when >= kPause) {
    pause_ = Pause{*last_, arrival};
    suspect_.reset();
  }
  last_ = Arrival{rtp_time, arrival};
  if (!pause_ || arrival - pause_->ended < kCaughtUp) return;
  const auto by_rtp =
      ticks_to_span(timestamp_distance(pause_->before.rtp_time, rtp_time), clock_rate_);
  if (magnitude(arrival - pause_->before.when - by_rtp) > kMaxDisagreement) {
    // What has been reported since, and was against the reports before.
    anchor_ = suspect_;
    suspect_.reset();
  }
  pause_.reset();
}

bool SenderReportClock::observe_sr(std::uint64_t ntp_time, std::uint32_t rtp_time,
                                   Timestamp arrival) {
  if (!publisher_->observe(ntp_time, arrival)) return false;
  const Anchor anchor{ntp_time, rtp_time, *publisher_->to_local(ntp_time), publisher_->steps()};
  if (anchor_ && anchor_->steps == anchor.steps &&
      disagreement(*anchor_, anchor) > kMaxDisagreement) {
    // Once is nonsense; twice the same is a sender whose RTP clock began anew.
    const bool confirmed = suspect_ && disagreement(*suspect_, anchor) <= kMaxDisagreement;
    if (!confirmed) {
      suspect_ = anchor;
      return false;
    }
  }
  anchor_ = anchor;
  suspect_.reset();
  return true;
}

std::optional<Timestamp> SenderReportClock::capture_time(std::uint32_t rtp_time) const {
  if (!anchor_) return std::nullopt;
  const Timestamp at = anchor_->steps == publisher_->steps()
                           ? *publisher_->to_local(anchor_->ntp_time)
                           : anchor_->local;
  return at + ticks_to_span(timestamp_distance(anchor_->rtp_time, rtp_time), clock_rate_);
}

SenderInfo sender_report_at(Timestamp now, std::uint64_t now_ntp, std::uint32_t last_rtp_time,
                            Timestamp last_presentation, std::uint32_t clock_rate,
                            std::uint32_t packets, std::uint32_t octets) {
  const Duration since = now - last_presentation;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  const std::int64_t ticks = seconds.count() * std::int64_t{clock_rate} +
                             (since - seconds).count() * std::int64_t{clock_rate} / 1'000'000'000;
  return {now_ntp, last_rtp_time + static_cast<std::uint32_t>(ticks), packets, octets};
}

}  // namespace rooms
