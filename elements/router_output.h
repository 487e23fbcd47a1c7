// SPDX-License-Identifier: LGPL-2.1-or-later
// One src pad of `sfurouter`: decides on each packet, and gets it to its consumer in one of two
// ways.
//
// Direct: the consumer took the offer of gst/glue/rtp_patch_query.h and promised not to block. The
// incoming buffer itself is pushed from the incoming thread. Queued: anybody else. The packet gets
// a head of its own and goes through a bounded hand-off to the task of this pad, so that a consumer
// that blocks, is slow or fails harms nobody but itself.
#pragma once

#include <gst/gst.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "elements/handoff.h"
#include "elements/router_packet.h"
#include "gst/core/forward/output_stream.h"
#include "gst/core/forward/routing.h"
#include "gst/core/guarded.h"
#include "gst/glue/ref.h"

namespace rooms {

/// Owned by its pad.
class RouterOutput {
 public:
  struct Settings {
    std::string track;  ///< empty: the first track there is
    bool paused = false;
    std::uint32_t ssrc = 0;
    LayerLimits limits;
  };
  /// What flows now, for those who look at it from outside.
  struct Shown {
    std::string track;
    std::string rid;
    int layer = -1;  ///< index among the layers of its track; -1: nothing flows

    bool operator==(const Shown&) const = default;
  };
  struct Outcome {
    bool wants_keyframe = false;  ///< of the packet's encoding
    bool switched = false;        ///< another encoding, or spatial layer, flows from this packet on
  };
  /// Where the router's lists have it: of who wants an encoding, and whom it flows to.
  struct Listed {
    EncodingId wanted = 0;
    EncodingId current = 0;
  };

  explicit RouterOutput(GstPad* pad);
  RouterOutput(const RouterOutput&) = delete;
  RouterOutput& operator=(const RouterOutput&) = delete;

  // The packet path: incoming threads, several at once.
  Outcome deliver(const RouterRun& run);
  /// Before any other packet: what came just before the output was resumed. Any thread.
  void prime(const RouterRun& run);
  /// The stream ends, in order with the packets.
  void end();

  // Any thread. Take effect with the next packet.
  [[nodiscard]] Settings settings() const;
  /// True if it is resumed and has to begin with a keyframe.
  bool set_settings(const Settings& settings);
  // Once, before the pad is in use.
  void set_index(unsigned index) { index_ = index; }
  [[nodiscard]] unsigned index() const { return index_; }
  void set_group(guint group) { group_ = group; }  ///< of its stream-start events
  void set_limits(Handoff::Limits limits) { handoff_.set_limits(limits); }
  /// True if the encoding has to begin with a keyframe for this output.
  bool want(const Route& choice);
  [[nodiscard]] EncodingId wanted() const { return wanted_; }
  [[nodiscard]] EncodingId current() const { return current_; }
  [[nodiscard]] unsigned spatial_layer() const { return spatial_layer_; }
  // With the router's table locked.
  [[nodiscard]] const Route& route() const { return route_; }
  void set_route(const Route& choice, LayerNumbers target) {
    route_ = choice;
    target_spatial_ = target.spatial;
    target_temporal_ = target.temporal;
  }
  Listed& listed() { return listed_; }
  [[nodiscard]] Shown shown() const;
  /// True if that is new.
  bool set_shown(Shown shown);

  // The pad and its peer.
  void activate(bool active);
  void ask_consumer() {
    ask_ = true;
  }  ///< linked, or told to reconfigure: how does it want its packets?
  void unlinked() { path_ = Path::kNone; }
  /// Which outputs it is best served with (gst/glue/rtp_patch_query.h).
  [[nodiscard]] unsigned affinity() const { return affinity_.load(std::memory_order_relaxed); }
  /// Packets that nobody had the time to deliver.
  void miss(std::size_t packets) { drop(DropReason::kNoRoom, packets); }
  [[nodiscard]] bool has_consumer() const;
  void start_flush();
  void stop_flush(bool reset_time);

  [[nodiscard]] Owned<GstStructure> stats() const;

 private:
  enum class Path : std::uint8_t { kNone, kDirect, kQueued };
  /// What other threads want of the stream; picked up by the packet path.
  struct Wishes {
    Route route;
    bool paused = false;
    std::uint32_t ssrc = 0;
    bool announce = true;     // once: stream-start, caps and segment again
    bool begin_anew = false;  // once: the consumer lost packets
    bool rested = false;      // once: it was paused, if only between two packets
  };

  void choose_path();
  void take_wishes();
  void announce(const RouterPacket& packet, Path path);
  void announce_start(Path path);
  void hand_over(Ref<GstEvent> event, Path path);
  // With order_ held.
  GstFlowReturn push(const RouterRun& run, Outcome& outcome);
  GstFlowReturn push(std::span<const RtpForward::Packet> forwards, GstBuffer* buffer,
                     GstBufferList* list);
  GstFlowReturn queue(const RouterRun& run, Outcome& outcome);
  Decision decide(const RouterPacket& packet, Path path, Outcome& outcome);
  void count(const RouterPacket& packet, const Decision& decision);
  void drop(DropReason reason, std::uint64_t packets = 1);
  void wish(void (*change)(Wishes&));
  void run();
  void rest(GstFlowReturn flow, unsigned link);
  void stop_task();
  [[nodiscard]] std::string stream_id() const;

  GstPad* const pad_;
  guint group_ = 0;
  unsigned index_ = 0;
  Guarded<Settings> settings_;
  Guarded<Shown> shown_;
  Guarded<Wishes> wishes_;
  std::atomic<bool> wishes_changed_ = true;
  std::atomic<bool> ask_ = true;
  std::atomic<bool> active_ = false;
  std::atomic<Path> path_ = Path::kNone;
  std::atomic<unsigned> affinity_ = 0;
  std::atomic<unsigned> link_ = 0;  // counts how often the consumer was asked
  std::atomic<std::int64_t> retry_at_ =
      0;  // ns; 0: only a new link, a flush or a reconfigure ends the rest
  std::atomic<EncodingId> wanted_ = 0;
  std::atomic<EncodingId> current_ = 0;
  std::atomic<unsigned> spatial_layer_ = 0;
  std::atomic<unsigned> temporal_layer_ = 0;
  std::atomic<int> target_spatial_ = -1;  // what route_ comes to
  std::atomic<int> target_temporal_ = -1;
  Route route_;    // under the router's table lock
  Listed listed_;  // likewise

  // The order of decisions is the order on the wire: this lock is held from the decision until the
  // packet is pushed (direct) or put (queued). It is the only lock here that is held while calling
  // out, and only to a consumer that promised not to block. Under it: Wishes and the hand-off, both
  // leaves. Never taken by queries, statistics or state changes, and by setters only to prime().
  std::mutex order_;
  OutputStream stream_;
  RtpForward forward_;  // read by a direct consumer during the push
  std::shared_ptr<const InputFormat> announced_;
  bool started_ = false;  // stream-start and segment have gone out

  Handoff handoff_;
  Guarded<Ref<GstPad>> pushing_to_;  // the peer of the task's push that is under way

  std::atomic<std::uint64_t> packets_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> switches_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<std::uint64_t> sequence_ = 0;
  std::atomic<std::uint32_t> timestamp_ = 0;
  std::atomic<bool> waits_ = false;
  std::atomic<GstFlowReturn> last_flow_ = GST_FLOW_OK;
  std::array<std::atomic<std::uint64_t>, kDropReasonCount> drops_{};
};

}  // namespace rooms
