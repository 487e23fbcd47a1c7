// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/push/push_allowance.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace rooms {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

bool admits(const std::string& rule, const PushAddress& address) {
  auto wanted = lower(rule);
  const auto host = lower(address.host);
  // An IPv6 address has colons of its own: it is written with its port as [::1]:1935.
  const auto colon = wanted.rfind(':');
  const bool is_v6 = std::count(wanted.begin(), wanted.end(), ':') > 1;
  const bool has_port =
      colon != std::string::npos && (!is_v6 || (colon > 0 && wanted[colon - 1] == ']'));
  if (has_port) {
    if (wanted.substr(colon + 1) != std::to_string(address.port)) return false;
    wanted.resize(colon);
  }
  if (wanted.starts_with('[') && wanted.ends_with(']'))
    wanted = wanted.substr(1, wanted.size() - 2);
  if (wanted.starts_with("*.")) return host.ends_with(wanted.substr(1));
  return host == wanted;
}

}  // namespace

Status check_allowed(const PushAllowance& allowance, const PushAddress& address) {
  if (allowance.anywhere) return Done{};
  if (allowance.hosts.empty())
    return Error{"push-off", "This server pushes rooms nowhere; --push HOST would say where to."};
  const bool allowed = std::any_of(allowance.hosts.begin(), allowance.hosts.end(),
                                   [&](const auto& rule) { return admits(rule, address); });
  if (allowed) return Done{};
  return Error{"push-not-allowed",
               "This server does not push rooms to " + address.host + "; --push says where to."};
}

}  // namespace rooms
