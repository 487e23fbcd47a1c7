// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/media_transport.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "gst/core/ice/path_probe.h"
#include "gst/glue/clock.h"
#include "gst/transport/counting.h"
#include "gst/transport/network.h"
#include "gst/transport/nice_link.h"
#include "gst/transport/worker.h"

namespace rooms {
namespace {

constexpr std::size_t kMaxWays = 8;
constexpr std::size_t kMaxEarlyDtls = 16;
// A handshake takes a dozen datagrams; data channels share the way. More than this in a second is a
// flood that webrtcbin's queue should not have to hold.
constexpr unsigned kMaxDtlsPerSecond = 20'000;
constexpr Duration kSilenceCheck = std::chrono::seconds(1);

}  // namespace

MediaTransport::MediaTransport(Network& network, IceCredentials local, StateListener listener)
    : network_(network),
      listener_(std::move(listener)),
      last_heard_(monotonic_now()),
      ice_(IceLite(std::move(local), monotonic_now())) {}

void MediaTransport::delegate_ice(std::shared_ptr<NiceLink> agent) {
  nice_ = std::move(agent);
  nice_->attach(weak_from_this());
}

std::vector<std::string> MediaTransport::candidates() const {
  return nice_ ? nice_->candidates() : network_.candidates();
}

void MediaTransport::set_remote(const IceCredentials& remote,
                                const std::vector<std::string>& candidates, bool we_offer) {
  if (!nice_) return ice_.with([&](Ice& ice) { ice.remote = remote; });
  nice_->set_controlling(we_offer);
  nice_->set_remote(remote, candidates);
}

void MediaTransport::add_remote_candidate(const std::string& candidate) {
  if (nice_) nice_->add_remote_candidate(candidate);
}

IceCredentials MediaTransport::local_credentials() const {
  if (nice_) return nice_->local_credentials();
  return ice_.with([](const Ice& ice) { return ice.agent.local(); });
}

void MediaTransport::restart(IceCredentials fresh) {
  if (nice_) return nice_->restart();
  network_.learn_ufrag(fresh.ufrag, shared_from_this());
  ice_.with([&](Ice& ice) {
    ice.ufrags.push_back(fresh.ufrag);
    ice.agent.restart(std::move(fresh));
  });
}

void MediaTransport::open_dtls(DtlsSink sink) {
  // Under the lock, so that nothing overtakes what waited. The sink only queues.
  dtls_.with([&](Dtls& dtls) {
    dtls.sink = std::move(sink);
    for (const auto& datagram : dtls.early) dtls.sink(datagram);
    dtls.early.clear();
  });
}

void MediaTransport::close_dtls() {
  dtls_.with([](Dtls& dtls) {
    dtls.sink = nullptr;
    dtls.early.clear();
  });
}

void MediaTransport::on_dtls(Bytes datagram, const Path& path) {
  const auto now = monotonic_now();
  last_heard_ = now;
  // The answer goes back the way the question came: on a pair that the peer does not use it would
  // be lost, and OpenSSL repeats it only after a second.
  const bool moved = !nice_ && ice_.with([&](Ice& ice) { return ice.agent.on_data(path.tuple()); });
  if (moved) select(path);
  const bool taken = dtls_.with([&](Dtls& dtls) {
    if (now - dtls.window_start > std::chrono::seconds(1)) {
      dtls.window_start = now;
      dtls.in_window = 0;
    }
    if (++dtls.in_window > kMaxDtlsPerSecond) return false;
    if (dtls.sink) {
      dtls.sink(datagram);
      return true;
    }
    if (closed_ || dtls.early.size() >= kMaxEarlyDtls) return false;
    dtls.early.emplace_back(datagram.begin(), datagram.end());
    return true;
  });
  if (!taken) count(counters_.dropped_dtls);
}

template <class Write>
std::size_t MediaTransport::write_datagram(Write&& write) {
  if (link_) {
    std::array<std::uint8_t, kMaxDatagram> scratch;
    const std::size_t size = write(MutableBytes(scratch));
    if (size == 0 || !link_->send(Bytes(scratch).first(size))) return 0;
    count(counters_.sent);
    count(counters_.sent_bytes, size);
    return size;
  }
  if (destination_.length == 0) return 0;
  const auto into = [&](SendBatch& batch) {
    const std::size_t size = write(batch.reserve());
    batch.commit(size, destination_);
    return size;
  };
  std::size_t size = 0;
  if (auto* batch = batch_of_this_thread()) {
    size = into(*batch);
  } else if (auto* round = network_.batch_of_round()) {
    size = into(*round);
  } else {
    // Not a network worker: leave at once, through the sockets of this transport's worker.
    auto& worker = network_.worker(worker_);
    SendBatch alone(worker.ipv4_socket(), worker.ipv6_socket(), network_.send_counters(), 1);
    size = into(alone);
  }
  if (size > 0) {
    count(counters_.sent);
    count(counters_.sent_bytes, size);
  }
  return size;
}

void MediaTransport::send_dtls(Bytes datagram) {
  // RFC 7983: webrtcbin's own RTCP would collide with our SRTCP indexes, so nothing but DTLS leaves
  // this way.
  if (datagram.empty() || datagram[0] < 20 || datagram[0] > 63) return;
  if (datagram.size() > kMaxDatagram) return;
  std::lock_guard hold(send_mutex_);
  write_datagram([&](MutableBytes out) {
    std::copy(datagram.begin(), datagram.end(), out.begin());
    return datagram.size();
  });
}

void MediaTransport::set_keys(const SrtpMasterKey& outgoing, const SrtpMasterKey& incoming) {
  {
    std::lock_guard hold(send_mutex_);
    srtp_sender_.emplace(outgoing);
  }
  std::lock_guard hold(receive_mutex_);
  srtp_receiver_.emplace(incoming);
}

void MediaTransport::admit() { admitted_.store(true, std::memory_order_release); }

std::size_t MediaTransport::send_rtp(Bytes header, Bytes payload, const PayloadEdit& edit,
                                     std::uint32_t rollover, std::size_t prefix) {
  if (!admitted() || header.size() + payload.size() + kSrtpTagSize > kMaxDatagram) return 0;
  std::lock_guard hold(send_mutex_);
  if (!srtp_sender_) return 0;
  return write_datagram([&](MutableBytes out) {
    std::memcpy(out.data(), header.data(), header.size());
    return srtp_sender_->protect_rtp(out, header.size() - prefix, payload, edit, rollover, prefix);
  });
}

std::size_t MediaTransport::send_padding(Bytes header, std::uint8_t padding,
                                         std::uint32_t rollover) {
  if (!admitted() || header.size() + padding + kSrtpTagSize > kMaxDatagram) return 0;
  std::lock_guard hold(send_mutex_);
  if (!srtp_sender_) return 0;
  return write_datagram([&](MutableBytes out) {
    std::memcpy(out.data(), header.data(), header.size());
    return srtp_sender_->protect_padding(out, header.size(), padding, rollover);
  });
}

void MediaTransport::send_rtcp(Bytes compound) {
  if (!admitted() || compound.size() + kSrtcpTrailerSize > kMaxDatagram) return;
  std::lock_guard hold(send_mutex_);
  if (!srtp_sender_) return;
  write_datagram([&](MutableBytes out) {
    std::memcpy(out.data(), compound.data(), compound.size());
    return srtp_sender_->protect_rtcp(out, compound.size());
  });
}

void MediaTransport::set_rtp_receiver(std::shared_ptr<MediaReceiver> receiver) {
  receivers_.with([&](Receivers& r) { r.rtp.swap(receiver); });
}

void MediaTransport::add_rtcp_receiver(std::shared_ptr<MediaReceiver> receiver) {
  receivers_.with([&](Receivers& r) { r.rtcp.push_back(std::move(receiver)); });
}

void MediaTransport::remove_receiver(const MediaReceiver* receiver) {
  Receivers gone;  // released after the lock
  receivers_.with([&](Receivers& r) {
    if (r.rtp.get() == receiver) gone.rtp = std::move(r.rtp);
    std::erase_if(r.rtcp, [&](const auto& one) {
      if (one.get() != receiver) return false;
      gone.rtcp.push_back(one);
      return true;
    });
  });
}

void MediaTransport::call_at(Timestamp when, std::weak_ptr<TimerClient> client) {
  network_.worker(worker_).call_at(when, std::move(client));
}

bool MediaTransport::Ice::add_way(const Path& path, std::vector<Way>& evicted) {
  if (std::any_of(ways.begin(), ways.end(),
                  [&](const Way& way) { return way.tuple == path.tuple(); }))
    return false;
  ways.push_back({path.tuple(), path.link});
  if (ways.size() <= kMaxWays) return true;
  // The oldest goes, but never the one in use.
  const auto oldest = ways.front().tuple == agent.selected() ? ways.begin() + 1 : ways.begin();
  evicted.push_back(std::move(*oldest));
  ways.erase(oldest);
  return true;
}

bool MediaTransport::on_stun(const StunMessage& request, const Path& path, Timestamp now) {
  std::array<std::uint8_t, IceLite::kMaxResponse> response;
  std::vector<Way> evicted;
  std::vector<std::string> outdated;
  bool is_new = false;
  const auto answer = ice_.with([&](Ice& ice) {
    auto result = ice.agent.on_request(request, path.tuple(), now, response);
    if (result.outcome == IceAnswer::Outcome::kAccepted) is_new = ice.add_way(path, evicted);
    if (result.restarted) {
      outdated.assign(ice.ufrags.begin(), ice.ufrags.end() - 1);
      ice.ufrags.erase(ice.ufrags.begin(), ice.ufrags.end() - 1);
    }
    return result;
  });
  if (closed_) return false;
  if (is_new && !path.link) network_.learn(path.remote, shared_from_this());
  for (const auto& way : evicted) let_go(way);
  for (const auto& ufrag : outdated) network_.forget_ufrag(ufrag, this);
  // Somebody may write the peer's address on requests of their own: they are told so only now and
  // then, and the peer's own are answered all the same.
  const bool refused = answer.outcome == IceAnswer::Outcome::kRefused;
  if (answer.size > 0 && (!refused || network_.may_refuse(path, now)))
    network_.reply(Bytes(response).first(answer.size), path);
  if (refused) count(network_.counters().refused_stun);
  if (answer.outcome == IceAnswer::Outcome::kReplayed)
    count(network_.counters().dropped_stun_replayed);
  if (answer.outcome != IceAnswer::Outcome::kAccepted) return false;
  if (answer.selected_changed) select(path);
  last_heard_ = now;
  set_state(State::kConnected);
  return true;
}

std::pair<std::size_t, std::string> MediaTransport::write_path_probe(
    const StunTransactionId& transaction, MutableBytes out) const {
  if (nice_ || closed_ || !admitted()) return {};
  return ice_.with([&](const Ice& ice) -> std::pair<std::size_t, std::string> {
    if (ice.remote.password.empty() || !ice.agent.selected()) return {};
    const auto& ufrag = ice.agent.local().ufrag;
    // Ours is the controlled role whatever the tie-breaker.
    return {rooms::write_path_probe(out, transaction, ufrag, ice.remote, 0), ufrag};
  });
}

bool MediaTransport::on_probe_answer(const StunMessage& answer, const Path& path,
                                     std::span<const SocketAddress> own, Timestamp now) {
  std::vector<Way> evicted;
  const bool moved = ice_.with([&](Ice& ice) {
    if (ice.remote.password.empty() || !proves_path(answer, ice.remote.password, own)) return false;
    if (!ice.agent.on_moved(path.tuple(), now)) return false;
    ice.add_way(path, evicted);
    return true;
  });
  if (!moved || closed_) return false;
  network_.learn(path.remote, shared_from_this());
  for (const auto& way : evicted) let_go(way);
  select(path);
  last_heard_ = now;
  set_state(State::kConnected);
  return true;
}

void MediaTransport::let_go(const Way& way) {
  if (way.tuple.connection == 0) return network_.forget(way.tuple.address, this);
  if (const auto link = way.link.lock()) link->retire();
}

void MediaTransport::on_closed(const Path& path) {
  ice_.with([&](Ice& ice) {
    ice.agent.forget(path.tuple());
    std::erase_if(ice.ways, [&](const Way& way) { return way.tuple == path.tuple(); });
  });
  std::lock_guard hold(send_mutex_);
  if (link_ != path.link) return;
  link_.reset();
  destination_ = {};
}

void MediaTransport::select(const Path& path) {
  std::lock_guard hold(send_mutex_);
  remote_ = path.remote;
  link_ = path.link;
  destination_ = path.link ? UdpDestination{} : to_destination(path.remote);
}

void MediaTransport::set_state(State state) {
  if (state_.exchange(state, std::memory_order_relaxed) == state) return;
  std::lock_guard hold(listener_mutex_);
  if (listener_) listener_(state);
}

void MediaTransport::start() {
  worker_ = network_.next_worker();
  last_heard_ = monotonic_now();
  if (!nice_) network_.learn_ufrag(local_credentials().ufrag, shared_from_this());
  call_at(monotonic_now() + kSilenceCheck, weak_from_this());
}

std::optional<Timestamp> MediaTransport::on_timer(Timestamp now) {
  if (closed_) return std::nullopt;
  if (now - last_heard_.load() >= kSilence) lost();
  return now + kSilenceCheck;
}

void MediaTransport::connected_through(const Path& path) {
  select(path);
  set_state(State::kConnected);
}

void MediaTransport::lost() { set_state(State::kDisconnected); }

void MediaTransport::on_media(PacketSlot& slot, std::size_t size, Timestamp arrival) {
  const auto packet = slot.room().first(size);
  if (!admitted()) {
    count(counters_.dropped_no_keys);
    return;
  }
  if (looks_like_rtcp(packet)) {
    deliver_rtcp(packet, arrival);
  } else {
    deliver_rtp(slot, packet, arrival);
  }
}

void MediaTransport::on_media_end() {
  const auto receiver = receivers_.with([](const Receivers& r) { return r.rtp; });
  if (receiver) receiver->on_rtp_end();
}

bool MediaTransport::unprotected(const SrtpResult& result) {
  switch (result.refusal) {
    case SrtpRefusal::kNone:
      return true;
    case SrtpRefusal::kTooShort:
      count(counters_.dropped_malformed);
      break;
    case SrtpRefusal::kAuthFailed:
      count(counters_.dropped_auth);
      break;
    case SrtpRefusal::kReplayed:
      count(counters_.dropped_replay);
      break;
    case SrtpRefusal::kTooManySsrcs:
      count(counters_.dropped_ssrc);
      break;
  }
  return false;
}

void MediaTransport::deliver_rtp(PacketSlot& slot, MutableBytes packet, Timestamp arrival) {
  const auto receiver = receivers_.with([](const Receivers& r) { return r.rtp; });
  if (!receiver) return;
  SrtpResult result;
  {
    std::lock_guard hold(receive_mutex_);
    if (!srtp_receiver_) return;
    result = srtp_receiver_->unprotect_rtp(packet);
  }
  if (!unprotected(result)) return;
  last_heard_ = arrival;
  count(counters_.received);
  count(counters_.received_bytes, packet.size());
  const auto plain = packet.first(result.size);
  const auto header = parse_rtp(plain);
  if (!header) {
    count(counters_.dropped_malformed);
    return;
  }
  IncomingRtp incoming{slot, plain, *header, arrival};
  receiver->on_rtp(incoming);
}

void MediaTransport::deliver_rtcp(MutableBytes packet, Timestamp arrival) {
  SrtpResult result;
  {
    std::lock_guard hold(receive_mutex_);
    if (!srtp_receiver_) return;
    result = srtp_receiver_->unprotect_rtcp(packet);
  }
  if (!unprotected(result)) return;
  last_heard_ = arrival;
  const auto receivers = receivers_.with([](const Receivers& r) { return r.rtcp; });
  for (const auto& receiver : receivers) receiver->on_rtcp(packet.first(result.size), arrival);
}

SocketAddress MediaTransport::remote() const {
  std::lock_guard hold(send_mutex_);
  return remote_;
}

std::string MediaTransport::protocol() const {
  std::lock_guard hold(send_mutex_);
  return link_ ? link_->protocol() : "udp";
}

void MediaTransport::close() {
  if (closed_.exchange(true)) return;
  {
    std::lock_guard hold(listener_mutex_);
    listener_ = nullptr;
  }
  admitted_.store(false, std::memory_order_release);
  auto [ways, ufrags] = ice_.with([](Ice& ice) {
    return std::pair{std::exchange(ice.ways, {}), std::exchange(ice.ufrags, {})};
  });
  for (const auto& way : ways) let_go(way);
  for (const auto& ufrag : ufrags) network_.forget_ufrag(ufrag, this);
  close_dtls();
  receivers_.with([](Receivers& r) { r = {}; });
  if (nice_) nice_->close();
  std::lock_guard hold(send_mutex_);
  link_.reset();
  destination_ = {};
}

}  // namespace rooms
