// SPDX-License-Identifier: LGPL-2.1-or-later
// Sources as participants: their tracks come and go as those of connections do.
#include <algorithm>

#include "pipelines/room_core.h"

namespace rooms {

std::unique_ptr<RoomSources> RoomCore::make_sources() {
  RoomSources::Room room;
  room.join = [this](JoinRequest request) { return join(std::move(request)); };
  room.leave = [this](const std::string& id, const std::string& reason) { leave(id, reason); };
  room.carry = [this](const std::string& id, const std::vector<RoomSources::Carried>& streams) {
    return carry(id, streams);
  };
  room.tell = [this](const RoomEvent& event) { tell_others("", event); };
  return std::make_unique<RoomSources>(
      *context_, RoomSources::Rules{policy_.source_schemes, policy_.max_sources}, std::move(room));
}

std::unique_ptr<RoomTaps> RoomCore::make_taps() {
  return std::make_unique<RoomTaps>(
      *context_, *takers_, policy_.tap_elements,
      [this](const std::string& id) -> std::optional<TrackInfo> {
        const auto* track = id.empty() ? nullptr : track_with_id(id);
        return track ? std::optional(track->info) : std::nullopt;
      },
      [this](const RoomEvent& event) {
        tell_others("", event);
        follow_topology();
      });
}

Result<std::shared_ptr<SourcePort>> RoomCore::open_port(const std::string& id,
                                                        const std::string& mid, Codec codec) {
  const auto found = require(id);
  if (!found) return found.error();
  const auto* publication = (*found)->publication.get();
  if (publication && publication->peer())
    return Error{"connected", "The participant '" + id + "' publishes by a connection."};
  if (publication)
    for (const auto& track : publication->tracks())
      if (track.mid == mid)
        return Error{"mid-taken", "The participant '" + id + "' sends '" + mid + "' already."};
  const auto* profile = profile_of(codec);
  if (!profile) return Error{"codec-unsupported", "A room does not carry that."};
  auto port = std::make_shared<SourcePort>(
      profile->kind, codec, gst_element_get_base_time(pipeline_.get()), context_->random_ssrc());
  carry(id, {{mid, port}});
  return port;
}

void RoomCore::close_port(const std::string& id, const std::string& mid) {
  const auto participant = find(id);
  auto* publication = participant ? participant->publication.get() : nullptr;
  if (!publication) return;
  for (const auto& track : std::vector(publication->tracks())) {
    if (track.mid != mid) continue;
    publication->remove_track(mid);
    announce(*participant, {}, {track.info});
  }
}

std::vector<TrackInfo> RoomCore::carry(const std::string& id,
                                       const std::vector<RoomSources::Carried>& streams) {
  const auto participant = find(id);
  if (!participant) return {};
  auto& publication = participant->publication;
  if (!publication)
    publication =
        std::make_unique<Publication>(*context_, id, callbacks_for(id, ConnectionRole::kPublish));
  std::vector<TrackInfo> tracks;
  std::vector<TrackInfo> added;
  std::vector<TrackInfo> removed;
  for (const auto& stream : streams) {
    const auto& known = publication->tracks();
    const auto before = std::find_if(known.begin(), known.end(),
                                     [&](const auto& track) { return track.mid == stream.mid; });
    if (before != known.end() && gst_pad_is_linked(stream.port->pad().get())) {
      tracks.push_back(before->info);
      continue;
    }
    if (before != known.end()) {
      removed.push_back(before->info);
      publication->remove_track(stream.mid);
    }
    publication->carry(stream.mid, stream.port->kind(), stream.port->codec(), stream.port->pad(),
                       [port = stream.port] { return port->take_levels(); });
    auto& track = publication->tracks().back();
    moderate(*participant, track);
    added.push_back(track.info);
    tracks.push_back(track.info);
  }
  announce(*participant, added, removed);
  if (!added.empty()) agree_on_codecs();
  for (const auto& stream : streams) stream.port->open();
  return tracks;
}

}  // namespace rooms
