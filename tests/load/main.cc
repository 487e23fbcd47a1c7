// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sched.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "tests/load/options.h"
#include "tests/load/run.h"

namespace {

using namespace rooms;
using namespace rooms::load;

constexpr int kGood = 0;
constexpr int kFailed = 1;
constexpr int kBadOptions = 2;
constexpr int kTooMuchLoss = 3;
constexpr int kInterrupted = 130;

std::atomic<bool> interrupted = false;

void catch_signals() {
  struct sigaction action {};
  // The second one ends us at once.
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

bool pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

/// A socket for each connection.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int measure(const Options& options) {
  LoadRun run(options, interrupted);
  if (auto ready = run.prepare(); !ready) {
    std::fprintf(stderr, "gst-rooms-load: %s\n", ready.error().message.c_str());
    return kFailed;
  }
  const auto report = run.run();
  run.leave();
  if (!report) {
    std::fprintf(stderr, "gst-rooms-load: %s\n", report.error().message.c_str());
    return interrupted ? kInterrupted : kFailed;
  }
  std::fputs((options.json ? to_json(*report) : to_table(*report)).c_str(), stdout);
  if (interrupted) return kInterrupted;
  if (report->failed_clients > 0) return kFailed;
  return options.max_loss >= 0 && report->loss_percent > options.max_loss ? kTooMuchLoss : kGood;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = read_options({argv + 1, argv + argc});
  if (!options) {
    std::fprintf(stderr, "gst-rooms-load: %s\nTry gst-rooms-load --help.\n",
                 options.error().message.c_str());
    return kBadOptions;
  }
  if (options->help) {
    std::fputs(help_text().c_str(), stdout);
    return kGood;
  }
  if (options->version) {
    std::puts("gst-rooms-load " GST_ROOMS_VERSION);
    return kGood;
  }
  if (options->cpu >= 0 && !pin_to(options->cpu)) {
    std::fprintf(stderr, "gst-rooms-load: --cpu %d: there is no such core.\n", options->cpu);
    return kBadOptions;
  }
  raise_descriptor_limit();
  catch_signals();
  return measure(*options);
}
