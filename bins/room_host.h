// SPDX-License-Identifier: LGPL-2.1-or-later
// The room of a roombin, from READY on, and questions to it whose answers are waited for.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bins/shared_media.h"
#include "gst/core/guarded.h"
#include "pipelines/room.h"

namespace rooms {

class RoomHost {
 public:
  struct Settings {
    std::uint16_t udp_port = 8443;
    std::string announce_ip;  ///< several with commas
    unsigned workers = 0;
    Topology topology = Topology::kSfu;
    std::string layout;
    std::string recordings;  ///< a folder; empty: nothing is recorded
  };

  /// `listener`: of everything that everybody is told.
  explicit RoomHost(std::shared_ptr<RoomListener> listener) : listener_(std::move(listener)) {}
  ~RoomHost() { close(); }
  RoomHost(const RoomHost&) = delete;
  RoomHost& operator=(const RoomHost&) = delete;

  // One thread: who changes the element's state.
  /// Errors: those of MediaShare::take(), and of the layout.
  Status open(const std::string& id, const Settings& settings);
  /// Waits until everybody is out.
  void close();

  // Any thread but the room's.
  [[nodiscard]] std::shared_ptr<Room> room() const;
  /// The answer to what `request` asks the room. Error "closed", and those of the request.
  template <class T>
  Result<T> ask(const std::function<void(Room& room, Reply<T> reply)>& request) const {
    const auto room = this->room();
    if (!room) return Error{"closed", "The room is closed; it is open from READY on."};
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    request(*room, [promise](Result<T> result) { promise->set_value(std::move(result)); });
    return answer.get();
  }
  Status join(const std::string& id, const std::string& name,
              std::shared_ptr<RoomListener> listener, ParticipantInfo& self) const;
  [[nodiscard]] std::string media_stats() const;
  /// 0: the room is closed.
  [[nodiscard]] std::uint16_t port() const;

 private:
  const std::shared_ptr<RoomListener> listener_;
  MediaShare media_;
  Guarded<std::shared_ptr<Room>> room_;
};

}  // namespace rooms
