// SPDX-License-Identifier: LGPL-2.1-or-later
// What a room tells the outside: values only, no pointers into the room.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gst/core/allocation/bitrate_allocator.h"
#include "gst/core/allocation/upstream_demand.h"
#include "gst/core/result.h"
#include "gst/core/rtp/rtp_profile.h"
#include "gst/core/topology/topology.h"
#include "pipelines/direct_message.h"
#include "pipelines/push_report.h"

namespace rooms {

struct TrackInfo {
  std::string id;           ///< unique in the room, stable as long as the track lives
  std::string participant;  ///< id of who sends it
  MediaKind kind = MediaKind::kVideo;
  std::string label;  ///< "camera", "screen", "microphone" or a name of the publisher's own
  std::string codec;  ///< "VP8", "opus", ..
  bool muted = false;
  bool moderated = false;  ///< a moderator has muted it, and only a moderator can take that back
};

struct ParticipantInfo {
  std::string id;    ///< unique in the room, made from the name: usable in WHIP and WHEP addresses
  std::string name;  ///< as the person typed it
  std::vector<TrackInfo> tracks;
};

/// Which track a slot of this participant's subscribe connection shows. No track: nothing.
struct SlotInfo {
  std::string mid;
  MediaKind kind = MediaKind::kVideo;
  std::optional<TrackInfo> track;
};

/// What a video slot that shows a track is given of the line, and why.
struct SlotShare {
  std::string mid;
  std::string track;
  SlotPriority priority = SlotPriority::kOther;
  SlotAllocation given;

  bool operator==(const SlotShare&) const = default;
};

enum class ConnectionRole : std::uint8_t { kPublish, kSubscribe };
enum class ConnectionState : std::uint8_t { kNew, kConnected, kFailed, kClosed };

namespace event {
struct ParticipantJoined {
  ParticipantInfo participant;
};
struct ParticipantLeft {
  std::string participant;
  std::string reason;
};
struct TrackAdded {
  TrackInfo track;
};
struct TrackRemoved {
  std::string track;
  std::string participant;
};
struct TrackMuted {
  std::string track;
  std::string participant;
  bool muted = false;
  bool moderated = false;
};  ///< also to its publisher, if a moderator did it
struct SlotsChanged {
  std::vector<SlotInfo> slots;
};  ///< all slots of this listener, in m= line order
struct SubscribeOffer {
  std::string sdp;
};  ///< answer it with Room::accept_subscribe
struct Candidate {
  ConnectionRole role;
  std::string candidate;
};  ///< only with an agent that trickles
struct Speaking {
  std::string participant;
};  ///< the dominant speaker; empty: silence
struct Data {
  std::string from;
  std::string text;
};  ///< sent through Room::send_data
struct ConnectionChanged {
  ConnectionRole role;
  ConnectionState state;
  std::string reason;
};
struct RoomCodecs {
  std::vector<std::string> audio;
  std::vector<std::string> video;
};  ///< what all can decode
struct RepublishWanted {
  std::string reason;
};  ///< offer the publish connection anew: the room's codecs changed
struct Allocated {
  DataRate estimate;        ///< of the listener's line
  bool estimating = false;  ///< it tells of its line; before, `estimate` is a guess
  std::vector<SlotShare> slots;
};  ///< what the slots of this listener are given has changed
struct EncodingsWanted {
  struct Encoding {
    std::string rid;  ///< empty without simulcast
    EncodingDemand demand;
  };
  std::string track;
  std::vector<Encoding> encodings;
};  ///< what somebody watches of a track of this listener
struct TopologyChanged {
  /// The listener and another member send to each other.
  struct Direct {
    unsigned session = 0;
    std::string peer;
    bool established = false;  ///< both receive: nothing needs to be sent to the room
  };
  Topology topology = Topology::kAuto;
  std::optional<Direct> direct;  ///< nullopt: all media goes through the room
};
struct Direct {
  std::string from;
  DirectMessage message;
};  ///< what the other of the two says
struct CodecMismatch {
  TrackInfo track;
  std::string participant;
  std::string transcoded = {};  ///< the codec that it is sent instead; empty: it is sent nothing
};                              ///< `participant` cannot decode `track`
struct RecordingChanged {
  std::string id;
  std::string kind;    ///< "tracks", "composite"
  std::string state;   ///< "started", "stopped", "failed"
  std::string reason;  ///< why it ended
};                     ///< everybody is told, and who comes while one runs
struct PushChanged {
  PushInfo push;
};  ///< everybody is told, and who comes while one runs
struct SourceChanged {
  std::string id;
  std::string participant;
  std::string state;   ///< "connecting", "live", "away", "failed", "ended"
  std::string reason;  ///< why it is not live
};                     ///< everybody is told, and who comes while one is not live
struct TapChanged {
  std::string id;
  std::string track;   ///< or "mix"
  std::string state;   ///< "running", "ended", "failed"
  std::string reason;  ///< why it runs no more
};                     ///< everybody is told
}  // namespace event

using RoomEvent =
    std::variant<event::ParticipantJoined, event::ParticipantLeft, event::TrackAdded,
                 event::TrackRemoved, event::TrackMuted, event::SlotsChanged, event::SubscribeOffer,
                 event::Candidate, event::Speaking, event::Data, event::ConnectionChanged,
                 event::RoomCodecs, event::RepublishWanted, event::Allocated,
                 event::EncodingsWanted, event::TopologyChanged, event::Direct,
                 event::CodecMismatch, event::RecordingChanged, event::PushChanged,
                 event::SourceChanged, event::TapChanged>;

/// Runs on the room thread; must only hand over (post) and return.
class RoomListener {
 public:
  virtual ~RoomListener() = default;
  virtual void on_room_event(const RoomEvent& event) = 0;
};

}  // namespace rooms
