// SPDX-License-Identifier: LGPL-2.1-or-later
// A `mixminus` with participants, each a harness that plays and hears, by a clock that the test
// moves.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gst/glue/mapped_buffer.h"
#include "gst/glue/ref.h"

namespace rooms::test {

inline constexpr const char* kMono =
    "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved";
inline constexpr const char* kFloatStereo =
    "audio/x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved";
inline constexpr std::int64_t kBlockFrames = 960;

struct HarnessDeleter {
  void operator()(GstHarness* h) const { gst_harness_teardown(h); }
};
using Harness = std::unique_ptr<GstHarness, HarnessDeleter>;
using Samples = std::vector<std::int16_t>;

inline Samples noise(std::mt19937& random, std::size_t frames) {
  Samples samples(frames);
  for (auto& sample : samples) sample = static_cast<std::int16_t>(random());
  return samples;
}

inline GstClockTime time_of(std::int64_t frame) {
  return gst_util_uint64_scale_round(static_cast<guint64>(frame), GST_SECOND, 48000);
}

inline Ref<GstBuffer> buffer_of(const Samples& samples, std::int64_t at) {
  auto buffer = adopt(gst_buffer_new_memdup(samples.data(), samples.size() * sizeof(std::int16_t)));
  GST_BUFFER_PTS(buffer.get()) = time_of(at);
  return buffer;
}

inline Samples samples_of(GstBuffer* buffer) {
  const MappedBuffer map(buffer);
  Samples samples(map.bytes().size() / sizeof(std::int16_t));
  std::copy_n(map.bytes().data(), samples.size() * sizeof(std::int16_t),
              reinterpret_cast<std::uint8_t*>(samples.data()));
  return samples;
}

/// Everything that was played, added up anew for each listener.
class MixOracle {
 public:
  void play(const std::string& who, std::int64_t at, const Samples& samples) {
    auto& track = tracks_[who];
    track.resize(std::max(track.size(), static_cast<std::size_t>(at) + samples.size()));
    std::copy(samples.begin(), samples.end(), track.begin() + static_cast<std::ptrdiff_t>(at));
  }
  [[nodiscard]] Samples without(const std::string& who, std::int64_t at, std::size_t frames) const {
    Samples mix(frames);
    for (std::size_t i = 0; i < frames; ++i) {
      int sum = 0;
      const auto frame = static_cast<std::size_t>(at) + i;
      for (const auto& [other, track] : tracks_)
        if (other != who && frame < track.size()) sum += track[frame];
      mix[i] = static_cast<std::int16_t>(std::clamp(sum, -32768, 32767));
    }
    return mix;
  }

 private:
  std::map<std::string, Samples> tracks_;
};

class MixRoom : public testing::Test {
 protected:
  void SetUp() override {
    element_ = sink(gst_element_factory_make("mixminus", nullptr));
    ASSERT_TRUE(element_);
    bus_ = adopt(gst_bus_new());
    gst_element_set_bus(element_.get(), bus_.get());
  }
  void TearDown() override {
    gst_element_set_bus(element_.get(), nullptr);
    gst_element_set_state(element_.get(), GST_STATE_NULL);
  }
  Harness join(const std::string& number, const std::string& caps = kMono) {
    Harness h(gst_harness_new_with_element(element_.get(), ("sink_" + number).c_str(),
                                           ("src_" + number).c_str()));
    gst_harness_set_src_caps_str(h.get(), caps.c_str());
    return h;
  }
  static void play(const Harness& h, const Samples& samples, std::int64_t at) {
    EXPECT_EQ(gst_harness_push(h.get(), buffer_of(samples, at).release()), GST_FLOW_OK);
  }
  /// Lets the clock reach what the mixer waits for: one block leaves.
  static void tick(const Harness& h) { ASSERT_TRUE(gst_harness_crank_single_clock_wait(h.get())); }
  static Ref<GstBuffer> hear(const Harness& h) {
    auto heard = adopt(gst_harness_pull(h.get()));
    EXPECT_TRUE(heard);
    return heard;
  }
  Owned<GstStructure> stats() {
    GstStructure* raw = nullptr;
    g_object_get(element_.get(), "stats", &raw, nullptr);
    return own(raw);
  }
  guint64 counted(const char* pad, const char* field) {
    const auto all = stats();
    const auto* of_pad = gst_value_get_structure(gst_structure_get_value(all.get(), pad));
    guint64 count = 0;
    EXPECT_TRUE(gst_structure_get_uint64(of_pad, field, &count)) << pad << " " << field;
    return count;
  }
  guint push_threads() {
    guint threads = 0;
    EXPECT_TRUE(gst_structure_get_uint(stats().get(), "push-threads", &threads));
    return threads;
  }
  Ref<GstMessage> message(GstMessageType type) {
    return adopt(gst_bus_pop_filtered(bus_.get(), type));
  }
  Ref<GstPad> pad(const char* name) {
    return adopt(gst_element_get_static_pad(element_.get(), name));
  }

  Ref<GstElement> element_;
  Ref<GstBus> bus_;
};

/// One in a pipeline of a launch line, where it is called "m".
class MixPipeline : public MixRoom {
 protected:
  void SetUp() override {}
  void TearDown() override {
    if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  }
  void launch(const std::string& line) {
    pipeline_ = sink(gst_parse_launch(line.c_str(), nullptr));
    ASSERT_TRUE(pipeline_);
    element_ = part("m");
    bus_ = adopt(gst_element_get_bus(pipeline_.get()));
  }
  Ref<GstElement> part(const std::string& name) {
    return adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name.c_str()));
  }
  Ref<GstElement> pipeline_;
};

}  // namespace rooms::test
