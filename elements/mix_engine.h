// SPDX-License-Identifier: LGPL-2.1-or-later
// The C++ half of `mixminus`: takes what the sink pads bring, mixes a block each interval of the
// clock, and hands the blocks to the src pads.
//
// Threads: those of the sink pads write, one thread mixes, those of the pool push. The lock here is
// never held while calling out, but for the pool's, which is a leaf.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "elements/mix_stream.h"
#include "elements/push_pool.h"
#include "gst/core/mix/minus_one.h"
#include "gst/core/time.h"
#include "gst/glue/ref.h"

namespace rooms {

class MixEngine {
 public:
  struct Settings {
    Duration latency = std::chrono::milliseconds(10);
    Duration interval = std::chrono::milliseconds(20);
    Duration level_interval{};  ///< 0: no messages
    bool force_live = false;
  };

  explicit MixEngine(GstElement* element);
  ~MixEngine();
  MixEngine(const MixEngine&) = delete;
  MixEngine& operator=(const MixEngine&) = delete;

  // Any thread.
  [[nodiscard]] Settings settings() const;
  void set_settings(const Settings& settings);
  void add(const std::shared_ptr<MixStream>& stream);
  /// Before its pads are deactivated.
  void remove(MixStream& stream);
  void set_volume(MixStream& stream, double volume, bool mute);
  [[nodiscard]] Owned<GstStructure> stats();

  // State changes.
  void start();                ///< READY to PAUSED, before pads are active
  void set_playing(bool yes);  ///< the clock runs
  void interrupt();            ///< PAUSED to READY: nobody waits in here any more
  void stop();                 ///< afterwards, pads are inactive

  // Sink pads; their streaming threads.
  GstFlowReturn on_buffer(MixStream& stream, GstBuffer* buffer);
  void on_event(MixStream& stream, GstEvent* event);
  void activate_sink(MixStream& stream, bool active);
  [[nodiscard]] Ref<GstCaps> sink_caps();

  // Src pads.
  void activate_src(MixStream& stream, bool active);
  void relinked(MixStream& stream);
  bool answer_latency(GstQuery* query);
  bool answer_position(GstQuery* query);
  [[nodiscard]] Ref<GstCaps> src_caps(GstPad* pad);
  /// False: seen before, and passed on then.
  bool is_new_latency(GstEvent* event);

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Delivery = PushPool::Item;
  struct Round;

  // Input (mix_input.cc).
  GstFlowReturn deliver(MixStream& stream, std::optional<std::int64_t> position,
                        std::vector<float>& samples);
  GstFlowReturn deliver_silence(MixStream& stream, std::int64_t position, std::int64_t frames);
  template <class Write>
  GstFlowReturn write_in_parts(Lock& hold, MixStream& stream, std::int64_t at, std::int64_t frames,
                               Write&& write);
  GstFlowReturn outcome(const MixStream& stream) const;
  void set_caps(MixStream& stream, GstCaps* caps);
  void choose_format(SampleFormat wished);
  void end_flush(MixStream& stream);
  void ask_latency(bool tell);
  [[nodiscard]] std::optional<std::int64_t> position_of(const MixStream& stream,
                                                        GstClockTime time) const;

  // Mixing (mix_engine.cc).
  void run();
  bool wait_for_clock(Lock& hold);
  bool wait_for_inputs(Lock& hold);
  bool go_on_without(Lock& hold, const std::vector<MixStream*>& lacking);
  [[nodiscard]] static bool counts(const MixStream& stream);
  [[nodiscard]] bool all_ended() const;
  bool end_streams(Lock& hold);
  Round mix(std::size_t frames);
  void announce(MixStream& stream, std::vector<Delivery>& deliveries);
  [[nodiscard]] Owned<GstStructure> take_levels();
  void hand_over(Round&& round);

  [[nodiscard]] bool is_live() const;
  [[nodiscard]] std::int64_t interval_frames() const;
  void configure_mixer();
  template <class F>
  void each_output(F&& f) {
    for (const auto& [number, stream] : streams_) f(*stream);
    if (everybody_) f(*everybody_);
  }
  [[nodiscard]] bool takes(const MixStream& stream) const;

  GstElement* const element_;
  PushPool pool_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Settings settings_;
  std::map<unsigned, std::shared_ptr<MixStream>> streams_;
  std::shared_ptr<MixStream> everybody_;  // of the pad `src`
  MinusOneMixer mixer_;
  std::optional<SampleFormat> format_;
  std::int64_t position_ = 0;  // of the block that is mixed next
  bool started_ = false;       // position_ is set
  bool running_ = false;
  bool playing_ = false;
  bool was_live_ = false;
  bool ended_ = false;  // EOS has gone out
  bool discont_ = true;
  unsigned waiting_ = 0;               // threads of sink pads
  std::optional<Timestamp> stuck_at_;  // since then some inputs have a block and others have not
  GstClockTime upstream_ = 0;
  GstClockTime forwarded_latency_ = GST_CLOCK_TIME_NONE;
  Timestamp asked_at_{};
  GstClockID clock_wait_ = nullptr;
  Ref<GstMemory> silence_;
  guint group_ = 0;            // of all outputs
  std::string stream_prefix_;  // likewise
  std::int64_t last_levels_ = 0;
  std::uint64_t blocks_ = 0;
  std::uint64_t silent_blocks_ = 0;
  std::uint64_t skipped_blocks_ = 0;
  std::thread thread_;
};

}  // namespace rooms
