// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_video.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "gst/core/allocation/covering_layer.h"
#include "pipelines/mix_codecs.h"

namespace rooms {
namespace {

/// Of tiles that move; what an instruction asks for is there after that.
constexpr Duration kAnimation = std::chrono::milliseconds(110);

Size tile_of(const MixFeed& feed) {
  Size size;
  g_object_get(feed.pad(), "tile-width", &size.width, "tile-height", &size.height, nullptr);
  return size;
}

void on_tile(GstPad* /*pad*/, GParamSpec* /*spec*/, gpointer changed) {
  (*static_cast<std::function<void()>*>(changed))();
}

}  // namespace

std::string mix_picture_track(const MixFormat& format) {
  std::string name = "mix/video-";
  for (const char c : name_of(format.codec))
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return format.height > 0 ? name + "-" + std::to_string(format.height) : name;
}

MixVideo::MixVideo(RoomContext& room, const MixSettings& settings,
                   std::function<void()> tiles_changed)
    : room_(room), tiles_changed_(std::move(tiles_changed)), size_(settings.size) {
  grid_ = sink(gst_element_factory_make("videogrid", "mix-grid"));
  tee_ = sink(gst_element_factory_make("tee", "mix-tee"));
  g_assert(grid_ && tee_);
  g_object_set(tee_.get(), "allow-not-linked", TRUE, nullptr);
  g_object_set(grid_.get(), "ignore-eos", TRUE, "animation-duration",
               static_cast<guint64>(kAnimation.count()), nullptr);
  gst_util_set_object_arg(G_OBJECT(grid_.get()), "framerate",
                          (std::to_string(kMixFrameRate) + "/1").c_str());
  gst_bin_add_many(room_.pipeline, grid_.get(), tee_.get(), nullptr);
  gst_element_link(grid_.get(), tee_.get());
  configure(settings);
  gst_element_sync_state_with_parent(tee_.get());
  gst_element_sync_state_with_parent(grid_.get());
}

MixVideo::~MixVideo() {
  for (auto& tile : tiles_) drop(tile);
  remove_element(room_, grid_.get());
  for (auto& [format, encoding] : encodings_) drop(encoding);
  remove_element(room_, tee_.get());
}

void MixVideo::configure(const MixSettings& settings) {
  if (!settings.layout_json.empty())
    g_object_set(grid_.get(), "layout-json", settings.layout_json.c_str(), nullptr);
  gst_util_set_object_arg(G_OBJECT(grid_.get()), "layout", settings.layout.c_str());
  g_object_set(grid_.get(), "captions", gboolean{settings.captions}, "width", settings.size.width,
               "height", settings.size.height, nullptr);
  const bool resized = std::exchange(size_, settings.size) != settings.size;
  bitrate_ = settings.bitrate;
  for (auto& [format, encoding] : encodings_) {
    if (resized && format.height > 0)
      encoding.encoder->set_size(scaled_to_height(size_, format.height));
    const auto bitrate = bitrate_of(format);
    if (std::exchange(encoding.bitrate, bitrate) != bitrate) encoding.encoder->set_bitrate(bitrate);
  }
}

std::uint32_t MixVideo::bitrate_of(const MixFormat& format) const {
  return mix_bitrate(scaled_to_height(size_, format.height), size_, bitrate_);
}

MixVideo::Tile MixVideo::make_tile(const MixPicture& picture) {
  Tile tile{picture, std::make_unique<MixFeed>(room_, grid_.get()), 0};
  tile.watch = g_signal_connect(tile.feed->pad(), "notify::tile-height", G_CALLBACK(on_tile),
                                &tiles_changed_);
  g_object_set(tile.feed->pad(), "caption", picture.name.c_str(), "whole", gboolean{picture.whole},
               nullptr);
  return tile;
}

void MixVideo::drop(Tile& tile) {
  g_signal_handler_disconnect(tile.feed->pad(), tile.watch);
  tile.feed.reset();
}

void MixVideo::show(const std::vector<MixPicture>& pictures, const std::string& speaker,
                    Timestamp now) {
  std::erase_if(tiles_, [&](Tile& tile) {
    const bool stays = std::any_of(pictures.begin(), pictures.end(), [&](const auto& picture) {
      return picture.track == tile.picture.track;
    });
    if (!stays) drop(tile);
    return !stays;
  });
  auto priority = static_cast<int>(pictures.size());
  for (const auto& picture : pictures) {
    auto tile = std::find_if(tiles_.begin(), tiles_.end(),
                             [&](const auto& one) { return one.picture.track == picture.track; });
    if (tile == tiles_.end()) tile = tiles_.insert(tiles_.end(), make_tile(picture));
    tile->picture = picture;
    g_object_set(tile->feed->pad(), "priority", priority--, nullptr);
    tile->feed->follow(picture.track, picture.codec, now);
  }
  name_speaker(speaker);
}

void MixVideo::name_speaker(const std::string& speaker) {
  const auto tile = std::find_if(tiles_.begin(), tiles_.end(), [&](const auto& one) {
    return one.picture.participant == speaker && !one.picture.whole;
  });
  const auto name = tile != tiles_.end() ? tile->feed->pad_name() : std::string();
  g_object_set(grid_.get(), "speaker", name.c_str(), nullptr);
}

void MixVideo::follow_layers(const LayersOf& layers_of) {
  for (auto& tile : tiles_) {
    auto* tap = tile.feed->tap();
    if (!tap) continue;
    const auto size = tile_of(*tile.feed);
    const bool shown = size.width > 0 && size.height > 0;
    if (shown)
      if (const auto layer = covering_layer(layers_of(tile.picture.track), size))
        tap->limit(*layer);
    tap->pause(!shown || tile.picture.muted);
  }
}

void MixVideo::encode(const std::set<MixFormat>& wanted, Timestamp now, Duration linger) {
  for (const auto& format : wanted)
    if (!encodings_.contains(format) && !impossible_.contains(format.codec)) add_encoder(format);
  for (auto at = encodings_.begin(); at != encodings_.end();) {
    auto& idle_since = at->second.idle_since;
    if (wanted.contains(at->first)) {
      idle_since.reset();
    } else if (!idle_since) {
      idle_since = now;
    }
    if (idle_since && now - *idle_since >= linger) {
      drop(at->second);
      at = encodings_.erase(at);
    } else {
      ++at;
    }
  }
}

void MixVideo::add_encoder(const MixFormat& format) {
  Encoding encoding;
  encoding.source = adopt(gst_element_request_pad_simple(tee_.get(), "src_%u"));
  const auto size = scaled_to_height(size_, format.height);
  auto made = MixEncoder::create(room_, mix_picture_track(format), format.codec, size,
                                 encoding.source, format.height > 0);
  if (made) {
    encoding.encoder = std::move(*made);
    encoding.bitrate = bitrate_of(format);
    if (encoding.bitrate != mix_bitrate(size)) encoding.encoder->set_bitrate(encoding.bitrate);
    encodings_.emplace(format, std::move(encoding));
    return;
  }
  gst_element_release_request_pad(tee_.get(), encoding.source.get());
  impossible_.insert(format.codec);
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "mix: %s", made.error().message.c_str());
}

