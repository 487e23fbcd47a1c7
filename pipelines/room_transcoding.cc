// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is shown a track, and what records it, in another codec than its publisher's.
#include <algorithm>

#include "gst/glue/clock.h"
#include "pipelines/mix_codecs.h"
#include "pipelines/room_core.h"

namespace rooms {
namespace {

bool contains(const std::vector<Codec>& codecs, Codec codec) {
  return std::find(codecs.begin(), codecs.end(), codec) != codecs.end();
}

}  // namespace

Codec RoomCore::transcodes_to(const Participant& viewer, const PublishedTrack& track) const {
  if (track.info.kind != MediaKind::kVideo || !viewer.takes_tracks(track.info.kind))
    return Codec::kUnknown;
  const auto decodable = viewer.decodable(MediaKind::kVideo);
  if (decodable.empty() || contains(decodable, track.codec) || !decoder_line(track.codec))
    return Codec::kUnknown;
  const auto publisher = find(track.info.participant);
  // Who can be asked to send what all decode is asked, which costs nothing.
  const bool can_change = publisher && publisher->follows_demand &&
                          std::any_of(track.offered.begin(), track.offered.end(),
                                      [&](Codec codec) { return contains(agreed_.video, codec); });
  if (can_change) return Codec::kUnknown;
  for (const auto codec : mix_video_codecs())
    if (contains(decodable, codec)) return codec;
  return Codec::kUnknown;
}

void RoomCore::follow_transcodings() {
  std::vector<RoomTranscoder::Wish> wishes;
  struct Shown {
    Subscription* subscription;
    std::string track;
    Codec to;
  };
  std::vector<Shown> shown;
  for (const auto& viewer : participants_) {
    if (!viewer->subscription) continue;
    for (const auto& slot : viewer->subscription->contents()) {
      if (slot.kind != MediaKind::kVideo || slot.track.empty()) continue;
      const auto* track = track_with_id(slot.track);
      if (!track || track->info.participant == kMixParticipant) continue;
      const auto to = transcodes_to(*viewer, *track);
      shown.push_back({viewer->subscription.get(), slot.track, to});
      const bool known = std::any_of(wishes.begin(), wishes.end(), [&](const auto& wish) {
        return wish.track == slot.track && wish.to == to;
      });
      if (to != Codec::kUnknown && !known) wishes.push_back({slot.track, track->codec, to});
    }
  }
  for (const auto& wish : recordings_->transcodings()) {
    const bool known = std::any_of(wishes.begin(), wishes.end(), [&](const auto& other) {
      return other.track == wish.track && other.to == wish.to;
    });
    if (!known) wishes.push_back(wish);
  }
  if (wishes.empty() && transcoder_->is_empty()) return;
  transcoder_->follow(
      wishes,
      [this](const std::string& track) -> const std::vector<TrackLayer>& {
        return layers_of(track);
      },
      monotonic_now());
  for (const auto& one : shown) {
    const auto source = one.to == Codec::kUnknown ? "" : transcoder_->source(one.track, one.to);
    one.subscription->redirect(one.track, source);
  }
}

}  // namespace rooms
