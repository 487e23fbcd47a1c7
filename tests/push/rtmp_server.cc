// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/push/rtmp_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace rooms::test {
namespace {

bool listens(unsigned short port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool yes = connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(descriptor);
  return yes;
}

}  // namespace

RtmpServer::RtmpServer() : port_(free_port(SOCK_STREAM)) {
  char pattern[] = "/tmp/gst-rooms-rtmp-XXXXXX";
  folder_ = mkdtemp(pattern);
  std::ofstream(folder_ + "/nginx.conf")
      << "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\n"
         "daemon off; master_process off; worker_processes 1;\n"
         "pid nginx.pid; error_log error.log;\n"
         "events { worker_connections 64; }\n"
         "rtmp { server { listen 127.0.0.1:"
      << port_
      << ";\n"
         "  application live { live on; wait_key on; wait_video on; idle_streams off; }\n"
         "  application closed { live on; deny publish all; }\n"
         "} }\n";
}

RtmpServer::~RtmpServer() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RtmpServer::start() {
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{
      "/usr/sbin/nginx", "-p", folder_, "-c", "nginx.conf", "-e", "error.log"});
  for (int i = 0; i < 200 && !listens(port_); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  EXPECT_TRUE(listens(port_)) << "nginx with libnginx-mod-rtmp does not listen";
}

void RtmpServer::kill() { process_.reset(); }

std::string RtmpServer::uri(const std::string& path) const {
  return "rtmp://127.0.0.1:" + std::to_string(port_) + "/" + path;
}

}  // namespace rooms::test
