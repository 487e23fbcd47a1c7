// SPDX-License-Identifier: LGPL-2.1-or-later
// One participant on /ws, from `join` to its end: joining -> joined <-> away (socket lost) ->
// ended. Knows no socket, only a line that can be lost and replaced. Server thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/room.h"
#include "server/replies.h"
#include "server/requests.h"
#include "server/room_registry.h"
#include "server/roster.h"

namespace rooms {

class SessionTable;

/// What a session needs of a socket.
class Line {
 public:
  virtual ~Line() = default;
  virtual void send(std::string text) = 0;
  /// What was sent before still arrives. `code`: RFC 6455 7.4.
  virtual void hang_up(unsigned short code, const std::string& reason) = 0;
  /// False: the other end has been silent for so long that another line may take over.
  [[nodiscard]] virtual bool alive() const = 0;
  /// The other end's IP address, or the proxy's; empty when unknown.
  [[nodiscard]] virtual const std::string& host() const = 0;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(SessionTable& table, std::string token);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const std::string& token() const { return token_; }
  [[nodiscard]] bool ended() const { return state_ == State::kEnded; }
  /// Whether it has a line that `newcomer` may not replace. A client whose address has changed
  /// cannot close its old line, and does not wait until that counts as silent.
  [[nodiscard]] bool is_in_use(const Line& newcomer) const;

  /// Once, first. The answer, also an error, goes to the line.
  void join(const std::shared_ptr<Line>& line, std::string id, request::Join join);
  /// A line for a session that lost its own.
  void resume(const std::shared_ptr<Line>& line, const std::string& id);
  void consider(std::string id, Request request);
  /// False for a line that another has replaced.
  [[nodiscard]] bool is_on(const Line* line) const { return line_.lock().get() == line; }
  /// `grace`: how long to wait for `resume`.
  void line_lost(Duration grace);
  /// From the room.
  void observe(const RoomEvent& event);
  /// The room is being closed over our heads.
  void room_closing();

 private:
  enum class State { kJoining, kJoined, kEnded };
  struct Offer {
    std::string sdp;
    std::int64_t version = 0;
    bool answered = true;
  };
  struct Waiting {
    std::string id;
    Request request;
  };

  void joined(const std::string& id, JoinReply reply);
  void join_failed(const std::string& id, const Error& error);
  void say(std::string text);
  void refuse(const std::string& id, Error error) { say(error_message(id, error)); }
  [[nodiscard]] std::string joined_text(const std::string& id, bool resumed) const;
  void keep_for_resume(const RoomEvent& event, const std::string& text);
  void offered(const std::string& id, std::string sdp);
  void offered_unasked(std::string sdp);
  void leave(const std::string& id);
  void end(const std::string& reason);

  /// What a request that the room answers does with that answer.
  template <class T, class Then>
  Reply<T> answer(std::string id, Then then);
  Reply<std::string> offer_answer(std::string id);
  [[nodiscard]] bool too_busy(const std::string& id);

  void act(const std::string& id, request::Join&);
  void act(const std::string& id, request::Resume&);
  void act(const std::string& id, request::Publish& publish);
  void act(const std::string& id, request::Unpublish&);
  void act(const std::string& id, request::Subscribe& subscribe);
  void act(const std::string& id, request::Answer& answer_given);
  void act(const std::string& id, request::Restart&);
  void act(const std::string& id, request::Candidate& candidate);
  void act(const std::string& id, request::Mute& mute);
  void act(const std::string& id, request::Layers& layers);
  void act(const std::string& id, request::View& view);
  void act(const std::string& id, request::SendData& data);
  void act(const std::string& id, request::Control& control);
  void act(const std::string& id, request::Direct& direct);
  void act(const std::string& id, request::Ping&);
  void act(const std::string& id, request::Leave&);

  SessionTable& table_;
  const std::string token_;
  State state_ = State::kJoining;
  std::weak_ptr<Line> line_;
  unsigned line_number_ = 0;  ///< answers to requests of an earlier line are for nobody
  RoomVisit visit_;
  std::string room_;
  std::string participant_;
  std::string name_;
  Roster roster_;
  unsigned unanswered_ = 0;

  std::deque<Waiting> waiting_;   ///< requests that came while joining
  std::vector<RoomEvent> early_;  ///< events that came while joining
  std::optional<event::SlotsChanged> slots_;
  std::optional<event::RoomCodecs> codecs_;
  std::optional<event::Allocated> allocated_;
  event::Speaking speaking_;
  Offer offer_;
  unsigned offers_asked_ = 0;  ///< while an asked-for offer is under way, the event may overtake it
  std::optional<std::string> held_offer_;
  std::deque<std::string> missed_;  ///< while away: what no later message repeats
  std::size_t missed_bytes_ = 0;
  DelayedCall away_;
};

}  // namespace rooms
