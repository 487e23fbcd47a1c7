// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/server/server_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

namespace rooms {
namespace {

Ref<GSubprocess> launch(const std::vector<std::string>& flags, GSubprocessFlags pipes) {
  const char* binary = std::getenv("GST_ROOMS_SERVER");
  std::vector<const char*> argv{binary ? binary : "gst-rooms-server"};
  for (const auto& flag : flags) argv.push_back(flag.c_str());
  argv.push_back(nullptr);
  GError* problem = nullptr;
  auto process = adopt(g_subprocess_newv(argv.data(), pipes, &problem));
  if (!process) ADD_FAILURE() << own(problem)->message;
  return process;
}

}  // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& flags) {
  std::vector<std::string> all{"--listen", "127.0.0.1:0", "--udp-port",
                               "0",        "--log-level", "warning"};
  all.insert(all.end(), flags.begin(), flags.end());
  process_ = launch(all, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  if (!process_) return;
  const auto lines = adopt(g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_.get())));
  const auto line = own(g_data_input_stream_read_line(lines.get(), nullptr, nullptr, nullptr));
  if (!line) {
    ADD_FAILURE() << "the server ended before it listened";
    return;
  }
  first_line_ = line.get();
  const auto scheme = first_line_.find("http");
  const auto end_of_scheme = first_line_.find("://");
  scheme_ = first_line_.substr(scheme, end_of_scheme - scheme);
  port_ = static_cast<unsigned short>(std::strtoul(
      first_line_.c_str() + first_line_.find(':', end_of_scheme + 1) + 1, nullptr, 10));
  EXPECT_NE(port_, 0) << first_line_;
}

ServerProcess::~ServerProcess() {
  if (process_ && !stopped_) {
    EXPECT_EQ(stop(SIGTERM, 5), 0);
  }
}

int ServerProcess::pid() const {
  const char* id = g_subprocess_get_identifier(process_.get());
  return id ? std::atoi(id) : 0;
}

int ServerProcess::stop(int signal, int seconds) {
  stopped_ = true;
  g_subprocess_send_signal(process_.get(), signal);
  const auto deadline = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
  while (g_subprocess_get_identifier(process_.get()) && g_get_monotonic_time() < deadline) {
    // The child's end is noticed by GLib's worker thread and told through the default context.
    g_main_context_iteration(nullptr, FALSE);
    g_usleep(5000);
  }
  if (g_subprocess_get_identifier(process_.get())) {
    g_subprocess_force_exit(process_.get());
    return -1;
  }
  return g_subprocess_get_if_exited(process_.get()) ? g_subprocess_get_exit_status(process_.get())
                                                    : -1;
}

ShortRun run_server(const std::vector<std::string>& flags) {
  ShortRun run;
  const auto process = launch(flags, static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                                                   G_SUBPROCESS_FLAGS_STDERR_PIPE));
  if (!process) return run;
  char* out = nullptr;
  char* err = nullptr;
  g_subprocess_communicate_utf8(process.get(), nullptr, nullptr, &out, &err, nullptr);
  if (out) run.out = own(out).get();
  if (err) run.err = own(err).get();
  if (g_subprocess_get_if_exited(process.get()))
    run.status = g_subprocess_get_exit_status(process.get());
  return run;
}

}  // namespace rooms
