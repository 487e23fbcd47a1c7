// SPDX-License-Identifier: LGPL-2.1-or-later
// What is watched of each track, to its publisher: so that a phone uploads only that.
#include <algorithm>
#include <optional>

#include "gst/core/allocation/encoding_wishes.h"
#include "gst/core/allocation/upload_limit.h"
#include "gst/glue/clock.h"
#include "pipelines/room_core.h"

namespace rooms {
namespace {

/// Less than the allocator gives away: a cap that is met exactly leaves nothing for
/// retransmissions.
constexpr double kUsable = 0.95;
/// Of a sender's maximum, which counts payload, in what is on the wire.
constexpr double kPayload = 0.95;

/// Of one track of sound: stereo, and with redundancy.
constexpr DataRate kMostAudio = DataRate::kilobits_per_second(150);

/// What the line has left for each track that only its publisher can make smaller; negative: that
/// much too little.
std::optional<DataRate> spare_of(const event::Allocated& allocated, DataRate audio,
                                 std::size_t indivisible) {
  if (!allocated.estimating) return std::nullopt;
  auto left = allocated.estimate * kUsable - audio;
  for (const auto& slot : allocated.slots) left = left - slot.given.bitrate;
  if (indivisible == 0) return DataRate();
  return left * (1.0 / static_cast<double>(indivisible));
}

LayerWish as_position(const PublishedTrack& track, const EncodingWish& wish) {
  const auto most = wish.most < DataRate::unlimited() ? wish.most * kPayload : wish.most;
  return {track.encoding_of(wish.rid), most};
}

/// The encodings of a track, lowest first.
std::vector<EncodingUpload> uploads_of(PublishedTrack& track,
                                       const std::vector<TrackLayer>& layers) {
  std::vector<EncodingUpload> encodings;
  track.most.resize(track.rids.size());
  for (auto at = layers.begin(); at != layers.end(); ++at) {
    const auto i = track.encoding_of(at->rid);
    if (i == track.rids.size()) continue;
    auto& most = track.most[i];
    most = std::max(most, DataRate::bits_per_second(static_cast<std::int64_t>(at->bitrate)));
    // Its layers follow each other, and the last one is all of it.
    if (at + 1 != layers.end() && (at + 1)->rid == at->rid) continue;
    encodings.push_back({most, track.demand.demand()[i]});
  }
  return encodings;
}

/// Each of its layers is somebody's rendition.
void wish_for_all(const PublishedTrack& track, std::vector<LayerWish>& wishes) {
  for (std::size_t i = 0; i < track.rids.size(); ++i) wishes.push_back({i});
}

bool holds_back(const UpstreamDemand& demand) {
  return std::any_of(demand.demand().begin(), demand.demand().end(),
                     [](const auto& encoding) { return !encoding.active || encoding.max_bitrate; });
}

}  // namespace

void RoomCore::collect_wishes(const Participant& viewer, Wishes& wishes) {
  const auto& allocated = viewer.subscription->allocated();
  const auto counts = [&](const SlotShare& slot) {
    return slot.given.reason != AllocationReason::kNotVisible &&
           is_indivisible(layers_of(slot.track));
  };
  const auto indivisible = static_cast<std::size_t>(
      std::count_if(allocated.slots.begin(), allocated.slots.end(), counts));
  const auto spare = spare_of(allocated, audio_of(viewer), indivisible);
  for (const auto& slot : allocated.slots) {
    const auto* track = track_with_id(slot.track);
    if (!track) continue;
    const ShownTrack shown{slot.given, layers_of(slot.track), track->unrestrained,
                           track->demand.is_capped(0)};
    for (const auto& wish : wishes_for(shown, spare))
      wishes[slot.track].push_back(as_position(*track, wish));
  }
}

/// A recording is a viewer whose line has no limit.
void RoomCore::wish_for_best(const PublishedTrack& track, std::vector<LayerWish>& wishes) {
  const auto& layers = layers_of(track.info.id);
  if (layers.empty()) {
    // Nothing has come yet that would tell which one is the best.
    for (std::size_t i = 0; i < track.rids.size(); ++i) wishes.push_back({i});
  } else {
    wishes.push_back({track.encoding_of(layers.back().rid)});
  }
}

void RoomCore::follow_demand() {
  const auto now = monotonic_now();
  Wishes wishes;
  for (const auto& participant : participants_)
    if (participant->subscription) collect_wishes(*participant, wishes);
  collect_mix_wishes(wishes);
  for (const auto& participant : participants_) {
    auto* publication = participant->publication.get();
    if (!publication) continue;
    const bool is_limited = !participant->follows_demand && publication->takes_limit();
    if (!participant->follows_demand && !is_limited) continue;
    for (auto& track : publication->tracks()) {
      if (track.info.kind != MediaKind::kVideo) continue;
      if (recordings_->takes(track.info.id) || playouts_->takes(track.info.id) ||
          taps_->takes(track.info.id))
        wish_for_best(track, wishes[track.info.id]);
      // Also of what nobody is shown it is to be known whether it comes.
      (void)layers_of(track.info.id);
      if (hls_->takes(track.info.id)) wish_for_all(track, wishes[track.info.id]);
      if (!track.demand.update(track.rids.size(), wishes[track.info.id], now)) continue;
      if (is_limited) continue;
      // Without a word everything is sent.
      if (!track.was_told && !holds_back(track.demand)) continue;
      track.was_told = true;
      tell_demand(*participant, track);
    }
    if (is_limited) limit_upload(*publication);
  }
}

/// Who cannot be told of encodings is told a rate that leaves no room for those that nobody wants.
void RoomCore::limit_upload(Publication& publication) {
  std::vector<std::vector<EncodingUpload>> tracks;
  DataRate audio;
  for (auto& track : publication.tracks()) {
    if (track.info.kind == MediaKind::kAudio) audio = audio + kMostAudio;
    if (track.info.kind == MediaKind::kVideo)
      tracks.push_back(uploads_of(track, layers_of(track.info.id)));
  }
  publication.limit(upload_limit(tracks, audio));
}

void RoomCore::tell_demand(const Participant& publisher, const PublishedTrack& track) const {
  event::EncodingsWanted wanted{track.info.id, {}};
  for (std::size_t i = 0; i < track.rids.size(); ++i)
    wanted.encodings.push_back({track.rids[i], track.demand.demand()[i]});
  tell(publisher, wanted);
}

void RoomCore::repeat_demand(const Participant& publisher) const {
  if (!publisher.publication) return;
  for (const auto& track : publisher.publication->tracks())
    if (track.was_told && track.demand.demand().size() == track.rids.size())
      tell_demand(publisher, track);
}

}  // namespace rooms
