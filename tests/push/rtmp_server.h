// SPDX-License-Identifier: LGPL-2.1-or-later
// nginx with its RTMP module, on loopback, with a folder of its own. Its application "live" takes
// everything, "closed" refuses whoever publishes.
#pragma once

#include <memory>
#include <string>

#include "tests/push/child_process.h"

namespace rooms::test {

class RtmpServer {
 public:
  RtmpServer();
  ~RtmpServer();
  RtmpServer(const RtmpServer&) = delete;
  RtmpServer& operator=(const RtmpServer&) = delete;

  /// Waits until it listens.
  void start();
  /// As if its machine had lost power.
  void kill();
  [[nodiscard]] std::string uri(const std::string& path) const;

 private:
  std::string folder_;
  unsigned short port_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace rooms::test
