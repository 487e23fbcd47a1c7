// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/nice_link.h"

#include <nice/agent.h>

#include <algorithm>
#include <future>

#include "gst/core/ice/candidate.h"
#include "gst/glue/clock.h"
#include "gst/transport/interface_addresses.h"

namespace rooms {
namespace {

constexpr guint kComponent = 1;
constexpr auto kGatheringPatience = std::chrono::seconds(3);

/// Runs `task` on the thread and waits for it.
void run_on(Executor& thread, const std::function<void()>& task) {
  if (thread.is_current()) return task();
  std::promise<void> done;
  thread.post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace

NiceLink::NiceLink(Executor& thread, const NiceSettings& settings)
    : thread_(thread), settings_(settings) {}

Result<std::shared_ptr<NiceLink>> NiceLink::create(Executor& thread, const NiceSettings& settings) {
  auto link = std::shared_ptr<NiceLink>(new NiceLink(thread, settings));
  if (auto gathered = link->gather(); !gathered) {
    link->close();
    return gathered.error();
  }
  return link;
}

NiceLink::~NiceLink() { close(); }

Status NiceLink::gather() {
  agent_ =
      adopt(nice_agent_new_full(thread_.context(), NICE_COMPATIBILITY_RFC5245,
                                static_cast<NiceAgentOption>(NICE_AGENT_OPTION_REGULAR_NOMINATION |
                                                             NICE_AGENT_OPTION_ICE_TRICKLE)));
  g_object_set(agent_.get(), "upnp", FALSE, "controlling-mode", FALSE, "ice-tcp", FALSE, nullptr);
  if (!settings_.stun_host.empty())
    g_object_set(agent_.get(), "stun-server", settings_.stun_host.c_str(), "stun-server-port",
                 guint{settings_.stun_port}, nullptr);
  // By itself libnice leaves out loopback and every interface whose name looks virtual.
  for (const auto& address : interface_addresses(0)) {
    NiceAddress local;
    nice_address_init(&local);
    if (nice_address_set_from_string(&local, address.host().c_str()))
      nice_agent_add_local_address(agent_.get(), &local);
  }
  stream_ = nice_agent_add_stream(agent_.get(), 1);
  if (settings_.port_max != 0)
    nice_agent_set_port_range(agent_.get(), stream_, kComponent, settings_.port_min,
                              settings_.port_max);
  for (const auto& relay : settings_.relays)
    nice_agent_set_relay_info(agent_.get(), stream_, kComponent, relay.host.c_str(), relay.port,
                              relay.user.c_str(), relay.password.c_str(),
                              relay.tcp ? NICE_RELAY_TYPE_TURN_TCP : NICE_RELAY_TYPE_TURN_UDP);

  auto done = std::make_shared<std::promise<void>>();
  auto gathered = done->get_future();
  struct Waiting {
    std::shared_ptr<std::promise<void>> done;
    bool told = false;
  };
  const auto handler = g_signal_connect_data(
      agent_.get(), "candidate-gathering-done", G_CALLBACK(+[](NiceAgent*, guint, gpointer data) {
        auto& waiting = *static_cast<Waiting*>(data);
        if (!std::exchange(waiting.told, true)) waiting.done->set_value();
      }),
      new Waiting{done}, [](gpointer data, GClosure*) { delete static_cast<Waiting*>(data); },
      static_cast<GConnectFlags>(0));
  g_signal_connect(agent_.get(), "component-state-changed",
                   G_CALLBACK(+[](NiceAgent*, guint, guint, guint state, gpointer self) {
                     static_cast<NiceLink*>(self)->on_state(state);
                   }),
                   this);
  nice_agent_attach_recv(
      agent_.get(), stream_, kComponent, thread_.context(),
      [](NiceAgent*, guint, guint, guint size, gchar* data, gpointer self) {
        static_cast<NiceLink*>(self)->on_received(
            {reinterpret_cast<const std::uint8_t*>(data), size});
      },
      this);
  const bool started = nice_agent_gather_candidates(agent_.get(), stream_);
  if (started) gathered.wait_for(kGatheringPatience);
  run_on(thread_, [&] { g_signal_handler_disconnect(agent_.get(), handler); });
  if (!started || candidates().empty())
    return Error{"no-ports",
                 "libnice found no address and port to receive on. Widen --udp-port-range, or give "
                 "the server an address."};
  return Done{};
}

void NiceLink::attach(std::weak_ptr<MediaTransport> transport) {
  transport_.with([&](auto& held) { held = std::move(transport); });
}

IceCredentials NiceLink::local_credentials() const {
  gchar* ufrag = nullptr;
  gchar* password = nullptr;
  nice_agent_get_local_credentials(agent_.get(), stream_, &ufrag, &password);
  const auto owned_ufrag = own(ufrag);
  const auto owned_password = own(password);
  return {ufrag ? ufrag : "", password ? password : ""};
}

std::string NiceLink::write(NiceCandidate* candidate) const {
  const auto line = own(nice_agent_generate_local_candidate_sdp(agent_.get(), candidate));
  std::string text = line ? line.get() : "";
  return text.starts_with("a=") ? text.substr(2) : text;
}

std::vector<std::string> NiceLink::candidates() const {
  std::vector<std::string> lines;
  GSList* list = nice_agent_get_local_candidates(agent_.get(), stream_, kComponent);
  for (GSList* item = list; item; item = item->next) {
    auto* candidate = static_cast<NiceCandidate*>(item->data);
    lines.push_back(write(candidate));
    const auto host = parse_candidate(lines.back());
    if (candidate->type != NICE_CANDIDATE_TYPE_HOST || !host || !host->address.is_v4()) continue;
    for (const auto& ip : settings_.announce_ips) {
      Candidate announced = *host;
      announced.host = ip;
      if (const auto address = SocketAddress::parse(ip, host->port)) announced.address = *address;
      lines.push_back(write_candidate(announced));
    }
  }
  g_slist_free_full(list, reinterpret_cast<GDestroyNotify>(nice_candidate_free));
  return lines;
}

void NiceLink::set_remote(const IceCredentials& remote, const std::vector<std::string>& lines) {
  nice_agent_set_remote_credentials(agent_.get(), stream_, remote.ufrag.c_str(),
                                    remote.password.c_str());
  for (const auto& line : lines) add_remote_candidate(line);
}

void NiceLink::add_remote_candidate(const std::string& line) {
  if (!parse_candidate(line)) return;  // malformed
  const std::string text = line.starts_with("a=") ? line : "a=" + line;
  auto* candidate = nice_agent_parse_remote_candidate_sdp(agent_.get(), stream_, text.c_str());
  if (!candidate) return;  // a name (mDNS) or a transport libnice does not take
  candidate->component_id = kComponent;
  GSList* list = g_slist_prepend(nullptr, candidate);
  nice_agent_set_remote_candidates(agent_.get(), stream_, kComponent, list);
  g_slist_free_full(list, reinterpret_cast<GDestroyNotify>(nice_candidate_free));
}

void NiceLink::restart() { nice_agent_restart_stream(agent_.get(), stream_); }

void NiceLink::set_controlling(bool controlling) {
  g_object_set(agent_.get(), "controlling-mode", controlling, nullptr);
}

bool NiceLink::send(Bytes datagram) {
  const auto size = static_cast<guint>(datagram.size());
  return nice_agent_send(agent_.get(), stream_, kComponent, size,
                         reinterpret_cast<const gchar*>(datagram.data())) ==
         static_cast<gint>(size);
}

void NiceLink::on_received(Bytes datagram) {
  const auto transport = transport_.with([](const auto& held) { return held.lock(); });
  if (!transport || datagram.empty() || datagram.size() > kMaxDatagram) return;
  if (datagram[0] >= 20 && datagram[0] < 64) {
    transport->on_dtls(datagram, Path{});
  } else if (looks_like_rtp_or_rtcp(datagram)) {
    const auto room = slot_.room();
    std::copy(datagram.begin(), datagram.end(), room.begin());
    transport->on_media(slot_, datagram.size(), monotonic_now());
    transport->on_media_end();
  }
}

void NiceLink::on_state(unsigned state) {
  const auto transport = transport_.with([](const auto& held) { return held.lock(); });
  if (!transport) return;
  if (state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY) {
    Path path;
    path.link = shared_from_this();
    NiceCandidate* local = nullptr;
    NiceCandidate* remote = nullptr;
    if (nice_agent_get_selected_pair(agent_.get(), stream_, kComponent, &local, &remote) &&
        remote) {
      gchar text[NICE_ADDRESS_STRING_LEN];
      nice_address_to_string(&remote->addr, text);
      const auto port = static_cast<std::uint16_t>(nice_address_get_port(&remote->addr));
      if (const auto address = SocketAddress::parse(text, port)) path.remote = *address;
    }
    transport->connected_through(path);
  } else if (state == NICE_COMPONENT_STATE_FAILED) {
    transport->lost();
  }
}

void NiceLink::close() {
  if (!agent_) return;
  attach({});
  // On their own thread, so that no callback is running meanwhile.
  run_on(thread_, [this] {
    g_signal_handlers_disconnect_by_data(agent_.get(), this);
    nice_agent_attach_recv(agent_.get(), stream_, kComponent, thread_.context(), nullptr, nullptr);
    nice_agent_remove_stream(agent_.get(), stream_);
  });
  agent_ = nullptr;
}

}  // namespace rooms
