// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/session.h"

#include "server/liveness.h"
#include "server/log.h"
#include "server/server_thread.h"
#include "server/session_table.h"

namespace rooms {
namespace {

constexpr std::size_t kMostWaiting = 64;
constexpr unsigned kMostUnanswered = 64;
constexpr std::size_t kMostMissed = 256;
constexpr std::size_t kMostMissedBytes = 512 * 1024;

constexpr unsigned short kNormalClosure = 1000;
constexpr unsigned short kGoingAway = 1001;
constexpr unsigned short kReplaced = 4001;

/// Lives in the room, on whose thread it is called; the session may be gone by then.
class SessionListener : public RoomListener {
 public:
  explicit SessionListener(std::weak_ptr<Session> session) : session_(std::move(session)) {}
  void on_room_event(const RoomEvent& event) override {
    server_thread::post([session = session_, event] {
      if (auto alive = session.lock()) alive->observe(event);
    });
  }

 private:
  std::weak_ptr<Session> session_;
};

}  // namespace

Session::Session(SessionTable& table, std::string token)
    : table_(table), token_(std::move(token)) {}

Session::~Session() = default;

bool Session::is_in_use(const Line& newcomer) const {
  const auto line = line_.lock();
  return line && line->alive() && line->host() == newcomer.host();
}

void Session::say(std::string text) {
  if (auto line = line_.lock()) line->send(std::move(text));
}

// --- joining
// ---------------------------------------------------------------------------------------------------------

void Session::join(const std::shared_ptr<Line>& line, std::string id, request::Join join) {
  line_ = line;
  room_ = join.room;
  auto visit = table_.registry().enter(join.room, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->room_closing();
  });
  if (!visit) return join_failed(id, visit.error());
  visit_ = std::move(*visit);

  JoinRequest wanted;
  wanted.name = std::move(join.name);
  wanted.follows_demand = true;
  wanted.mutes_itself = true;
  wanted.takes_direct = join.mesh;
  wanted.id = std::move(join.participant);
  wanted.audio_codecs = std::move(join.audio_codecs);
  wanted.video_codecs = std::move(join.video_codecs);
  wanted.listener = std::make_shared<SessionListener>(weak_from_this());
  // Who has vanished before the room answers has joined all the same, and must be taken out again.
  auto reply = [weak = weak_from_this(), room = std::weak_ptr<Room>(visit_.room()),
                id = std::move(id)](Result<JoinReply> result) {
    server_thread::post([weak, room, id, result = std::move(result)]() mutable {
      auto self = weak.lock();
      if (self && !self->ended()) {
        return result ? self->joined(id, std::move(*result))
                      : self->join_failed(id, result.error());
      }
      auto alive = room.lock();
      if (alive && result) alive->leave(result->self.id, "vanished");
    });
  };
  visit_.room()->join(std::move(wanted), std::move(reply));
}

void Session::join_failed(const std::string& id, const Error& error) {
  refuse(id, error);
  participant_.clear();
  end("join failed");
}

void Session::joined(const std::string& id, JoinReply reply) {
  state_ = State::kJoined;
  participant_ = reply.self.id;
  name_ = reply.self.name;
  roster_.start(std::move(reply.others));
  log_info("room " + room_ + ": " + participant_ + " joined");
  say(joined_text(id, false));
  for (const auto& event : std::exchange(early_, {})) observe(event);
  for (auto& waiting : std::exchange(waiting_, {})) {
    if (ended()) return;
    consider(std::move(waiting.id), std::move(waiting.request));
  }
}

std::string Session::joined_text(const std::string& id, bool resumed) const {
  return joined_message(id, {token_, participant_, name_, room_, roster_.others(), resumed,
                             std::chrono::duration_cast<std::chrono::seconds>(Liveness::kResume),
                             table_.ice_servers(participant_)});
}

// --- away and back
// ---------------------------------------------------------------------------------------------------

