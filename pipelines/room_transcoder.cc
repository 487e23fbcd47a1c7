// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_transcoder.h"

#include <algorithm>

#include "gst/core/allocation/covering_layer.h"
#include "pipelines/mix_codecs.h"

namespace rooms {
namespace {

/// More is encoded of nobody: who needs this has a weak device.
constexpr Size kLargest{1280, 720};
constexpr Duration kRest = std::chrono::seconds(2);

struct Choice {
  int max_spatial = -1;
  Size size = kLargest;
};

Choice choose(const std::vector<TrackLayer>& layers) {
  Choice choice;
  const auto spatial = covering_layer(layers, kLargest);
  if (!spatial) return choice;
  choice.max_spatial = *spatial;
  for (const auto& layer : layers)
    if (layer.spatial == *spatial && layer.width > 0)
      choice.size = {static_cast<int>(layer.width), static_cast<int>(layer.height)};
  return choice;
}

}  // namespace

std::string RoomTranscoder::track_for(const std::string& track, Codec to) {
  return "mix/" + std::string(name_of(to)) + "/" + track;
}

void RoomTranscoder::follow(const std::vector<Wish>& wishes, const MixVideo::LayersOf& layers_of,
                            Timestamp now) {
  for (auto at = transcodings_.begin(); at != transcodings_.end();) {
    auto& [key, transcoding] = *at;
    const auto wish = std::find_if(wishes.begin(), wishes.end(), [&](const auto& one) {
      return Key(one.track, one.to) == at->first;
    });
    const bool changed = wish != wishes.end() && wish->from != transcoding.from;
    if (wish != wishes.end()) {
      transcoding.idle_since.reset();
    } else if (!transcoding.idle_since) {
      transcoding.idle_since = now;
    }
    if (changed || (transcoding.idle_since && now - *transcoding.idle_since >= linger_)) {
      stop(transcoding);
      at = transcodings_.erase(at);
    } else {
      ++at;
    }
  }
  for (const auto& wish : wishes) {
    const Key key{wish.track, wish.to};
    auto& transcoding = transcodings_[key];
    transcoding.from = wish.from;
    const auto choice = choose(layers_of(wish.track));
    make(transcoding, key, choice.size, now);
    if (!transcoding.tap) continue;
    transcoding.tap->limit(choice.max_spatial);
    transcoding.tap->pause(false);
  }
}

void RoomTranscoder::make(Transcoding& transcoding, const Key& key, Size size, Timestamp now) {
  if (transcoding.tap || (transcoding.retry_at && now < *transcoding.retry_at)) return;
  auto encoder =
      MixEncoder::create(room_, track_for(key.first, key.second), key.second, size, nullptr);
  auto tap = encoder ? MixTap::create(room_, key.first, transcoding.from, (*encoder)->sink())
                     : Result<std::unique_ptr<MixTap>>(encoder.error());
  if (!tap) {
    g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "%s is not transcoded: %s", key.first.c_str(),
          tap.error().message.c_str());
    transcoding.retry_at = now + kRest;
    return;
  }
  transcoding.encoder = std::move(*encoder);
  transcoding.tap = std::move(*tap);
}

void RoomTranscoder::stop(Transcoding& transcoding) {
  transcoding.tap.reset();
  transcoding.encoder.reset();
}

std::string RoomTranscoder::source(const std::string& track, Codec to) const {
  const auto found = transcodings_.find({track, to});
  const bool flows = found != transcodings_.end() && found->second.encoder;
  return flows ? found->second.encoder->track().info.id : std::string();
}

std::vector<MixVideo::Decoded> RoomTranscoder::decoded() const {
  std::vector<MixVideo::Decoded> decoded;
  for (const auto& [key, transcoding] : transcodings_)
    if (transcoding.tap) decoded.push_back({key.first, transcoding.tap->max_spatial()});
  return decoded;
}

bool RoomTranscoder::take_error(GstObject* source, Timestamp now) {
  for (auto& [key, transcoding] : transcodings_) {
    const bool ours = (transcoding.tap && transcoding.tap->contains(source)) ||
                      (transcoding.encoder && transcoding.encoder->contains(source));
    if (!ours) continue;
    stop(transcoding);
    transcoding.retry_at = now + kRest;
    return true;
  }
  return false;
}

std::vector<MixStats::Encoder> RoomTranscoder::stats() const {
  std::vector<MixStats::Encoder> stats;
  for (const auto& [key, transcoding] : transcodings_)
    if (transcoding.encoder)
      stats.push_back({transcoding.encoder->track().info, transcoding.encoder->stats(), 0});
  return stats;
}

}  // namespace rooms
