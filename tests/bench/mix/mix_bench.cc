// SPDX-License-Identifier: LGPL-2.1-or-later
// What 20 ms of a mixed room cost: the sums alone, and `mixminus` in real time with everything
// around them: threads, buffers, pads. An iteration is one block of all inputs and outputs.
#include <benchmark/benchmark.h>
#include <gst/gst.h>

#include <algorithm>
#include <ctime>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gst/core/mix/minus_one.h"
#include "gst/glue/clock.h"
#include "gst/glue/ref.h"

namespace rooms {
namespace {

constexpr std::int64_t kFrames = 960;
constexpr GstClockTime kBlock = 20 * GST_MSECOND;

std::vector<std::int16_t> noise(std::size_t samples, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int16_t> result(samples);
  for (auto& sample : result) sample = static_cast<std::int16_t>(random() % 8192 - 4096);
  return result;
}

/// Arguments: participants, those who speak, channels.
void mix_sums(benchmark::State& state) {
  const auto people = static_cast<unsigned>(state.range(0));
  const auto speakers = static_cast<unsigned>(state.range(1));
  const SampleFormat format{SampleFormat::Type::kS16, static_cast<unsigned>(state.range(2))};
  MinusOneMixer mixer;
  MinusOneMixer::Config config;
  config.format = format;
  mixer.configure(config);
  for (unsigned id = 0; id < people; ++id) mixer.add(id, true);
  const auto samples = noise(kFrames * format.channels, 1);
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(samples.data()), samples.size() * 2);
  std::vector<std::uint8_t> out(mixer.block_size());
  std::vector<float> floats;
  std::int64_t position = 0;
  for (auto _ : state) {
    for (unsigned id = 0; id < speakers; ++id) {
      auto* input = mixer.find(id);
      floats = to_floats(bytes, format, format.channels, std::move(floats));
      const auto at = input->align(position + 480, floats);
      input->write(at, floats);
    }
    mixer.begin(position);
    for (unsigned id = 0; id < people; ++id)
      if (mixer.contributes(id)) mixer.write_without(id, out);
    mixer.write_total(out);
    benchmark::DoNotOptimize(out.data());
    mixer.end();
    position += kFrames;
  }
}
BENCHMARK(mix_sums)->Args({50, 5, 1})->Args({50, 50, 1})->Args({50, 50, 2});

gboolean answer(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
  gst_query_set_latency(query, TRUE, kBlock, GST_CLOCK_TIME_NONE);
  return TRUE;
}

/// A mixer by the real clock, with a pad before and one behind each of its own.
class Room {
 public:
  explicit Room(unsigned people) : mixer_(sink(gst_element_factory_make("mixminus", nullptr))) {
    clock_ = adopt(gst_system_clock_obtain());
    gst_element_set_clock(mixer_.get(), clock_.get());
    base_ = gst_clock_get_time(clock_.get());
    gst_element_set_base_time(mixer_.get(), base_);
    for (unsigned i = 0; i < people; ++i) connect(i);
    gst_element_set_state(mixer_.get(), GST_STATE_PLAYING);
    const auto caps = adopt(
        gst_caps_from_string("audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    for (const auto& source : sources_) {
      gst_pad_push_event(source.get(), gst_event_new_stream_start("source"));
      gst_pad_push_event(source.get(), gst_event_new_caps(caps.get()));
      gst_pad_push_event(source.get(), gst_event_new_segment(&segment));
    }
  }
  ~Room() { gst_element_set_state(mixer_.get(), GST_STATE_NULL); }

  /// When the block that began at `number` times 20 ms has been recorded, sends it.
  void play(std::int64_t number, unsigned speakers) {
    const auto begins = static_cast<GstClockTime>(number) * kBlock;
    const auto id = gst_clock_new_single_shot_id(clock_.get(), base_ + begins + kBlock);
    gst_clock_id_wait(id, nullptr);
    gst_clock_id_unref(id);
    std::vector<GstBuffer*> buffers(speakers);
    for (auto*& buffer : buffers) {
      buffer = gst_buffer_new_memdup(samples_.data(), samples_.size() * 2);
      GST_BUFFER_PTS(buffer) = begins;
    }
    // Once for all: this clock is a system call, and dearer than the push.
    const auto before = cpu_time(CLOCK_THREAD_CPUTIME_ID);
    for (unsigned i = 0; i < speakers; ++i) gst_pad_push(sources_[i].get(), buffers[i]);
    writing_ += cpu_time(CLOCK_THREAD_CPUTIME_ID) - before;
  }
  /// Of the element since the last call, in ns: its threads, and what it does in those of the
  /// sources.
  double take_cpu() {
    const auto others = cpu_time(CLOCK_PROCESS_CPUTIME_ID) - cpu_time(CLOCK_THREAD_CPUTIME_ID);
    const auto spent = others - others_before_ + writing_;
    others_before_ = others;
    writing_ = 0;
    return spent;
  }
  [[nodiscard]] std::int64_t now() const {
    return static_cast<std::int64_t>((gst_clock_get_time(clock_.get()) - base_) / kBlock);
  }
  /// What the mixer added to the latency of the sources.
  double added_latency(double quantile) {
    const std::lock_guard hold(mutex_);
    if (delays_.empty()) return 0;
    std::sort(delays_.begin(), delays_.end());
    const auto at = static_cast<std::size_t>(quantile * static_cast<double>(delays_.size() - 1));
    return static_cast<double>(delays_[at]) / 1e6;
  }

 private:
  static double cpu_time(clockid_t id) {
    timespec time{};
    clock_gettime(id, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  }
  void connect(unsigned i) {
    const auto number = std::to_string(i);
    auto source = rooms::sink(gst_pad_new("source", GST_PAD_SRC));
    auto listener = rooms::sink(gst_pad_new("listener", GST_PAD_SINK));
    gst_pad_set_query_function(source.get(), answer);
    gst_pad_set_element_private(listener.get(), this);
    gst_pad_set_chain_function(listener.get(), [](GstPad* pad, GstObject*, GstBuffer* buffer) {
      static_cast<Room*>(gst_pad_get_element_private(pad))->hear(adopt(buffer));
      return GST_FLOW_OK;
    });
    gst_pad_set_active(source.get(), TRUE);
    gst_pad_set_active(listener.get(), TRUE);
    const auto in = adopt(gst_element_request_pad_simple(mixer_.get(), ("sink_" + number).c_str()));
    const auto out = adopt(gst_element_get_static_pad(mixer_.get(), ("src_" + number).c_str()));
    gst_pad_link(source.get(), in.get());
    gst_pad_link(out.get(), listener.get());
    sources_.push_back(std::move(source));
    listeners_.push_back(std::move(listener));
  }
  void hear(const Ref<GstBuffer>& buffer) {
    const auto delay = static_cast<std::int64_t>(gst_clock_get_time(clock_.get()) - base_) -
                       static_cast<std::int64_t>(GST_BUFFER_PTS(buffer.get()) + kBlock);
    const std::lock_guard hold(mutex_);
    delays_.push_back(delay);
  }

  Ref<GstElement> mixer_;
  Ref<GstClock> clock_;
  GstClockTime base_ = 0;
  std::vector<Ref<GstPad>> sources_;
  std::vector<Ref<GstPad>> listeners_;
  std::vector<std::int16_t> samples_ = noise(kFrames, 2);
  std::mutex mutex_;
  std::vector<std::int64_t> delays_;
  double others_before_ = 0;
  double writing_ = 0;
};

/// Arguments: participants, those who speak. `element_cpu` leaves out what the sources cost.
void mix_element(benchmark::State& state) {
  gst_init(nullptr, nullptr);
  Room room(static_cast<unsigned>(state.range(0)));
  std::int64_t block = room.now();
  room.take_cpu();
  for (auto _ : state) room.play(block++, static_cast<unsigned>(state.range(1)));
  state.counters["element_cpu"] = room.take_cpu() / static_cast<double>(state.iterations());
  state.counters["added_latency_p50_ms"] = room.added_latency(0.5);
  state.counters["added_latency_p95_ms"] = room.added_latency(0.95);
}
BENCHMARK(mix_element)
    ->Args({50, 5})
    ->Args({50, 50})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(250);

}  // namespace
}  // namespace rooms
