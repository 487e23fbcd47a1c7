// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/option_value.h"

#include <gio/gio.h>

#include <charconv>

namespace rooms {

Error should_be(std::string text) { return {"bad-value", "should be " + std::move(text)}; }

std::optional<unsigned> whole_number(std::string_view text, unsigned least, unsigned most) {
  unsigned number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number < least || number > most) return std::nullopt;
  return number;
}

OptionValues one(std::string value) { return {std::move(value)}; }
OptionValues one(unsigned value) { return {std::to_string(value)}; }

bool is_address(const std::string& text) { return g_hostname_is_ip_address(text.c_str()); }

Status set_host_and_port(std::string& host_field, std::uint16_t& port_field,
                         const std::string& text) {
  const Error wrong = should_be("HOST:PORT, :PORT or [IPV6]:PORT, for example 127.0.0.1:8080");
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong;
  const auto port = whole_number(std::string_view(text).substr(colon + 1), 0, 65535);
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_address(host)) return wrong;
  } else if (host.find(':') != std::string::npos) {
    return wrong;
  }
  if (!port) return wrong;
  host_field = host.empty() ? "0.0.0.0" : host;
  port_field = static_cast<std::uint16_t>(*port);
  return Done{};
}

OptionValues host_and_port(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return one((v6 ? "[" + host + "]" : host) + ":" + std::to_string(port));
}

}  // namespace rooms
