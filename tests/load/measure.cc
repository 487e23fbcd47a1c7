// SPDX-License-Identifier: LGPL-2.1-or-later
// The measured part of a run: what is read at its begin and end, and what follows from it.
#include <algorithm>
#include <cstdio>

#include "tests/load/clocks.h"
#include "tests/load/run.h"

namespace rooms::load {
namespace {

double in_us(Duration time) { return static_cast<double>(time.count()) / 1e3; }
double in_s(Duration time) { return static_cast<double>(time.count()) / 1e9; }
double ratio(double value, double by) { return by > 0 ? value / by : 0; }

}  // namespace

LoadRun::Snapshot LoadRun::snapshot(bool begin) {
  Snapshot snapshot;
  snapshot.server = usage_of(options_.pids);
  loop_.call([&] {
    loop_.drain();
    snapshot.at = monotonic_now();
    auto& traffic = loop_.traffic();
    if (begin) traffic.latency.clear();
    for (auto& client : players_) {
      if (!client->started) continue;
      if (begin) client->player->begin_window();
      snapshot.delivery += client->player->window(snapshot.at);
      snapshot.gaps += client->player->sequence_gaps();
      snapshot.drops += client->transport->dropped();
    }
    for (auto& client : publishers_)
      if (client->started) snapshot.drops += client->transport->dropped();
    snapshot.traffic = traffic;
    snapshot.idle = loop_.idle();
    snapshot.stalled = loop_.stalled();
  });
  snapshot.own_cpu = own_cpu();
  return snapshot;
}

Result<Report> LoadRun::measure(unsigned subscribers) {
  const auto begin = snapshot(true);
  pause(options_.duration, "measuring");
  if (server_ended_) {
    const auto why = publishers_.empty() ? std::string() : failure_of(*publishers_[0]);
    return Error{"server-ended",
                 "The server ended during the run" + (why.empty() ? "." : ": " + why + ".")};
  }
  const auto end = snapshot(false);
  if (monotonic_now() - begin.at < std::chrono::milliseconds(200))
    return Error{"interrupted", "Interrupted before anything was measured."};
  return summary(begin, end, subscribers);
}

Report LoadRun::summary(const Snapshot& begin, const Snapshot& end, unsigned subscribers) {
  Report report;
  const auto codec =
      std::string(name_of(options_.codec)) + (options_.simulcast ? " simulcast" : "");
  report.scenario = options_.meeting() ? std::to_string(options_.rooms) + " rooms of " +
                                             std::to_string(options_.size) + ", " + codec
                                       : std::to_string(options_.publishers) + " to " +
                                             std::to_string(subscribers) + ", " + codec;
  report.publishers = static_cast<unsigned>(publishers_.size());
  report.subscribers = subscribers;
  report.connections = static_cast<unsigned>(publishers_.size() + players_.size());
  report.seconds = in_s(end.at - begin.at);
  const auto& t0 = begin.traffic;
  const auto& t1 = end.traffic;
  report.sent_packets = t1.packets_sent - t0.packets_sent;
  report.forwarded_packets = t1.packets - t0.packets;
  report.repair_packets = t1.repairs - t0.repairs;
  report.packets_per_second = ratio(static_cast<double>(report.forwarded_packets), report.seconds);
  report.mbit_per_second = ratio(static_cast<double>(t1.bytes - t0.bytes) * 8e-6, report.seconds);
  report.expected_packets = end.delivery.expected;
  report.lost_packets = end.delivery.lost();
  report.loss_percent = end.delivery.loss_percent();
  report.sequence_gaps = end.gaps;
  report.generator_drops = end.drops - std::min(begin.drops, end.drops);
  report.latency = {t1.latency.percentile(0.5), t1.latency.percentile(0.95),
                    t1.latency.percentile(0.99), t1.latency.percentile(1.0)};
  report.keyframe_requests = t1.keyframes_requested - t0.keyframes_requested;
  report.nacked_resent = t1.packets_resent - t0.packets_resent;
  report.bad_packets =
      (t1.refused + t1.foreign + t1.unexpected) - (t0.refused + t0.foreign + t0.unexpected);

  std::vector<Duration> joins;
  std::vector<Duration> publisher_joins;
  std::vector<Duration> packets;
  std::vector<Duration> keyframes;
  for (auto* clients : {&publishers_, &players_}) {
    for (const auto& client : *clients) {
      const auto failure = failure_of(*client);
      if (!failure.empty()) {
        ++report.failed_clients;
        ++report.failures[failure];
      }
      if (!client->transport || client->transport->connected_at() == Timestamp{}) continue;
      auto& list = client->publisher ? publisher_joins : joins;
      list.push_back(client->transport->connected_at() - client->requested);
      if (!client->player) continue;
      if (const auto at = client->player->first_packet())
        packets.push_back(*at - client->requested);
      if (const auto at = client->player->first_keyframe())
        keyframes.push_back(*at - client->requested);
    }
  }
  report.join = spread_of(joins);
  report.publisher_join = spread_of(publisher_joins);
  report.first_packet = spread_of(packets);
  report.first_keyframe = spread_of(keyframes);

  const auto forwarded = static_cast<double>(report.forwarded_packets);
  if (!options_.pids.empty()) {
    auto& cost = report.server;
    const auto cpu = end.server.cpu - begin.server.cpu;
    cost.known = true;
    cost.cpu_us_per_packet = ratio(in_us(cpu), forwarded);
    cost.cpu_percent = ratio(100 * in_s(cpu), report.seconds);
    cost.rss_mib = end.server.rss_mib;
    cost.rss_mib_per_subscriber = ratio(end.server.rss_mib - before_.rss_mib, subscribers);
    cost.threads = end.server.threads;
    cost.threads_per_subscriber =
        ratio(static_cast<double>(end.server.threads) - static_cast<double>(before_.threads),
              subscribers);
    cost.fds = end.server.fds;
  }
  const auto own = (end.own_cpu - begin.own_cpu) - (end.idle - begin.idle);
  report.generator_cpu_us_per_packet = ratio(in_us(own), forwarded);
  report.generator_busy_percent = ratio(100 * in_s(own), report.seconds);
  report.generator_stalled = end.stalled - begin.stalled;
  return report;
}

std::string LoadRun::failure_of(const Client& client) const {
  if (!client.failure.empty()) return client.failure;
  if (!client.started) return "it was not started";
  std::string failure;
  const_cast<MediaLoop&>(loop_).call([&] {
    const auto state = client.transport->state();
    if (state == Transport::State::kFailed) failure = client.transport->failure();
    if (state == Transport::State::kConnecting) failure = "not connected yet";
    if (!failure.empty() || !client.player) return;
    if (!client.player->complete()) {
      failure = "only " + std::to_string(client.player->streams()) + " of " +
                std::to_string(client.audio + client.video) + " streams came";
    } else if (client.video > 0 && !client.player->first_keyframe()) {
      failure = "no keyframe came";
    }
  });
  return failure;
}

LoadRun::Counts LoadRun::count() {
  Counts counts;
  loop_.call([&] {
    for (auto* clients : {&publishers_, &players_}) {
      for (const auto& client : *clients) {
        const auto state = client->started ? client->transport->state() : Transport::State::kFailed;
        counts.connected += state == Transport::State::kConnected;
        counts.failed += state == Transport::State::kFailed;
        if (client->started && client->player)
          counts.delivery += client->player->window(monotonic_now());
      }
    }
    counts.packets = loop_.traffic().packets;
  });
  return counts;
}

void LoadRun::tell_progress(const char* what, bool at_once) {
  const auto now = monotonic_now();
  if (now < next_progress_ && !at_once) return;
  next_progress_ = now + std::chrono::seconds(1);
  const auto counts = count();
  const auto usage = usage_of(options_.pids);
  if (!usage.alive) server_ended_ = true;
  const auto past = in_s(now - last_progress_);
  if (!options_.quiet && past > 0) {
    std::fprintf(stderr, "%4.0f s  %-12s %u of %zu connected", in_s(now - began_), what,
                 counts.connected, publishers_.size() + players_.size());
    if (counts.failed > 0) std::fprintf(stderr, ", %u failed", counts.failed);
    std::fprintf(stderr, "  %.0f packets/s  loss %.3f %%",
                 static_cast<double>(counts.packets - last_counts_.packets) / past,
                 counts.delivery.loss_percent());
    if (!options_.pids.empty()) {
      std::fprintf(stderr, "  server %.0f %%, %.0f MiB",
                   100 * in_s(usage.cpu - last_usage_.cpu) / past, usage.rss_mib);
    }
    std::fputc('\n', stderr);
  }
  last_progress_ = now;
  last_counts_ = counts;
  last_usage_ = usage;
}

}  // namespace rooms::load
