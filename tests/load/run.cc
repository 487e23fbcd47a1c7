// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/run.h"

#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "tests/load/clocks.h"

namespace rooms::load {
namespace {

Result<SocketAddress> resolve(const std::string& url) {
  GError* error = nullptr;
  GUri* uri = g_uri_parse(url.c_str(), G_URI_FLAGS_NONE, &error);
  if (!uri || !g_uri_get_host(uri)) {
    const std::string why = error ? error->message : "no host";
    g_clear_error(&error);
    if (uri) g_uri_unref(uri);
    return Error{"bad-url", "'" + url + "' is not a URL: " + why};
  }
  const std::string host = g_uri_get_host(uri);
  g_uri_unref(uri);
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int failed = getaddrinfo(host.c_str(), nullptr, &hints, &found); failed != 0)
    return Error{"bad-url", "No address for '" + host + "': " + gai_strerror(failed)};
  sockaddr_storage storage{};
  std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
              reinterpret_cast<char*>(&storage));
  freeaddrinfo(found);
  return SocketAddress::from_sockaddr(storage);
}

}  // namespace

LoadRun::LoadRun(const Options& options, const std::atomic<bool>& interrupted)
    : options_(options),
      interrupted_(interrupted),
      room_(options.room.empty() ? "load-" + std::to_string(getpid()) : options.room),
      loop_(options.spin) {}

LoadRun::~LoadRun() { leave(); }

Status LoadRun::prepare() {
  began_ = next_join_ = next_progress_ = last_progress_ = monotonic_now();
  auto address = resolve(options_.url);
  if (!address) return address.error();
  auto identity = DtlsIdentity::create();
  if (!identity) return identity.error();
  identity_ = std::move(*identity);
  if (!usage_of(options_.pids).alive)
    return Error{"no-process", "There is no process with the PID given as --pid."};
  if (auto status = loop_.start(); !status) return status.error();
  factory_.emplace(options_, *identity_, *address, loop_.traffic());
  signalling_ = make_signalling(options_);
  std::vector<std::string> rooms;
  for (unsigned i = 0; i < std::max(options_.rooms, 1U); ++i) rooms.push_back(seat(i, 0, "").room);
  return signalling_->open(rooms);
}

Result<Report> LoadRun::run() {
  if (options_.meeting()) return meeting();
  if (options_.find_limit) return search_limit();
  return broadcast();
}

Seat LoadRun::seat(unsigned room, unsigned index, std::string_view role) const {
  Seat seat;
  seat.room = options_.meeting() ? room_ + "-" + std::to_string(room) : room_;
  seat.room_index = room;
  seat.index = index;
  seat.name = std::string(role) + std::to_string(index);
  return seat;
}

void LoadRun::start(std::unique_ptr<Client> client, Clients& into) {
  const auto interval = Duration(static_cast<std::int64_t>(1e9 / options_.ramp));
  std::this_thread::sleep_for(next_join_ - monotonic_now());
  next_join_ = std::max(next_join_ + interval, monotonic_now());
  client->requested = monotonic_now();
  auto remote = client->publisher ? signalling_->publish(*client) : signalling_->play(*client);
  if (remote) {
    Media& media = client->publisher ? static_cast<Media&>(*client->publisher) : *client->player;
    loop_.call([&] { loop_.begin(*client->transport, *remote, media, monotonic_now()); });
    client->started = true;
  } else {
    client->failure = remote.error().message;
  }
  into.push_back(std::move(client));
}

void LoadRun::end(Client& client) {
  if (signalling_) signalling_->leave(client);
  if (client.started) loop_.call([&] { loop_.end(*client.transport); });
  client.started = false;
}

void LoadRun::leave() {
  for (auto* clients : {&players_, &publishers_}) {
    for (auto& client : *clients) end(*client);
    clients->clear();
  }
}

Status LoadRun::publish_all(const std::vector<Seat>& seats) {
  for (const auto& seat : seats) {
    if (stopped()) break;
    auto client = factory_->publisher(seat);
    if (!client) return client.error();
    start(std::move(*client), publishers_);
    tell_progress("publishing");
    // When the first one is refused, all of them would be.
    if (publishers_.size() == 1 && !publishers_[0]->failure.empty())
      return Error{"refused", publishers_[0]->failure};
  }
  await_connections();
  for (const auto& publisher : publishers_) {
    const auto failure = failure_of(*publisher);
    if (!failure.empty() && !stopped())
      return Error{"refused", "Publisher " + publisher->seat.name + ": " + failure};
  }
  pause(std::chrono::milliseconds(500), "publishing");
  return Done{};
}

void LoadRun::add_player(const Seat& seat, std::vector<Seat> shown) {
  std::vector<std::vector<Seat>> groups;
  if (signalling_->plays_several()) {
    groups.push_back(std::move(shown));
  } else {
    for (auto& one : shown) groups.push_back({std::move(one)});
  }
  for (auto& group : groups) {
    auto client = factory_->player(seat, std::move(group));
    if (client) {
      start(std::move(*client), players_);
    } else {
      auto failed = std::make_unique<Client>();
      failed->failure = client.error().message;
      players_.push_back(std::move(failed));
    }
  }
}

