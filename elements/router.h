// SPDX-License-Identifier: LGPL-2.1-or-later
// The C++ half of `sfurouter`: who gets what. Packets, events and queries of the pads come here.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "elements/router_input.h"
#include "elements/router_output.h"
#include "elements/sfurouter_pads.h"
#include "gst/core/forward/track_layers.h"
#include "gst/core/guarded.h"
#include "gst/glue/ref.h"

namespace rooms {

struct RouterRound;
class Worker;

/// Locks: the table's may be held while those of inputs and outputs are taken (all leaves); no lock
/// is held while anything is called out, but for the order lock of an output (router_output.h).
class Router {
 public:
  struct Settings {
    Duration keyframe_interval = KeyframeGate::kDefaultInterval;
    Handoff::Limits queue;
  };

  explicit Router(GstElement* element);

  // Pads come and go. Application threads, any time.
  void add(Ref<SfuRouterSink> pad);
  void add(Ref<SfuRouterSrc> pad);
  void remove(SfuRouterSink* pad);
  void remove(SfuRouterSrc* pad);
  void clear();
  // What comes in. Streaming threads, one per sink pad.
  void on_packet(SfuRouterSink* pad, GstBuffer* buffer);
  void on_packets(SfuRouterSink* pad, GstBufferList* list);
  void on_event(SfuRouterSink* pad, GstEvent* event);
  // What comes back.
  bool on_upstream_event(SfuRouterSrc* pad, Ref<GstEvent> event);
  bool answer_latency(GstQuery* query);

  // Decide anew which encoding and layers outputs want: all of them, after pads or their tracks
  // have changed; one, after its settings have.
  void reroute();
  void reroute(SfuRouterSrc* pad);
  /// The encoding is asked for a keyframe if it is video; merged with what others ask.
  void request_keyframe(EncodingId encoding);
  /// For what `pad` shows, and for what it is about to show.
  void request_keyframe(SfuRouterSrc* pad);

  /// `pad` was resumed: sound that is new to it begins with the packet that came last, if that is
  /// no older than what a jitter buffer waits for anyway, and a picture with a keyframe.
  void resume(SfuRouterSrc* pad);

  /// The layers of a track, as outputs may be limited to; empty: there is no such track.
  [[nodiscard]] std::vector<TrackLayer> layers_of(const std::string& track) const;

  [[nodiscard]] Settings settings() const;
  void set_settings(const Settings& settings);
  [[nodiscard]] Owned<GstStructure> stats() const;

 private:
  /// By index.
  struct Table {
    std::vector<Ref<SfuRouterSink>> inputs;
    std::vector<Ref<SfuRouterSrc>> outputs;
  };
  struct Clock {
    Ref<GstClock> clock;
    Timestamp now;
  };

  using Buffers = std::span<GstBuffer* const>;  ///< at most kMaxRun
  /// A part of the outputs: those of one affinity, of so many.
  struct Share {
    unsigned affinity = 0;
    unsigned of = 1;
  };

  /// `list`: of these buffers and no others, or nullptr.
  void forward(SfuRouterSink* pad, Buffers buffers, GstBufferList* list);
  void forward_on_all_workers(Worker& here, SfuRouterSink* pad, Buffers buffers,
                              GstBufferList* list);
  /// False: there is nothing to forward.
  bool read(SfuRouterSink* pad, Buffers buffers, GstBufferList* list, RouterRound& round);
  void deliver(SfuRouterSink* pad, const RouterRound& round, Share share);
  /// True if that may have changed who gets what.
  bool review(RouterInput& input, RouterInput::News news, Timestamp now);
  /// Siblings of `input` that have fallen silent while it goes on are out of the choice. True if
  /// there is another choice than before.
  bool find_silent(RouterInput& input, Timestamp now);
  /// Likewise those that trickle, if `input` is the lowest layer.
  void find_lagging(const RouterInput& input);
  /// Those that show the track, or are about to.
  void reroute_track(const std::string& track);
  /// What is left to do when the table is not locked any more.
  struct Rerouted {
    std::vector<std::shared_ptr<const Outputs>> replaced;  // may be the last to hold a pad
    std::vector<Ref<SfuRouterSrc>> shows_another;
    std::vector<EncodingId> to_ask;
  };
  static Rerouted reroute(const Table& table, std::span<const Ref<SfuRouterSrc>> outputs);
  /// The inputs that list an output which is gone list it no longer; nobody else is concerned.
  static Rerouted unlist(const Table& table, SfuRouterSrc* gone);
  void conclude(Rerouted rerouted);
  [[nodiscard]] Clock clock() const;
  [[nodiscard]] Table table() const;
  [[nodiscard]] Ref<SfuRouterSink> input_with(EncodingId id) const;
  void end_outputs_if_all_ended();
  void flush(const RouterInput& input, GstEvent* event);

  GstElement* const element_;
  const Ref<GstClock> system_clock_;
  const guint group_;
  Guarded<Settings> settings_;
  Guarded<Table> table_;
  std::atomic<EncodingId> next_id_ = 1;
  std::atomic<bool> limits_bitrate_ = false;  // some output does
};

}  // namespace rooms
