// SPDX-License-Identifier: LGPL-2.1-or-later
// The mixed picture of a room: one `videogrid`, a feed for everybody who is in it, and one encoder
// for each codec that somebody takes. Only what has a tile is decoded, from the lowest layer that
// covers the tile.
//
//   feed --> sink_0 videogrid --> tee --> encoder "mix/video-vp8"
//   feed --> sink_1                  \--> encoder "mix/video-h264"
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gst/core/forward/track_layers.h"
#include "pipelines/mix_control.h"
#include "pipelines/mix_encoder.h"
#include "pipelines/mix_feed.h"
#include "pipelines/mix_stats.h"

namespace rooms {

struct MixPicture {
  std::string track;
  std::string participant;
  std::string name;  ///< to be read in the tile
  Codec codec = Codec::kUnknown;
  bool whole = false;  ///< a screen is never cropped
  bool muted = false;
};

class MixVideo {
 public:
  using LayersOf = std::function<const std::vector<TrackLayer>&(const std::string& track)>;

  /// `tiles_changed` comes on any thread.
  MixVideo(RoomContext& room, const MixSettings& settings, std::function<void()> tiles_changed);
  ~MixVideo();
  MixVideo(const MixVideo&) = delete;
  MixVideo& operator=(const MixVideo&) = delete;

  void configure(const MixSettings& settings);
  /// Most important first.
  void show(const std::vector<MixPicture>& pictures, const std::string& speaker, Timestamp now);
  /// Decodes what the tiles need.
  void follow_layers(const LayersOf& layers_of);
  /// An encoder for each of these; others end when they have been idle for `linger`.
  void encode(const std::set<Codec>& wanted, Timestamp now, Duration linger);
  /// nullptr: nobody wants that.
  [[nodiscard]] const PublishedTrack* encoding(Codec codec) const;
  [[nodiscard]] PublishedTrack* track_with_id(const std::string& id);
  [[nodiscard]] std::size_t encoders() const { return encodings_.size(); }

  enum class Damage : std::uint8_t { kNotOurs, kOneInput, kAll };
  /// kAll: this is to be made anew.
  Damage take_error(GstObject* source, Timestamp now);

  struct Decoded {
    std::string track;
    int max_spatial = -1;
  };
  [[nodiscard]] std::vector<Decoded> decoded() const;
  void report(MixStats& stats) const;

 private:
  struct Tile {
    MixPicture picture;
    std::unique_ptr<MixFeed> feed;
    gulong watch = 0;
  };
  struct Encoding {
    Ref<GstPad> source;  // of the tee
    std::unique_ptr<MixEncoder> encoder;
    std::optional<Timestamp> idle_since;
  };
  Tile make_tile(const MixPicture& picture);
  void drop(Tile& tile);
  void drop(Encoding& encoding);
  void add_encoder(Codec codec);
  void name_speaker(const std::string& speaker);

  RoomContext& room_;
  std::function<void()> tiles_changed_;
  Size size_;
  Ref<GstElement> grid_;
  Ref<GstElement> tee_;
  std::vector<Tile> tiles_;
  std::map<Codec, Encoding> encodings_;
  std::set<Codec> impossible_;  // nothing here encodes to them
};

}  // namespace rooms
