// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "tests/load/histogram.h"
#include "tests/load/json_value.h"

namespace rooms::load {
namespace {

double in_ms(Duration value) { return static_cast<double>(value.count()) / 1e6; }

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

class JsonObject {
 public:
  void add(const char* name, const std::string& json) {
    text_ += (text_.empty() ? "" : ", ") + to_json_text(name) + ": " + json;
  }
  void add(const char* name, double value) { add(name, format("%.6g", value)); }
  template <std::integral T>
  void add(const char* name, T value) {
    add(name, std::to_string(value));
  }
  void add(const char* name, const Spread& spread) {
    JsonObject object;
    object.add("p50", in_ms(spread.p50));
    object.add("p95", in_ms(spread.p95));
    object.add("p99", in_ms(spread.p99));
    object.add("max", in_ms(spread.max));
    add(name, object.text());
  }
  [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

std::string row(const char* name, const std::string& value) {
  return format("  %-24s ", name) + value + "\n";
}
std::string row(const char* name, const Spread& spread) {
  return row(name, format("p50 %.2f  p95 %.2f  p99 %.2f  max %.2f ms", in_ms(spread.p50),
                          in_ms(spread.p95), in_ms(spread.p99), in_ms(spread.max)));
}

}  // namespace

Spread spread_of(const std::vector<Duration>& values) {
  return {percentile_of(values, 0.5), percentile_of(values, 0.95), percentile_of(values, 0.99),
          percentile_of(values, 1.0)};
}

std::string to_table(const Report& r) {
  std::string text = r.scenario + format(", %.1f s measured\n", r.seconds);
  if (r.searched) {
    text += row("largest audience", format("%u (%s)", r.limit, r.limit_reason.c_str()));
    text += "The rest is of the last step that went well:\n";
  }
  const auto lost = static_cast<unsigned long long>(r.lost_packets);
  const auto expected = static_cast<unsigned long long>(r.expected_packets);
  text += row("forwarded", format("%llu packets, %.0f packets/s, %.1f Mbit/s",
                                  static_cast<unsigned long long>(r.forwarded_packets),
                                  r.packets_per_second, r.mbit_per_second));
  text +=
      row("loss", format("%.3f %% (%llu of %llu; %lld gaps in RTP sequence numbers)",
                         r.loss_percent, lost, expected, static_cast<long long>(r.sequence_gaps)));
  text += row("one-way latency", r.latency);
  text += row("join", r.join);
  text += row("publisher's join", r.publisher_join);
  text += row("to first packet", r.first_packet);
  text += row("to first keyframe", r.first_keyframe);
  if (r.server.known) {
    text += row("server CPU", format("%.2f us per forwarded packet, %.0f %% of a core",
                                     r.server.cpu_us_per_packet, r.server.cpu_percent));
    text += row("server memory", format("%.1f MiB, %.2f MiB per subscriber", r.server.rss_mib,
                                        r.server.rss_mib_per_subscriber));
    text += row("server threads",
                format("%u, %.1f per subscriber; %u file descriptors", r.server.threads,
                       r.server.threads_per_subscriber, r.server.fds));
  }
  text += row("generator CPU", format("%.2f us per forwarded packet, busy %.0f %%",
                                      r.generator_cpu_us_per_packet, r.generator_busy_percent));
  if (r.generator_stalled > std::chrono::milliseconds(20)) {
    text += row("generator stalled", format("%.0f ms altogether: somebody else used its core; do "
                                            "not trust the latency",
                                            in_ms(r.generator_stalled)));
  }
  if (r.generator_drops > 0) {
    text += row("generator too slow",
                format("%llu packets dropped on our side: do not blame the server for the loss",
                       static_cast<unsigned long long>(r.generator_drops)));
  }
  text += row("failed clients", format("%u of %u", r.failed_clients, r.connections));
  for (const auto& [reason, count] : r.failures) text += row("", format("%u: ", count) + reason);
  if (r.bad_packets > 0) text += row("bad packets", std::to_string(r.bad_packets));
  return text;
}

std::string to_json(const Report& r) {
  JsonObject json;
  json.add("scenario", to_json_text(r.scenario));
  json.add("publishers", r.publishers);
  json.add("subscribers", r.subscribers);
  json.add("connections", r.connections);
  json.add("seconds", r.seconds);
  json.add("sent_packets", r.sent_packets);
  json.add("forwarded_packets", r.forwarded_packets);
  json.add("repair_packets", r.repair_packets);
  json.add("packets_per_second", r.packets_per_second);
  json.add("mbit_per_second", r.mbit_per_second);
  json.add("expected_packets", r.expected_packets);
  json.add("lost_packets", r.lost_packets);
  json.add("loss_percent", r.loss_percent);
  json.add("sequence_gaps", r.sequence_gaps);
  json.add("generator_drops", r.generator_drops);
  json.add("latency_ms", r.latency);
  json.add("join_ms", r.join);
  json.add("publisher_join_ms", r.publisher_join);
  json.add("first_packet_ms", r.first_packet);
  json.add("first_keyframe_ms", r.first_keyframe);
  json.add("keyframe_requests", r.keyframe_requests);
  json.add("resent_packets", r.nacked_resent);
  json.add("bad_packets", r.bad_packets);
  const auto& s = r.server;
  const auto known = [&](const char* name, double value) {
    s.known ? json.add(name, value) : json.add(name, std::string("null"));
  };
  known("cpu_us_per_packet", s.cpu_us_per_packet);
  known("cpu_percent", s.cpu_percent);
  known("rss_mib", s.rss_mib);
  known("rss_mib_per_subscriber", s.rss_mib_per_subscriber);
  known("threads", s.threads);
  known("threads_per_subscriber", s.threads_per_subscriber);
  known("fds", s.fds);
  json.add("generator_cpu_us_per_packet", r.generator_cpu_us_per_packet);
  json.add("generator_busy_percent", r.generator_busy_percent);
  json.add("generator_stalled_ms", in_ms(r.generator_stalled));
  json.add("failed_clients", r.failed_clients);
  JsonObject failures;
  for (const auto& [reason, count] : r.failures) failures.add(reason.c_str(), count);
  json.add("failures", failures.text());
  if (r.searched) {
    json.add("limit", r.limit);
    json.add("limit_reason", to_json_text(r.limit_reason));
  }
  return json.text() + "\n";
}

}  // namespace rooms::load
