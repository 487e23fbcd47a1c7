// SPDX-License-Identifier: LGPL-2.1-or-later
// The real gst-rooms-server as a child process, on loopback and ports of its own.
#pragma once

#include <gio/gio.h>

#include <string>
#include <vector>

#include "gst/glue/ref.h"

namespace rooms {

class ServerProcess {
 public:
  /// Waits until it listens; a failure is reported to GoogleTest.
  explicit ServerProcess(const std::vector<std::string>& flags = {});
  /// Ends it with SIGTERM if it still runs, and expects a clean exit.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] std::string http(const std::string& path = {}) const {
    return scheme_ + "://" + host() + path;
  }
  [[nodiscard]] std::string ws() const {
    return (scheme_ == "https" ? "wss://" : "ws://") + host() + "/ws";
  }
  [[nodiscard]] const std::string& first_line() const { return first_line_; }
  [[nodiscard]] unsigned short port() const { return port_; }
  [[nodiscard]] int pid() const;
  /// The exit status; -1 if a signal ended it or it did not end within the time.
  int stop(int signal, int seconds);

 private:
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

  Ref<GSubprocess> process_;
  std::string scheme_ = "http";
  std::string first_line_;
  unsigned short port_ = 0;
  bool stopped_ = false;
};

/// Runs the server until it ends by itself.
struct ShortRun {
  int status = -1;
  std::string out;
  std::string err;
};
ShortRun run_server(const std::vector<std::string>& flags);

}  // namespace rooms
