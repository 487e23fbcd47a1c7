// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/whip.h"

#include "server/media_endpoint.h"
#include "server/names.h"

namespace rooms {

void respond_to_whip(const std::shared_ptr<HttpExchange>& exchange, ResourceTable& resources) {
  if (!wants_resource(*exchange, resources)) return;
  const auto names = endpoint_names(exchange->path(), "/whip");
  if (!names) {
    return exchange->refuse(
        SOUP_STATUS_NOT_FOUND,
        {"not-found", "Publish to /whip/{room} or /whip/{room}/{participant}."});
  }
  ResourceRequest request;
  request.role = ConnectionRole::kPublish;
  request.room = names->front();
  if (names->size() == 2) {
    request.participant = names->back();
    if (auto named = check_name("participant", request.participant); !named) {
      return exchange->refuse(status_of(named.error()), named.error());
    }
    resources.supersede_publisher(request.room, request.participant);
  }
  request.offer = exchange->body();
  resources.open()->create(exchange, std::move(request));
}

}  // namespace rooms
