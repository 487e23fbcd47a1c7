// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room.h"

#include "pipelines/media_server_impl.h"
#include "pipelines/room_core.h"

namespace rooms {
namespace {

Error closing() { return {"room-closing", "The room is being closed; join again in a moment."}; }

/// Runs `method` on the room's thread and hands its result to `reply`; an error if the room is
/// closing.
template <class T, class F>
void call(RoomCore& core, Reply<T> reply, F method) {
  core.post([reply, method = std::move(method)](RoomCore& self) mutable { reply(method(self)); },
            [reply] { reply(closing()); });
}

}  // namespace

std::shared_ptr<Room> Room::create(MediaServer& media, std::string id, const RoomPolicy& policy) {
  return std::shared_ptr<Room>(
      new Room(std::make_unique<RoomCore>(stock_of(media), std::move(id), policy)));
}

Room::Room(std::unique_ptr<RoomCore> core) : core_(std::move(core)) {}
Room::~Room() = default;

const std::string& Room::id() const { return core_->id(); }

void Room::join(JoinRequest request, Reply<JoinReply> reply) {
  call(*core_, std::move(reply),
       [request = std::move(request)](RoomCore& core) { return core.join(request); });
}

void Room::leave(std::string participant, std::string reason) {
  core_->post([=](RoomCore& core) { core.leave(participant, reason); });
}

void Room::publish(std::string participant, std::string offer,
                   std::map<std::string, TrackLabel> labels, Reply<PublishReply> reply) {
  call(*core_, std::move(reply),
       [=](RoomCore& core) { return core.publish(participant, offer, labels); });
}

void Room::unpublish(std::string participant) {
  core_->post([=](RoomCore& core) { core.unpublish(participant); });
}

void Room::repeat_state(std::string participant) {
  core_->post([=](RoomCore& core) { core.repeat_state(participant); });
}

void Room::subscribe(std::string participant, SubscribeRequest request, Reply<std::string> reply) {
  call(*core_, std::move(reply),
       [=](RoomCore& core) { return core.subscribe(participant, request); });
}

void Room::accept_subscribe(std::string participant, std::string answer, Reply<Done> reply) {
  call(*core_, std::move(reply),
       [=](RoomCore& core) { return core.accept_subscribe(participant, answer); });
}

void Room::restart_subscribe(std::string participant, Reply<std::string> reply) {
  call(*core_, std::move(reply),
       [=](RoomCore& core) { return core.restart_subscribe(participant); });
}

void Room::play(std::string participant, PlayRequest request, Reply<std::string> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) { return core.play(participant, request); });
}

void Room::trickle(std::string participant, ConnectionRole role, std::string sdp_fragment,
                   Reply<std::string> reply) {
  call(*core_, std::move(reply),
       [=](RoomCore& core) { return core.trickle(participant, role, sdp_fragment); });
}

void Room::add_candidate(std::string participant, ConnectionRole role, std::string candidate) {
  core_->post([=](RoomCore& core) { core.add_candidate(participant, role, candidate); });
}

void Room::limit_slot(std::string participant, SlotLimit limit, Reply<Done> reply) {
  call(*core_, std::move(reply),
       [=](RoomCore& core) { return core.limit_slot(participant, limit); });
}

void Room::view(std::string participant, ViewRequest request, Reply<Done> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) { return core.view(participant, request); });
}

void Room::set_muted(std::string participant, std::string track, bool muted, Reply<Done> reply) {
  call(*core_, std::move(reply),
       [=](RoomCore& core) { return core.set_muted(participant, track, muted); });
}

void Room::control(RoomControl control, Reply<Done> reply) {
  call(*core_, std::move(reply),
       [control = std::move(control)](RoomCore& core) { return core.control(control); });
}

void Room::direct(std::string from, DirectMessage message) {
  core_->post([from = std::move(from), message = std::move(message)](RoomCore& core) {
    core.direct(from, message);
  });
}

void Room::send_data(std::string from, std::string to, std::string text, Reply<Done> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) { return core.send_data(from, to, text); });
}

void Room::stats(Reply<RoomStats> reply) {
  call(*core_, std::move(reply),
       [](RoomCore& core) -> Result<RoomStats> { return RoomStats{core.stats_json()}; });
}

void Room::start_recording(RecordingRequest request, Reply<RecordingInfo> reply) {
  core_->post([=](RoomCore& core) { core.recordings().start(request, reply); },
              [reply] { reply(closing()); });
}

void Room::stop_recording(std::string id, Reply<RecordingInfo> reply) {
  core_->post([=](RoomCore& core) { core.recordings().stop(id, reply); },
              [reply] { reply(closing()); });
}

void Room::recording(std::string id, Reply<RecordingInfo> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) { return core.recordings().find(id); });
}

void Room::recordings(Reply<std::vector<RecordingInfo>> reply) {
  call(*core_, std::move(reply), [](RoomCore& core) -> Result<std::vector<RecordingInfo>> {
    return core.recordings().all();
  });
}

void Room::close() { core_->close(); }

}  // namespace rooms
