// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/pacing/pacer.h"

#include <algorithm>

namespace rooms {
namespace {

using std::chrono::milliseconds;

constexpr Duration kLongestProbe = std::chrono::seconds(1);
// Padding comes in what RTP allows in one packet (RFC 3550 5.1).
constexpr DataSize kMostPadding = DataSize::bytes(255);
constexpr Duration kLeastTimeLeft = milliseconds(1);

}  // namespace

Pacer::Pacer(const Config& config) : config_(config) {}

void Pacer::set_estimate(DataRate estimate, Timestamp now) {
  pay_off(now);
  estimate_ = std::max(estimate, DataRate::kilobits_per_second(1));
}

bool Pacer::enqueue(PacedStream stream, std::uint64_t id, DataSize size, Timestamp now) {
  auto& queue = queues_[static_cast<std::size_t>(stream.kind)];
  if (queue.size() >= config_.capacity) return false;
  queue.push(stream.stream, {id, size, now});
  queued_ += size;
  return true;
}

bool Pacer::start_probe(const ProbePlan& plan, Timestamp now) {
  if (probe_ && now - probe_->asked < kLongestProbe) return false;
  probe_ = Probe{.plan = plan, .asked = now};
  return true;
}

FairQueue* Pacer::first_waiting() {
  for (auto& queue : queues_)
    if (queue.size() > 0) return &queue;
  return nullptr;
}

std::size_t Pacer::packets() const {
  std::size_t sum = 0;
  for (const auto& queue : queues_) sum += queue.size();
  return sum;
}

Duration Pacer::longest_waiting(Timestamp now) const {
  Duration longest{};
  for (const auto& queue : queues_)
    if (queue.size() > 0) longest = std::max(longest, now - queue.oldest().since);
  return longest;
}

void Pacer::clear() {
  for (auto& queue : queues_) queue.clear();
  queued_ = {};
  probe_.reset();
}

DataRate Pacer::rate(Timestamp now) const {
  const DataRate usual = estimate_ * config_.factor;
  const Duration left = std::max(config_.longest_wait - longest_waiting(now), kLeastTimeLeft);
  return queued_ > usual * left ? queued_ / left : usual;
}

void Pacer::pay_off(Timestamp now) {
  if (now <= paid_) return;
  debt_ = std::max(debt_ - rate(now) * (now - paid_), DataSize{});
  paid_ = now;
}

void Pacer::spend(DataSize size, Timestamp now) {
  debt_ += size;
  if (!probe_) return;
  if (!probe_->begun) probe_->begun = now;
  probe_->sent += size;
  ++probe_->packets;
  const auto& plan = probe_->plan;
  if (probe_->sent >= plan.size && probe_->packets >= plan.packets) probe_.reset();
}

bool Pacer::probe_is_due(Timestamp now) const {
  return probe_ && (!probe_->begun || *probe_->begun + probe_->sent / probe_->plan.rate <= now);
}

Pacer::Departure Pacer::take(FairQueue& queue, Timestamp now) {
  const auto packet = queue.pop();
  Departure departure{packet.id, packet.size, probe_ ? probe_->plan.id : -1, now - packet.since};
  spend(packet.size, now);
  queued_ -= packet.size;
  return departure;
}

void Pacer::forget_old_probe(Timestamp now) {
  if (probe_ && now - probe_->asked > kLongestProbe) probe_.reset();
}

std::optional<std::int32_t> Pacer::pass(PacedStream stream, DataSize size, Timestamp now) {
  pay_off(now);
  forget_old_probe(now);
  if (stream.kind != PacedKind::kAudio) {
    const auto kind = static_cast<std::size_t>(stream.kind);
    for (std::size_t before = 0; before < kind; ++before)
      if (queues_[before].size() > 0) return std::nullopt;
    if (queues_[kind].has(stream.stream)) return std::nullopt;
    const bool is_due = probe_ ? probe_is_due(now) : debt_ <= rate(now) * config_.burst;
    if (!is_due) return std::nullopt;
  }
  const std::int32_t probe = probe_ ? probe_->plan.id : -1;
  spend(size, now);
  return probe;
}

std::optional<std::uint64_t> Pacer::drop_oldest(PacedKind kind) {
  auto& queue = queues_[static_cast<std::size_t>(kind)];
  if (queue.size() == 0) return std::nullopt;
  const auto packet = queue.pop_oldest();
  queued_ -= packet.size;
  return packet.id;
}

std::optional<Pacer::Departure> Pacer::next(Timestamp now) {
  pay_off(now);
  forget_old_probe(now);
  auto& audio = queues_[static_cast<std::size_t>(PacedKind::kAudio)];
  if (audio.size() > 0) return take(audio, now);
  FairQueue* queue = first_waiting();
  if (probe_) {
    if (!probe_is_due(now)) return std::nullopt;
    if (queue) return take(*queue, now);
    if (!probe_->begun) return std::nullopt;
    return Departure{std::nullopt, kMostPadding, probe_->plan.id, {}};
  }
  if (!queue || debt_ > rate(now) * config_.burst) return std::nullopt;
  return take(*queue, now);
}

void Pacer::padded(DataSize size, Timestamp now) {
  if (size <= DataSize{}) {
    probe_.reset();
  } else {
    spend(size, now);
  }
}

std::optional<Timestamp> Pacer::due(Timestamp now) const {
  if (queues_[static_cast<std::size_t>(PacedKind::kAudio)].size() > 0) return now;
  if (probe_ && probe_->begun)
    return std::max(now, *probe_->begun + probe_->sent / probe_->plan.rate);
  if (packets() == 0) return std::nullopt;
  if (probe_) return now;
  const DataRate speed = rate(now);
  const DataSize owed = debt_ - speed * config_.burst;
  // The rounding of sizes to bytes must not make `next` find a byte missing at that time.
  return owed <= DataSize{} ? now : paid_ + owed / speed + std::chrono::microseconds(100);
}

}  // namespace rooms
