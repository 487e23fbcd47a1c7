// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/push/child_process.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace rooms::test {

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
  std::vector<const char*> arguments;
  for (const auto& word : command) arguments.push_back(word.c_str());
  arguments.push_back(nullptr);
  GError* problem = nullptr;
  constexpr auto kQuiet = static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                                                        G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  process_ = adopt(g_subprocess_newv(arguments.data(), kQuiet, &problem));
  const auto error = own(problem);
  EXPECT_TRUE(process_) << command[0] << ": " << (error ? error->message : "");
}

ChildProcess::~ChildProcess() { stop(SIGKILL); }

void ChildProcess::stop(int signal) {
  if (!process_) return;
  g_subprocess_send_signal(process_.get(), signal);
  g_subprocess_wait(process_.get(), nullptr, nullptr);
  process_ = nullptr;
}

bool ChildProcess::ends(double seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (process_) {
    // Its identifier goes when it has been waited for, which GLib does when it ends.
    if (!g_subprocess_get_identifier(process_.get())) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

unsigned short free_port(int type) {
  const int descriptor = socket(AF_INET, type, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(descriptor, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(descriptor);
  return ntohs(address.sin_port);
}

}  // namespace rooms::test
