// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is in the room and what they send, followed from the room's events: what a session that
// resumes is told.
#pragma once

#include <string>
#include <vector>

#include "pipelines/events.h"

namespace rooms {

class Roster {
 public:
  void start(std::vector<ParticipantInfo> others) { others_ = std::move(others); }
  void observe(const RoomEvent& event);
  [[nodiscard]] const std::vector<ParticipantInfo>& others() const { return others_; }

 private:
  ParticipantInfo* find(const std::string& id);

  std::vector<ParticipantInfo> others_;
};

}  // namespace rooms
