// SPDX-License-Identifier: LGPL-2.1-or-later
// What is sent to whom: publish and subscribe connections, and what their slots show.
#include <algorithm>
#include <set>
#include <utility>

#include "gst/core/sdp/fragment.h"
#include "gst/glue/clock.h"
#include "gst/glue/sdp_reader.h"
#include "pipelines/room_core.h"

namespace rooms {
namespace {

// Slots of a new connection, and how many more it gets when a room outgrows them.
constexpr unsigned kFirstSlots = 4;
constexpr unsigned kSlotBlock = 4;
constexpr unsigned kMaxSlots = 200;

unsigned in_blocks(std::size_t slots) {
  return static_cast<unsigned>((slots + kSlotBlock - 1) / kSlotBlock * kSlotBlock);
}

Error slot_unknown(const std::string& mid) {
  return {"slot-unknown", "There is no video slot '" + mid +
                              "'; the mids of the slots are in the 'slots' message."};
}

bool contains(const std::vector<Codec>& codecs, Codec codec) {
  return codecs.empty() || std::find(codecs.begin(), codecs.end(), codec) != codecs.end();
}

}  // namespace

Peer::Callbacks RoomCore::callbacks_for(const std::string& participant, ConnectionRole role) {
  Peer::Callbacks callbacks;
  // Posted: what reacts may destroy the peer that calls.
  callbacks.on_state = [this, participant, role](ConnectionState state, const std::string& reason) {
    post([=](RoomCore& self) { self.on_connection(participant, role, state, reason); });
  };
  callbacks.on_data_channel = [this, participant](std::shared_ptr<DataChannel> channel) {
    data_->add(participant, std::move(channel));
  };
  return callbacks;
}

void RoomCore::on_connection(const std::string& id, ConnectionRole role, ConnectionState state,
                             const std::string& reason) {
  const auto participant = find(id);
  if (!participant) return;
  const auto* peer =
      role == ConnectionRole::kPublish
          ? (participant->publication ? participant->publication->peer() : nullptr)
          : (participant->subscription ? participant->subscription->peer() : nullptr);
  // News of a connection that has been replaced since.
  if (!peer || peer->state() != state) return;
  if (state == ConnectionState::kConnected && role == ConnectionRole::kSubscribe) {
    participant->subscription->start();
    allocate(*participant);
    g_signal_emit_by_name(participant->subscription->sender(), "request-keyframes");
  }
  if (state == ConnectionState::kFailed) {
    if (role == ConnectionRole::kPublish) {
      remove_publication(*participant);
    } else {
      participant->subscription.reset();
    }
  }
  tell(*participant, event::ConnectionChanged{role, state, reason});
}

Result<PublishReply> RoomCore::publish(const std::string& id, const std::string& sdp,
                                       const std::map<std::string, TrackLabel>& labels) {
  const auto found = require(id);
  if (!found) return found.error();
  auto& participant = **found;
  const auto offer = read_sdp(sdp);
  if (!offer) return offer.error();
  auto codecs = policy_for(*offer);
  codecs.remb_as_limit = !participant.follows_demand;
  if (participant.publication && !participant.publication->continues(*offer)) {
    // Answer first with a connection of its own, so that a bad offer costs nothing.
    auto fresh =
        std::make_unique<Publication>(*context_, id, callbacks_for(id, ConnectionRole::kPublish));
    if (auto checked = answer_publish(*offer, codecs); !checked) return checked.error();
    remove_publication(participant);
    participant.publication = std::move(fresh);
  } else if (!participant.publication) {
    participant.publication =
        std::make_unique<Publication>(*context_, id, callbacks_for(id, ConnectionRole::kPublish));
  }
  auto negotiated = participant.publication->negotiate(*offer, labels, codecs);
  if (!negotiated) {
    if (!participant.publication->peer()) participant.publication.reset();
    return negotiated.error();
  }
  PublishReply reply;
  reply.sdp = std::move(negotiated->sdp);
  for (auto& track : participant.publication->tracks()) {
    moderate(participant, track);
    reply.tracks.emplace_back(track.mid, track.info);
  }
  for (auto& added : negotiated->added) added = track_with_id(added.id)->info;
  announce(participant, negotiated->added, negotiated->removed);
  return reply;
}

void RoomCore::announce(const Participant& publisher, const std::vector<TrackInfo>& added,
                        const std::vector<TrackInfo>& removed) {
  for (const auto& track : removed)
    tell_others(publisher.id, event::TrackRemoved{track.id, publisher.id});
  for (const auto& track : added) tell_others(publisher.id, event::TrackAdded{track});
  if (!added.empty() || !removed.empty()) reassign();
}

void RoomCore::remove_publication(Participant& participant) {
  if (!participant.publication) return;
  std::vector<TrackInfo> removed;
  for (const auto& track : participant.publication->tracks()) removed.push_back(track.info);
  data_->remove(participant.id);
  const auto gone = std::move(participant.publication);  // closes once nobody shows it any more
  announce(participant, {}, removed);
}

void RoomCore::unpublish(const std::string& id) {
  if (const auto participant = find(id)) remove_publication(*participant);
}

Result<std::string> RoomCore::subscribe(const std::string& id, const SubscribeRequest& wish) {
  const auto found = require(id);
  if (!found) return found.error();
  auto& participant = **found;
  participant.last_n = wish.last_n;
  participant.wished_mode = wish.mode;
  participant.mix_height = wish.mix_height;
  choose_mode(participant);
  SubscribeRequest request = wish;
  // Of pairs, which share a MediaStream: what is in sync is in one.
  std::set<std::string> groups;
  for (const auto* track : wanted_by(participant))
    groups.insert(sync_group(track->info.participant, track->info.label));
  const auto enough = [&](unsigned asked) {
    return std::min(std::max({asked, kFirstSlots, in_blocks(groups.size())}), kMaxSlots);
  };
  request.audio_slots = enough(wish.audio_slots);
  request.video_slots = enough(wish.video_slots);
  if (participant.mode == MixMode::kMix) request.audio_slots = request.video_slots = 1;

  data_->remove(id);
  participant.subscription.reset();
  participant.subscription = make_subscription(id);
  auto offer = participant.subscription->open(request);
  if (!offer) {
    participant.subscription.reset();
    return offer;
  }
  reassign(participant);
  return offer;
}

Status RoomCore::accept_subscribe(const std::string& id, const std::string& sdp) {
  const auto found = require(id);
  if (!found) return found.error();
  auto& participant = **found;
  if (!participant.subscription)
    return Error{"no-connection",
                 "There is no subscribe connection to answer; send 'subscribe' first."};
  const auto answer = read_sdp(sdp);
  if (!answer) return answer.error();
  if (auto accepted = participant.subscription->accept(*answer); !accepted) return accepted;
  agree_on_codecs();
  reassign(participant);
  return Done{};
}

Result<std::string> RoomCore::restart_subscribe(const std::string& id) {
  const auto found = require(id);
  if (!found) return found.error();
  if (!(*found)->subscription)
    return Error{"no-connection",
                 "There is no subscribe connection to restart; send 'subscribe' first."};
  return (*found)->subscription->restart();
}

Result<std::string> RoomCore::play(const std::string& id, const PlayRequest& request) {
  const auto found = require(id);
  if (!found) return found.error();
  auto& participant = **found;
  const auto offer = read_sdp(request.sdp);
  if (!offer) return offer.error();
  participant.subscription = make_subscription(id);
  auto answer = participant.subscription->play(*offer);
  if (!answer) {
    participant.subscription.reset();
    return answer;
  }
  participant.plays = true;
  participant.wished_mode = request.mode;
  participant.mix_height = request.mix_height;
  choose_mode(participant);
  participant.wanted = request.participants;
  agree_on_codecs();
  reassign(participant);
  return answer;
}

Result<std::string> RoomCore::trickle(const std::string& id, ConnectionRole role,
                                      const std::string& text) {
  const auto found = require(id);
  if (!found) return found.error();
  const auto& participant = **found;
  auto* peer = participant.peer(role);
  if (!peer) return Error{"no-connection", "The connection of this resource has ended."};
  const auto fragment = read_fragment(text);
  if (!fragment) return fragment.error();
  // Their candidates tell a lite agent nothing: it answers whoever knows the password. New
  // credentials restart ICE.
  auto remote = peer->remote_transport();
  if (fragment->ufrag.empty() || fragment->ufrag == remote.ufrag) {
    for (const auto& candidate : fragment->candidates)
      peer->transport()->add_remote_candidate(candidate);
    return std::string();
  }
  remote.ufrag = fragment->ufrag;
  remote.pwd = fragment->pwd;
  peer->restart_ice();
  peer->expect(remote, fragment->candidates, false);
  SdpFragment reply;
  reply.media = fragment->media;
  reply.mid = fragment->mid;
  const auto local = peer->local_transport();
  reply.ufrag = local.ufrag;
  reply.pwd = local.pwd;
  reply.candidates = peer->candidates();
  reply.end_of_candidates = true;
  return write_fragment(reply);
}

void RoomCore::add_candidate(const std::string& id, ConnectionRole role,
                             const std::string& candidate) {
  const auto participant = find(id);
  auto* peer = participant ? participant->peer(role) : nullptr;
  if (peer && !candidate.empty()) peer->transport()->add_remote_candidate(candidate);
}

Status RoomCore::limit_slot(const std::string& id, const SlotLimit& limit) {
  const auto found = require(id);
  if (!found) return found.error();
  auto* subscription = (*found)->subscription.get();
  if (!subscription)
    return Error{"no-connection",
                 "There is no subscribe connection whose slots could be limited; send 'subscribe' "
                 "first."};
  auto* output = subscription->video_output(limit.mid);
  if (!output) return slot_unknown(limit.mid);
  output->limit(limit);
  allocate(**found);
  return Done{};
}

Status RoomCore::view(const std::string& id, const ViewRequest& request) {
  const auto found = require(id);
  if (!found) return found.error();
  auto& viewer = **found;
  if (!viewer.subscription && !request.slots.empty())
    return Error{"no-connection",
                 "There is no subscribe connection with slots to view; send 'subscribe' first."};
  for (const auto& slot : request.slots)
    if (!viewer.subscription->video_output(slot.mid)) return slot_unknown(slot.mid);
  for (const auto& slot : request.slots) viewer.subscription->video_output(slot.mid)->view(slot);
  if (request.pinned) viewer.pinned = *request.pinned;
  if (request.changes_last_n) viewer.last_n = request.last_n;
  if (request.pinned || request.changes_last_n) {
    reassign(viewer);
  } else {
    allocate(viewer);
  }
  return Done{};
}

const PublishedTrack* RoomCore::track_with_id(const std::string& id) const {
  for (const auto& participant : participants_) {
    if (!participant->publication) continue;
    for (const auto& track : participant->publication->tracks())
      if (track.info.id == id) return &track;
  }
  return mix_->track_with_id(id);
}

PublishedTrack* RoomCore::track_with_id(const std::string& id) {
  return const_cast<PublishedTrack*>(std::as_const(*this).track_with_id(id));
}

std::vector<const PublishedTrack*> RoomCore::visible_to(const Participant& viewer) const {
  const auto audio = viewer.decodable(MediaKind::kAudio);
  const auto video = viewer.decodable(MediaKind::kVideo);
  std::vector<const PublishedTrack*> visible;
  for (const auto& participant : participants_) {
    if (participant.get() == &viewer || !participant->publication) continue;
    for (const auto& track : participant->publication->tracks())
      if (contains(track.info.kind == MediaKind::kAudio ? audio : video, track.codec) ||
          transcodes_to(viewer, track) != Codec::kUnknown)
        visible.push_back(&track);
  }
  return visible;
}

LastNPolicy RoomCore::last_n_of(const Participant& viewer) const {
  LastNPolicy policy;
  policy.last_n = policy_.last_n;
  if (viewer.last_n)
    policy.last_n = std::min<std::size_t>(policy.last_n.value_or(*viewer.last_n), *viewer.last_n);
  policy.pinned = viewer.pinned;
  policy.speakers = voices_.recent();
  policy.loudest = voices_.loudest();
  return policy;
}

std::vector<const PublishedTrack*> RoomCore::wanted_by(const Participant& viewer) const {
  if (viewer.mode == MixMode::kMix) return mix_for(viewer);
  const auto visible = visible_to(viewer);
  std::vector<const PublishedTrack*> wanted;
  if (!viewer.wanted.empty()) {
    // In the order in which they were asked for.
    for (std::size_t rank = 0; rank < viewer.wanted.size(); ++rank)
      for (const auto* track : visible)
        if (rank_of(viewer, track->info.participant) == rank) wanted.push_back(track);
    return wanted;
  }
  std::vector<CandidateTrack> candidates;
  for (const auto* track : visible) {
    const auto& info = track->info;
    candidates.push_back({info.id, info.participant, info.kind});
    // A player has few sections, for whoever speaks.
    if (viewer.plays || info.kind == MediaKind::kAudio) continue;
    candidates.back().is_screen = info.label == "screen";
    candidates.back().is_muted = info.muted;
  }
  for (const auto index : select_tracks(candidates, last_n_of(viewer)))
    wanted.push_back(visible[index]);
  if (viewer.mode == MixMode::kTracks) return wanted;
  std::erase_if(wanted, [](const auto* track) { return track->info.kind == MediaKind::kAudio; });
  for (const auto* track : mix_for(viewer)) wanted.push_back(track);
  return wanted;
}

std::size_t RoomCore::rank_of(const Participant& viewer, const std::string& id) const {
  const auto participant = find(id);
  const auto named = std::find_if(viewer.wanted.begin(), viewer.wanted.end(), [&](const auto& who) {
    return who == id || (participant && who == participant->name);
  });
  return static_cast<std::size_t>(named - viewer.wanted.begin());
}

bool RoomCore::can_grow(const Participant& viewer) {
  return viewer.subscription->contents().size() < 2 * kMaxSlots;
}

void RoomCore::reassign() {
  follow_recordings();
  follow_playouts();
  voices_.follow(participants_, monotonic_now());
  follow_mix();
  for (const auto& participant : std::vector(participants_)) reassign(*participant);
}

void RoomCore::reassign(Participant& viewer) {
  if (!viewer.subscription) return;
  if (viewer.mode != MixMode::kTracks) follow_mix();
  std::vector<WantedTrack> wanted;
  bool transcodes = !transcoder_->is_empty();
  for (const auto* track : wanted_by(viewer)) {
    const auto& info = track->info;
    transcodes = transcodes || transcodes_to(viewer, *track) != Codec::kUnknown;
    wanted.push_back({info.id, info.kind, sync_group(info.participant, info.label),
                      rank_of(viewer, info.participant)});
  }
  const SlotRules rules{viewer.wanted.size(), viewer.plays || !can_grow(viewer)};
  const auto assignment = assign_slots(viewer.subscription->contents(), wanted, rules);
  const auto describe = [this](const std::string& id) {
    const auto* track = track_with_id(id);
    const auto participant = track ? find(track->info.participant) : nullptr;
    return Subscription::Shown{participant ? participant->name : "",
                               track ? track->info.label : ""};
  };
  const bool changed = viewer.subscription->show(assignment.slots, describe);
  if (viewer.mode != MixMode::kTracks)
    viewer.subscription->redirect(kMixedSound, mix_->sound_source(viewer.id));
  for (const auto& slot : assignment.slots)
    if (const auto* track = track_with_id(slot.track))
      viewer.subscription->set_muted(slot.track, track->info.muted);
  if (changed && transcodes) follow_transcodings();
  if (changed) {
    event::SlotsChanged slots;
    for (const auto& [mid, content] : viewer.subscription->slots_by_mid()) {
      SlotInfo info{mid, content.kind, std::nullopt};
      if (const auto* track = track_with_id(content.track)) info.track = track->info;
      slots.slots.push_back(std::move(info));
    }
    tell(viewer, slots);
  }
  allocate(viewer);
  const auto missing = std::max(assignment.audio_missing, assignment.video_missing);
  if (!viewer.plays && missing > 0) grow(viewer, missing);
}

void RoomCore::grow(Participant& viewer, std::size_t missing) {
  // As many of the one kind as of the other: what finds no pair of its own makes one.
  const unsigned more = in_blocks(missing);
  // While an offer is on its way the answer to it brings us back here.
  if (viewer.subscription->awaits_answer() || !can_grow(viewer)) return;
  auto offer = viewer.subscription->add_slots(more, more);
  if (!offer) return;
  tell(viewer, event::SubscribeOffer{*offer});
  reassign(viewer);
}

}  // namespace rooms