void LoadRun::add_audience(unsigned from, unsigned to) {
  std::vector<Seat> shown;
  for (const auto& publisher : publishers_) shown.push_back(publisher->seat);
  if (options_.publishers == 0) shown.push_back(seat(0, 0, "p"));
  for (unsigned i = from; i < to && !stopped(); ++i) {
    add_player(seat(0, i, "s"), shown);
    signalling_->tend();
    tell_progress("joining");
  }
  await_connections();
}

void LoadRun::remove_audience(unsigned to) {
  while (!players_.empty() && players_.back()->seat.index >= to) {
    end(*players_.back());
    players_.pop_back();
    tell_progress("leaving");
  }
}

void LoadRun::await_connections() {
  const auto limit = monotonic_now() + Transport::kConnectTimeout + std::chrono::seconds(1);
  while (!stopped() && monotonic_now() < limit) {
    const auto counts = count();
    if (counts.connected + counts.failed >= publishers_.size() + players_.size()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    tell_progress("connecting");
  }
}

void LoadRun::pause(Duration time, const char* what) {
  const auto end = monotonic_now() + time;
  while (!stopped() && monotonic_now() < end) {
    const auto rest = end - monotonic_now();
    std::this_thread::sleep_for(std::min<Duration>(rest, std::chrono::milliseconds(100)));
    signalling_->tend();
    tell_progress(what);
    if (last_counts_.connected == 0 && last_counts_.failed > 0) server_ended_ = true;
  }
}

Result<Report> LoadRun::broadcast() {
  std::vector<Seat> seats;
  for (unsigned i = 0; i < options_.publishers; ++i) seats.push_back(seat(0, i, "p"));
  if (auto status = publish_all(seats); !status) return status.error();
  before_ = usage_of(options_.pids);
  add_audience(0, options_.subscribers);
  pause(options_.warmup, "warming up");
  return measure(options_.subscribers);
}

Result<Report> LoadRun::meeting() {
  before_ = usage_of(options_.pids);
  std::vector<Seat> seats;
  for (unsigned room = 0; room < options_.rooms; ++room)
    for (unsigned i = 0; i < options_.size; ++i) seats.push_back(seat(room, i, "p"));
  if (auto status = publish_all(seats); !status) return status.error();
  for (const auto& own : seats) {
    if (stopped() || signalling_->publishers_hear()) break;
    std::vector<Seat> others;
    for (const auto& other : seats)
      if (other.room == own.room && other.index != own.index) others.push_back(other);
    add_player(own, std::move(others));
    signalling_->tend();
    tell_progress("joining");
  }
  await_connections();
  pause(options_.warmup, "warming up");
  return measure(options_.rooms * options_.size);
}

Result<Report> LoadRun::search_limit() {
  std::vector<Seat> seats;
  for (unsigned i = 0; i < options_.publishers; ++i) seats.push_back(seat(0, i, "p"));
  if (auto status = publish_all(seats); !status) return status.error();
  before_ = usage_of(options_.pids);
  std::optional<Report> best;
  unsigned good = 0;
  unsigned bad = 0;  // 0: not met yet
  unsigned next = std::max(options_.subscribers, 1U);
  std::string reason;
  while (!stopped()) {
    const auto present = players_.empty() ? 0 : players_.back()->seat.index + 1;
    if (next < present) remove_audience(next);
    if (next > present) add_audience(present, next);
    pause(options_.warmup, "settling");
    auto report = measure(next);
    if (!report) return report;
    const bool fine = report->loss_percent <= options_.limit_loss && report->failed_clients == 0;
    if (!options_.quiet) {
      std::fprintf(stderr, "%u subscribers: loss %.3f %%, %u failed, p99 %.1f ms: %s\n", next,
                   report->loss_percent, report->failed_clients,
                   static_cast<double>(report->latency.p99.count()) / 1e6,
                   fine ? "good" : "too many");
    }
    if (fine) {
      good = next;
      best = std::move(*report);
      if (bad == 0 && next == options_.limit_max) {
        reason = "as far as --limit-max goes";
        break;
      }
    } else {
      bad = next;
      reason = report->failed_clients > 0 ? report->failures.begin()->first
               : report->generator_drops > report->lost_packets / 2
                   ? "the generator was too slow for more"
                   : "more lose packets";
      if (!best) best = std::move(*report);
    }
    if (bad == 0) {
      next = std::min(next * 2, options_.limit_max);
    } else {
      if (bad - good <= std::max(good / 20, 1U)) break;
      next = good + (bad - good) / 2;
      // What broke at `bad` should not weigh on the next step.
      remove_audience(good);
    }
  }
  if (!best) return Error{"interrupted", "Interrupted before the first step was measured."};
  best->searched = true;
  best->limit = good;
  best->limit_reason = reason.empty() ? "interrupted" : reason;
  return std::move(*best);
}

}  // namespace rooms::load
