// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/server_usage.h"

#include <dirent.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/load/clocks.h"

namespace rooms::load {
namespace {

/// proc(5): fields behind the command name, which may hold anything but ends at the last ')'.
bool add_stat(const std::string& directory, ServerUsage& usage) {
  std::ifstream file(directory + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto end = text.rfind(')');
  if (end == std::string::npos) return false;
  std::istringstream rest(text.substr(end + 1));
  std::string state;
  std::int64_t field[21] = {};  // the 4th to the 24th of proc(5)
  rest >> state;
  for (auto& value : field) rest >> value;
  if (!rest || state == "Z" || state == "X") return false;
  const auto tick = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  usage.cpu += Duration((field[10] + field[11]) * tick);  // utime, stime
  usage.threads += static_cast<unsigned>(field[16]);
  usage.rss_mib +=
      static_cast<double>(field[20]) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
  return true;
}

unsigned count_entries(const std::string& path) {
  DIR* directory = opendir(path.c_str());
  if (!directory) return 0;
  unsigned count = 0;
  while (const auto* entry = readdir(directory)) count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

}  // namespace

ServerUsage usage_of(const std::vector<int>& pids) {
  ServerUsage usage;
  for (const int pid : pids) {
    const auto directory = "/proc/" + std::to_string(pid);
    usage.alive &= add_stat(directory, usage);
    usage.fds += count_entries(directory + "/fd");
  }
  return usage;
}

Duration own_cpu() { return clock_reading(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace rooms::load
