// SPDX-License-Identifier: LGPL-2.1-or-later
// Two members who send to each other directly: when, and what the server does meanwhile. Their
// connections to the server stay up, without media, so that the way back takes no time.
#include "gst/glue/clock.h"
#include "pipelines/room_core.h"

namespace rooms {

TopologySituation RoomCore::situation() const {
  TopologySituation situation{topology_,
                              {},
                              somebody_takes_mix() || recordings_->needs_media() ||
                                  playouts_->needs_media() || hls_->needs_media() ||
                                  taps_->needs_media()};
  for (const auto& participant : participants_) {
    situation.members.push_back({participant->id, participant->takes_direct});
    if (!participant->publication) continue;
    // What is held back is held back here.
    for (const auto& track : participant->publication->tracks())
      situation.needs_server |= track.info.moderated;
  }
  return situation;
}

event::TopologyChanged RoomCore::topology_event(const Participant& listener) const {
  event::TopologyChanged news{topology_, std::nullopt};
  const auto& session = direct_.session();
  if (session && session->has(listener.id)) {
    const auto& peer = listener.id == session->first ? session->second : session->first;
    news.direct = event::TopologyChanged::Direct{session->number, peer, session->established};
  }
  return news;
}

bool RoomCore::follow_topology() {
  const bool changed = direct_.update(situation(), monotonic_now());
  if (!changed && told_topology_ == topology_) return false;
  told_topology_ = topology_;
  apply_topology();
  return true;
}

void RoomCore::apply_topology() {
  for (const auto& participant : participants_) {
    if (participant->subscription) participant->subscription->set_resting(rests());
    tell(*participant, topology_event(*participant));
  }
  allocate();
}

void RoomCore::direct(const std::string& from, const DirectMessage& message) {
  const auto now = monotonic_now();
  const auto* state = std::get_if<DirectMessage::State>(&message.content);
  const auto peer = direct_.peer_in(message.session, from);
  const auto receiver = peer ? find(*peer) : nullptr;
  if (!receiver) {
    // It crossed the news that the session has ended.
    ++direct_dropped_;
    return;
  }
  if (state && *state == DirectMessage::State::kReceiving) {
    if (direct_.receives(message.session, from, now)) apply_topology();
  } else if (state && *state == DirectMessage::State::kFailed) {
    if (direct_.failed(message.session, from, now)) apply_topology();
  } else if (state && *state == DirectMessage::State::kDoubtful) {
    if (direct_.doubts(message.session, from, now)) apply_topology();
  } else {
    tell(*receiver, event::Direct{from, message});
  }
}

}  // namespace rooms
