// SPDX-License-Identifier: LGPL-2.1-or-later
// What a run found out, and how it is shown. The names of the JSON members are a promise.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gst/core/time.h"
#include "tests/load/options.h"

namespace rooms::load {

struct Spread {
  Duration p50{};
  Duration p95{};
  Duration p99{};
  Duration max{};
};
Spread spread_of(const std::vector<Duration>& values);

/// CPU, memory and threads of the server; only if it was named.
struct ServerCost {
  bool known = false;
  double cpu_us_per_packet = 0;
  double cpu_percent = 0;
  double rss_mib = 0;
  double rss_mib_per_subscriber = 0;
  unsigned threads = 0;
  double threads_per_subscriber = 0;
  unsigned fds = 0;
};

struct Report {
  std::string scenario;
  unsigned publishers = 0;
  unsigned subscribers = 0;
  unsigned connections = 0;
  double seconds = 0;
  std::uint64_t sent_packets = 0;
  std::uint64_t forwarded_packets = 0;
  std::uint64_t repair_packets = 0;
  double packets_per_second = 0;
  double mbit_per_second = 0;
  std::uint64_t expected_packets = 0;
  std::uint64_t lost_packets = 0;
  double loss_percent = 0;
  std::int64_t sequence_gaps = 0;
  std::uint64_t generator_drops = 0;  ///< the kernel's, because we were too slow
  Spread latency;
  Spread join;
  Spread publisher_join;
  Spread first_packet;
  Spread first_keyframe;
  std::uint64_t keyframe_requests = 0;
  std::uint64_t nacked_resent = 0;
  std::uint64_t bad_packets = 0;  ///< wrong tag, foreign payload or unknown payload type
  ServerCost server;
  double generator_cpu_us_per_packet = 0;
  double generator_busy_percent = 0;
  Duration generator_stalled{};  ///< how long it had packets to care for, and no core
  unsigned failed_clients = 0;
  std::map<std::string, unsigned> failures;  ///< reason, how many
  // --find-limit
  bool searched = false;
  unsigned limit = 0;
  std::string limit_reason;
};

std::string to_table(const Report& report);
std::string to_json(const Report& report);

}  // namespace rooms::load
