// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/listener.h"

#include <utility>

#include "server/log.h"

namespace rooms {
namespace {

/// A connection that neither sends nor takes anything for so long is closed. WebSockets have pings,
/// see Liveness.
constexpr guint kIdleSeconds = 60;
constexpr int kBacklog = 512;

Result<Ref<GInetAddress>> resolve(const std::string& host) {
  if (auto address = adopt(g_inet_address_new_from_string(host.c_str()))) return address;
  const auto resolver = adopt(g_resolver_get_default());
  GError* problem = nullptr;
  GList* found = g_resolver_lookup_by_name(resolver.get(), host.c_str(), nullptr, &problem);
  if (!found) {
    const auto owned = own(problem);
    return Error{"listen", "Cannot listen on '" + host + "': " + owned->message +
                               ". Give an address of this machine, or 0.0.0.0 for all of them."};
  }
  auto first = share(static_cast<GInetAddress*>(found->data));
  g_resolver_free_addresses(found);
  return first;
}

Error listen_error(const Listener::Settings& settings, const GError* problem) {
  const std::string where = settings.host + ":" + std::to_string(settings.port);
  const std::string port = std::to_string(settings.port);
  if (g_error_matches(problem, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)) {
    return {"listen", "Cannot listen on " + where +
                          ": another program does already (ss -ltnp 'sport = :" + port +
                          "' shows which). Stop it, or choose another port: --listen :" +
                          std::to_string(settings.port == 65535 ? 8080 : settings.port + 1)};
  }
  if (g_error_matches(problem, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)) {
    return {"listen",
            "Cannot listen on " + where +
                ": ports below 1024 need a privilege (setcap cap_net_bind_service+ep on the "
                "binary, or a port from 1024 on: --listen :8080)"};
  }
  return {"listen", "Cannot listen on " + where + ": " + problem->message +
                        ". --listen wants an address of this machine; 0.0.0.0 means all of them."};
}

}  // namespace

Listener::Listener(const Settings& settings, std::function<void(Accepted)> on_connection)
    : service_(adopt(g_socket_service_new())),
      on_connection_(std::move(on_connection)),
      max_sockets_(settings.max_sockets) {}

Listener::~Listener() {
  g_socket_service_stop(service_.get());
  g_socket_listener_close(G_SOCKET_LISTENER(service_.get()));
  g_signal_handlers_disconnect_by_data(service_.get(), this);
}

Result<std::unique_ptr<Listener>> Listener::open(const Settings& settings,
                                                 std::function<void(Accepted)> on_connection) {
  std::unique_ptr<Listener> listener(new Listener(settings, std::move(on_connection)));
  if (auto loaded = listener->load_certificate(settings); !loaded) return loaded.error();
  if (auto bound = listener->bind(settings); !bound) return bound.error();
  return listener;
}

Status Listener::load_certificate(const Settings& settings) {
  if (settings.tls_cert.empty()) return Done{};
  GError* problem = nullptr;
  certificate_ = adopt(g_tls_certificate_new_from_files(settings.tls_cert.c_str(),
                                                        settings.tls_key.c_str(), &problem));
  if (certificate_) return Done{};
  const auto owned = own(problem);
  return Error{"tls", "Cannot use " + settings.tls_cert + " with " + settings.tls_key + ": " +
                          owned->message + ". Both should be PEM files."};
}

Status Listener::bind(const Settings& settings) {
  auto host = resolve(settings.host);
  if (!host) return host.error();
  auto* listener = G_SOCKET_LISTENER(service_.get());
  g_socket_listener_set_backlog(listener, kBacklog);
  const auto wanted = adopt(g_inet_socket_address_new(host->get(), settings.port));
  GSocketAddress* effective = nullptr;
  GError* problem = nullptr;
  if (!g_socket_listener_add_address(listener, wanted.get(), G_SOCKET_TYPE_STREAM,
                                     G_SOCKET_PROTOCOL_TCP, nullptr, &effective, &problem)) {
    const auto owned = own(problem);
    return listen_error(settings, owned.get());
  }
  const auto bound = adopt(effective);
  port_ = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get()));
  const auto on_incoming =
      +[](GSocketService*, GSocketConnection* connection, GObject*, gpointer self) -> gboolean {
    static_cast<Listener*>(self)->accept(connection);
    return TRUE;
  };
  g_signal_connect(service_.get(), "incoming", G_CALLBACK(on_incoming), this);
  g_socket_service_start(service_.get());
  return Done{};
}

void Listener::accept(GSocketConnection* connection) {
  if (*count_ >= max_sockets_) {
    if (refused_++ % 1000 == 0) {
      log_warning("refusing connections: " + std::to_string(max_sockets_) +
                  " are open already (--max-sockets)");
    }
    g_io_stream_close(G_IO_STREAM(connection), nullptr, nullptr);
    return;
  }
  ++*count_;
  g_object_weak_ref(
      G_OBJECT(connection),
      [](gpointer data, GObject*) {
        auto* count = static_cast<std::shared_ptr<unsigned>*>(data);
        --**count;
        delete count;
      },
      new std::shared_ptr<unsigned>(count_));
  GSocket* socket = g_socket_connection_get_socket(connection);
  g_socket_set_timeout(socket, kIdleSeconds);
  g_socket_set_option(socket, 6 /* IPPROTO_TCP */, 1 /* TCP_NODELAY */, 1, nullptr);

  Accepted accepted;
  accepted.local = adopt(g_socket_connection_get_local_address(connection, nullptr));
  accepted.remote = adopt(g_socket_connection_get_remote_address(connection, nullptr));
  // The other end may have gone before we looked.
  if (!accepted.local || !accepted.remote) return;
  accepted.socket = share(socket);
  accepted.stream = share(G_IO_STREAM(connection));
  if (certificate_) {
    accepted.stream =
        adopt(g_tls_server_connection_new(accepted.stream.get(), certificate_.get(), nullptr));
    if (!accepted.stream) return;
  }
  on_connection_(std::move(accepted));
}

}  // namespace rooms
