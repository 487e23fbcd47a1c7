// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/interface_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace rooms {
namespace {

bool is_link_local(const SocketAddress& address) {
  const auto bytes = address.address();
  if (address.is_v4()) return bytes[0] == 169 && bytes[1] == 254;
  return bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
}

}  // namespace

std::vector<SocketAddress> interface_addresses(std::uint16_t port) {
  std::vector<SocketAddress> ipv4;
  std::vector<SocketAddress> ipv6;
  std::vector<SocketAddress> local;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  for (const auto* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || (entry->ifa_flags & IFF_UP) == 0) continue;
    const int family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    sockaddr_storage storage{};
    std::memcpy(&storage, entry->ifa_addr,
                family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    const auto address = SocketAddress::from_sockaddr(storage).with_port(port);
    if (is_link_local(address)) continue;
    auto& group = (entry->ifa_flags & IFF_LOOPBACK) != 0 ? local : address.is_v4() ? ipv4 : ipv6;
    if (std::find(group.begin(), group.end(), address) == group.end()) group.push_back(address);
  }
  freeifaddrs(list);
  ipv4.insert(ipv4.end(), ipv6.begin(), ipv6.end());
  return ipv4.empty() ? local : ipv4;
}

}  // namespace rooms