void Session::line_lost(Duration grace) {
  line_.reset();
  // Nobody knows the token yet, so nobody could resume.
  if (state_ == State::kJoining) return end("vanished");
  log_info("room " + room_ + ": " + participant_ + " lost its socket");
  away_ = server_thread::call_later(grace, [this] { end("vanished"); });
}

void Session::resume(const std::shared_ptr<Line>& line, const std::string& id) {
  if (auto old = line_.lock()) old->hang_up(kReplaced, "another socket resumed this session");
  away_.cancel();
  line_ = line;
  ++line_number_;
  log_info("room " + room_ + ": " + participant_ + " resumed");
  say(joined_text(id, true));
  say(event_message(slots_.value_or(event::SlotsChanged{})));
  if (codecs_) say(event_message(*codecs_));
  if (allocated_) say(event_message(*allocated_));
  visit_.room()->repeat_state(participant_);
  if (!speaking_.participant.empty()) say(event_message(speaking_));
  if (!offer_.answered) say(offer_message({}, offer_.sdp, offer_.version));
  for (auto& text : std::exchange(missed_, {})) say(std::move(text));
  missed_bytes_ = 0;
}

void Session::keep_for_resume(const RoomEvent& event, const std::string& text) {
  const bool repeated_by_state = std::holds_alternative<event::ParticipantJoined>(event) ||
                                 std::holds_alternative<event::ParticipantLeft>(event) ||
                                 std::holds_alternative<event::TrackAdded>(event) ||
                                 std::holds_alternative<event::TrackRemoved>(event) ||
                                 std::holds_alternative<event::TrackMuted>(event) ||
                                 std::holds_alternative<event::SlotsChanged>(event) ||
                                 std::holds_alternative<event::RoomCodecs>(event) ||
                                 std::holds_alternative<event::Allocated>(event) ||
                                 std::holds_alternative<event::EncodingsWanted>(event) ||
                                 std::holds_alternative<event::TopologyChanged>(event) ||
                                 std::holds_alternative<event::Speaking>(event);
  if (repeated_by_state) return;
  missed_bytes_ += text.size();
  missed_.push_back(text);
  while (missed_.size() > kMostMissed || missed_bytes_ > kMostMissedBytes) {
    missed_bytes_ -= missed_.front().size();
    missed_.pop_front();
  }
}

// --- the room speaks
// -------------------------------------------------------------------------------------------------

void Session::observe(const RoomEvent& event) {
  if (ended()) return;
  if (state_ == State::kJoining) {
    early_.push_back(event);
    return;
  }
  if (const auto* offer = std::get_if<event::SubscribeOffer>(&event)) {
    return offered_unasked(offer->sdp);
  }
  roster_.observe(event);
  if (const auto* slots = std::get_if<event::SlotsChanged>(&event)) slots_ = *slots;
  if (const auto* codecs = std::get_if<event::RoomCodecs>(&event)) codecs_ = *codecs;
  if (const auto* allocated = std::get_if<event::Allocated>(&event)) allocated_ = *allocated;
  if (const auto* speaking = std::get_if<event::Speaking>(&event)) speaking_ = *speaking;
  std::string text = event_message(event);
  if (line_.expired()) {
    keep_for_resume(event, text);
  } else {
    say(std::move(text));
  }
  const auto* left = std::get_if<event::ParticipantLeft>(&event);
  if (left && left->participant == participant_) {
    participant_.clear();
    if (auto line = line_.lock())
      line->hang_up(kGoingAway, "removed from the room: " + left->reason);
    end(left->reason);
  }
}

void Session::offered(const std::string& id, std::string sdp) {
  offer_ = {std::move(sdp), offer_.version + 1, false};
  say(offer_message(id, offer_.sdp, offer_.version));
}

