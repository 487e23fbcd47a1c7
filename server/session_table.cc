// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/session_table.h"

#include <glib.h>

#include "server/token.h"

namespace rooms {

std::shared_ptr<Session> SessionTable::open() {
  auto session = std::make_shared<Session>(*this, fresh_token());
  sessions_.emplace(session->token(), session);
  return session;
}

std::shared_ptr<Session> SessionTable::find(const std::string& token) const {
  const auto found = sessions_.find(token);
  return found == sessions_.end() ? nullptr : found->second;
}

std::vector<IceServer> SessionTable::ice_servers(const std::string& user) const {
  return ice_servers_for(ice_servers_, user,
                         std::chrono::seconds(g_get_real_time() / G_USEC_PER_SEC));
}

}  // namespace rooms
