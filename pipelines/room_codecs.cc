// SPDX-License-Identifier: LGPL-2.1-or-later
// The codecs that everybody in a room can decode, and what happens when somebody cannot.
#include <algorithm>

#include "pipelines/room_core.h"

namespace rooms {
namespace {

bool contains(const std::vector<Codec>& codecs, Codec codec) {
  return std::find(codecs.begin(), codecs.end(), codec) != codecs.end();
}

std::vector<std::string> names_of(const std::vector<Codec>& codecs) {
  std::vector<std::string> names;
  for (const auto codec : codecs) names.emplace_back(name_of(codec));
  return names;
}

}  // namespace

CodecPolicy RoomCore::policy() const {
  const auto common = [&](MediaKind kind) {
    std::vector<Codec> codecs;
    bool limited = false;
    for (const auto& row : codec_profiles())
      if (row.kind == kind && !contains(codecs, row.codec)) codecs.push_back(row.codec);
    for (const auto& participant : participants_) {
      const auto decodable = participant->decodable(kind);
      if (decodable.empty() || !participant->takes_tracks(kind)) continue;
      limited = true;
      std::erase_if(codecs, [&](Codec codec) { return !contains(decodable, codec); });
    }
    // Nobody has said anything: the publisher's own order counts.
    return limited ? codecs : std::vector<Codec>{};
  };
  return {common(MediaKind::kAudio), common(MediaKind::kVideo), false};
}

CodecPolicy RoomCore::policy_for(const SessionDescription& offer) const {
  const auto agreed = policy();
  CodecPolicy ordered;
  for (const auto& media : offer.media) {
    const bool audio = media.kind == MediaKind::kAudio;
    auto& chosen = audio ? ordered.audio : ordered.video;
    for (const auto& format : media.formats) {
      const auto codec = codec_named(format.name);
      if (contains(audio ? agreed.audio : agreed.video, codec) && !contains(chosen, codec))
        chosen.push_back(codec);
    }
  }
  return ordered;
}

void RoomCore::agree_on_codecs() {
  const auto agreed = policy();
  const bool changed = agreed.audio != agreed_.audio || agreed.video != agreed_.video;
  agreed_ = agreed;
  if (changed) tell_others("", event::RoomCodecs{names_of(agreed.audio), names_of(agreed.video)});

  for (const auto& publisher : std::vector(participants_)) {
    if (!publisher->publication) continue;
    bool could_change = false;
    for (const auto& track : publisher->publication->tracks()) {
      const auto& common = track.info.kind == MediaKind::kAudio ? agreed.audio : agreed.video;
      if (!common.empty() && !contains(common, track.codec))
        could_change |= std::any_of(track.offered.begin(), track.offered.end(),
                                    [&](Codec c) { return contains(common, c); });
      for (const auto& viewer : participants_) {
        const auto decodable = viewer->decodable(track.info.kind);
        if (viewer == publisher || decodable.empty() || !viewer->subscription ||
            !viewer->takes_tracks(track.info.kind))
          continue;
        auto& told = viewer->undecodable;
        const bool mismatch = !contains(decodable, track.codec);
        const bool known = std::find(told.begin(), told.end(), track.info.id) != told.end();
        if (!mismatch && known) std::erase(told, track.info.id);
        if (!mismatch || known) continue;
        told.push_back(track.info.id);
        const auto transcoded = transcodes_to(*viewer, track);
        const event::CodecMismatch news{
            track.info, viewer->id,
            transcoded != Codec::kUnknown ? std::string(name_of(transcoded)) : ""};
        tell(*publisher, news);
        tell(*viewer, news);
      }
    }
    if (changed && could_change)
      tell(*publisher,
           event::RepublishWanted{
               "Somebody in the room cannot decode what you send; offer again, and the answer "
               "picks a codec that everybody can."});
  }
}

}  // namespace rooms
