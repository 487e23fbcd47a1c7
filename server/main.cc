// SPDX-License-Identifier: LGPL-2.1-or-later
#include <glib-unix.h>
#include <gst/gst.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "pipelines/media_server.h"
#include "server/config.h"
#include "server/http_server.h"
#include "server/log.h"
#include "server/room_registry.h"
#include "server/server_thread.h"

namespace rooms {
namespace {

constexpr auto kTimeToClose = std::chrono::milliseconds(1800);

/// Every connection is a descriptor; the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(const Error& error) {
  std::fprintf(stderr, "gst-rooms-server: %s\n", error.message.c_str());
  return 2;
}

std::string media_port(const Config& config, const MediaServer& media) {
  if (config.media.libnice) return "udp/any";
  const std::string number = std::to_string(media.udp_port());
  return "udp/" + number + (config.media.tcp ? " and tcp/" + number : "") +
         (media.rtsp_port() == 0 ? "" : ", RTSP on tcp/" + std::to_string(media.rtsp_port()));
}

std::string welcome(const Config& config, const HttpServer& server, const MediaServer& media) {
  const bool anywhere = config.listen_host == "0.0.0.0" || config.listen_host == "::";
  const bool v6 = config.listen_host.find(':') != std::string::npos;
  const std::string host =
      anywhere ? "localhost" : (v6 ? "[" + config.listen_host + "]" : config.listen_host);
  return "gst-rooms " GST_ROOMS_VERSION ": " +
         std::string(config.tls_cert.empty() ? "http" : "https") + "://" + host + ":" +
         std::to_string(server.port()) + "/?room=demo  (media on " + media_port(config, media) +
         (server.srt_port() ? ", SRT on udp/" + std::to_string(server.srt_port()) : "") + ")";
}

/// Ends the loop on the first SIGINT or SIGTERM, when the rooms have closed or should have; at once
/// on the second.
class Farewell {
 public:
  Farewell(GMainLoop* loop, HttpServer& server, RoomRegistry& registry)
      : loop_(loop), server_(server), registry_(registry) {
    const GSourceFunc on_signal = [](gpointer self) -> gboolean {
      static_cast<Farewell*>(self)->begin();
      return G_SOURCE_CONTINUE;
    };
    for (const int signal : {SIGINT, SIGTERM}) g_unix_signal_add(signal, on_signal, this);
  }

  [[nodiscard]] bool in_time() const { return in_time_; }

 private:
  void begin() {
    if (std::exchange(begun_, true)) _exit(130);
    log_info("closing; once more to end at once");
    server_.stop_listening();
    deadline_ = server_thread::call_later(kTimeToClose, [this] {
      log_warning("a room does not close; ending without it");
      g_main_loop_quit(loop_);
    });
    registry_.shut_down([this] {
      in_time_ = true;
      deadline_.cancel();
      // One more turn of the loop, so that what was said last is sent.
      last_words_ = server_thread::call_later(std::chrono::milliseconds(50),
                                              [this] { g_main_loop_quit(loop_); });
    });
  }

  GMainLoop* loop_;
  HttpServer& server_;
  RoomRegistry& registry_;
  DelayedCall deadline_;
  DelayedCall last_words_;
  bool begun_ = false;
  bool in_time_ = false;
};

int serve(const Config& config) {
  set_log_level(config.log_level);
  raise_descriptor_limit();
  gst_init(nullptr, nullptr);
  auto media = MediaServer::create(config.media);
  if (!media) return complain(media.error());
  const auto registry = std::make_shared<RoomRegistry>(
      **media, RoomRegistry::Limits{config.max_rooms, config.max_participants, config.rooms});
  auto server = HttpServer::create(config, **media, *registry);
  if (!server) return complain(server.error());

  const auto loop = adopt(g_main_loop_new(nullptr, FALSE));
  const Farewell farewell(loop.get(), **server, *registry);
  std::puts(welcome(config, **server, **media).c_str());
  std::fflush(stdout);
  g_main_loop_run(loop.get());
  // A room that hangs still uses the media server: leave both to the kernel.
  if (!farewell.in_time()) _exit(1);
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  const auto invocation = read_invocation(arguments);
  if (!invocation) return complain(invocation.error());
  switch (invocation->action) {
    case Action::kShowHelp:
      std::fputs(help_text().c_str(), stdout);
      return 0;
    case Action::kShowVersion:
      std::puts("gst-rooms " GST_ROOMS_VERSION);
      return 0;
    case Action::kShowConfig:
      std::fputs(config_text(invocation->config).c_str(), stdout);
      return 0;
    case Action::kServe:
      break;
  }
  return serve(invocation->config);
}

}  // namespace
}  // namespace rooms

int main(int argc, char** argv) {
  // glibc gives threads up to eight heaps per core. With four threads a connection, which come and
  // go, what one frees is seldom where the next one looks, and memory grows for hours. The workers,
  // who are busy all the time, hardly allocate: two heaps are enough.
  mallopt(M_ARENA_MAX, 2);
  return rooms::run({argv + 1, argv + argc});
}
