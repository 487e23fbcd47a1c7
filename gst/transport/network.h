// SPDX-License-Identifier: LGPL-2.1-or-later
// The process's one media port: sockets, the workers that read them, and the tables that tell which
// connection a datagram belongs to (STUN by user name, everything else by the address it comes
// from; RFC 7983, RFC 8445 7.3).
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gst/core/guarded.h"
#include "gst/core/ice/path_probe.h"
#include "gst/core/ice/socket_address.h"
#include "gst/core/ice/stun_rate_limit.h"
#include "gst/core/result.h"
#include "gst/core/time.h"
#include "gst/glue/executor.h"
#include "gst/transport/media_transport.h"
#include "gst/transport/nice_link.h"
#include "gst/transport/send_batch.h"
#include "gst/transport/tcp_port.h"

namespace rooms {

class Worker;

struct NetworkSettings {
  std::uint16_t udp_port = 8443;  ///< 0: the kernel's choice
  bool tcp = true;                ///< listen on the same number as TCP (RFC 6544)
  StreamPatience tcp_patience;
  std::vector<std::string> announce_ips;
  unsigned workers = 1;
  /// A busy worker lets datagrams gather for so long; 0: never.
  Duration gather = std::chrono::milliseconds(2);
  std::optional<NiceSettings> nice;  ///< ICE by libnice instead of our own sockets
};

/// Datagrams that no connection wanted, by reason.
struct NetworkCounters {
  std::atomic<std::uint64_t> received{0}, received_bytes{0}, receive_calls{0};
  std::atomic<std::uint64_t> dropped_oversized{0};  ///< longer than kMaxDatagram
  std::atomic<std::uint64_t> dropped_unknown_kind{
      0};  ///< neither STUN, DTLS, RTP nor RTCP (RFC 7983)
  std::atomic<std::uint64_t> dropped_unknown_peer{
      0};  ///< not STUN, from an address no connection has validated
  std::atomic<std::uint64_t> dropped_stun_rate{0};
  std::atomic<std::uint64_t> dropped_stun_user{0};       ///< user name of no connection
  std::atomic<std::uint64_t> dropped_stun_malformed{0};  ///< a wrong FINGERPRINT too
  std::atomic<std::uint64_t> dropped_stun_replayed{0};   ///< from another address than before
  std::atomic<std::uint64_t> refused_stun{0};  ///< answered with an error, as by its integrity
  std::atomic<std::uint64_t> path_probes{0};   ///< checks of ours, see path_probe.h
  std::atomic<std::uint64_t> moved_peers{0};   ///< of these: that found a peer
  std::atomic<std::uint64_t> dropped_kernel{
      0};  ///< the kernel's receive buffer was full (SO_RXQ_OVFL)
};

class Network {
 public:
  static Result<std::unique_ptr<Network>> create(const NetworkSettings& settings);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// A transport with fresh credentials, known to the tables until it is closed. Error "no-ports":
  /// see NiceLink.
  Result<std::shared_ptr<MediaTransport>> create_transport(MediaTransport::StateListener listener);
  /// One that nobody can reach before its `start`, however long that takes.
  Result<std::shared_ptr<MediaTransport>> prepare_transport(MediaTransport::StateListener listener);
  /// "candidate:.." lines, best first.
  [[nodiscard]] std::vector<std::string> candidates() const;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] unsigned worker_count() const { return static_cast<unsigned>(workers_.size()); }
  Worker& worker(unsigned index) { return *workers_[index]; }
  NetworkCounters& counters() { return counters_; }
  SendCounters& send_counters() { return send_counters_; }
  TcpPort& tcp() { return tcp_; }
  [[nodiscard]] std::string stats_json() const;

  // --- For workers
  using TransportRef = std::shared_ptr<MediaTransport>;
  /// Looks up many at once, so that a batch costs one lock. `found[i]` stays null when nobody has
  /// that address.
  void find_by_address(std::span<const SocketAddress> addresses,
                       std::span<TransportRef> found) const;
  TransportRef find_by_ufrag(std::string_view ufrag) const;
  /// Answers a connectivity check. Returns the transport it was for, if it was authentic. `owner`:
  /// a request to any other transport is dropped.
  TransportRef on_stun(Bytes datagram, const Path& path, Timestamp now,
                       const MediaTransport* owner = nullptr);
  /// A datagram, not STUN, came from an address that is nobody's: perhaps somebody has moved.
  void on_stranger(const SocketAddress& from, Timestamp now);
  /// Sends a STUN response back where the request came from.
  void reply(Bytes datagram, const Path& path);
  /// Whether one more refusal may be sent there.
  bool may_refuse(const Path& path, Timestamp now);

  // --- For transports
  void learn(const SocketAddress& address, const TransportRef& transport);
  void forget(const SocketAddress& address, const MediaTransport* transport);
  void learn_ufrag(const std::string& ufrag, const TransportRef& transport);
  void forget_ufrag(const std::string& ufrag, const MediaTransport* transport);
  static IceCredentials fresh_credentials();
  /// See SendRound.
  SendBatch* batch_of_round();
  /// Each in turn.
  unsigned next_worker() { return next_worker_++ % worker_count(); }

 private:
  Network();
  /// Has had a valid check of this connection: no stranger whose checks have to be few. A whole
  /// company may be behind one address.
  [[nodiscard]] bool is_known(const SocketAddress& address, const MediaTransport& transport) const;
  bool may_ask(const Path& path, Timestamp now);
  TransportRef on_probe_answer(const StunMessage& answer, const Path& path, Timestamp now);
  [[nodiscard]] std::vector<SocketAddress> own_addresses() const;
  /// Finds a port that is free as UDP and, if wanted, as TCP, and listens on the latter.
  Status open_port(const NetworkSettings& settings);
  struct Tables {
    std::unordered_map<SocketAddress, TransportRef> by_address;
    std::unordered_map<std::string, TransportRef> by_ufrag;
  };
  mutable std::shared_mutex tables_mutex_;
  Tables tables_;  // under tables_mutex_
  Guarded<StunRateLimit> stun_rate_;
  Guarded<StunRateLimit> refusal_rate_;
  Guarded<PathProbes> probes_;

  std::uint16_t port_ = 0;
  std::vector<std::string> announce_ips_;
  std::optional<NiceSettings> nice_;
  std::unique_ptr<Executor> nice_thread_;
  NetworkCounters counters_;
  SendCounters send_counters_;
  TcpPort tcp_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<unsigned> next_worker_{0};
};

}  // namespace rooms
