// SPDX-License-Identifier: LGPL-2.1-or-later
// What is said on one socket: frames in, and which session they belong to once `join` or `resume`
// has told.
#pragma once

#include <memory>
#include <string_view>

#include "gst/core/time.h"
#include "server/session.h"

namespace rooms {

class SessionTable;

class Conversation {
 public:
  explicit Conversation(SessionTable& sessions) : sessions_(sessions) {}

  /// `line` is the one this conversation is held on.
  void hear(const std::shared_ptr<Line>& line, std::string_view text);
  void line_lost(const Line* line, Duration grace);
  [[nodiscard]] bool joined() const { return session_ && !session_->ended(); }

 private:
  void resume(const std::shared_ptr<Line>& line, const std::string& id, const std::string& token);

  SessionTable& sessions_;
  std::shared_ptr<Session> session_;
};

}  // namespace rooms
