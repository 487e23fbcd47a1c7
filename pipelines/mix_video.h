// SPDX-License-Identifier: LGPL-2.1-or-later
// The mixed picture of a room: one `videogrid`, a feed for everybody who is in it, and one encoder
// for each codec and height that somebody takes. Only what has a tile is decoded, from the lowest
// layer that covers the tile.
//
//   feed --> sink_0 videogrid --> tee --> encoder "mix/video-vp8"
//   feed --> sink_1                  |--> encoder "mix/video-h264"
//                                    \--> scaler, encoder "mix/video-h264-360"
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

/// One encoding of the mixed picture.
struct MixFormat {
  MixFormat(Codec of_codec = Codec::kUnknown, int of_height = 0)  // most are of the mix as it is
      : codec(of_codec), height(of_height) {}
  friend auto operator<=>(const MixFormat&, const MixFormat&) = default;

  Codec codec;
  int height;  ///< pixels; 0: as the mix is
};

/// The router's track of the mixed picture in that format: "mix/video-h264", "mix/video-h264-360".
std::string mix_picture_track(const MixFormat& format);

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
  void encode(const std::set<MixFormat>& wanted, Timestamp now, Duration linger);
  /// All of these, of those that there are, with the same picture: the first one that is not before
  /// that running time.
  void request_keyframes(const std::set<MixFormat>& formats, GstClockTime running_time);
  /// nullptr: nobody wants that.
  [[nodiscard]] const PublishedTrack* encoding(const MixFormat& format) const;
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
    std::uint32_t bitrate = 0;
    std::optional<Timestamp> idle_since;
  };
  Tile make_tile(const MixPicture& picture);
  void drop(Tile& tile);
  void drop(Encoding& encoding);
  void add_encoder(const MixFormat& format);
  [[nodiscard]] std::uint32_t bitrate_of(const MixFormat& format) const;
  void name_speaker(const std::string& speaker);

  RoomContext& room_;
  std::function<void()> tiles_changed_;
  Size size_;
  std::uint32_t bitrate_ = 0;  // that the settings ask for; 0: none
  Ref<GstElement> grid_;
  Ref<GstElement> tee_;
  std::vector<Tile> tiles_;
  std::map<MixFormat, Encoding> encodings_;
  std::set<Codec> impossible_;  // nothing here encodes to them
};

}  // namespace rooms
