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
#include "gst/core/hls/programme.h"
#include "gst/core/push/push_allowance.h"
#include "gst/core/record/container_choice.h"
#include "gst/core/result.h"
#include "gst/core/source/source_uri.h"
#include "gst/core/time.h"
#include "pipelines/direct_message.h"
#include "pipelines/events.h"
#include "pipelines/mix_control.h"
#include "pipelines/push_report.h"
#include "pipelines/pushed_stream.h"
#include "pipelines/room_control.h"

namespace rooms {

class HlsStream;
class MediaServer;
class RoomCore;
struct Playout;
class SourcePort;
class TapStream;

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
  int mix_height =
      0;  ///< of the mixed picture, check_mix_height(); 0, or more than it has: as it is
};

/// docs/hls.md
struct HlsPolicy {
  bool enabled = false;
  HlsSettings settings = {};
  /// Of further renditions of the mix, smaller ones, largest first: pixels.
  std::vector<int> heights = {360};
  /// How long it is made for somebody who does not ask any more.
  Duration linger = std::chrono::seconds(30);
};

/// What a room sends each of its members, so that a large room costs no more than a small one.
struct RoomPolicy {
  /// Until somebody controls it.
  Topology topology = Topology::kAuto;
  /// Most video tracks, screens and whoever spoke last first; nullopt: all.
  std::optional<unsigned> last_n = 25;
  /// The loudest audio tracks besides the dominant speaker's; nullopt: all.
  std::optional<unsigned> loudest = 3;
  /// Likewise of those that a mix is made of: nobody follows more voices than these.
  std::optional<unsigned> mix_loudest = 8;
  /// Folder of all recordings, made with the first one; empty: nothing can be recorded.
  std::string recordings = {};
  /// How much of each track is kept for a recording of what was; zero: nothing.
  Duration replay{};
  /// Likewise of the mix, which is made for that as long as somebody is in the room. Without it the
  /// mix is kept while somebody takes it as H.264 and AAC.
  bool replay_mix = false;
  HlsPolicy hls = {};
  /// Where rooms may be pushed to.
  PushAllowance push = {};
  /// Of sources; empty: there are none.
  std::vector<std::string> source_schemes = default_source_schemes();
  unsigned max_sources = 16;
  /// Of which the pipelines of taps may be made; empty: there are none.
  std::vector<std::string> tap_elements = {};
  /// Is told what everybody is told, without being in the room.
  std::shared_ptr<RoomListener> observer = {};
  /// How long a mix that nobody takes any more is kept for the next who comes.
  Duration mix_linger = std::chrono::seconds(10);
};

struct SubscribeRequest {
  unsigned audio_slots = 0;  ///< at least; the room adds blocks of slots when it outgrows them
  unsigned video_slots = 0;
  bool data = true;
  std::optional<unsigned> last_n;  ///< fewer video tracks than the room would give
  std::optional<MixMode> mode;     ///< nullopt: what the room's topology is for
  int mix_height = 0;              ///< as of PlayRequest
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
  std::string kind = "tracks";  ///< or "composite"
  RecordingFormat format = RecordingFormat::kAuto;
  std::string name;                 ///< of its folder; empty: the time
  Duration segment_time{};          ///< zero: one file as long as it lasts
  std::uint64_t segment_bytes = 0;  ///< 0: one file as large as it gets
  MixControl mix;                   ///< of a composite: how the room is mixed from now on
  /// Of tracks in MP4: what it does not hold, or few players find in it, is made H.264 and AAC.
  bool transcode = false;
  Duration last{};  ///< not what comes, but what was: the last seconds; zero: what comes
};

/// docs/sources.md
struct SourceRequest {
  std::string uri;
  std::string name;         ///< of the participant; empty: "source"
  std::string participant;  ///< its id; empty: made from the name
  SourceTransport transport = SourceTransport::kAuto;
  bool reencode = false;  ///< pictures too that could be passed on
  bool loop = false;
  bool is_trusted = false;  ///< the configuration names its server: no scheme is forbidden
  /// Of a stream that somebody sends: its end is the end, and it is tried so often in a row.
  /// nullopt: as long as it takes.
  std::optional<unsigned> most_retries;
  /// Set: what comes of it is taken, and `uri` only tells where it comes from. Nobody asks whether
  /// its scheme is allowed.
  std::shared_ptr<PushedStream> stream;
  /// Room's thread: it has failed, ended, or was stopped. Not if start_source() replies an error.
  std::function<void(const std::string& id)> over;
};

struct SourceInfo {
  struct Track {
    std::string id;
    MediaKind kind = MediaKind::kVideo;
    std::string codec;
    std::string from;  ///< media type at the source
    bool encodes = false;
    std::uint64_t packets = 0;
  };
  std::string id;
  std::string participant;  ///< empty: it has left the room
  std::string name;
  std::string uri;  ///< without secrets
  std::string state;
  std::string reason;
  unsigned connections_lost = 0;
  bool loop = false;
  std::vector<Track> tracks;
};

