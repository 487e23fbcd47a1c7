// SPDX-License-Identifier: LGPL-2.1-or-later
// The inside of a room. Everything here runs on the room's thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/allocation/last_n.h"
#include "gst/core/forward/track_layers.h"
#include "gst/core/guarded.h"
#include "gst/core/moderation/moderator_mutes.h"
#include "gst/core/topology/direct_decision.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "pipelines/data_relay.h"
#include "pipelines/mix_taker.h"
#include "pipelines/participant.h"
#include "pipelines/room.h"
#include "pipelines/room_context.h"
#include "pipelines/room_hls.h"
#include "pipelines/room_mix.h"
#include "pipelines/room_playouts.h"
#include "pipelines/room_pushes.h"
#include "pipelines/room_recordings.h"
#include "pipelines/room_sources.h"
#include "pipelines/room_taps.h"
#include "pipelines/room_transcoder.h"
#include "pipelines/room_voices.h"

namespace rooms {

class RoomCore {
 public:
  RoomCore(ConnectionStock& stock, std::string id, const RoomPolicy& policy);
  ~RoomCore();
  RoomCore(const RoomCore&) = delete;
  RoomCore& operator=(const RoomCore&) = delete;

  /// Any thread. Runs `method` on the room's thread; `closed` instead if the room is closing.
  void post(std::function<void(RoomCore&)> method, std::function<void()> closed = {});
  /// Any thread but the room's. Blocks until everybody is out and the pipeline has stopped.
  void close();
  [[nodiscard]] const std::string& id() const { return id_; }

  Result<JoinReply> join(JoinRequest request);
  void leave(const std::string& id, const std::string& reason);
  Result<PublishReply> publish(const std::string& id, const std::string& offer,
                               const std::map<std::string, TrackLabel>& labels);
  void unpublish(const std::string& id);
  void repeat_state(const std::string& id);
  Result<std::string> subscribe(const std::string& id, const SubscribeRequest& request);
  Status accept_subscribe(const std::string& id, const std::string& answer);
  Result<std::string> restart_subscribe(const std::string& id);
  Result<std::string> play(const std::string& id, const PlayRequest& request);
  Result<std::string> trickle(const std::string& id, ConnectionRole role,
                              const std::string& fragment);
  void add_candidate(const std::string& id, ConnectionRole role, const std::string& candidate);
  Status limit_slot(const std::string& id, const SlotLimit& limit);
  Status view(const std::string& id, const ViewRequest& request);
  Status set_muted(const std::string& id, const std::string& track, bool muted);
  Status control(const RoomControl& control);
  void direct(const std::string& from, const DirectMessage& message);
  Status send_data(const std::string& from, const std::string& to, const std::string& text);
  [[nodiscard]] std::string stats_json() const;
  /// `name`: id or name of a participant; empty: the mix.
  Result<std::shared_ptr<HlsStream>> open_hls(const std::string& name);
  [[nodiscard]] RoomRecordings& recordings() { return *recordings_; }
  [[nodiscard]] RoomPushes& pushes() { return *pushes_; }
  [[nodiscard]] RoomSources& sources() { return *sources_; }
  [[nodiscard]] RoomTaps& taps() { return *taps_; }
  Result<std::shared_ptr<SourcePort>> open_port(const std::string& id, const std::string& mid,
                                                Codec codec);
  void close_port(const std::string& id, const std::string& mid);

  /// `name`: id or name of a participant; empty: the mix.
  Result<Playout> open_playout(const std::string& name, RoomPlayouts::Ended ended);
  void close_playout(unsigned number);

 private:
  using ParticipantPtr = std::shared_ptr<Participant>;
  void start_pipeline();
  void stop();
  [[nodiscard]] ParticipantPtr find(const std::string& id) const;
  Result<ParticipantPtr> require(const std::string& id) const;
  /// Likewise by id or name.
  Result<ParticipantPtr> require_named(const std::string& name) const;
  [[nodiscard]] std::string unique_id(const JoinRequest& request) const;
  void tell(const Participant& participant, const RoomEvent& event) const;
  void tell_others(const std::string& except, const RoomEvent& event) const;

  Peer::Callbacks callbacks_for(const std::string& participant, ConnectionRole role);
  void on_connection(const std::string& id, ConnectionRole role, ConnectionState state,
                     const std::string& reason);
  void announce(const Participant& publisher, const std::vector<TrackInfo>& added,
                const std::vector<TrackInfo>& removed);
  void remove_publication(Participant& participant);
  [[nodiscard]] std::unique_ptr<RoomSources> make_sources();
  [[nodiscard]] std::unique_ptr<RoomTaps> make_taps();
  /// What a source sends now: the tracks of its participant.
  std::vector<TrackInfo> carry(const std::string& id,
                               const std::vector<RoomSources::Carried>& streams);

  /// Decides anew what everybody's slots show.
  void reassign();
  void reassign(Participant& viewer);
  /// In order of preference.
  [[nodiscard]] std::vector<const PublishedTrack*> wanted_by(const Participant& viewer) const;
  /// All tracks that it can decode and does not send itself.
  [[nodiscard]] std::vector<const PublishedTrack*> visible_to(const Participant& viewer) const;
  [[nodiscard]] LastNPolicy last_n_of(const Participant& viewer) const;
  [[nodiscard]] const PublishedTrack* track_with_id(const std::string& id) const;
  [[nodiscard]] PublishedTrack* track_with_id(const std::string& id);
  /// Its place among those whom the viewer asked for by name.
  [[nodiscard]] std::size_t rank_of(const Participant& viewer, const std::string& id) const;
  [[nodiscard]] static bool can_grow(const Participant& viewer);
  void grow(Participant& viewer, std::size_t missing);

