// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/rtp_rewriter.h"

#include <algorithm>

namespace rooms {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::uint32_t kLongestStep = 0x7FFFFFFF;  // more would look like a step back

/// How far apart frames are that wait for their source to catch up. Not less than a millisecond:
/// players and containers count in those, and must tell the frames apart.
std::uint32_t pushed_step(const RtpClock& clock) { return std::max(1U, clock.rate / 1000); }

std::int64_t ticks(Duration elapsed, std::uint32_t rate) {
  const std::int64_t ns = elapsed.count();
  return ns / kSecond * rate + ns % kSecond * rate / kSecond;
}

}  // namespace

RtpRewriter::RtpRewriter(RtpStart start)
    : start_(start),
      newest_out_(std::int64_t{start.sequence} - 1),
      newest_timestamp_(start.timestamp) {}

std::int64_t RtpRewriter::unwrap(const RtpHeader& packet) const {
  return unwrap_near(map_.newest_in(), packet.sequence, 16);
}

void RtpRewriter::number_from(const RtpHeader& first) {
  map_.restart(first.sequence, newest_out_ + 1);
  after_stray_.reset();
}

void RtpRewriter::switch_to(const RtpHeader& first, RtpClock clock, Timestamp now,
                            std::optional<std::uint32_t> aligned) {
  std::uint32_t timestamp = newest_timestamp_;
  pushed_count_ = 0;
  caught_up_ = false;
  if (started_ && aligned) {
    timestamp = *aligned;
    borrowed_ = {};
    if (!is_newer(timestamp, newest_timestamp_))
      pushed_[pushed_count_++] = {first.timestamp, newest_timestamp_ + pushed_step(clock)};
  } else if (started_) {
    const Duration elapsed = std::max(now - newest_timestamp_at_, Duration{0}) - borrowed_;
    const Duration step = std::max(elapsed, clock.frame);
    borrowed_ = step - elapsed;
    timestamp += static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(ticks(step, clock.rate), 1, kLongestStep));
  }
  clock_ = clock;
  timestamp_offset_ = timestamp - first.timestamp;
  number_from(first);
}

void RtpRewriter::resume_at(const RtpHeader& first, Timestamp now) {
  const std::uint32_t timestamp = first.timestamp + timestamp_offset_;
  const std::int64_t expected = ticks(now - newest_timestamp_at_, clock_.rate);
  const std::int64_t actual = static_cast<std::int32_t>(timestamp - newest_timestamp_);
  // A source whose clock jumped, or stood still while nothing was sent, or a pause too long for 32
  // bits: as good as another source.
  const std::int64_t tolerance = clock_.rate;
  const bool continues = started_ && actual > 0 && std::abs(actual - expected) < tolerance;
  if (!continues) return switch_to(first, clock_, now);
  number_from(first);
}

std::uint32_t RtpRewriter::outgoing_timestamp(std::uint32_t incoming) {
  return pushed_count_ == 0 ? incoming + timestamp_offset_ : pushed_timestamp(incoming);
}

std::uint32_t RtpRewriter::pushed_timestamp(std::uint32_t incoming) {
  const std::uint32_t natural = incoming + timestamp_offset_;
  for (std::size_t i = 0; i < pushed_count_; ++i)
    if (pushed_[i].in == incoming) return pushed_[i].out;
  const std::uint32_t newest_in = pushed_[pushed_count_ - 1].in;
  if (!is_newer(incoming, newest_in)) return natural;
  caught_up_ = caught_up_ || is_newer(natural, newest_timestamp_);
  if (caught_up_) {
    // Late packets of pushed frames find them for another second.
    if (incoming - newest_in > clock_.rate) pushed_count_ = 0;
    return natural;
  }
  if (pushed_count_ == kMostPushed)
    std::move(pushed_.begin() + 1, pushed_.end(), pushed_.begin());
  else
    ++pushed_count_;
  pushed_[pushed_count_ - 1] = {incoming, newest_timestamp_ + pushed_step(clock_)};
  return pushed_[pushed_count_ - 1].out;
}

bool RtpRewriter::mark_sent(std::int64_t out) {
  const auto slot = [](std::int64_t n) { return static_cast<std::uint64_t>(n) % kMemory; };
  if (out > newest_out_) {
    if (out - newest_out_ >= static_cast<std::int64_t>(kMemory)) {
      sent_.reset();
    } else {
      for (std::int64_t n = newest_out_ + 1; n < out; ++n) sent_.reset(slot(n));
    }
    newest_out_ = out;
  } else if (sent_.test(slot(out))) {
    return false;
  }
  sent_.set(slot(out));
  return true;
}

Rewritten RtpRewriter::next(const RtpHeader& packet, Timestamp now) {
  Rewritten result;
  const auto out = map_.started() ? map_.next(unwrap(packet)) : std::nullopt;
  if (!out) {
    result.reason = DropReason::kBeforeSwitch;
    return result;
  }
  if (!mark_sent(*out)) {
    result.reason = DropReason::kDuplicate;
    return result;
  }
  result.extended_sequence = static_cast<std::uint64_t>(*out);
  result.timestamp = outgoing_timestamp(packet.timestamp);
  if (!started_ || is_newer(result.timestamp, newest_timestamp_)) {
    newest_timestamp_ = result.timestamp;
    newest_timestamp_at_ = now;
  }
  started_ = true;
  return result;
}

void RtpRewriter::drop(const RtpHeader& packet) {
  if (map_.started()) map_.drop(unwrap(packet));
}

RtpRewriter::Continuity RtpRewriter::judge(const RtpHeader& packet) {
  const std::int64_t ahead = map_.started() ? unwrap(packet) - map_.newest_in() : 0;
  if (ahead <= kMaxDropout && ahead > -static_cast<std::int64_t>(kMemory)) {
    after_stray_.reset();
    return Continuity::kUsual;
  }
  const bool confirmed = after_stray_ == packet.sequence;
  after_stray_ = static_cast<std::uint16_t>(packet.sequence + 1);
  return confirmed ? Continuity::kRestart : Continuity::kStray;
}

}  // namespace rooms
