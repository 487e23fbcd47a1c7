// SPDX-License-Identifier: LGPL-2.1-or-later
// One room: one GstPipeline, one thread. Its methods may be called from any thread and return at
// once; `reply` runs on the room's thread, exactly once, also when the room is closing. Events of a
// participant go to its listener.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/allocation/bitrate_allocator.h"
#include "gst/core/record/container_choice.h"
#include "gst/core/result.h"
#include "gst/core/time.h"
#include "pipelines/direct_message.h"
#include "pipelines/events.h"
#include "pipelines/mix_control.h"
#include "pipelines/room_control.h"

namespace rooms {

class MediaServer;
class RoomCore;

struct JoinRequest {
  std::string name;
  std::string id;  ///< wished for (WHIP: from the address); empty: made from the name
  bool take_over =
      false;  ///< a participant of the same id that also took over (WHIP again) is replaced
  bool hidden = false;          ///< others are not told (WHEP players)
  bool follows_demand = false;  ///< stops the encodings that nobody watches when it is told so
  bool mutes_itself = false;    ///< can say that it is to be heard again
  bool takes_direct = false;    ///< can send to another participant without the room
  /// What its decoder can do, by encoding name; empty: learned from its answer.
  std::vector<std::string> audio_codecs;
  std::vector<std::string> video_codecs;
  std::shared_ptr<RoomListener> listener;
};

struct JoinReply {
  ParticipantInfo self;
  std::vector<ParticipantInfo> others;
};

/// By mid: what the publisher calls the track it sends there.
struct TrackLabel {
  std::string label;  ///< empty: "camera" for video, "microphone" for audio
  bool muted = false;
};

struct PublishReply {
  std::string sdp;
  std::vector<std::pair<std::string, TrackInfo>> tracks;  ///< mid to track
};

/// What a WHEP player wants to see: these participants (id or name) in this order; empty: whoever
/// speaks.
struct PlayRequest {
  std::string sdp;
  std::vector<std::string> participants;
  /// nullopt: what the room's topology is for.
  std::optional<MixMode> mode;
};

/// What a room sends each of its members, so that a large room costs no more than a small one.
struct RoomPolicy {
  /// Until somebody controls it.
  Topology topology = Topology::kAuto;
  /// Most video tracks, screens and whoever spoke last first; nullopt: all.
  std::optional<unsigned> last_n = 25;
  /// The loudest audio tracks besides the dominant speaker's; nullopt: all.
  std::optional<unsigned> loudest = 3;
  /// Folder of all recordings, made with the first one; empty: nothing can be recorded.
  std::string recordings = {};
  /// How long a mix that nobody takes any more is kept for the next who comes.
  Duration mix_linger = std::chrono::seconds(10);
};

struct SubscribeRequest {
  unsigned audio_slots = 0;  ///< at least; the room adds blocks of slots when it outgrows them
  unsigned video_slots = 0;
  bool data = true;
  std::optional<unsigned> last_n;  ///< fewer video tracks than the room would give
  std::optional<MixMode> mode;     ///< nullopt: what the room's topology is for
};

/// What a slot takes of the layers of whatever track is in it; -1, and 0 for the bit rate: all.
struct SlotLimit {
  std::string mid;
  int max_spatial = -1;  ///< simulcast layer, or spatial layer of SVC; 0 is the smallest
  int max_temporal = -1;
  std::uint64_t target_bitrate = 0;  ///< bit/s