void Session::offered_unasked(std::string sdp) {
  if (offers_asked_ > 0) {
    held_offer_ = std::move(sdp);
  } else if (sdp != offer_.sdp) {
    offered({}, std::move(sdp));
  }
}

void Session::room_closing() {
  if (ended()) return;
  say(error_message({}, {"room-closing", "The room was closed, or the server is shutting down."}));
  participant_.clear();
  if (auto line = line_.lock()) line->hang_up(kGoingAway, "room closed");
  end("room closed");
}

void Session::leave(const std::string& id) {
  if (participant_.empty()) return;
  visit_.room()->leave(std::exchange(participant_, {}), "left");
  say(done_message(id, "left"));
  if (auto line = line_.lock()) line->hang_up(kNormalClosure, "left");
  end("left");
}

/// An empty `participant_` says that the room knows already, or never knew.
void Session::end(const std::string& reason) {
  if (ended()) return;
  const auto self = shared_from_this();
  state_ = State::kEnded;
  log_info("room " + room_ + ": session of " + (name_.empty() ? "nobody" : name_) +
           " ended: " + reason);
  if (visit_ && !participant_.empty()) visit_.room()->leave(participant_, reason);
  visit_.leave();
  away_.cancel();
  waiting_.clear();
  table_.drop(token_);
}

// --- the client asks
// -------------------------------------------------------------------------------------------------

void Session::consider(std::string id, Request request) {
  if (ended()) return;
  if (state_ == State::kJoining) {
    if (waiting_.size() >= kMostWaiting) {
      return refuse(id, {"not-joined", "Wait for 'joined': too many requests came before it."});
    }
    return waiting_.push_back({std::move(id), std::move(request)});
  }
  std::visit([&](auto& asked) { act(id, asked); }, request);
}

bool Session::too_busy(const std::string& id) {
  if (unanswered_ < kMostUnanswered) return false;
  refuse(id, {"too-many-requests", "64 requests wait for their answers: wait for some of them."});
  return true;
}

template <class T, class Then>
Reply<T> Session::answer(std::string id, Then then) {
  ++unanswered_;
  return server_thread::reply_to<T>(
      shared_from_this(), [id = std::move(id), line_number = line_number_, then = std::move(then)](
                              Session& self, Result<T> result) {
        --self.unanswered_;
        if (self.ended() || self.line_number_ != line_number) return;
        if (!result) return self.refuse(id, result.error());
        then(self, id, *result);
      });
}

/// The room may tell of the offer twice, as the answer and as an event, and of a newer one before
/// we know of this. An offer outlives the line it was asked on: who resumes gets it unasked.
Reply<std::string> Session::offer_answer(std::string id) {
  ++unanswered_;
  ++offers_asked_;
  return server_thread::reply_to<std::string>(
      shared_from_this(),
      [id = std::move(id), line_number = line_number_](Session& self, Result<std::string> result) {
        --self.unanswered_;
        --self.offers_asked_;
        if (self.ended()) return;
        const bool same_line = self.line_number_ == line_number;
        if (result) {
          self.offered(same_line ? id : std::string(), std::move(*result));
        } else if (same_line) {
          self.refuse(id, result.error());
        }
        if (self.offers_asked_ > 0 || !self.held_offer_) return;
        self.offered_unasked(std::move(*std::exchange(self.held_offer_, std::nullopt)));
      });
}

void Session::act(const std::string& id, request::Join&) {
  refuse(id, {"already-joined", "This socket has joined room '" + room_ + "'; 'leave' first."});
}

void Session::act(const std::string& id, request::Resume&) {
  refuse(id, {"already-joined", "This socket has joined room '" + room_ + "'; 'leave' first."});
}

void Session::act(const std::string& id, request::Publish& publish) {
  if (too_busy(id)) return;
  visit_.room()->publish(
      participant_, std::move(publish.sdp), std::move(publish.labels),
      answer<PublishReply>(id, [](Session& self, const std::string& to, PublishReply& reply) {
        self.say(published_message(to, reply));
      }));
}

