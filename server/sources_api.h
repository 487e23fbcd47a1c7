// SPDX-License-Identifier: LGPL-2.1-or-later
// `/api/rooms/{room}/sources`: takes streams into rooms, shows them and lets go of them;
// docs/sources.md.
#pragma once

#include <memory>
#include <string>

#include "server/room_folder.h"
#include "server/room_registry.h"
#include "server/source_visits.h"

namespace rooms {

class SourcesApi {
 public:
  SourcesApi(RoomRegistry& registry, std::shared_ptr<SourceVisits> visits);

  /// `id`: what stands behind `sources/`; empty: all of them. The first source opens its room.
  void respond(const std::shared_ptr<HttpExchange>& exchange, const std::string& room,
               const std::string& id);

 private:
  using Folder = RoomFolder<SourceInfo, SourceRequest>;

  RoomRegistry& registry_;
  std::shared_ptr<SourceVisits> visits_;
  std::shared_ptr<Folder> folder_;
};

/// The request in a body; errors "bad-json", "bad-field".
Result<SourceRequest> read_source_request(const std::string& body);

}  // namespace rooms
