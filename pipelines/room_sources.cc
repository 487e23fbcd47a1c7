// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_sources.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

/// Those that are over are remembered, up to here.
constexpr std::size_t kMostKnownSources = 50;

Error unknown_source(const std::string& id) {
  return {"source-unknown",
          "There is no source '" + id.substr(0, 64) + "' in this room; GET ../sources lists them."};
}

}  // namespace

RoomSources::RoomSources(RoomContext& context, Rules rules, Room room)
    : context_(context),
      rules_(std::move(rules)),
      room_(std::move(room)),
      self_(std::make_shared<RoomSources*>(this)) {}

RoomSources::~RoomSources() {
  for (auto& [number, entry] : entries_) {
    if (!entry.source) continue;
    retire(entry);
    if (entry.over) entry.over(entry.info.id);
  }
  leaving_.clear();  // each waits
}

std::function<void(RoomSources::Task)> RoomSources::poster() const {
  return [&executor = context_.executor, weak = std::weak_ptr(self_)](Task task) {
    executor.post([weak, task = std::move(task)] {
      if (const auto self = weak.lock()) task(**self);
    });
  };
}

Result<SourceInfo> RoomSources::start(const SourceRequest& request) {
  const auto uri =
      request.stream
          ? Result<SourceUri>(SourceUri{request.uri, "srt", request.uri})
          : read_source_uri(request.uri, request.is_trusted ? source_schemes() : rules_.schemes);
  if (!uri) return uri.error();
  const auto running = std::count_if(entries_.begin(), entries_.end(), [](const auto& entry) {
    return entry.second.source != nullptr;
  });
  if (running >= rules_.most)
    return Error{"too-many-sources", "This room has as many sources as it may (" +
                                         std::to_string(rules_.most) +
                                         "); stop one first, or raise max-sources."};
  JoinRequest join;
  join.name = request.name.empty() ? "source" : request.name;
  join.id = request.participant;
  const auto joined = room_.join(std::move(join));
  if (!joined) return joined.error();

  const unsigned number = ++last_number_;
  auto& entry = entries_[number];
  entry.info.id = std::to_string(number);
  entry.info.participant = joined->self.id;
  entry.info.name = joined->self.name;
  entry.info.uri = uri->shown;
  entry.info.state = name_of(SourceState::kConnecting);
  entry.info.loop = request.loop;
  entry.over = request.over;
  const auto post = poster();
  MediaSource::Callbacks callbacks;
  callbacks.on_state = [post, number](const MediaSource::Report& report) {
    post([=](RoomSources& self) { self.on_state(number, report); });
  };
  callbacks.on_streams = [post, number](std::vector<MediaSource::Stream> streams) {
    post([=](RoomSources& self) { self.on_streams(number, streams); });
  };
  entry.source = std::make_unique<MediaSource>(
      entry.info.participant,
      SourcePipeline::Settings{*uri, request.transport, request.reencode, request.stream},
      MediaSource::Habits{request.loop, request.most_retries},
      gst_element_get_base_time(GST_ELEMENT_CAST(context_.pipeline)), std::move(callbacks));
  forget_oldest();
  return info_of(entry);
}

void RoomSources::on_state(unsigned number, const MediaSource::Report& report) {
  const auto at = entries_.find(number);
  if (at == entries_.end() || !at->second.source) return;
  auto& info = at->second.info;
  info.state = name_of(report.state);
  info.reason = report.reason;
  info.connections_lost = report.connections_lost;
  room_.tell(event::SourceChanged{info.id, info.participant, info.state, info.reason});
  if (report.state == SourceState::kFailed || report.state == SourceState::kEnded)
    end(number, report.reason);
}

void RoomSources::on_streams(unsigned number, std::vector<MediaSource::Stream> streams) {
  const auto at = entries_.find(number);
  if (at == entries_.end() || !at->second.source) {
    for (const auto& stream : streams) stream.port->close();
    return;
  }
  auto& entry = at->second;
  const auto former = std::exchange(entry.streams, std::move(streams));
  for (const auto& old : former) {
    const bool stays = std::any_of(entry.streams.begin(), entry.streams.end(),
                                   [&](const auto& one) { return one.port == old.port; });
    if (!stays) old.port->close();
  }
  std::vector<Carried> carried;
  for (const auto& stream : entry.streams)
    carried.push_back({std::string(name_of(stream.branch.kind)), stream.port});
  const auto tracks = room_.carry(entry.info.participant, carried);
  entry.info.tracks.clear();
  for (std::size_t i = 0; i < std::min(tracks.size(), entry.streams.size()); ++i) {
    const auto& branch = entry.streams[i].branch;
    entry.info.tracks.push_back(
        {tracks[i].id, branch.kind, tracks[i].codec, branch.from, branch.encodes, 0});
  }
}

void RoomSources::retire(Entry& entry) {
  // Whoever waits to be let in comes out, so that the pipeline can stop.
  for (const auto& stream : entry.streams) stream.port->close();
  // A pipeline may take its time to hang up; the room has none.
  std::erase_if(leaving_, [](const std::future<void>& one) {
    return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  });
  leaving_.push_back(std::async(std::launch::async,
                                [source = std::move(entry.source)]() mutable { source.reset(); }));
  entry.source = nullptr;
}

void RoomSources::end(unsigned number, const std::string& reason) {
  auto& entry = entries_.at(number);
  retire(entry);
  room_.leave(std::exchange(entry.info.participant, {}), reason);
  entry.streams.clear();
  entry.info.tracks.clear();
  if (const auto over = std::exchange(entry.over, nullptr)) over(entry.info.id);
}

Result<SourceInfo> RoomSources::stop(const std::string& id) {
  const auto at = with_id(id);
  if (at == entries_.end()) return unknown_source(id);
  const auto number = at->first;
  auto& entry = entries_.at(number);
  auto info = info_of(entry);
  if (entry.source) {
    entry.info.state = info.state = name_of(SourceState::kEnded);
    entry.info.reason = info.reason = "It was stopped.";
    room_.tell(event::SourceChanged{info.id, info.participant, info.state, info.reason});
    end(number, "stopped");
  }
  entries_.erase(number);
  return info;
}

Result<SourceInfo> RoomSources::find(const std::string& id) const {
  const auto at = with_id(id);
  if (at == entries_.end()) return unknown_source(id);
  return info_of(at->second);
}

std::vector<SourceInfo> RoomSources::all() const {
  std::vector<SourceInfo> infos;
  for (const auto& [number, entry] : entries_) infos.push_back(info_of(entry));
  return infos;
}

std::vector<event::SourceChanged> RoomSources::missing() const {
  std::vector<event::SourceChanged> events;
  for (const auto& [number, entry] : entries_)
    if (entry.source && entry.info.state != name_of(SourceState::kLive))
      events.push_back(
          {entry.info.id, entry.info.participant, entry.info.state, entry.info.reason});
  return events;
}

SourceInfo RoomSources::info_of(const Entry& entry) {
  auto info = entry.info;
  for (std::size_t i = 0; i < info.tracks.size(); ++i)
    info.tracks[i].packets = entry.streams[i].port->packets();
  return info;
}

void RoomSources::forget_oldest() {
  for (auto at = entries_.begin(); entries_.size() > kMostKnownSources && at != entries_.end();)
    at = at->second.source ? std::next(at) : entries_.erase(at);
}

RoomSources::Entries::const_iterator RoomSources::with_id(const std::string& id) const {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const auto& entry) { return entry.second.info.id == id; });
}

}  // namespace rooms
