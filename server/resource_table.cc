// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/resource_table.h"

#include <glib.h>

#include <algorithm>

#include "server/token.h"

namespace rooms {

std::shared_ptr<MediaResource> ResourceTable::open() {
  auto resource = std::make_shared<MediaResource>(*this, fresh_token());
  resources_.emplace(resource->token(), resource);
  return resource;
}

std::shared_ptr<MediaResource> ResourceTable::find(const std::string& token) const {
  const auto found = resources_.find(token);
  return found == resources_.end() ? nullptr : found->second;
}

void ResourceTable::supersede_publisher(const std::string& room, const std::string& participant) {
  const auto found = std::find_if(resources_.begin(), resources_.end(), [&](const auto& entry) {
    return entry.second->is_publisher(room, participant);
  });
  if (found == resources_.end()) return;
  const auto resource = found->second;
  resource->superseded();
}

std::vector<IceServer> ResourceTable::ice_servers(const std::string& user) const {
  return ice_servers_for(ice_servers_, user,
                         std::chrono::seconds(g_get_real_time() / G_USEC_PER_SEC));
}

std::size_t ResourceTable::count(ConnectionRole role) const {
  return static_cast<std::size_t>(
      std::count_if(resources_.begin(), resources_.end(),
                    [&](const auto& entry) { return entry.second->role() == role; }));
}

}  // namespace rooms
