// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_taps.h"

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace rooms {
namespace {

constexpr std::size_t kMostTaps = 32;
/// Those that have ended are remembered, up to here.
constexpr std::size_t kMostKnownTaps = 50;
constexpr std::chrono::seconds kClosePatience{3};
/// Of a pipeline that was told to stop.
constexpr Duration kStopPatience = std::chrono::seconds(4);
/// What most elements take.
constexpr Codec kTappedPicture = Codec::kH264;
constexpr Codec kTappedSound = Codec::kOpus;
constexpr const char* kStarting = "starting";
constexpr const char* kRunning = "running";
constexpr const char* kStopping = "stopping";

Error unknown_tap(const std::string& id) {
  return {"tap-unknown",
          "There is no tap '" + id.substr(0, 64) + "' in this room; GET ../taps lists them."};
}

MixWish wish_for(MediaKind kind) {
  return kind == MediaKind::kVideo ? MixWish{kTappedPicture, Codec::kUnknown}
                                   : MixWish{Codec::kUnknown, kTappedSound};
}

bool is_mix(const std::string& track) { return track == kMixParticipant; }

}  // namespace

RoomTaps::RoomTaps(RoomContext& room, MixTakers& takers, std::vector<std::string> allowed,
                   std::function<std::optional<TrackInfo>(const std::string& id)> find,
                   std::function<void(const RoomEvent&)> tell)
    : room_(room),
      takers_(takers),
      allowed_(std::move(allowed)),
      find_(std::move(find)),
      tell_(std::move(tell)),
      self_(std::make_shared<RoomTaps*>(this)) {}

RoomTaps::~RoomTaps() { close("the room was closed"); }

std::function<void(RoomTaps::Task)> RoomTaps::poster() const {
  return [&executor = room_.executor, weak = std::weak_ptr(self_)](Task task) {
    // A pipeline that does not stop outlives the room and its thread.
    if (const auto held = weak.lock())
      executor.post([weak, task = std::move(task)] {
        if (const auto self = weak.lock()) task(**self);
      });
  };
}

Status RoomTaps::check(const TapRequest& request) const {
  if (!request.take && allowed_.empty())
    return Error{"tap-off",
                 "This server runs nobody's pipelines; --tap-elements would say of what they may "
                 "be made."};
  const auto running = std::count_if(entries_.begin(), entries_.end(), [](const auto& entry) {
    return entry.second.pipeline != nullptr;
  });
  if (!request.take && static_cast<std::size_t>(running) >= kMostTaps)
    return Error{"too-many-taps", "This room has 32 taps that run; stop one first."};
  if (is_mix(request.track)) return MixTakers::check(wish_for(request.kind));
  if (find_(request.track)) return Done{};
  return Error{"track-unknown", "There is no track '" + request.track.substr(0, 64) +
                                    "' in this room; GET the room lists them, and 'mix' is all."};
}

void RoomTaps::start(const TapRequest& request, Reply<TapInfo> reply) {
  if (auto checked = check(request); !checked) return reply(checked.error());
  TapPipeline::Settings settings;
  settings.raw = request.raw;
  if (!request.take) {
    auto description = read_tap_description(request.pipeline);
    if (!description) return reply(description.error());
    if (auto checked = check_tap_elements(*description, allowed_); !checked)
      return reply(checked.error());
    settings.description = std::move(*description);
  }
  const unsigned number = ++last_number_;
  auto& entry = entries_[number];
  entry.info.id = std::to_string(number);
  entry.info.track = request.track;
  entry.info.raw = request.raw;
  entry.info.pipeline = request.pipeline;
  entry.info.kind = request.kind;
  entry.info.state = kStarting;
  settings.codec = request.kind == MediaKind::kVideo ? kTappedPicture : kTappedSound;
  if (const auto track = is_mix(request.track) ? std::nullopt : find_(request.track)) {
    entry.info.kind = track->kind;
    settings.codec = codec_named(track->codec);
  }
  entry.take = request.take;
  entry.waiting.push_back(std::move(reply));
  forget_oldest();
  if (entry.take) return opened(number, Done{});
  const auto post = poster();
  entry.pipeline = std::make_shared<TapPipeline>(
      std::move(settings), [post, number](bool failed, const std::string& why) {
        post([=](RoomTaps& self) { self.end(number, failed ? "failed" : "ended", why); });
      });
  entry.pipeline->open([post, number](const Status& status) {
    post([=](RoomTaps& self) { self.opened(number, status); });
  });
}

Status RoomTaps::attach(Entry& entry) {
  TapFrames frames;
  frames.video = entry.info.kind == MediaKind::kVideo;
  const TrackTap* tap = nullptr;
  if (is_mix(entry.info.track)) {
    auto taken = takers_.take(wish_for(entry.info.kind));
    if (!taken) return taken.error();
    entry.mix = std::move(*taken);
    tap = frames.video ? entry.mix->picture() : entry.mix->sound();
  } else {
    const auto track = find_(entry.info.track);
    if (!track) return Error{"track-unknown", "The track has gone."};
    entry.track = std::make_unique<TrackTap>(room_, track->id, track->muted);
    tap = entry.track.get();
  }
  frames.stream = tap->stream();
  frames.request_keyframe = tap->keyframe_request();
  if (entry.take) {
    entry.take(std::move(frames));
  } else {
    entry.pipeline->begin(std::move(frames));
  }
  return Done{};
}

void RoomTaps::opened(unsigned number, const Status& status) {
  const auto at = entries_.find(number);
  if (at == entries_.end() || at->second.info.state != kStarting) return;
  auto& entry = at->second;
  const auto attached = status ? attach(entry) : status;
  if (!attached) {
    const auto replies = std::exchange(entry.waiting, {});
    detach(entry);
    entries_.erase(at);
    for (const auto& reply : replies) reply(attached.error());
    return;
  }
  entry.info.state = kRunning;
  tell_(event::TapChanged{entry.info.id, entry.info.track, kRunning, ""});
  answer(entry);
}

void RoomTaps::detach(Entry& entry) {
  entry.track.reset();
  entry.mix.reset();
  entry.take = nullptr;
  // It may take its time to stop; the room has none.
  if (entry.pipeline)
    std::thread([pipeline = std::move(entry.pipeline)]() mutable { pipeline.reset(); }).detach();
  entry.pipeline = nullptr;
}

void RoomTaps::end(unsigned number, const std::string& state, const std::string& reason) {
  const auto at = entries_.find(number);
  if (at == entries_.end()) return;
  auto& entry = at->second;
  if (!entry.running() && entry.info.state != kStopping && entry.info.state != kStarting) return;
  entry.info = info_of(entry);
  entry.info.state = state;
  entry.info.reason = reason;
  detach(entry);
  tell_(event::TapChanged{entry.info.id, entry.info.track, state, reason});
  answer(entry);
}

void RoomTaps::stop(const std::string& id, Reply<TapInfo> reply) {
  const auto at = with_id(id);
  if (at == entries_.end()) return reply(unknown_tap(id));
  const unsigned number = at->first;
  auto& entry = entries_[number];
  const bool stopping = entry.info.state == kStopping;
  if (!entry.running() && !stopping) return reply(info_of(entry));
  entry.waiting.push_back(std::move(reply));
  if (stopping) return;
  if (!entry.pipeline) return end(number, "ended", "It was stopped.");
  entry.info.state = kStopping;
  entry.deadline = room_.executor.call_later(kStopPatience, [this, number] {
    end(number, "failed", "It did not stop, and was left to itself.");
  });
  entry.pipeline->stop([post = poster(), number] {
    post([number](RoomTaps& self) { self.end(number, "ended", "It was stopped."); });
  });
}

void RoomTaps::answer(Entry& entry) {
  const auto info = info_of(entry);
  for (const auto& reply : std::exchange(entry.waiting, {})) reply(info);
}

void RoomTaps::follow() {
  std::vector<unsigned> gone;
  for (const auto& [number, entry] : entries_)
    if (entry.track && !find_(entry.info.track)) gone.push_back(number);
  for (const auto number : gone) end(number, "ended", "Its track has gone.");
}

void RoomTaps::set_muted(const std::string& track, bool muted) {
  for (auto& [number, entry] : entries_)
    if (entry.track && entry.info.track == track) entry.track->set_muted(muted);
}

bool RoomTaps::takes(const std::string& track) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry.second.track && entry.second.info.track == track;
  });
}

