// SPDX-License-Identifier: LGPL-2.1-or-later
// One sink pad of `sfurouter`: what comes in there, who gets it, and the keyframe requests that go
// back.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "elements/router_packet.h"
#include "elements/sfurouter_pads.h"
#include "gst/core/codec/stream_inspector.h"
#include "gst/core/forward/keyframe_gate.h"
#include "gst/core/forward/layer_meter.h"
#include "gst/core/forward/layer_pace.h"
#include "gst/core/guarded.h"
#include "gst/glue/ref.h"

namespace rooms {

using Outputs = std::vector<Ref<SfuRouterSrc>>;

/// Owned by its pad. Methods are for any thread unless they say otherwise.
class RouterInput {
 public:
  struct Settings {
    std::string track;  ///< empty: the name of the pad
    std::string rid;
  };
  /// What a packet needs: replaced as a whole, so that the packet path holds no lock while it walks
  /// the outputs.
  struct Plan {
    std::shared_ptr<const Outputs> outputs;
    std::shared_ptr<const InputFormat> format;
    std::uint32_t track = 0;  ///< a number for its name
    /// There are other encodings of the track.
    bool has_siblings = false;
  };
  /// What a packet says of its stream.
  enum class News : std::uint8_t {
    kNone,
    kBegins,    ///< the first packet, or the first one after the stream ended or fell silent
    kTime,      ///< some time has passed
    kMeasured,  ///< and `table` is new
  };

  explicit RouterInput(GstPad* pad);
  ~RouterInput() { forget_keyframe_request(); }
  RouterInput(const RouterInput&) = delete;
  RouterInput& operator=(const RouterInput&) = delete;

  // Once, before the pad is in use.
  void set_id(EncodingId id) { id_ = id; }
  void set_index(unsigned index) { index_ = index; }
  [[nodiscard]] EncodingId id() const { return id_; }
  [[nodiscard]] unsigned index() const { return index_; }

  [[nodiscard]] Settings settings() const;
  void set_settings(Settings settings);
  /// Settings::track, or the pad's name in its place.
  [[nodiscard]] std::string track() const;

  [[nodiscard]] Plan plan() const;
  /// Returns what it replaces, to be released where no lock is held.
  std::shared_ptr<const Outputs> set_outputs(std::shared_ptr<const Outputs> outputs);
  void set_format(GstCaps* caps);
  /// So many outputs that it pays to divide them among network workers. Once it is so it stays so
  /// while there are outputs: packets of an output are in order only if they take one way.
  [[nodiscard]] bool has_large_audience() const {
    return large_audience_.load(std::memory_order_relaxed);
  }

  void set_has_siblings(bool has);

  /// nullopt: not RTP; counted. Streaming thread.
  std::optional<SourcePacket> read(const Plan& plan, GstBuffer* buffer, Bytes packet,
                                   Timestamp now);
  /// Streaming thread.
  News observe(const RouterPacket& packet);
  /// The packet of sound that came last; empty: none has, or it is a picture.
  struct Latest {
    Ref<GstBuffer> buffer;
    Timestamp came;
  };
  [[nodiscard]] Latest latest() const;
  /// Measured layers; nullptr: not yet.
  [[nodiscard]] std::shared_ptr<const LayerTable> table() const;
  /// Has several layers in one stream.
  [[nodiscard]] bool layered() const { return layered_; }
  /// The last table has other layers than the one before. Streaming thread.
  [[nodiscard]] bool layers_changed() const { return layers_changed_; }

  void set_keyframe_interval(Duration interval);
  /// Asks upstream now, or later if the gate says so; `clock` is what `now` was read from.
  void request_keyframe(GstClock* clock, Timestamp now);
  /// Sends the deferred request once it is due. Cheap if there is none.
  void poll_keyframe(Timestamp now);
  void forget_keyframe_request();

  /// Packets have come and the stream has not ended.
  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] bool ended() const { return ended_; }
  /// An active one that has been silent while others, of which `other` has just received, went on
  /// for some frames, is active no more until it goes on for half a second, or with a keyframe.
  /// True if that is news. With the router's table locked.
  bool fall_silent(const RouterInput& other, Timestamp now);
  /// One that has hardly any pictures while `lowest`, of the same track, has them as before, is
  /// active no more until it keeps up again. With the router's table locked.
  void fall_behind(const RouterInput& lowest);
  /// There is no other that goes on. True if that is news. With the router's table locked.
  bool begin_alone();
  void set_ended(bool ended);
  [[nodiscard]] Owned<GstStructure> stats() const;

 private:
  struct Keyframes {
    KeyframeGate gate;
    GstClockID deferred = nullptr;
  };
  void set_track_number();
  /// No newer one than what has come.
  bool comes_late(const RtpHeader& header);
  /// True: after a silence.
  bool note_arrival(Timestamp now);
  [[nodiscard]] bool may_begin(const SourcePacket& packet);
  void keep_latest(const RouterPacket& packet);
  void publish_table();
  void send_keyframe_request();
  void wake_at(GstClock* clock, Timestamp due);

  GstPad* const pad_;
  EncodingId id_ = 0;
  unsigned index_ = 0;
  Guarded<Settings> settings_;
  Guarded<Plan> plan_;
  Guarded<Keyframes> keyframes_;
  std::atomic<bool> large_audience_ = false;
  StreamInspector inspector_;  // streaming thread
  LayerMeter meter_;           // streaming thread
  TargetSet targets_ = 0;      // streaming thread, as layers_changed_
  bool layers_changed_ = false;
  Guarded<std::shared_ptr<const LayerTable>> table_;
  Guarded<Latest> latest_;
  std::atomic<bool> layered_ = false;
  std::atomic<std::int64_t> last_packet_ = 0;  // ns
  std::atomic<std::int64_t> patience_;         // ns; longer than this without a packet is silence
  std::uint16_t newest_ = 0;                   // streaming thread
  std::atomic<bool> begins_anew_ = true;       // whatever number it has
  std::int64_t steady_since_ = 0;              // ns; streaming thread: the end of its last silence
  std::int64_t judged_at_ = 0;                 // ns; with the router's table locked, as missed_
  std::int64_t missed_ = 0;                    // ns in which others went on, since its last packet
  std::atomic<bool> left_behind_ = false;      // it is silent while others go on
  LayerPace pace_;                             // with the router's table locked
  std::atomic<bool> lags_ = false;             // by its pace it does
  std::atomic<std::uint64_t> pictures_ = 0;    // that came to their end
  std::atomic<std::uint64_t> unreadable_ = 0;
  std::atomic<bool> keyframe_deferred_ = false;
  std::atomic<bool> active_ = false;
  std::atomic<bool> ended_ = false;

  std::atomic<std::uint32_t> ssrc_ = 0;
  std::atomic<std::uint64_t> packets_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> malformed_ = 0;
  std::atomic<std::uint64_t> keyframes_seen_ = 0;
  std::atomic<std::uint64_t> requests_asked_ = 0;
  std::atomic<std::uint64_t> requests_sent_ = 0;
};

}  // namespace rooms