void Session::act(const std::string& id, request::Unpublish&) {
  visit_.room()->unpublish(participant_);
  say(done_message(id, "unpublished"));
}

void Session::act(const std::string& id, request::Subscribe& subscribe) {
  if (too_busy(id)) return;
  visit_.room()->subscribe(participant_, subscribe.slots, offer_answer(id));
}

void Session::act(const std::string& id, request::Answer& answer_given) {
  if (too_busy(id)) return;
  if (offer_.version == 0) {
    return refuse(id, {"no-connection", "There is no offer to answer: 'subscribe' first."});
  }
  if (answer_given.version != offer_.version) {
    return refuse(id, {"sdp-version", "This answers offer " + std::to_string(answer_given.version) +
                                          ", but the latest is " + std::to_string(offer_.version) +
                                          ": answer that one."});
  }
  // Whoever resumes must not be offered again what the room has taken: this is noted whatever line
  // it came on.
  auto reply = answer<Done>(id, [](Session& self, const std::string& to, Done&) {
    self.say(done_message(to, "answered"));
  });
  auto accepted = server_thread::reply_to<Done>(
      shared_from_this(), [version = offer_.version](Session& self, const Result<Done>& result) {
        if (result && self.offer_.version == version) self.offer_.answered = true;
      });
  visit_.room()->accept_subscribe(participant_, std::move(answer_given.sdp),
                                  [reply, accepted](const Result<Done>& result) {
                                    accepted(result);
                                    reply(result);
                                  });
}

void Session::act(const std::string& id, request::Restart&) {
  if (too_busy(id)) return;
  visit_.room()->restart_subscribe(participant_, offer_answer(id));
}

void Session::act(const std::string&, request::Candidate& candidate) {
  visit_.room()->add_candidate(participant_, candidate.connection, std::move(candidate.candidate));
}

void Session::act(const std::string& id, request::Mute& mute) {
  if (too_busy(id)) return;
  visit_.room()->set_muted(participant_, std::move(mute.track), mute.muted,
                           answer<Done>(id, [](Session& self, const std::string& to, Done&) {
                             self.say(done_message(to, "muted"));
                           }));
}

void Session::act(const std::string& id, request::Layers& layers) {
  if (too_busy(id)) return;
  visit_.room()->limit_slot(participant_, std::move(layers.limit),
                            answer<Done>(id, [](Session& self, const std::string& to, Done&) {
                              self.say(done_message(to, "limited"));
                            }));
}

void Session::act(const std::string& id, request::View& view) {
  if (too_busy(id)) return;
  visit_.room()->view(participant_, std::move(view.view),
                      answer<Done>(id, [](Session& self, const std::string& to, Done&) {
                        self.say(done_message(to, "viewed"));
                      }));
}

void Session::act(const std::string& id, request::SendData& data) {
  if (too_busy(id)) return;
  visit_.room()->send_data(participant_, std::move(data.to), std::move(data.json),
                           answer<Done>(id, [](Session& self, const std::string& to, Done&) {
                             self.say(done_message(to, "sent"));
                           }));
}

void Session::act(const std::string& id, request::Control& control) {
  if (too_busy(id)) return;
  if (!table_.members_control()) {
    return refuse(id, {"not-allowed",
                       "Members may not control rooms here; the server's 'room-control' says who "
                       "may."});
  }
  visit_.room()->control(std::move(control.control),
                         answer<Done>(id, [](Session& self, const std::string& to, Done&) {
                           self.say(done_message(to, "controlled"));
                         }));
}

void Session::act(const std::string&, request::Direct& direct) {
  visit_.room()->direct(participant_, std::move(direct.message));
}

void Session::act(const std::string& id, request::Ping&) { say(done_message(id, "pong")); }

void Session::act(const std::string& id, request::Leave&) { leave(id); }

}  // namespace rooms
