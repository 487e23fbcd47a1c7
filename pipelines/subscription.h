// SPDX-License-Identifier: LGPL-2.1-or-later
// What one participant is sent: its subscribe connection with slots, each of them one router
// output.
//
//   router src_7 --> sink_0 sfusend --> transport        slot a0
//          src_8 --> sink_1    |                         slot v0
//          src_9 --> sink_2    |                         slot v1
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/allocation/viewer_allocator.h"
#include "gst/core/forward/slot_assignment.h"
#include "gst/core/sdp/negotiation.h"
#include "pipelines/estimate_watch.h"
#include "pipelines/peer.h"
#include "pipelines/room.h"
#include "pipelines/room_context.h"
#include "pipelines/slot_output.h"

namespace rooms {

class Subscription {
 public:
  /// `line_fell` runs on a network worker: the line has become narrower than it was when
  /// set_line_use was called last.
  Subscription(RoomContext& room, std::string participant, Peer::Callbacks callbacks,
               std::function<void()> line_fell);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// We offer: makes the connection and its first slots.
  Result<std::string> open(const SubscribeRequest& request);
  /// Appends slots; the new offer.
  Result<std::string> add_slots(unsigned audio, unsigned video);
  /// The current plan again, with new ICE credentials.
  Result<std::string> restart();
  Status accept(const SessionDescription& answer);
  /// The peer offers (WHEP).
  Result<std::string> play(const SessionDescription& offer);

  /// Who answered offer number `version`; an answer to an older one counts for nothing.
  [[nodiscard]] std::uint64_t version() const { return plan_.version; }
  [[nodiscard]] bool awaits_answer() const { return awaits_answer_; }

  [[nodiscard]] std::vector<SlotContent> contents() const;
  struct Shown {
    std::string name;   ///< of the participant
    std::string label;  ///< of the track
  };
  /// True if anything changed. `describe`: what the peer is told of a track, in SDES.
  bool show(const std::vector<SlotContent>& contents,
            const std::function<Shown(const std::string& track)>& describe);
  /// Slots that show `track` take it from that track of the router, without an interruption.
  void redirect(const std::string& track, const std::string& source);
  /// A slot takes that track of the router.
  [[nodiscard]] bool takes(const std::string& source) const;
  /// The output of a video slot; nullptr: there is none of that mid.
  [[nodiscard]] SlotOutput* video_output(const std::string& mid);
  struct VideoSlot {
    std::string mid;
    SlotOutput* output;
  };
  /// Those that show a track that is not muted.
  [[nodiscard]] std::vector<VideoSlot> shown_video();
  /// Audio tracks that it shows.
  [[nodiscard]] std::vector<std::string> shown_audio() const;
  [[nodiscard]] LineState line() const;
  /// What it could use of the line, and what came of its estimate.
  void set_line_use(DataRate wanted, DataRate estimate);
  ViewerAllocator& allocator() { return allocator_; }
  /// What it is given now.
  event::Allocated& allocated() { return allocated_; }
  [[nodiscard]] const event::Allocated& allocated() const { return allocated_; }
  /// What its client was told last.
  event::Allocated& told() { return told_; }

  /// The slot's router output rests while its track is muted.
  void set_muted(const std::string& track, bool muted);
  /// Its member gets media in another way for now: all slots keep their tracks and rest.
  void set_resting(bool resting);
  [[nodiscard]] std::vector<std::pair<std::string, SlotContent>> slots_by_mid() const;
  [[nodiscard]] std::size_t count(MediaKind kind) const;
  /// Codecs its decoder takes; empty: not known yet.
  [[nodiscard]] std::vector<Codec> decodable(MediaKind kind) const;
  /// Lets media flow: the connection is up.
  void start();
  [[nodiscard]] Peer* peer() const { return peer_.get(); }
  [[nodiscard]] GstElement* sender() const { return sender_.get(); }

 private:
  struct Slot {
    SendSlot settings;
    std::size_t pair = 0;
    bool is_open = true;
    std::unique_ptr<SlotOutput> output;
    Ref<GstPad> send_sink;
  };
  Status connect(bool data);
  void add_slot(const SendSlot& settings, std::size_t pair);
  void configure(Slot& slot);
  std::string write_offer();

  RoomContext& room_;
  const std::string participant_;
  Peer::Callbacks callbacks_;
  std::function<void()> line_fell_;
  std::unique_ptr<Peer> peer_;
  Ref<GstElement> sender_;
  std::unique_ptr<EstimateWatch> watch_;
  SlotPlan plan_;
  std::vector<Slot> slots_;
  std::uint64_t play_version_ = 0;
  bool awaits_answer_ = false;
  bool started_ = false;
  bool resting_ = false;
  ViewerAllocator allocator_;
  event::Allocated allocated_;
  event::Allocated told_;
};

}  // namespace rooms
