// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/rtsp_mounts.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "pipelines/room.h"
#include "pipelines/rtsp_factory.h"

namespace rooms {
namespace {

/// A room that is well answers within a few milliseconds.
constexpr auto kRoomPatience = std::chrono::seconds(3);
/// For a publisher that has to begin to send, or a mix that has to begin at all.
constexpr Duration kPicturePatience = std::chrono::seconds(4);
/// Whoever asked for it has gone, if nobody has begun to play by then.
constexpr Duration kClaimPatience = std::chrono::seconds(10);
/// Who describes an address first and plays it then, or changes over to it, finds it still there.
constexpr Duration kLinger = std::chrono::seconds(1);
/// So that what was sent last, the end of the streams, comes before the end of the connection.
constexpr Duration kFarewell = std::chrono::milliseconds(400);

using Answer = Result<std::shared_ptr<Playout>>;

}  // namespace

void RtspMounts::post(std::function<void(RtspMounts&)> task) {
  server_.executor.post([weak = weak_from_this(), task = std::move(task)] {
    if (const auto self = weak.lock()) task(*self);
  });
}

Status RtspMounts::open(const std::string& path, GstRTSPClient* client) {
  const auto parsed = parse_rtsp_path(path);
  if (!parsed) return parsed.error();
  const auto key = to_string(*parsed);
  const auto mount = state_.with([&](State& state) -> std::shared_ptr<Mount> {
    if (state.closed) return nullptr;
    auto& known = state.mounts[key];
    if (!known) known = std::make_shared<Mount>();
    return known;
  });
  if (!mount) return Error{"rtsp-busy", "The server is closing."};
  const std::lock_guard hold(mount->opening);
  auto [number, programme] = mount->current.with([](const Current& current) { return current; });
  if (!programme || programme->is_over()) {
    // If its last player leaves now, it is on its way already.
    if (programme)
      post([number = number](RtspMounts& self) { self.finish(number, "it cannot go on"); });
    auto begun = begin(*parsed, *mount);
    if (!begun) {
      post([key](RtspMounts& self) { self.forget_unused(key); });
      return begun.error();
    }
    programme = *begun;
  }
  server_.connections.note(client, *programme);
  return Done{};
}

Answer RtspMounts::ask_room(const RtspPath& path, unsigned number) {
  const auto room = server_.rooms.find(path.room);
  if (!room) return Error{"room-unknown", "There is no room '" + path.room + "'."};
  const auto promise = std::make_shared<std::promise<Answer>>();
  auto answer = promise->get_future();
  room->open_playout(
      path.participant,
      [weak = weak_from_this(), number](const std::string& reason) {
        if (const auto self = weak.lock())
          self->post([number, reason](RtspMounts& mounts) { mounts.finish(number, reason); });
      },
      [promise](Answer playout) { promise->set_value(std::move(playout)); });
  // What comes after that gives itself back.
  if (answer.wait_for(kRoomPatience) != std::future_status::ready)
    return Error{"rtsp-busy", "The room does not answer."};
  return answer.get();
}

Result<RtspMounts::ProgrammePtr> RtspMounts::begin(const RtspPath& path, Mount& mount) {
  const auto number = state_.with([](State& state) {
    state.opening.insert(++state.last_number);
    return state.last_number;
  });
  const auto fail = [&](const Error& error) {
    mount.current.with([&](Current& current) { current = {}; });
    post([number](RtspMounts& self) {
      self.state_.with([&](State& state) { state.opening.erase(number); });
      self.gone_.erase(number);
    });
    return error;
  };
  auto playout = ask_room(path, number);
  if (!playout) return fail(playout.error());
  const auto made = std::make_shared<RtspProgramme>(
      std::move(*playout), [weak = weak_from_this(), number](const std::string& reason) {
        if (const auto self = weak.lock())
          self->post([number, reason](RtspMounts& mounts) { mounts.finish(number, reason); });
      });
  mount.current.with([&](Current& current) { current = {number, made}; });
  if (auto ready = made->await_media(kPicturePatience); !ready) return fail(ready.error());
  install(to_string(path), number, made);
  return made;
}

void RtspMounts::install(const std::string& path, unsigned number, const ProgrammePtr& made) {
  auto factory = make_rtsp_factory(
      made, [weak = weak_from_this(), number, played = std::weak_ptr(made)](GstRTSPMedia* media) {
        if (const auto programme = played.lock()) programme->detach(media);
        if (const auto self = weak.lock())
          self->post([number](RtspMounts& mounts) { mounts.release_if_unused(number, kLinger); });
      });
  if (server_.guarded)
    gst_rtsp_media_factory_add_role(factory.get(), kRtspRole, "media.factory.access",
                                    G_TYPE_BOOLEAN, TRUE, "media.factory.construct", G_TYPE_BOOLEAN,
                                    TRUE, nullptr);
  state_.with([&](State&) {
    gst_rtsp_mount_points_add_factory(server_.points.get(), path.c_str(), Ref(factory).release());
  });
  post([number, path, made, factory](RtspMounts& self) {
    self.adopt_run(number, Run{path, made, factory, false, {}});
  });
}

void RtspMounts::join(GstRTSPMedia* media) {
  state_.with([&](State& state) {
    for (const auto& [path, mount] : state.mounts) {
      const auto programme =
          mount->current.with([](const Current& current) { return current.programme; });
      if (!programme) continue;
      const auto all = programme->media();
      if (std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.get() == media; }))
        programme->request_keyframe();
    }
  });
}

