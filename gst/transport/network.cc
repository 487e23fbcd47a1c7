// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/network.h"

#include <openssl/rand.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "gst/core/ice/candidate.h"
#include "gst/core/ice/stun.h"
#include "gst/glue/clock.h"
#include "gst/transport/interface_addresses.h"
#include "gst/transport/worker.h"

namespace rooms {
namespace {

/// RFC 8839 5.4: ice-char. 6 bits each, so that every character is as likely.
std::string random_text(std::size_t length) {
  static constexpr std::string_view kIceChars =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text(length, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(length));
  for (char& c : text) c = kIceChars[static_cast<unsigned char>(c) & 63];
  return text;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
  return seed;
}

}  // namespace

Network::Network()
    : stun_rate_(StunRateLimit::Config{}, random_seed()),
      refusal_rate_(StunRateLimit::Config{}, random_seed()) {}

Result<std::unique_ptr<Network>> Network::create(const NetworkSettings& settings) {
  auto network = std::unique_ptr<Network>(new Network);
  for (const auto& ip : settings.announce_ips) {
    if (!SocketAddress::parse(ip, 1))
      return Error{"announce-ip",
                   "'" + ip +
                       "' is not an IP address. Give --announce-ip the public IPv4 or "
                       "IPv6 address of this server, for example 203.0.113.7."};
  }
  network->announce_ips_ = settings.announce_ips;
  if (settings.nice) {
    network->nice_ = settings.nice;
    network->nice_thread_ = std::make_unique<Executor>("ice");
  }

  if (auto opened = network->open_port(settings); !opened) return opened.error();
  const std::uint16_t port = network->port_;
  const unsigned workers = std::max(1U, settings.workers);
  for (unsigned i = 0; i < workers; ++i) {
    auto ipv4 = UdpSocket::bind(AF_INET, port, workers > 1);
    if (!ipv4) return ipv4.error();
    // A machine without IPv6 is fine. One where another program answers there is not: clients would
    // be sent to it.
    auto ipv6 = UdpSocket::bind(AF_INET6, port, workers > 1);
    if (!ipv6 && ipv6.error().code == "udp-port-taken") return ipv6.error();
    network->workers_.push_back(std::make_unique<Worker>(
        *network, i, settings.gather, std::move(*ipv4), ipv6 ? std::move(*ipv6) : UdpSocket()));
  }
  for (auto& worker : network->workers_) worker->start();
  return network;
}

Status Network::open_port(const NetworkSettings& settings) {
  for (int attempts = 16;; --attempts) {
    // With SO_REUSEPORT a second server would not notice the first: look before sharing.
    auto probe = UdpSocket::bind(AF_INET, settings.udp_port, false);
    if (!probe) return probe.error();
    port_ = probe->port();
    // The kernel's choice for UDP may be somebody's port of IPv6 or of TCP.
    const bool again = settings.udp_port == 0 && attempts > 1;
    const auto probe6 = UdpSocket::bind(AF_INET6, port_, false);
    if (!probe6 && probe6.error().code == "udp-port-taken") {
      if (again) continue;
      return probe6.error();
    }
    if (!settings.tcp) return Done{};
    tcp_.set_patience(settings.tcp_patience);
    const auto opened = tcp_.open(port_);
    if (opened || !again || opened.error().code != "tcp-port-taken") return opened;
  }
}

Network::~Network() {
  for (auto& worker : workers_) worker->stop();
}

IceCredentials Network::fresh_credentials() { return {random_text(8), random_text(24)}; }

Result<std::shared_ptr<MediaTransport>> Network::create_transport(
    MediaTransport::StateListener listener) {
  auto transport = prepare_transport(std::move(listener));
  if (transport) (*transport)->start();
  return transport;
}

Result<std::shared_ptr<MediaTransport>> Network::prepare_transport(
    MediaTransport::StateListener listener) {
  auto transport =
      std::make_shared<MediaTransport>(*this, fresh_credentials(), std::move(listener));
  if (nice_) {
    auto agent = NiceLink::create(*nice_thread_, *nice_);
    if (!agent) return agent.error();
    transport->delegate_ice(std::move(*agent));
  }
  return transport;
}

std::vector<SocketAddress> Network::own_addresses() const {
  std::vector<SocketAddress> addresses;
  for (const auto& ip : announce_ips_) addresses.push_back(*SocketAddress::parse(ip, port_));
  if (addresses.empty()) addresses = interface_addresses(port_);
  return addresses;
}

std::vector<std::string> Network::candidates() const {
  const auto addresses = own_addresses();
  std::vector<std::string> lines;
  const auto tcp = std::span(addresses).first(tcp_.is_open() ? addresses.size() : 0);
  for (const auto& candidate : host_candidates(addresses, tcp, 0))
    lines.push_back(write_candidate(candidate));
  return lines;
}

void Network::find_by_address(std::span<const SocketAddress> addresses,
                              std::span<TransportRef> found) const {
  std::shared_lock hold(tables_mutex_);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (i > 0 && addresses[i] == addresses[i - 1]) {
      found[i] = found[i - 1];
      continue;
    }
    const auto entry = tables_.by_address.find(addresses[i]);
    if (entry != tables_.by_address.end()) {
      found[i] = entry->second;
    } else {
      found[i].reset();
    }
  }
}

