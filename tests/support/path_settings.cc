// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/path_settings.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace rooms::test {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};
constexpr std::array kRates{Unit{"kbit", 1e3}, Unit{"mbit", 1e6}, Unit{"bit", 1},
                            Unit{"k", 1e3},    Unit{"m", 1e6},    Unit{"", 1}};
constexpr std::array kTimes{Unit{"ms", 1e6}, Unit{"us", 1e3}, Unit{"s", 1e9}};
constexpr std::array kSizes{Unit{"kb", 1e3}, Unit{"k", 1e3}, Unit{"b", 1}, Unit{"", 1}};
constexpr std::array kShares{Unit{"%", 0.01}, Unit{"", 1}};

constexpr double kLongest = 60e9;  // ns: what waits is kept in memory

/// A number with one of those units; nothing else, and not negative.
template <std::size_t N>
std::optional<double> read(std::string_view text, const std::array<Unit, N>& units, double least,
                           double most) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit(stop, static_cast<std::size_t>(text.data() + text.size() - stop));
  for (const auto& one : units) {
    if (unit != one.name) continue;
    value *= one.factor;
    return value >= least && value <= most ? std::optional(value) : std::nullopt;
  }
  return std::nullopt;
}

bool set_rate(PathPlan& plan, std::string_view text) {
  auto& capacity = plan.link.capacity.front().capacity;
  if (text == "unlimited") {
    capacity = DataRate::unlimited();
    return true;
  }
  const auto rate = read(text, kRates, 1000, 1e11);
  if (rate) capacity = DataRate::bits_per_second(static_cast<std::int64_t>(*rate));
  return rate.has_value();
}
bool set_burst(PathPlan& plan, std::string_view text) {
  const auto size = read(text, kSizes, 0, 1e9);
  if (size) plan.link.burst = DataSize::bytes(static_cast<std::int64_t>(*size));
  return size.has_value();
}
bool set_time(Duration& member, std::string_view text) {
  const auto time = read(text, kTimes, 0, kLongest);
  if (time) member = Duration(static_cast<std::int64_t>(*time));
  return time.has_value();
}
bool set_share(double& member, std::string_view text) {
  const auto share = read(text, kShares, 0, 1);
  if (share) member = *share;
  return share.has_value();
}

struct Setting {
  std::string_view name;
  std::string_view wanted;
  std::function<bool(PathPlan&, std::string_view)> set;
};
const std::vector<Setting>& settings_table() {
  using Words = std::string_view;
  static const std::vector<Setting> kTable{
      {"rate", "bits a second such as 800k or 1mbit, from 1k on, or unlimited", set_rate},
      {"queue", "a time up to 60s such as 200ms",
       [](PathPlan& plan, Words text) { return set_time(plan.link.queue, text); }},
      {"burst", "bytes such as 2000 or 16k", set_burst},
      {"delay", "a time up to 60s such as 50ms",
       [](PathPlan& plan, Words text) { return set_time(plan.link.propagation, text); }},
      {"jitter", "a time up to 60s such as 5ms",
       [](PathPlan& plan, Words text) { return set_time(plan.link.jitter, text); }},
      {"loss", "a share such as 5% or 0.05",
       [](PathPlan& plan, Words text) { return set_share(plan.link.loss, text); }},
      {"duplicate", "a share such as 5% or 0.05",
       [](PathPlan& plan, Words text) { return set_share(plan.duplicate, text); }},
      {"reorder", "a share such as 5% or 0.05",
       [](PathPlan& plan, Words text) { return set_share(plan.reorder, text); }},
      {"reorder-by", "a time up to 60s such as 20ms",
       [](PathPlan& plan, Words text) { return set_time(plan.reorder_by, text); }},
  };
  return kTable;
}

std::string_view next_word(std::string_view& text) {
  const auto begin = std::min(text.find_first_not_of(" \t\r"), text.size());
  const auto end = std::min(text.find_first_of(" \t\r", begin), text.size());
  const auto word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

Status set_one(PathPlan& plan, std::string_view word) {
  const auto sign = word.find('=');
  const auto name = word.substr(0, sign);
  for (const auto& setting : settings_table()) {
    if (setting.name != name || sign == std::string_view::npos) continue;
    if (setting.set(plan, word.substr(sign + 1))) return Done{};
    return Error{"bad-setting", "'" + std::string(word) + "': " + std::string(name) + " wants " +
                                    std::string(setting.wanted)};
  }
  std::string names;
  for (const auto& setting : settings_table()) names += std::string(setting.name) + "=, ";
  return Error{"bad-setting", "'" + std::string(word) + "' is none of " + names + "clear"};
}

std::string number(double value, const char* unit) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.6g%s", value, unit);
  return text.data();
}

}  // namespace

Result<PathPlan> with_settings(PathPlan plan, std::string_view words) {
  for (auto word = next_word(words); !word.empty(); word = next_word(words)) {
    if (word == "clear") {
      plan = PathPlan{};
      continue;
    }
    if (const auto set = set_one(plan, word); !set) return set.error();
  }
  return plan;
}

std::string settings_of(const PathPlan& plan) {
  const auto rate = plan.link.capacity.front().capacity;
  const auto time = [](Duration duration) { return number(in_milliseconds(duration), "ms"); };
  const auto share = [](double part) { return number(100 * part, "%"); };
  return "rate=" +
         (rate == DataRate::unlimited() ? "unlimited" : number(rate.kilobits_per_second(), "k")) +
         " queue=" + time(plan.link.queue) +
         " burst=" + number(static_cast<double>(plan.link.burst.bytes()), "") +
         " delay=" + time(plan.link.propagation) + " jitter=" + time(plan.link.jitter) +
         " loss=" + share(plan.link.loss) + " duplicate=" + share(plan.duplicate) +
         " reorder=" + share(plan.reorder) + " reorder-by=" + time(plan.reorder_by);
}

Result<RelayCommand> read_command(std::string_view line) {
  RelayCommand command;
  const auto verb = next_word(line);
  command.up = verb == "up" || verb == "both";
  command.down = verb == "down" || verb == "both";
  if (verb == "counters" && next_word(line).empty()) {
    command.verb = RelayCommand::Verb::kCounters;
    return command;
  }
  if (!command.up && !command.down)
    return Error{"bad-command", "'" + std::string(verb) + "' is none of up, down, both, counters"};
  command.settings = line;
  return command;
}

std::string json_of(const DatagramPath::Counters& counters) {
  const std::array<std::pair<const char*, std::uint64_t>, 7> fields{
      {{"received", counters.received},
       {"bytes", counters.bytes},
       {"forwarded", counters.forwarded},
       {"lost", counters.lost},
       {"overflowed", counters.overflowed},
       {"duplicated", counters.duplicated},
       {"reordered", counters.reordered}}};
  std::string text = "{";
  for (const auto& [name, value] : fields)
    text += (text.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":" + std::to_string(value);
  return text + "}";
}

}  // namespace rooms::test
