// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/receive_statistics.h"

#include <algorithm>
#include <cstdlib>

#include "gst/core/endpoint/ntp_time.h"
#include "gst/core/endpoint/sequence_number.h"

namespace rooms {

namespace {

/// Farther ahead than this is a sender that began anew (A.1).
constexpr std::uint16_t kMaxDropout = 3000;
/// A.1 has 100; a retransmission comes later than that at a thousand packets a second.
constexpr std::uint16_t kMaxMisorder = 3000;
constexpr std::uint32_t kNoSequence = 0x10001;
/// A change of transit time beyond this is a changed clock, not jitter.
constexpr std::int64_t kMaxTransitSeconds = 5;

}  // namespace

void ReceiveStatistics::begin(std::uint16_t sequence) {
  started_ = true;
  max_sequence_ = sequence;
  base_sequence_ = sequence;
  bad_sequence_ = kNoSequence;
  cycles_ = 0;
  received_ = 0;
  expected_prior_ = 0;
  received_prior_ = 0;
}

bool ReceiveStatistics::accept(std::uint16_t sequence) {
  if (!started_) begin(sequence);
  const auto ahead = static_cast<std::uint16_t>(sequence - max_sequence_);
  if (ahead < kMaxDropout) {
    if (sequence < max_sequence_) cycles_ += 0x10000;
    max_sequence_ = sequence;
  } else if (ahead <= 0x10000 - kMaxMisorder) {
    // Two in a row: the sender began anew without telling.
    if (sequence != bad_sequence_) {
      bad_sequence_ = static_cast<std::uint16_t>(sequence + 1);
      return false;
    }
    begin(sequence);
  }
  ++received_;
  return true;
}

void ReceiveStatistics::observe(std::uint16_t sequence, std::uint32_t rtp_time, std::size_t size,
                                Timestamp arrival) {
  ++received_total_;
  octets_ += size;
  if (!accept(sequence)) return;
  if (sequence == max_sequence_) estimate_jitter(rtp_time, arrival);
}

void ReceiveStatistics::estimate_jitter(std::uint32_t rtp_time, Timestamp arrival) {
  // Packets of one frame are sent one after the other under one timestamp: that is pacing, not
  // jitter.
  if (last_arrival_ && rtp_time == last_rtp_time_) return;
  if (last_arrival_) {
    const std::int64_t limit = kMaxTransitSeconds * clock_rate_;
    const Duration elapsed = std::clamp<Duration>(arrival - *last_arrival_, -std::chrono::hours(1),
                                                  std::chrono::hours(1));
    const std::int64_t ticks = elapsed.count() * std::int64_t{clock_rate_} / 1'000'000'000;
    const std::int64_t change =
        std::abs(ticks - std::int64_t{timestamp_distance(last_rtp_time_, rtp_time)});
    // A.8: jitter is scaled by 16
    if (change < limit) {
      jitter_ = jitter_ + static_cast<std::uint64_t>(change) - ((jitter_ + 8) >> 4);
    }
  }
  last_arrival_ = arrival;
  last_rtp_time_ = rtp_time;
}

void ReceiveStatistics::observe_sender_report(std::uint64_t ntp_time, Timestamp arrival) {
  last_sr_ = compact_ntp(ntp_time);
  last_sr_arrival_ = arrival;
}

std::int64_t ReceiveStatistics::lost() const {
  if (!started_) return 0;
  const std::int64_t expected =
      std::int64_t{extended_highest_sequence()} - std::int64_t{base_sequence_} + 1;
  return expected - static_cast<std::int64_t>(received_);
}

Duration ReceiveStatistics::jitter() const {
  return Duration(static_cast<std::int64_t>((jitter_ >> 4) * 1'000'000'000 / clock_rate_));
}

ReportBlock ReceiveStatistics::report(Timestamp now) {
  ReportBlock block;
  block.ssrc = ssrc_;
  block.last_sr = last_sr_;
  if (last_sr_ != 0) block.delay_since_last_sr = to_compact_span(now - last_sr_arrival_);
  if (!started_) return block;

  const std::int64_t total_lost = lost();
  const auto received = static_cast<std::int64_t>(received_);
  const std::int64_t expected = total_lost + received;
  const std::int64_t expected_now = expected - expected_prior_;
  const std::int64_t lost_now = expected_now - (received - received_prior_);
  expected_prior_ = expected;
  received_prior_ = received;
  if (expected_now > 0 && lost_now > 0) {
    block.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(lost_now * 256 / expected_now, 255));
  }
  block.cumulative_lost =
      static_cast<std::int32_t>(std::clamp<std::int64_t>(total_lost, -0x800000, 0x7FFFFF));
  block.extended_highest_sequence = extended_highest_sequence();
  block.jitter = static_cast<std::uint32_t>(jitter_ >> 4);
  return block;
}

}  // namespace rooms
