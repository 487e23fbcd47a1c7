// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/janus_bridge.h"

namespace rooms::load {

std::string JanusBridge::room_description(unsigned index) const {
  return R"("room": )" + std::to_string(room_id(index)) +
         R"(, "sampling_rate": 48000, "permanent": false)";
}

Result<RemoteEnd> JanusBridge::publish(Client& client) {
  auto handle = attach();
  if (!handle) return handle.error();
  client.resource = *handle;
  const auto body = R"({"request": "join", "muted": false, "room": )" +
                    std::to_string(room_id(client.seat.room_index)) + R"(, "id": )" +
                    std::to_string(client.seat.index + 1) + R"(, "display": )" +
                    to_json_text(client.seat.name) + "}";
  auto joined = message(*handle, body, offered(client), "joined");
  if (!joined) return joined.error();
  return take_answer(client, joined->text({"jsep", "sdp"}));
}

Result<RemoteEnd> JanusBridge::play(Client&) {
  return Error{"refused", "Participants of an AudioBridge hear on the connection they send on."};
}

}  // namespace rooms::load
