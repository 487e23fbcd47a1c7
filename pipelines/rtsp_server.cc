// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/rtsp_server.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "gst/glue/clock.h"
#include "pipelines/rtsp_auth.h"
#include "pipelines/rtsp_factory.h"

namespace rooms {

namespace {

constexpr const char* kRealm = "gst-rooms";
constexpr unsigned kSecondsAfterSession = 10;
/// Connections that nobody has accepted yet.
constexpr int kBacklog = 128;
/// Bodies of RTSP requests: parameters.
constexpr unsigned kMostBody = 16 << 10;
constexpr Duration kWatchInterval = std::chrono::milliseconds(250);
/// No descriptor is free: until somebody may have left.
constexpr Duration kRest = std::chrono::milliseconds(500);
constexpr auto kTimeToLeave = std::chrono::seconds(2);

GstRTSPStatusCode status_of(const Error& error) {
  if (error.code == "codec-unsupported") return GST_RTSP_STS_UNSUPPORTED_MEDIA_TYPE;
  if (error.code == "rtsp-busy") return GST_RTSP_STS_SERVICE_UNAVAILABLE;
  return GST_RTSP_STS_NOT_FOUND;
}

using Mounts = std::shared_ptr<RtspMounts>;

GstRTSPStatusCode before_describe(GstRTSPClient* client, GstRTSPContext* context, Mounts* mounts) {
  if (!context->uri) return GST_RTSP_STS_BAD_REQUEST;
  const std::string path = context->uri->abspath ? context->uri->abspath : "";
  const auto opened = (*mounts)->open(path, client);
  if (opened) return GST_RTSP_STS_OK;
  const auto status = status_of(opened.error());
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "rtsp: %.200s from %s: %d: %.300s", path.c_str(),
        gst_rtsp_connection_get_ip(gst_rtsp_client_get_connection(client)),
        static_cast<int>(status), opened.error().message.c_str());
  return status;
}

GstRTSPStatusCode before_setup(GstRTSPClient* client, GstRTSPContext* context, Mounts* mounts) {
  // A further stream of what it has already.
  if (context->session) return GST_RTSP_STS_OK;
  return before_describe(client, context, mounts);
}

GstRTSPStatusCode refuse_media(GstRTSPClient* /*client*/, GstRTSPContext* /*context*/,
                               gpointer /*data*/) {
  return GST_RTSP_STS_METHOD_NOT_ALLOWED;  // nobody sends to us this way
}

void on_play(GstRTSPClient* /*client*/, GstRTSPContext* context, Mounts* mounts) {
  if (context->media) (*mounts)->join(context->media);
}

void on_closed(GstRTSPClient* client, std::shared_ptr<RtspConnections>* connections) {
  (*connections)->remove(client);
}

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + "\"";
}

}  // namespace

RtspServer::RtspServer(const RtspSettings& settings, const RoomTable& rooms)
    : most_connections_(settings.max_connections),
      server_(adopt(gst_rtsp_server_new())),
      sessions_(adopt(gst_rtsp_session_pool_new())),
      executor_(std::make_unique<Executor>("rtsp")) {
  const auto points = make_rtsp_mount_points();
  mounts_ = std::make_shared<RtspMounts>(
      RtspMounts::Server{rooms, *executor_, *connections_, points, !settings.users.empty()});
  gst_rtsp_server_set_mount_points(server_.get(), points.get());
  gst_rtsp_server_set_session_pool(server_.get(), sessions_.get());
  gst_rtsp_session_pool_set_max_sessions(sessions_.get(), settings.max_connections);
  g_object_set(server_.get(), "content-length-limit", kMostBody, nullptr);
  // A thread a connection: whoever waits for a picture that does not come holds up nobody.
  const auto threads = adopt(gst_rtsp_server_get_thread_pool(server_.get()));
  gst_rtsp_thread_pool_set_max_threads(threads.get(), -1);
  if (!settings.users.empty()) require_users(settings);
}

void RtspServer::require_users(const RtspSettings& settings) {
  const auto auth = make_rtsp_auth();
  gst_rtsp_auth_set_realm(auth.get(), kRealm);
  // With the other one, passwords would be readable on the way.
  gst_rtsp_auth_set_supported_methods(auth.get(), GST_RTSP_AUTH_DIGEST);
  for (const auto& user : settings.users) {
    const auto token = make_rtsp_token(kRtspRole);
    gst_rtsp_auth_add_digest(auth.get(), user.name.c_str(), user.password.c_str(), token.get());
  }
  gst_rtsp_server_set_auth(server_.get(), auth.get());
}

Result<std::unique_ptr<RtspServer>> RtspServer::create(const RtspSettings& settings,
                                                       const RoomTable& rooms) {
  std::unique_ptr<RtspServer> server(new RtspServer(settings, rooms));
  if (auto listening = server->listen(settings); !listening) return listening.error();
  return server;
}

Status RtspServer::listen(const RtspSettings& settings) {
  gst_rtsp_server_set_address(server_.get(), settings.host.c_str());
  gst_rtsp_server_set_service(server_.get(), std::to_string(settings.port).c_str());
  gst_rtsp_server_set_backlog(server_.get(), kBacklog);
  GError* problem = nullptr;
  socket_ = adopt(gst_rtsp_server_create_socket(server_.get(), nullptr, &problem));
  const auto error = own(problem);
  if (!socket_)
    return Error{"rtsp-port", "RTSP cannot listen on " + settings.host + ":" +
                                  std::to_string(settings.port) + ": " +
                                  (error ? error->message : "there is no such address") +
                                  ". Choose another one with --rtsp HOST:PORT."};
  g_signal_connect_swapped(
      server_.get(), "client-connected",
      G_CALLBACK(+[](RtspServer* self, GstRTSPClient* client) { self->greet(client); }), this);
  executor_->post([this] {
    attach_accept();
    watch_timer_ = executor_->call_every(kWatchInterval, [this] {
      connections_->end_talkers(monotonic_now());
      gst_rtsp_session_pool_cleanup(sessions_.get());
    });
  });
  return Done{};
}

