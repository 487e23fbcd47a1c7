// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/probe_results.h"

#include <algorithm>

namespace rooms {
namespace {

constexpr double kComplete = 0.8;  // of the cluster
constexpr double kHalf = 0.5;
// Faster than it left by this factor: packets were held back and let go together.
constexpr double kMostSpeedUp = 2;
constexpr double kSaturated = 0.9;
constexpr double kBelowSaturation = 0.95;
constexpr Duration kLongest = std::chrono::seconds(1);

}  // namespace

void ProbeResults::expect(const ProbePlan& plan) {
  auto& cluster = clusters_[static_cast<std::size_t>(plan.id) % clusters_.size()];
  cluster = Cluster{};
  cluster.plan = plan;
  cluster.is_open = true;
}

void ProbeResults::add(Cluster& cluster, const PacketResult& result) {
  const DataSize size = DataSize::bytes(result.size);
  if (cluster.packets == 0) {
    cluster.first_sent = cluster.last_sent = result.sent;
    cluster.first_arrival = cluster.last_arrival = *result.arrival;
    cluster.first_arrival_size = cluster.last_sent_size = size;
  }
  ++cluster.packets;
  cluster.size += size;
  cluster.first_sent = std::min(cluster.first_sent, result.sent);
  if (result.sent >= cluster.last_sent) {
    cluster.last_sent = result.sent;
    cluster.last_sent_size = size;
  }
  if (*result.arrival < cluster.first_arrival) {
    cluster.first_arrival = *result.arrival;
    cluster.first_arrival_size = size;
  }
  cluster.last_arrival = std::max(cluster.last_arrival, *result.arrival);
  if (!cluster.half_arrival && static_cast<double>(cluster.size.bytes()) >=
                                   kHalf * static_cast<double>(cluster.plan.size.bytes())) {
    cluster.half_arrival = cluster.last_arrival;
    cluster.half = cluster.size;
  }
}

std::optional<DataRate> ProbeResults::evaluate(const Cluster& cluster) {
  const Duration sending = cluster.last_sent - cluster.first_sent;
  const Duration arriving = cluster.last_arrival - cluster.first_arrival;
  if (sending <= Duration{} || arriving <= Duration{} || sending > kLongest || arriving > kLongest)
    return std::nullopt;
  // The last one sent, or the first that came, has nothing behind or before it in the interval.
  const DataRate sent = (cluster.size - cluster.last_sent_size) / sending;
  DataRate arrived = (cluster.size - cluster.first_arrival_size) / arriving;
  if (cluster.half_arrival && *cluster.half_arrival < cluster.last_arrival)
    arrived = std::min(
        arrived, (cluster.size - cluster.half) / (cluster.last_arrival - *cluster.half_arrival));
  if (arrived > sent * kMostSpeedUp) return std::nullopt;
  if (arrived < sent * kSaturated) return arrived * kBelowSaturation;
  return std::min(sent, arrived);
}

std::optional<DataRate> ProbeResults::observe(const PacketResult& result) {
  auto& cluster = clusters_[static_cast<std::size_t>(result.probe) % clusters_.size()];
  if (!cluster.is_open || cluster.plan.id != result.probe) return std::nullopt;
  add(cluster, result);
  const bool is_enough =
      cluster.packets >= static_cast<unsigned>(kComplete * cluster.plan.packets) &&
      static_cast<double>(cluster.size.bytes()) >=
          kComplete * static_cast<double>(cluster.plan.size.bytes());
  return is_enough ? evaluate(cluster) : std::nullopt;
}

}  // namespace rooms