std::vector<RtspMounts::Info> RtspMounts::all() const {
  return state_.with([](const State& state) {
    std::vector<Info> infos;
    for (const auto& [path, mount] : state.mounts) {
      const auto programme =
          mount->current.with([](const Current& current) { return current.programme; });
      if (programme) infos.push_back({path, programme->media(), programme->counters()});
    }
    return infos;
  });
}

void RtspMounts::adopt_run(unsigned number, Run run) {
  state_.with([&](State& state) { state.opening.erase(number); });
  const auto& adopted = runs_[number] = std::move(run);
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "rtsp: %s begins", adopted.path.c_str());
  if (const auto early = gone_.extract(number)) return finish(number, early.mapped());
  release_if_unused(number, kClaimPatience);
}

void RtspMounts::release_if_unused(unsigned number, Duration later) {
  const auto run = runs_.find(number);
  if (run == runs_.end() || run->second.finished) return;
  run->second.timer = server_.executor.call_later(later, [this, number] {
    const auto found = runs_.find(number);
    if (found != runs_.end() && found->second.programme->retire_if_unused()) release(number);
  });
}

void RtspMounts::finish(unsigned number, const std::string& reason) {
  const auto found = runs_.find(number);
  if (found == runs_.end()) {
    // A room may be faster than whoever asks it.
    if (state_.with([&](const State& state) { return state.opening.contains(number); }))
      gone_[number] = reason;
    return;
  }
  auto& run = found->second;
  if (std::exchange(run.finished, true)) return;
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "rtsp: %s ends: %s", run.path.c_str(), reason.c_str());
  run.programme->end();
  run.timer = server_.executor.call_later(kFarewell, [this, number] {
    const auto at = runs_.find(number);
    if (at == runs_.end()) return;
    server_.connections.end(*at->second.programme);
    release(number);
  });
}

void RtspMounts::release(unsigned number) {
  const auto found = runs_.find(number);
  if (found == runs_.end()) return;
  const auto run = std::move(found->second);
  runs_.erase(found);
  run.programme->retire();
  state_.with([&](State& state) {
    auto* points = server_.points.get();
    // There may be a newer one.
    if (adopt(gst_rtsp_mount_points_match(points, run.path.c_str(), nullptr)) == run.factory)
      gst_rtsp_mount_points_remove_factory(points, run.path.c_str());
    const auto at = state.mounts.find(run.path);
    if (at == state.mounts.end()) return;
    at->second->current.with([&](Current& current) {
      if (current.number == number) current = {};
    });
  });
  forget_unused(run.path);
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "rtsp: %s is released", run.path.c_str());
}

void RtspMounts::forget_unused(const std::string& path) {
  state_.with([&](State& state) {
    const auto at = state.mounts.find(path);
    if (at == state.mounts.end() || at->second.use_count() > 1) return;
    const bool plays =
        at->second->current.with([](const Current& current) { return !!current.programme; });
    if (!plays) state.mounts.erase(at);
  });
}

void RtspMounts::close() {
  const auto mounts = state_.with([](State& state) {
    state.closed = true;
    return state.mounts;
  });
  for (const auto& [path, mount] : mounts)
    if (const auto programme =
            mount->current.with([](const Current& current) { return current.programme; }))
      programme->end();
}

void RtspMounts::release_all() {
  while (!runs_.empty()) release(runs_.begin()->first);
}

}  // namespace rooms
