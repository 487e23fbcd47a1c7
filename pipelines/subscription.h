// SPDX-License-Identifier: LGPL-2.1-or-later
// What one participant is sent: its subscribe connection with slots, each of them one router
// output.
//
//   router src_7 --> sink_0 sfusend --> transport        slot a0
//          src_8 --> sink_1    |                         slot v0
//          src_9 --> sink_2    |                         slot v1
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/forward/slot_assignment.h"
#include "gst/core/sdp/negotiation.h"
#include "pipelines/peer.h"
#include "pipelines/room.h"
#include "pipelines/room_context.h"

namespace rooms {

class Subscription {
 public:
  Subscription(RoomContext& room, std::string participant, Peer::Callbacks callbacks);
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
  /// True if anything changed.
  bool show(const std::vector<SlotContent>& contents);
  /// False: there is no video slot of that mid.
  bool limit(const SlotLimit& limit);
  /// The slot's router output rests while its track is muted.
  void set_muted(const std::string& track, bool muted);
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
    std::string track;
    bool muted = false;
    Ref<GstPad> router_src;
    Ref<GstPad> send_sink;
  };
  Status connect(bool data);
  void add_slot(const SendSlot& settings, std::size_t pair);
  void configure(Slot& slot);
  void update_output(Slot& slot, bool track_changed);
  std::string write_offer();

  RoomContext& room_;
  const std::string participant_;
  Peer::Callbacks callbacks_;
  std::unique_ptr<Peer> peer_;
  Ref<GstElement> sender_;
  SlotPlan plan_;
  std::vector<Slot> slots_;
  std::uint64_t play_version_ = 0;
  bool awaits_answer_ = false;
  bool started_ = false;
};

}  // namespace rooms
