// SPDX-License-Identifier: LGPL-2.1-or-later
// opusvoiceenc and opusvoicedec, with GStreamer's own Opus elements at the other end.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "gst/glue/ref.h"

namespace rooms::test {
namespace {

constexpr int kRate = 48000;
constexpr std::size_t kPacket = 960;

struct Teardown {
  void operator()(GstHarness* harness) const { gst_harness_teardown(harness); }
};
using Harness = std::unique_ptr<GstHarness, Teardown>;

Harness chain(const std::string& launch, const char* caps) {
  Harness harness(gst_harness_new_parse(launch.c_str()));
  gst_harness_set_src_caps_str(harness.get(), caps);
  return harness;
}

constexpr const char* kMono = "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved";
constexpr const char* kStereo = "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved";
constexpr const char* kOpus = "audio/x-opus,channels=1,rate=48000,channel-mapping-family=0";

void push_tone(GstHarness* harness, int packets, double frequency, int channels = 1) {
  int at = 0;
  for (int packet = 0; packet < packets; ++packet) {
    std::vector<std::int16_t> samples;
    for (std::size_t i = 0; i < kPacket; ++i, ++at) {
      const double value = std::sin(2 * std::numbers::pi * frequency * at / kRate) * 10000;
      samples.insert(samples.end(), static_cast<std::size_t>(channels),
                     static_cast<std::int16_t>(value));
    }
    auto* buffer = gst_buffer_new_memdup(samples.data(), samples.size() * 2);
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(packet) * 20 * GST_MSECOND;
    GST_BUFFER_DURATION(buffer) = 20 * GST_MSECOND;
    ASSERT_EQ(gst_harness_push(harness, buffer), GST_FLOW_OK);
  }
}

std::vector<std::int16_t> samples_out(GstHarness* harness) {
  std::vector<std::int16_t> all;
  while (const auto buffer = adopt(gst_harness_try_pull(harness))) {
    std::vector<std::int16_t> some(gst_buffer_get_size(buffer.get()) / 2);
    gst_buffer_extract(buffer.get(), 0, some.data(), some.size() * 2);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

/// Amplitude of one frequency, of the last half of it.
double amplitude(const std::vector<std::int16_t>& samples, double frequency) {
  double re = 0;
  double im = 0;
  const auto from = samples.size() / 2;
  for (auto i = from; i < samples.size(); ++i) {
    const double phase = 2 * std::numbers::pi * frequency * static_cast<double>(i) / kRate;
    re += samples[i] * std::cos(phase);
    im += samples[i] * std::sin(phase);
  }
  return 2 * std::hypot(re, im) / static_cast<double>(samples.size() - from);
}

guint64 counted(GstHarness* harness, const char* name) {
  const auto element = adopt(gst_harness_find_element(harness, "opusvoicedec"));
  GstStructure* raw = nullptr;
  g_object_get(element.get(), "stats", &raw, nullptr);
  const auto stats = own(raw);
  guint64 value = 0;
  EXPECT_TRUE(gst_structure_get_uint64(stats.get(), name, &value)) << name;
  return value;
}

TEST(OpusVoiceTest, ATonePassesBothOfThem) {
  const auto harness = chain("opusvoiceenc ! opusvoicedec", kMono);
  push_tone(harness.get(), 50, 1000);
  const auto samples = samples_out(harness.get());
  EXPECT_EQ(samples.size(), 50 * kPacket);
  EXPECT_NEAR(amplitude(samples, 1000), 10000, 1000);
  EXPECT_LT(amplitude(samples, 1700), 500);
  EXPECT_EQ(counted(harness.get(), "concealed"), 0U);
}

TEST(OpusVoiceTest, SpeaksWithTheElementsOfGStreamer) {
  const auto ours = chain("opusvoiceenc bitrate=64000 complexity=0 ! opusdec", kMono);
  push_tone(ours.get(), 50, 1000);
  EXPECT_NEAR(amplitude(samples_out(ours.get()), 1000), 10000, 1000);
  const auto theirs = chain("opusenc ! opusvoicedec", kStereo);
  push_tone(theirs.get(), 50, 1000, 2);
  EXPECT_NEAR(amplitude(samples_out(theirs.get()), 1000), 10000, 1000) << "two channels to one";
}

TEST(OpusVoiceTest, TheBitRateChangesWhileItEncodes) {
  const auto harness = chain("opusvoiceenc name=encoder", kMono);
  const auto bytes_of = [&](int bitrate) {
    const auto encoder = adopt(gst_harness_find_element(harness.get(), "opusvoiceenc"));
    g_object_set(encoder.get(), "bitrate", bitrate, nullptr);
    push_tone(harness.get(), 50, 440);
    std::size_t bytes = 0;
    while (const auto buffer = adopt(gst_harness_try_pull(harness.get())))
      bytes += gst_buffer_get_size(buffer.get());
    return bytes;
  };
  const auto small = bytes_of(12000);
  EXPECT_GT(bytes_of(96000), 2 * small);
}

TEST(OpusVoiceTest, WhatIsNoOpusIsConcealedAndCounted) {
  const auto harness = chain("opusvoicedec", kOpus);
  for (int i = 0; i < 3; ++i) {
    const std::uint8_t wrong[] = {0xFF, 0xFF, 0xFF};  // code 3 with more frames than 120 ms
    auto* buffer = gst_buffer_new_memdup(wrong, sizeof(wrong));
    GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(i) * 20 * GST_MSECOND;
    EXPECT_EQ(gst_harness_push(harness.get(), buffer), GST_FLOW_OK);
  }
  EXPECT_EQ(counted(harness.get(), "unreadable"), 3U);
  EXPECT_EQ(samples_out(harness.get()).size(), 3 * kPacket);
}

TEST(OpusVoiceTest, AGapIsConcealed) {
  const auto encoder = chain("opusvoiceenc", kMono);
  push_tone(encoder.get(), 10, 440);
  const auto harness = chain("opusvoicedec", kOpus);
  int packet = 0;
  while (auto* buffer = gst_harness_try_pull(encoder.get())) {
    const auto pts = static_cast<GstClockTime>(packet) * 20 * GST_MSECOND;
    if (packet == 5) {
      const auto lost = adopt(buffer);
      EXPECT_TRUE(gst_harness_push_event(harness.get(), gst_event_new_gap(pts, 20 * GST_MSECOND)));
    } else {
      GST_BUFFER_PTS(buffer) = pts;
      EXPECT_EQ(gst_harness_push(harness.get(), buffer), GST_FLOW_OK);
    }
    ++packet;
  }
  EXPECT_EQ(packet, 10);
  EXPECT_EQ(counted(harness.get(), "concealed"), 1U);
  EXPECT_EQ(samples_out(harness.get()).size(), 10 * kPacket);
}

}  // namespace
}  // namespace rooms::test
