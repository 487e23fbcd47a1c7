// SPDX-License-Identifier: LGPL-2.1-or-later
// What one participant sends: its publish connection, and each of its tracks on the router's sink
// pads.
//
//   transport --> sfureceive src_0 --> router sink_4  (track "ada/microphone")
//                            src_1 --> router sink_5  (track "ada/camera", rid "q")
//                            src_2 --> router sink_6  (track "ada/camera", rid "f")
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/allocation/layer_rates.h"
#include "gst/core/allocation/upstream_demand.h"
#include "gst/core/audio/level_log.h"
#include "gst/core/sdp/negotiation.h"
#include "pipelines/peer.h"
#include "pipelines/room.h"
#include "pipelines/room_context.h"

namespace rooms {

struct PublishedTrack {
  std::string mid;
  TrackInfo info;
  Codec codec = Codec::kUnknown;
  std::vector<Codec> offered;     ///< what the publisher could send instead
  std::vector<std::string> rids;  ///< of its encodings; one empty one without simulcast
  LayerRates rates;               ///< of their layers
  UpstreamDemand demand;          ///< what somebody watches of them
  DataRate unrestrained;          ///< the most that came of it while nobody held it back
  std::vector<DataRate> most;     ///< that ever came of each encoding
  bool was_told = false;          ///< the publisher has heard of a demand

  /// Its position; their number if there is none of that rid.
  [[nodiscard]] std::size_t encoding_of(const std::string& rid) const {
    return static_cast<std::size_t>(std::find(rids.begin(), rids.end(), rid) - rids.begin());
  }
};

class Publication {
 public:
  Publication(RoomContext& room, std::string participant, Peer::Callbacks callbacks);
  ~Publication();
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  struct Negotiated {
    std::string sdp;
    std::vector<TrackInfo> added;
    std::vector<TrackInfo> removed;
  };
  /// First or later offer of the same client connection. An error leaves everything as it was.
  Result<Negotiated> negotiate(const SessionDescription& offer,
                               const std::map<std::string, TrackLabel>& labels,
                               const CodecPolicy& policy);
  /// Whether `offer` belongs to the connection that is there (same certificate), or begins another
  /// one.
  [[nodiscard]] bool continues(const SessionDescription& offer) const;

  /// A track that comes by no connection but out of `source`, which is linked to the router. Told
  /// apart by `mid` in remove_track. Its levels are what `levels` returns.
  TrackInfo carry(const std::string& mid, MediaKind kind, Codec codec, const Ref<GstPad>& source,
                  std::function<std::vector<HeardLevel>()> levels);
  void remove_track(const std::string& mid);

  [[nodiscard]] const std::vector<PublishedTrack>& tracks() const { return tracks_; }
  std::vector<PublishedTrack>& tracks() { return tracks_; }
  /// Whether the peer can be told a limit of all that it sends (REMB).
  [[nodiscard]] bool takes_limit() const { return takes_limit_; }
  /// nullopt: none.
  void limit(std::optional<DataRate> rate);
  [[nodiscard]] Peer* peer() const { return peer_.get(); }
  [[nodiscard]] GstElement* receiver() const { return receiver_.get(); }
  struct TrackLevels {
    std::string track;
    bool muted = false;
    bool receives = false;          ///< packets of it have come
    std::vector<HeardLevel> heard;  ///< since the last call
  };
  /// Of its audio tracks.
  std::vector<TrackLevels> take_audio_levels();

 private:
  Status connect(const SdpTransport& remote, const std::vector<std::string>& candidates, bool data);
  void apply(const std::vector<ReceivedMedia>& media, const SessionDescription& offer,
             const std::map<std::string, TrackLabel>& labels, Negotiated& outcome);
  void set_media(const ReceivedMedia& media, const PublishedTrack& track);
  void link_new_pads();
  std::string unique_track_id(const std::string& label) const;

  RoomContext& room_;
  const std::string participant_;
  Peer::Callbacks callbacks_;
  std::unique_ptr<Peer> peer_;
  Ref<GstElement> receiver_;
  std::vector<PublishedTrack> tracks_;
  bool takes_limit_ = false;
  struct Link {
    std::string mid;
    Ref<GstPad> src;
    Ref<GstPad> router_sink;
    std::function<std::vector<HeardLevel>()> levels;  // null: `src` tells them
  };
  std::vector<Link> links_;
  std::uint64_t session_id_ = 0;
  std::uint64_t offer_session_id_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace rooms
