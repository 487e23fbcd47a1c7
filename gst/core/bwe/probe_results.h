// SPDX-License-Identifier: LGPL-2.1-or-later
// What clusters of probes found: the rate at which they arrived, if that is near the rate at which
// they left, else a little less than it. The second half of a cluster counts where it came more
// slowly: what limits a line lets some bytes pass at once after a pause (a token bucket).
#pragma once

#include <array>
#include <optional>

#include "gst/core/bwe/probe.h"
#include "gst/core/endpoint/transport_feedback_history.h"

namespace rooms {

class ProbeResults {
 public:
  void expect(const ProbePlan& plan);
  /// Each result with `probe` >= 0 that arrived. Says something when enough of the cluster has.
  std::optional<DataRate> observe(const PacketResult& result);

 private:
  struct Cluster {
    ProbePlan plan;
    bool is_open = false;
    unsigned packets = 0;
    DataSize size;
    Timestamp first_sent;
    Timestamp last_sent;
    DataSize last_sent_size;
    Duration first_arrival{};
    Duration last_arrival{};
    DataSize first_arrival_size;
    // When half of it had arrived, and how much had by then.
    std::optional<Duration> half_arrival;
    DataSize half;
  };
  static void add(Cluster& cluster, const PacketResult& result);
  static std::optional<DataRate> evaluate(const Cluster& cluster);

  std::array<Cluster, 4> clusters_{};
};

}  // namespace rooms
