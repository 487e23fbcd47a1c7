// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/conversation.h"

#include <utility>

#include "server/replies.h"
#include "server/requests.h"
#include "server/session_table.h"

namespace rooms {

void Conversation::hear(const std::shared_ptr<Line>& line, std::string_view text) {
  Frame frame = read_frame(text);
  if (!frame.request) return line->send(error_message(frame.id, frame.request.error()));
  if (session_ && session_->ended()) session_.reset();
  if (session_) {
    // What still arrives on a line that another has replaced was said too late.
    if (!session_->is_on(line.get())) return;
    return session_->consider(std::move(frame.id), std::move(*frame.request));
  }

  if (auto* join = std::get_if<request::Join>(&*frame.request)) {
    session_ = sessions_.open();
    return session_->join(line, std::move(frame.id), std::move(*join));
  }
  if (auto* wanted = std::get_if<request::Resume>(&*frame.request)) {
    return resume(line, frame.id, wanted->session);
  }
  line->send(error_message(
      frame.id, {"not-joined", "Say 'join' or 'resume' first; nothing else is possible before."}));
}

void Conversation::resume(const std::shared_ptr<Line>& line, const std::string& id,
                          const std::string& token) {
  auto session = sessions_.find(token);
  if (!session) {
    return line->send(error_message(
        id,
        {"session-unknown",
         "There is no such session: it ended more than 15 s ago, or never was. 'join' again."}));
  }
  if (session->is_in_use(*line)) {
    return line->send(error_message(id, {"session-in-use",
                                         "This session has a live socket: close that one first, or"
                                         " 'join' as somebody else."}));
  }
  session_ = std::move(session);
  session_->resume(line, id);
}

void Conversation::line_lost(const Line* line, Duration grace) {
  const auto session = std::exchange(session_, nullptr);
  if (session && !session->ended() && session->is_on(line)) session->line_lost(grace);
}

}  // namespace rooms
