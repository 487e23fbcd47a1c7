// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/rtsp_connections.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

namespace rooms {
namespace {

/// Requests of a session, and receiver reports of all its streams over TCP.
constexpr std::uint64_t kFirstBytes = 64 << 10;
constexpr std::uint64_t kBytesPerSecond = 8 << 10;

std::uint64_t received(GSocket* socket) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (getsockopt(g_socket_get_fd(socket), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_bytes_received;
}

}  // namespace

void RtspConnections::shut(Connection& connection) {
  if (!std::exchange(connection.ended, true))
    g_socket_shutdown(connection.socket.get(), TRUE, TRUE, nullptr);
}

void RtspConnections::add(GstRTSPClient* client, Ref<GSocket> socket, Timestamp now) {
  state_.with([&](State& state) {
    state.connections[client] = Connection{std::move(socket), now, {}, false};
  });
}

void RtspConnections::remove(GstRTSPClient* client) {
  state_.with([&](State& state) { state.connections.erase(client); });
}

void RtspConnections::note(GstRTSPClient* client, const RtspProgramme& programme) {
  state_.with([&](State& state) {
    const auto found = state.connections.find(client);
    if (found != state.connections.end()) found->second.opened.insert(&programme);
  });
}

void RtspConnections::end(const RtspProgramme& programme) {
  state_.with([&](State& state) {
    for (auto& [client, connection] : state.connections)
      if (connection.opened.contains(&programme)) shut(connection);
  });
}

void RtspConnections::end_talkers(Timestamp now) {
  state_.with([&](State& state) {
    for (auto& [client, connection] : state.connections) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - connection.since);
      const auto allowed =
          kFirstBytes + kBytesPerSecond * static_cast<std::uint64_t>(seconds.count());
      if (connection.ended || received(connection.socket.get()) <= allowed) continue;
      shut(connection);
      ++state.talkers;
    }
  });
}

void RtspConnections::end_all() {
  state_.with([](State& state) {
    for (auto& [client, connection] : state.connections) shut(connection);
  });
}

std::size_t RtspConnections::count() const {
  return state_.with([](const State& state) { return state.connections.size(); });
}

std::uint64_t RtspConnections::talkers() const {
  return state_.with([](const State& state) { return state.talkers; });
}

}  // namespace rooms
