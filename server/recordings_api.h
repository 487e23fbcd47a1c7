// SPDX-License-Identifier: LGPL-2.1-or-later
// `/api/rooms/{room}/recordings`: starts, shows and stops recordings; docs/recording.md.
#pragma once

#include <memory>
#include <string>

#include "server/http_exchange.h"
#include "server/room_registry.h"

namespace rooms {

class RecordingsApi : public std::enable_shared_from_this<RecordingsApi> {
 public:
  /// `id`: what stands behind `recordings/`; empty: all of them.
  void respond(const std::shared_ptr<HttpExchange>& exchange, const std::shared_ptr<Room>& room,
               const std::string& id);

 private:
  void start(const std::shared_ptr<HttpExchange>& exchange, Room& room);
  void list(const std::shared_ptr<HttpExchange>& exchange, Room& room);
  /// Answers with the recording that the room replies with.
  Reply<RecordingInfo> answer(const std::shared_ptr<HttpExchange>& exchange);

  ParkedExchanges waiting_;
};

/// The request in a body; errors "bad-json", "bad-field", "recording-format".
Result<RecordingRequest> read_recording_request(const std::string& body);

}  // namespace rooms
