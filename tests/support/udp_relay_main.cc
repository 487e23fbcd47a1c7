// SPDX-License-Identifier: LGPL-2.1-or-later
// udp-relay: the relay as a program. Commands on stdin, one answer a line on stdout.
#include <charconv>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/udp_relay.h"

namespace rooms::test {
namespace {

constexpr std::string_view kHelp =
    R"(udp-relay: a bad line for UDP, between clients and a server.

  udp-relay --listen 127.0.0.1:7000 --to 127.0.0.1:8443 --down "rate=1mbit delay=50ms" --up delay=50ms

  --listen ADDRESS:PORT[-LAST]  where clients send to; port 0: any free one, see the first line of output
  --to ADDRESS:PORT             the server; of a range of ports the n-th leads to the n-th from PORT on
  --up SETTINGS                 the way to the server
  --down SETTINGS               the way back
  --seed N                      of losses, jitter and the rest (1)
  --no-control                  do not read stdin; end by a signal
  --help

Settings, between blanks; what is not named stays as it is:
  rate=1mbit      unlimited      what passes a second; all clients share it
  queue=200ms     300ms          longest wait before the line; what does not fit is dropped
  burst=2000      0              bytes that pass at once after a pause
  delay=50ms      0              of each datagram
  jitter=5ms      0              between zero and this on top; keeps the order
  loss=5%         0              lost, each for itself
  duplicate=1%    0              comes twice
  reorder=2%      0              comes later by ..
  reorder-by=20ms 20ms           .. this, so that others overtake it
  clear                          all as if never set

Commands on stdin, each answered by one line that begins with ok, error or {:
  up SETTINGS, down SETTINGS, both SETTINGS    from now on; "ok" and all settings of that direction
  counters                                     one JSON object
The end of stdin ends the relay.
)";

struct Ports {
  SocketAddress first;
  unsigned count = 1;
};

/// "127.0.0.1:7000", "[::1]:7000-7009"
std::optional<Ports> read_ports(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto range = text.substr(colon + 1);
  const char* const end = range.data() + range.size();
  std::uint16_t first = 0;
  auto [stop, error] = std::from_chars(range.data(), end, first);
  std::uint16_t last = first;
  if (error == std::errc{} && stop != end && *stop == '-')
    std::tie(stop, error) = [&] {
      const auto read = std::from_chars(stop + 1, end, last);
      return std::pair(read.ptr, read.ec);
    }();
  const auto address = SocketAddress::parse(host, first);
  if (error != std::errc{} || stop != end || !address || last < first || last - first > 999)
    return std::nullopt;
  return Ports{*address, static_cast<unsigned>(last - first) + 1};
}

struct Arguments {
  UdpRelay::Settings settings;
  bool control = true;
  bool help = false;
};

/// What one option that has a value says; a sentence if it is wrong.
std::optional<std::string> take(Arguments& arguments, std::string_view name,
                                std::string_view value) {
  auto& settings = arguments.settings;
  if (name == "--up" || name == "--down") {
    auto& plan = name == "--up" ? settings.up : settings.down;
    const auto read = with_settings(plan, value);
    if (!read) return std::string(name) + ": " + read.error().message;
    plan = *read;
    return std::nullopt;
  }
  if (name == "--seed") {
    const auto [stop, error] =
        std::from_chars(value.data(), value.data() + value.size(), settings.seed);
    if (error == std::errc{} && stop == value.data() + value.size()) return std::nullopt;
    return "--seed wants a number, not '" + std::string(value) + "'";
  }
  const auto ports = read_ports(value);
  if (!ports)
    return std::string(name) + " wants ADDRESS:PORT such as 127.0.0.1:7000, not '" +
           std::string(value) + "'";
  if (name == "--listen") {
    settings.listen = ports->first;
    settings.ports = ports->count;
  } else {
    settings.target = ports->first;
  }
  return std::nullopt;
}

Result<Arguments> read_arguments(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = words[i];
    if (name == "--help") {
      arguments.help = true;
      return arguments;
    }
    if (name == "--no-control") {
      arguments.control = false;
      continue;
    }
    if (name != "--listen" && name != "--to" && name != "--up" && name != "--down" &&
        name != "--seed")
      return Error{"bad-option", "unknown option '" + std::string(name) + "'; see --help"};
    if (i + 1 == count) return Error{"bad-option", std::string(name) + " wants a value"};
    if (const auto problem = take(arguments, name, words[++i]))
      return Error{"bad-option", *problem};
  }
  const auto& settings = arguments.settings;
  if (!settings.listen.valid() || !settings.target.valid() || settings.target.port() == 0)
    return Error{"bad-option", "--listen and --to are needed; see --help"};
  if (settings.ports > 1 && settings.listen.port() == 0)
    return Error{"bad-option", "a range of ports begins with one that is not 0"};
  if (settings.target.port() + settings.ports > 65536)
    return Error{"bad-option", "--to: there are not so many ports behind the first"};
  return arguments;
}

std::string counters_of(const UdpRelay& relay) {
  return "{\"up\":" + json_of(relay.counters(Direction::kUp)) +
         ",\"down\":" + json_of(relay.counters(Direction::kDown)) +
         ",\"clients\":" + std::to_string(relay.clients()) +
         ",\"refused\":" + std::to_string(relay.refused()) + "}";
}

std::string answer(UdpRelay& relay, std::string_view line) {
  const auto command = read_command(line);
  if (!command) return "error " + command.error().message;
  if (command->verb == RelayCommand::Verb::kCounters) return counters_of(relay);
  std::string told = "ok";
  // Both are looked at before either changes.
  for (const bool for_real : {false, true}) {
    for (const auto& [wanted, direction, name] :
         {std::tuple(command->up, Direction::kUp, "up"),
          std::tuple(command->down, Direction::kDown, "down")}) {
      if (!wanted) continue;
      const auto plan = with_settings(relay.plan(direction), command->settings);
      if (!plan) return "error " + plan.error().message;
      if (!for_real) continue;
      relay.change(direction, *plan);
      told += std::string(" ") + name + " " + settings_of(*plan);
    }
  }
  return told;
}

int run(int count, char** words) {
  const auto arguments = read_arguments(count, words);
  if (!arguments) {
    std::cerr << "udp-relay: " << arguments.error().message << '\n';
    return 2;
  }
  if (arguments->help) {
    std::cout << kHelp;
    return 0;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  if (!arguments->control) sigprocmask(SIG_BLOCK, &ends, nullptr);
  auto relay = UdpRelay::start(arguments->settings);
  if (!relay) {
    std::cerr << "udp-relay: " << relay.error().message << '\n';
    return 1;
  }
  std::cout << "listening on " << (*relay)->address().text() << std::endl;
  if (!arguments->control) {
    int signal = 0;
    sigwait(&ends, &signal);
  }
  for (std::string line; arguments->control && std::getline(std::cin, line);)
    std::cout << answer(**relay, line) << std::endl;
  std::cout << counters_of(**relay) << std::endl;
  return 0;
}

}  // namespace
}  // namespace rooms::test

int main(int count, char** words) { return rooms::test::run(count, words); }