  bool operator==(const SlotLimit&) const = default;
};

/// How a client shows its slots, and whom it wants among them. What is not said stays as it was.
struct ViewRequest {
  struct Slot {
    std::string mid;
    /// Of its tile, in pixels of the screen; 0: it is not visible. Forgotten, as the priority is,
    /// when the slot gets another track.
    std::optional<std::uint64_t> pixels;
    std::optional<SlotPriority> priority;  ///< nullopt: the room decides
  };
  std::vector<Slot> slots;
  /// Participants who are always among those shown; unknown ones count when they come.
  std::optional<std::vector<std::string>> pinned;
  bool changes_last_n = false;
  std::optional<unsigned> last_n;  ///< as in SubscribeRequest
};

template <class T>
using Reply = std::function<void(Result<T>)>;

struct RoomStats {
  std::string json;  ///< one JSON object
};

/// docs/recording.md
struct RecordingRequest {
  std::string kind = "tracks";
  RecordingFormat format = RecordingFormat::kAuto;
  std::string name;                 ///< of its folder; empty: the time
  Duration segment_time{};          ///< zero: one file as long as it lasts
  std::uint64_t segment_bytes = 0;  ///< 0: one file as large as it gets
};

struct RecordingInfo {
  std::string id;
  bool running = false;
  std::string json;  ///< what stands in its recording.json
};

class Room {
 public:
  static std::shared_ptr<Room> create(MediaServer& media, std::string id,
                                      const RoomPolicy& policy = {});
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  [[nodiscard]] const std::string& id() const;

  void join(JoinRequest request, Reply<JoinReply> reply);
  void leave(std::string participant, std::string reason);
  /// First offer, re-offer (tracks added, replaced, removed; ICE restart) or, when the offer's
  /// fingerprint is new, a new connection that takes the place of the old one.
  void publish(std::string participant, std::string offer, std::map<std::string, TrackLabel> labels,
               Reply<PublishReply> reply);
  void unpublish(std::string participant);
  /// Tells again what else only changes are told of: what is watched of its tracks, which of them a
  /// moderator has muted, the way its media takes.
  void repeat_state(std::string participant);
  /// Makes (or, when there is one already, replaces) the subscribe connection. The offer also comes
  /// as the reply.
  void subscribe(std::string participant, SubscribeRequest request, Reply<std::string> reply);
  void accept_subscribe(std::string participant, std::string answer, Reply<Done> reply);
  /// A new offer with new ICE credentials on the connection that is there.
  void restart_subscribe(std::string participant, Reply<std::string> reply);
  /// A subscribe connection whose peer offers (WHEP). Replies with the answer.
  void play(std::string participant, PlayRequest request, Reply<std::string> reply);
  /// A trickled candidate or an ICE restart fragment of WHIP/WHEP (RFC 8840). Replies with a
  /// fragment; empty: nothing to say.
  void trickle(std::string participant, ConnectionRole role, std::string sdp_fragment,
               Reply<std::string> reply);
  void add_candidate(std::string participant, ConnectionRole role, std::string candidate);
  /// Errors: "no-connection", "slot-unknown" (not a video slot of its subscribe connection). Stays
  /// with the slot when its track changes.
  void limit_slot(std::string participant, SlotLimit limit, Reply<Done> reply);
  /// Errors: "no-connection", "slot-unknown"; then nothing of it counts.
  void view(std::string participant, ViewRequest request, Reply<Done> reply);
  void set_muted(std::string participant, std::string track, bool muted, Reply<Done> reply);
  /// Errors: "participant-unknown", "track-unknown", and those of apply() in mix_control.h; then
  /// nothing of it counts.
  void control(RoomControl control, Reply<Done> reply);
  /// To the other of the two; dropped when their session is over.
  void direct(std::string from, DirectMessage message);
  /// `to` empty: everybody else.
  void send_data(std::string from, std::string to, std::string text, Reply<Done> reply);
  void stats(Reply<RoomStats> reply);
  /// Errors: "recording-off", "recording-kind", "too-many-recordings", "name-taken", and what the
  /// disk says ("disk-full", "disk-read-only", "disk-refused", "disk-failed", "folder-missing").
  void start_recording(RecordingRequest request, Reply<RecordingInfo> reply);
  /// Replies when its files have ended. Error: "recording-unknown".
  void stop_recording(std::string id, Reply<RecordingInfo> reply);
  void recording(std::string id, Reply<RecordingInfo> reply);
  void recordings(Reply<std::vector<RecordingInfo>> reply);
  /// Removes everybody, stops the pipeline, ends the thread. Blocks until done; not from the room's
  /// thread.
  void close();

 private:
  explicit Room(std::unique_ptr<RoomCore> core);
  std::unique_ptr<RoomCore> core_;
};

}  // namespace rooms