  /// Divides everybody's line anew, after the layers of the tracks have been looked at.
  void allocate();
  /// One viewer's, by the layers as last looked at.
  void allocate(Participant& viewer);
  /// Tells publishers what is watched of their tracks, where that has changed.
  void follow_demand();
  void wish_for_best(const PublishedTrack& track, std::vector<LayerWish>& wishes);
  void limit_upload(Publication& publication);
  void tell_demand(const Participant& publisher, const PublishedTrack& track) const;
  using Wishes = std::map<std::string, std::vector<LayerWish>>;  // by track
  void collect_wishes(const Participant& viewer, Wishes& wishes);
  std::unique_ptr<Subscription> make_subscription(const std::string& id);
  /// As last looked at; those that we stopped count as if they came.
  const std::vector<TrackLayer>& layers_of(const std::string& track);
  static void note_layers(PublishedTrack& track, std::vector<TrackLayer>& layers);
  DataRate audio_of(const Participant& viewer);
  /// What publishers would send this viewer besides, were they not capped.
  DataRate held_back_of(const event::Allocated& allocated);
  [[nodiscard]] SlotPriority priority_of(const Participant& viewer, const SlotOutput& output) const;
  [[nodiscard]] ViewerAllocator::Slot allocator_slot(const Participant& viewer,
                                                     const SlotOutput& output);

  void repeat_demand(const Participant& publisher) const;

  [[nodiscard]] Status check_mutes(const RoomControl& control) const;
  /// Brings what a moderator has said to the tracks there are. True: it changed one.
  void moderate(Participant& publisher);
  bool moderate(const Participant& publisher, PublishedTrack& track) const;
  /// Everybody but `except` is told; empty: everybody.
  void apply_muted(const PublishedTrack& track, const std::string& except);

  [[nodiscard]] TopologySituation situation() const;
  [[nodiscard]] event::TopologyChanged topology_event(const Participant& listener) const;
  /// Decides anew which way media takes. True: it changed, and everybody was told.
  bool follow_topology();
  void apply_topology();
  /// Two members send to each other, and nothing goes through the room.
  [[nodiscard]] bool rests() const { return direct_.session() && direct_.session()->established; }
  /// What is to be mixed now, and for whom.
  [[nodiscard]] MixScene mix_scene() const;
  [[nodiscard]] std::vector<MixPicture> mixed_pictures() const;
  [[nodiscard]] MixFormat mix_format(const Participant& viewer) const;
  [[nodiscard]] std::vector<MixSound> mixed_sounds() const;
  [[nodiscard]] bool somebody_takes_mix() const;
  Status control_mix(const MixControl& control);
  /// How it is sent the room, by its own wish or the room's topology.
  void choose_mode(Participant& viewer) const;
  /// Builds what somebody takes, and takes down what nobody does. Costs nothing where nobody does.
  void follow_mix();
  /// The same, and whoever takes it is shown it.
  void renew_mix();
  /// What such a viewer gets of the mix: its picture, its sound, or both.
  [[nodiscard]] std::vector<const PublishedTrack*> mix_for(const Participant& viewer) const;
  void collect_mix_wishes(Wishes& wishes);
  void collect_decoder_wishes(const std::vector<MixVideo::Decoded>& decoded, Wishes& wishes);
  [[nodiscard]] MixStats mix_stats() const;
  void count_takers(std::vector<MixStats::Encoder>& encoders) const;

  /// What the track is made into for that viewer; kUnknown: it decodes it as it is, its publisher
  /// can send something better, or there is no way.
  [[nodiscard]] Codec transcodes_to(const Participant& viewer, const PublishedTrack& track) const;
  /// Makes what somebody is shown and cannot decode, and gives it to them.
  void follow_transcodings();

  /// What everybody decodes; empty: nobody has said anything yet.
  [[nodiscard]] CodecPolicy policy() const;
  /// The same in the order in which the publisher would like to send.
  [[nodiscard]] CodecPolicy policy_for(const SessionDescription& offer) const;
  void agree_on_codecs();
  void watch_speakers();
  /// Recordings take the tracks that there are.
  void follow_recordings();
  void follow_playouts();
  static gboolean on_bus_message(GstBus* bus, GstMessage* message, gpointer self);
  void on_pipeline_error(GstMessage* message);

  const std::string id_;
  const RoomPolicy policy_;
  Guarded<bool> closing_{false};
  std::unique_ptr<Executor> executor_;
  Ref<GstElement> pipeline_;
  Ref<GstElement> router_;
  GSource* bus_watch_ = nullptr;
  std::unique_ptr<RoomContext> context_;
  std::unique_ptr<DataRelay> data_;
  std::unique_ptr<RoomRecordings> recordings_;
  std::unique_ptr<RoomPushes> pushes_;
  std::unique_ptr<RoomSources> sources_;
  std::unique_ptr<RoomTaps> taps_;
  std::vector<ParticipantPtr> participants_;  // in order of arrival
  RoomVoices voices_;
  std::unique_ptr<RoomMix> mix_;
  std::unique_ptr<MixTakers> takers_;
  std::unique_ptr<RoomPlayouts> playouts_;
  std::unique_ptr<RoomHls> hls_;
  std::unique_ptr<RoomTranscoder> transcoder_;
  DelayedCall speaker_timer_;
  DelayedCall allocation_timer_;
  bool demand_is_due_ = false;
  std::map<std::string, std::vector<TrackLayer>> layers_;  // by track, as last looked at
  CodecPolicy agreed_;
  ModeratorMutes mutes_;
  Topology topology_;
  Topology told_topology_;
  DirectDecision direct_;
  std::uint64_t direct_dropped_ = 0;
};

}  // namespace rooms