std::uint16_t RtspServer::port() const {
  const auto address = adopt(g_socket_get_local_address(socket_.get(), nullptr));
  return address ? g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address.get())) : 0;
}

void RtspServer::attach_accept() {
  accept_source_ = adopt(g_socket_create_source(socket_.get(), G_IO_IN, nullptr));
  const GSocketSourceFunc on_socket = [](GSocket*, GIOCondition, gpointer self) -> gboolean {
    static_cast<RtspServer*>(self)->accept();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(accept_source_.get(), G_SOURCE_FUNC(on_socket), this, nullptr);
  g_source_attach(accept_source_.get(), executor_->context());
}

void RtspServer::accept() {
  auto socket = adopt(g_socket_accept(socket_.get(), nullptr, nullptr));
  if (!socket) {
    g_source_destroy(accept_source_.get());
    rest_timer_ = executor_->call_later(kRest, [this] { attach_accept(); });
    return;
  }
  const auto address = adopt(g_socket_get_remote_address(socket.get(), nullptr));
  if (!address || connections_->count() >= most_connections_) {
    ++refused_;
    return;
  }
  auto* remote = G_INET_SOCKET_ADDRESS(address.get());
  const auto ip = own(g_inet_address_to_string(g_inet_socket_address_get_address(remote)));
  g_socket_set_blocking(socket.get(), FALSE);
  g_socket_set_keepalive(socket.get(), TRUE);
  accepted_ = socket;
  gst_rtsp_server_transfer_connection(server_.get(), socket.release(), ip.get(),
                                      g_inet_socket_address_get_port(remote), nullptr);
  accepted_ = nullptr;
}

void RtspServer::greet(GstRTSPClient* client) {
  connections_->add(client, accepted_, monotonic_now());
  g_object_set(client, "post-session-timeout", kSecondsAfterSession, nullptr);
  connect_shared(client, "closed", G_CALLBACK(on_closed), connections_);
  connect_shared(client, "pre-describe-request", G_CALLBACK(before_describe), mounts_);
  connect_shared(client, "pre-setup-request", G_CALLBACK(before_setup), mounts_);
  connect_shared(client, "play-request", G_CALLBACK(on_play), mounts_);
  for (const char* signal : {"pre-announce-request", "pre-record-request"})
    g_signal_connect(client, signal, G_CALLBACK(refuse_media), nullptr);
}

RtspServer::~RtspServer() {
  executor_->post([this] {
    if (accept_source_) g_source_destroy(accept_source_.get());
    watch_timer_.cancel();
    rest_timer_.cancel();
    mounts_->close();
    connections_->end_all();
  });
  const auto deadline = std::chrono::steady_clock::now() + kTimeToLeave;
  while (connections_->count() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  executor_->post([mounts = mounts_] { mounts->release_all(); });
  if (connections_->count() == 0) {
    executor_->end();
    return;
  }
  // Their threads still use it.
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "rtsp: a connection does not end; ending without it");
  (void)executor_.release();
}

std::vector<const GstRTSPMedia*> RtspServer::played() const {
  std::vector<const GstRTSPMedia*> media;
  const GstRTSPSessionFilterFunc each_media = [](GstRTSPSession*, GstRTSPSessionMedia* one,
                                                 gpointer data) {
    if (gst_rtsp_session_media_get_rtsp_state(one) == GST_RTSP_STATE_PLAYING)
      static_cast<decltype(media)*>(data)->push_back(gst_rtsp_session_media_get_media(one));
    return GST_RTSP_FILTER_KEEP;
  };
  struct Visit {
    GstRTSPSessionFilterFunc each;
    decltype(media)* found;
  } visit{each_media, &media};
  const GstRTSPSessionPoolFilterFunc each_session = [](GstRTSPSessionPool*, GstRTSPSession* session,
                                                       gpointer data) {
    const auto& visited = *static_cast<Visit*>(data);
    gst_rtsp_session_filter(session, visited.each, visited.found);
    return GST_RTSP_FILTER_KEEP;
  };
  gst_rtsp_session_pool_filter(sessions_.get(), each_session, &visit);
  return media;
}

std::string RtspServer::stats_json() const {
  unsigned players = 0;
  std::string list;
  const auto mounts = mounts_->all();
  const auto playing = played();
  for (const auto& mount : mounts) {
    const auto here = static_cast<unsigned>(
        std::count_if(mount.media.begin(), mount.media.end(), [&](const auto& media) {
          return std::find(playing.begin(), playing.end(), media.get()) != playing.end();
        }));
    players += here;
    list += (list.empty() ? "" : ",") + ("{\"path\":" + quoted(mount.path)) +
            ",\"players\":" + std::to_string(here) +
            ",\"frames\":" + std::to_string(mount.counters.frames) +
            ",\"dropped\":" + std::to_string(mount.counters.dropped) + "}";
  }
  return "{\"connections\":" + std::to_string(connections_->count()) +
         ",\"connections-refused\":" + std::to_string(refused_) +
         ",\"connections-ended\":" + std::to_string(connections_->talkers()) +
         ",\"sessions\":" + std::to_string(gst_rtsp_session_pool_get_n_sessions(sessions_.get())) +
         ",\"players\":" + std::to_string(players) +
         ",\"mounts\":" + std::to_string(mounts.size()) + ",\"list\":[" + list + "]}";
}

}  // namespace rooms