bool RoomTaps::needs_media() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& entry) { return entry.second.track != nullptr; });
}

void RoomTaps::forget_oldest() {
  for (auto at = entries_.begin(); at != entries_.end() && entries_.size() > kMostKnownTaps;) {
    const auto& state = at->second.info.state;
    const bool over = state == "ended" || state == "failed";
    at = over ? entries_.erase(at) : std::next(at);
  }
}

RoomTaps::Entries::const_iterator RoomTaps::with_id(const std::string& id) const {
  return std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry.second.info.id == id && entry.second.info.state != kStarting;
  });
}

TapInfo RoomTaps::info_of(const Entry& entry) {
  auto info = entry.info;
  if (!entry.pipeline) return info;
  const auto counters = entry.pipeline->counters();
  info.frames = counters.frames;
  info.dropped = counters.dropped;
  return info;
}

Result<TapInfo> RoomTaps::find(const std::string& id) const {
  const auto at = with_id(id);
  if (at == entries_.end()) return unknown_tap(id);
  return info_of(at->second);
}

std::vector<TapInfo> RoomTaps::all() const {
  std::vector<TapInfo> infos;
  for (const auto& [number, entry] : entries_)
    if (entry.info.state != kStarting) infos.push_back(info_of(entry));
  return infos;
}

void RoomTaps::close(const std::string& reason) {
  self_.reset();  // what comes from now on is answered here
  auto entries = std::exchange(entries_, {});
  std::vector<std::future<void>> ended;
  for (auto& [number, entry] : entries) {
    entry.track.reset();
    entry.mix.reset();
    for (const auto& reply : std::exchange(entry.waiting, {}))
      reply(Error{"room-closing", "The room is being closed: " + reason + "."});
    if (!entry.pipeline) continue;
    auto promise = std::make_shared<std::promise<void>>();
    ended.push_back(promise->get_future());
    auto& pipeline = *entry.pipeline;
    pipeline.stop([] {});
    std::thread([held = std::move(entry.pipeline), promise]() mutable {
      held.reset();
      promise->set_value();
    }).detach();
  }
  const auto deadline = std::chrono::steady_clock::now() + kClosePatience;
  for (const auto& one : ended)
    if (one.wait_until(deadline) != std::future_status::ready)
      g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "a tap does not stop; the room closes without it");
}

}  // namespace rooms
