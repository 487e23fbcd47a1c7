// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room.h"

#include "pipelines/media_server_impl.h"
#include "pipelines/playout.h"
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
  std::shared_ptr<Room> room(
      new Room(std::make_unique<RoomCore>(stock_of(media), std::move(id), policy)));
  media.impl().rooms.add(room->id(), room);
  room->self_ = room;
  return room;
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
  const auto start = [=](RoomCore& core) {
    RoomControl control;
    control.mix = request.mix;
    if (request.kind == "composite" && request.last == Duration::zero())
      if (auto controlled = core.control(control); !controlled) return reply(controlled.error());
    core.recordings().start(request, reply);
  };
  core_->post(start, [reply] { reply(closing()); });
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

void Room::start_push(PushRequest request, Reply<PushInfo> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) -> Result<PushInfo> {
    if (auto checked = core.pushes().check(request.address); !checked) return checked.error();
    RoomControl control;
    control.mix = request.mix;
    if (auto controlled = core.control(control); !controlled) return controlled.error();
    return core.pushes().start(request.address);
  });
}

void Room::stop_push(std::string id, Reply<PushInfo> reply) {
  core_->post([=](RoomCore& core) { core.pushes().stop(id, reply); },
              [reply] { reply(closing()); });
}

void Room::push(std::string id, Reply<PushInfo> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) { return core.pushes().find(id); });
}

void Room::pushes(Reply<std::vector<PushInfo>> reply) {
  call(*core_, std::move(reply),
       [](RoomCore& core) -> Result<std::vector<PushInfo>> { return core.pushes().all(); });
}

void Room::start_source(SourceRequest request, Reply<SourceInfo> reply) {
  call(*core_, std::move(reply),
       [request = std::move(request)](RoomCore& core) { return core.sources().start(request); });
}

void Room::stop_source(std::string id, Reply<SourceInfo> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) { return core.sources().stop(id); });
}

void Room::source(std::string id, Reply<SourceInfo> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) { return core.sources().find(id); });
}

void Room::sources(Reply<std::vector<SourceInfo>> reply) {
  call(*core_, std::move(reply),
       [](RoomCore& core) -> Result<std::vector<SourceInfo>> { return core.sources().all(); });
}

void Room::start_tap(TapRequest request, Reply<TapInfo> reply) {
  core_->post([=](RoomCore& core) { core.taps().start(request, reply); },
              [reply] { reply(closing()); });
}

void Room::stop_tap(std::string id, Reply<TapInfo> reply) {
  core_->post([=](RoomCore& core) { core.taps().stop(id, reply); }, [reply] { reply(closing()); });
}

void Room::tap(std::string id, Reply<TapInfo> reply) {
  call(*core_, std::move(reply), [=](RoomCore& core) { return core.taps().find(id); });
}

void Room::taps(Reply<std::vector<TapInfo>> reply) {
  call(*core_, std::move(reply),
       [](RoomCore& core) -> Result<std::vector<TapInfo>> { return core.taps().all(); });
}

void Room::open_port(std::string participant, std::string mid, Codec codec,
                     Reply<std::shared_ptr<SourcePort>> reply) {
  call(*core_, std::move(reply),
       [=](RoomCore& core) { return core.open_port(participant, mid, codec); });
}

void Room::close_port(std::string participant, std::string mid) {
  core_->post([=](RoomCore& core) { core.close_port(participant, mid); });
}

void Room::hls(std::string participant, Reply<std::shared_ptr<HlsStream>> reply) {
  call(*core_, std::move(reply), [participant = std::move(participant)](RoomCore& core) {
    return core.open_hls(participant);
  });
}

void Room::open_playout(std::string participant, std::function<void(const std::string&)> ended,
                        Reply<std::shared_ptr<Playout>> reply) {
  const auto give_back = [room = self_](Playout* playout) {
    const std::unique_ptr<Playout> owned(playout);
    if (const auto self = room.lock())
      self->core_->post([number = owned->number](RoomCore& core) { core.close_playout(number); });
  };
  call(*core_, std::move(reply), [=](RoomCore& core) -> Result<std::shared_ptr<Playout>> {
    auto playout = core.open_playout(participant, ended);
    if (!playout) return playout.error();
    return std::shared_ptr<Playout>(new Playout(std::move(*playout)), give_back);
  });
}

void Room::close() { core_->close(); }

}  // namespace rooms