void MixVideo::drop(Encoding& encoding) {
  encoding.encoder.reset();
  gst_element_release_request_pad(tee_.get(), encoding.source.get());
}

void MixVideo::request_keyframes(const std::set<MixFormat>& formats, GstClockTime running_time) {
  for (const auto& format : formats)
    if (const auto found = encodings_.find(format); found != encodings_.end())
      found->second.encoder->request_keyframe(running_time);
}

const PublishedTrack* MixVideo::encoding(const MixFormat& format) const {
  const auto found = encodings_.find(format);
  return found != encodings_.end() ? &found->second.encoder->track() : nullptr;
}

PublishedTrack* MixVideo::track_with_id(const std::string& id) {
  for (auto& [format, encoding] : encodings_)
    if (encoding.encoder->track().info.id == id) return &encoding.encoder->track();
  return nullptr;
}

MixVideo::Damage MixVideo::take_error(GstObject* source, Timestamp now) {
  for (auto& tile : tiles_)
    if (tile.feed->take_error(source, now)) return Damage::kOneInput;
  // An encoder that fails has stopped the grid, which is stopped by what follows it.
  const bool ours = source == GST_OBJECT(grid_.get()) || source == GST_OBJECT(tee_.get()) ||
                    std::any_of(encodings_.begin(), encodings_.end(), [&](const auto& one) {
                      return one.second.encoder->contains(source);
                    });
  return ours ? Damage::kAll : Damage::kNotOurs;
}

std::vector<MixVideo::Decoded> MixVideo::decoded() const {
  std::vector<Decoded> decoded;
  for (const auto& tile : tiles_)
    if (const auto* tap = tile.feed->tap(); tap && !tap->paused())
      decoded.push_back({tap->track(), tap->max_spatial()});
  return decoded;
}

void MixVideo::report(MixStats& stats) const {
  GstStructure* raw = nullptr;
  g_object_get(grid_.get(), "stats", &raw, nullptr);
  stats.picture = own(raw);
  stats.size = size_;
  for (const auto& tile : tiles_) {
    const auto* tap = tile.feed->tap();
    MixStats::Input input{tile.picture.track,
                          MediaKind::kVideo,
                          tile.picture.codec,
                          tap && !tap->paused(),
                          tile_of(*tile.feed),
                          tile.feed->failures(),
                          {}};
    if (tap) input.output = tap->stats();
    input.pad = GST_PAD_NAME(tile.feed->pad());
    stats.inputs.push_back(std::move(input));
  }
  for (const auto& [format, encoding] : encodings_)
    stats.encoders.push_back({encoding.encoder->track().info, encoding.encoder->stats(), 0});
}

}  // namespace rooms