/// Where the frames of a track come out.
struct TapFrames {
  bool video = false;
  std::shared_ptr<TapStream> stream;  ///< pipelines/track_tap.h
  std::function<void()> request_keyframe;
};

/// docs/taps.md
struct TapRequest {
  std::string track;                   ///< id of a track, or "mix"
  MediaKind kind = MediaKind::kVideo;  ///< of the mix
  std::string pipeline;                ///< as read_tap_description() reads it
  bool raw = false;                    ///< decoded
  /// Instead of a pipeline: takes the frames, on the room's thread. They end as TapChanged says.
  std::function<void(TapFrames frames)> take;
};

struct TapInfo {
  std::string id;
  std::string track;
  MediaKind kind = MediaKind::kVideo;
  std::string pipeline;
  bool raw = false;
  std::string state;   ///< "running", "stopping", "ended", "failed"
  std::string reason;  ///< why it runs no more
  std::uint64_t frames = 0;
  std::uint64_t dropped = 0;  ///< because it was slow
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
  /// Errors: "recording-off", "recording-kind", "codec-unsupported", those of apply() in
  /// mix_control.h, "too-many-recordings", "name-taken", "replay-off", "replay-too-long",
  /// "replay-empty", and what the disk says ("disk-full", "disk-read-only",
  /// "disk-refused", "disk-failed", "folder-missing").
  void start_recording(RecordingRequest request, Reply<RecordingInfo> reply);
  /// Replies when its files have ended. Error: "recording-unknown".
  void stop_recording(std::string id, Reply<RecordingInfo> reply);
  void recording(std::string id, Reply<RecordingInfo> reply);
  void recordings(Reply<std::vector<RecordingInfo>> reply);
  /// Errors: "push-off", "push-not-allowed", "too-many-pushes", "codec-unsupported", those of
  /// apply() in mix_control.h. What comes of it is told by events and by push().
  void start_push(PushRequest request, Reply<PushInfo> reply);
  /// Replies when the server has been told. Error: "push-unknown".
  void stop_push(std::string id, Reply<PushInfo> reply);
  void push(std::string id, Reply<PushInfo> reply);
  /// Also some of those that have ended, oldest first.
  void pushes(Reply<std::vector<PushInfo>> reply);
  /// Errors: "source-uri", "source-scheme", "too-many-sources", and those of join(). Replies before
  /// anything has come of it.
  void start_source(SourceRequest request, Reply<SourceInfo> reply);
  /// Error: "source-unknown".
  void stop_source(std::string id, Reply<SourceInfo> reply);
  void source(std::string id, Reply<SourceInfo> reply);
  void sources(Reply<std::vector<SourceInfo>> reply);
  /// Errors: "tap-off", "track-unknown", "too-many-taps", "codec-unsupported", "tap-empty",
  /// "tap-too-long", "tap-syntax", "tap-element", "tap-property", "tap-unlinked".
  void start_tap(TapRequest request, Reply<TapInfo> reply);
  /// Replies when it has ended. Error: "tap-unknown".
  void stop_tap(std::string id, Reply<TapInfo> reply);
  void tap(std::string id, Reply<TapInfo> reply);
  void taps(Reply<std::vector<TapInfo>> reply);
  /// A track of `participant` that comes by no connection: what is pushed into the port
  /// (pipelines/source_port.h). Errors: "participant-unknown", "mid-taken", "connected" (it
  /// publishes by a connection).
  void open_port(std::string participant, std::string mid, Codec codec,
                 Reply<std::shared_ptr<SourcePort>> reply);
  /// Its track ends.
  void close_port(std::string participant, std::string mid);
  /// HTTP Live Streaming of a participant (id or name; empty: the room's mix), made as long as
  /// somebody asks it. Errors: "hls-off"; "hls-nobody", "codec-unsupported"; "participant-unknown",
  /// "codec-not-playable", "nothing-to-play".
  void hls(std::string participant, Reply<std::shared_ptr<HlsStream>> reply);
  /// What an RTSP mount plays: of a participant (id or name; empty: the mix) until the reply is let
  /// go of. `ended` comes at most once, on the room's thread, when there is no more of it. Errors:
  /// "participant-unknown", "nothing-to-play", "codec-unsupported". docs/rtsp.md
  void open_playout(std::string participant, std::function<void(const std::string&)> ended,
                    Reply<std::shared_ptr<Playout>> reply);
  /// Removes everybody, stops the pipeline, ends the thread. Blocks until done; not from the room's
  /// thread.
  void close();

 private:
  explicit Room(std::unique_ptr<RoomCore> core);
  std::unique_ptr<RoomCore> core_;
  std::weak_ptr<Room> self_;
};

}  // namespace rooms
