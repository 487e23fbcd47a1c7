// SPDX-License-Identifier: LGPL-2.1-or-later
// One run from the first join to the last goodbye. Signalling thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/load/client.h"
#include "tests/load/media_loop.h"
#include "tests/load/report.h"
#include "tests/load/server_usage.h"
#include "tests/load/signalling.h"

namespace rooms::load {

class LoadRun {
 public:
  /// `interrupted` is set by a signal: then everything ends early, but tidily.
  LoadRun(const Options& options, const std::atomic<bool>& interrupted);
  ~LoadRun();
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  /// Errors: nobody at the URL, nothing to be measured.
  Status prepare();
  /// Error: no publisher got through, or the server ended. Clients that failed are in the report.
  Result<Report> run();
  void leave();

 private:
  using Clients = std::vector<std::unique_ptr<Client>>;
  struct Snapshot {
    Timestamp at;
    ServerUsage server;
    Duration own_cpu{};
    Duration idle{};
    Duration stalled{};
    Traffic traffic;
    Delivery delivery;
    std::int64_t gaps = 0;
    std::uint64_t drops = 0;
  };
  struct Counts {
    unsigned connected = 0;
    unsigned failed = 0;
    std::uint64_t packets = 0;
    Delivery delivery;
  };

  Result<Report> broadcast();
  Result<Report> meeting();
  Result<Report> search_limit();

  Seat seat(unsigned room, unsigned index, std::string_view role) const;
  Status publish_all(const std::vector<Seat>& seats);
  void add_player(const Seat& seat, std::vector<Seat> shown);
  void add_audience(unsigned from, unsigned to);
  void remove_audience(unsigned to);
  void start(std::unique_ptr<Client> client, Clients& into);
  void end(Client& client);
  /// Until all are connected or have failed.
  void await_connections();
  void pause(Duration time, const char* what);
  [[nodiscard]] bool stopped() const { return interrupted_ || server_ended_; }

  Snapshot snapshot(bool begin);
  Result<Report> measure(unsigned subscribers);
  Report summary(const Snapshot& begin, const Snapshot& end, unsigned subscribers);
  void tell_progress(const char* what, bool now = false);
  Counts count();
  std::string failure_of(const Client& client) const;

  const Options& options_;
  const std::atomic<bool>& interrupted_;
  std::string room_;
  std::unique_ptr<DtlsIdentity> identity_;
  std::unique_ptr<Signalling> signalling_;
  std::optional<ClientFactory> factory_;
  Clients publishers_;
  Clients players_;
  MediaLoop loop_;
  ServerUsage before_;  ///< before the subscribers came
  bool server_ended_ = false;
  Timestamp began_;
  Timestamp next_join_;
  Timestamp next_progress_;
  Counts last_counts_;
  ServerUsage last_usage_;
  Timestamp last_progress_;
};

}  // namespace rooms::load