Network::TransportRef Network::find_by_ufrag(std::string_view ufrag) const {
  std::shared_lock hold(tables_mutex_);
  const auto entry = tables_.by_ufrag.find(std::string(ufrag));
  return entry == tables_.by_ufrag.end() ? nullptr : entry->second;
}

Network::TransportRef Network::on_stun(Bytes datagram, const Path& path, Timestamp now,
                                       const MediaTransport* owner) {
  const auto message = parse_stun(datagram);
  // RFC 8445 7.1: with it, since RTP and DTLS come the same way.
  if (!message || !message->has_fingerprint) {
    counters_.dropped_stun_malformed.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  if (message->message_class == StunClass::kSuccess && !path.link)
    return on_probe_answer(*message, path, now);
  auto transport = find_by_ufrag(message->local_ufrag());
  const bool known =
      transport && (owner ? owner == transport.get() : is_known(path.remote, *transport));
  if (!known && !may_ask(path, now)) {
    counters_.dropped_stun_rate.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  if (!transport || (owner && transport.get() != owner)) {
    counters_.dropped_stun_user.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  const bool is_newcomer = transport->state() == MediaTransport::State::kNew;
  if (!transport->on_stun(*message, path, now)) return nullptr;
  if (!known && is_newcomer)
    stun_rate_.with([&](StunRateLimit& limit) { limit.give_back(path.remote); });
  return transport;
}

void Network::on_stranger(const SocketAddress& from, Timestamp now) {
  if (nice_ || !probes_.with([&](PathProbes& probes) { return probes.may_ask(from, now); })) return;
  std::vector<TransportRef> transports;
  {
    std::shared_lock hold(tables_mutex_);
    transports.reserve(tables_.by_ufrag.size());
    for (const auto& [ufrag, transport] : tables_.by_ufrag) transports.push_back(transport);
  }
  std::erase_if(transports, [](const TransportRef& transport) { return !transport->admitted(); });
  std::vector<SilentPeer> peers;
  for (const auto& transport : transports)
    peers.push_back({transport->remote(), transport->last_heard()});
  for (const std::size_t index : likely_behind(from, peers, now)) {
    std::array<std::uint8_t, 640> bytes;  // user names are up to 513 of them (RFC 8445 5.3)
    StunTransactionId transaction;
    RAND_bytes(transaction.data(), transaction.size());
    auto [size, ufrag] = transports[index]->write_path_probe(transaction, bytes);
    if (size == 0) continue;
    probes_.with(
        [&](PathProbes& probes) { probes.sent(transaction, from, std::move(ufrag), now); });
    counters_.path_probes.fetch_add(1, std::memory_order_relaxed);
    reply(Bytes(bytes).first(size), Path{from, nullptr});
  }
}

Network::TransportRef Network::on_probe_answer(const StunMessage& answer, const Path& path,
                                               Timestamp now) {
  const auto ufrag = probes_.with(
      [&](PathProbes& probes) { return probes.answered(answer.transaction, path.remote, now); });
  auto transport = ufrag ? find_by_ufrag(*ufrag) : nullptr;
  if (!transport) {
    counters_.dropped_stun_user.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  if (!transport->on_probe_answer(answer, path, own_addresses(), now)) return nullptr;
  counters_.moved_peers.fetch_add(1, std::memory_order_relaxed);
  return transport;
}

bool Network::is_known(const SocketAddress& address, const MediaTransport& transport) const {
  TransportRef found;
  find_by_address({&address, 1}, {&found, 1});
  return found.get() == &transport;
}

bool Network::may_refuse(const Path& path, Timestamp now) {
  return refusal_rate_.with([&](StunRateLimit& limit) { return limit.allow(path.remote, now); });
}

bool Network::may_ask(const Path& path, Timestamp now) {
  return stun_rate_.with([&](StunRateLimit& limit) { return limit.allow(path.remote, now); });
}

void Network::reply(Bytes datagram, const Path& path) {
  if (path.link) {
    path.link->send(datagram);
    return;
  }
  auto* batch = batch_of_this_thread();
  if (!batch) return;  // only workers read STUN from our sockets
  const auto room = batch->reserve();
  std::copy(datagram.begin(), datagram.end(), room.begin());
  batch->commit(datagram.size(), to_destination(path.remote));
}

void Network::learn(const SocketAddress& address, const TransportRef& transport) {
  std::unique_lock hold(tables_mutex_);
  tables_.by_address[address] = transport;
}

void Network::forget(const SocketAddress& address, const MediaTransport* transport) {
  TransportRef gone;  // released after the lock
  std::unique_lock hold(tables_mutex_);
  const auto entry = tables_.by_address.find(address);
  if (entry == tables_.by_address.end() || entry->second.get() != transport) return;
  gone = std::move(entry->second);
  tables_.by_address.erase(entry);
}

void Network::learn_ufrag(const std::string& ufrag, const TransportRef& transport) {
  std::unique_lock hold(tables_mutex_);
  tables_.by_ufrag[ufrag] = transport;
}

void Network::forget_ufrag(const std::string& ufrag, const MediaTransport* transport) {
  TransportRef gone;
  std::unique_lock hold(tables_mutex_);
  const auto entry = tables_.by_ufrag.find(ufrag);
  if (entry == tables_.by_ufrag.end() || entry->second.get() != transport) return;
  gone = std::move(entry->second);
  tables_.by_ufrag.erase(entry);
}

SendBatch* Network::batch_of_round() {
  const auto& worker = *workers_.front();
  return SendRound::batch(worker.ipv4_socket(), worker.ipv6_socket(), send_counters_);
}

std::string Network::stats_json() const {
  std::ostringstream json;
  const char* separator = "{";
  const auto put = [&](const char* name, std::uint64_t value) {
    json << separator << '"' << name << "\":" << value;
    separator = ",";
  };
  put("datagrams-received", counters_.received);
  put("bytes-received", counters_.received_bytes);
  put("receive-calls", counters_.receive_calls);
  put("datagrams-sent", send_counters_.datagrams);
  put("bytes-sent", send_counters_.bytes);
  put("send-calls", send_counters_.calls);
  put("datagrams-joined", send_counters_.joined);
  put("dropped-oversized", counters_.dropped_oversized);
  put("dropped-unknown-kind", counters_.dropped_unknown_kind);
  put("dropped-unknown-peer", counters_.dropped_unknown_peer);
  put("dropped-stun-rate", counters_.dropped_stun_rate);
  put("dropped-stun-user", counters_.dropped_stun_user);
  put("dropped-stun-malformed", counters_.dropped_stun_malformed);
  put("dropped-stun-replayed", counters_.dropped_stun_replayed);
  put("refused-stun", counters_.refused_stun);
  put("path-probes", counters_.path_probes);
  put("moved-peers", counters_.moved_peers);
  put("dropped-receive-buffer-full", counters_.dropped_kernel);
  put("dropped-send-buffer-full", send_counters_.dropped_full);
  put("dropped-send-error", send_counters_.dropped_error);
  tcp_.tell(put);
  const auto& socket = workers_.front()->socket_ipv4();
  put("receive-buffer-bytes", static_cast<std::uint64_t>(socket.receive_buffer()));
  put("send-buffer-bytes", static_cast<std::uint64_t>(socket.send_buffer()));
  {
    std::shared_lock hold(tables_mutex_);
    put("known-addresses", tables_.by_address.size());
    put("known-users", tables_.by_ufrag.size());
  }
  json << '}';
  return json.str();
}

}  // namespace rooms
