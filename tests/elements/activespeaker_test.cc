// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gst/glue/mapped_buffer.h"
#include "gst/glue/ref.h"

namespace rooms::test {
namespace {

constexpr const char* kRaw = "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved";
constexpr const char* kFloat = "audio/x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved";
constexpr const char* kRtp = "application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS";
constexpr const char* kLevelUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

struct HarnessDeleter {
  void operator()(GstHarness* h) const { gst_harness_teardown(h); }
};
using Harness = std::unique_ptr<GstHarness, HarnessDeleter>;

Ref<GstBuffer> at(Ref<GstBuffer> buffer, int packet) {
  GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(packet) * 20 * GST_MSECOND;
  return buffer;
}

/// 20 ms, `loud` at 0 dBov.
Ref<GstBuffer> samples(bool loud) {
  std::vector<std::int16_t> square(960, loud ? std::int16_t{32767} : std::int16_t{0});
  return adopt(gst_buffer_new_memdup(square.data(), square.size() * sizeof(std::int16_t)));
}

/// An RTP packet with one header extension of one byte.
Ref<GstBuffer> rtp(std::uint8_t id, std::uint8_t level) {
  const std::uint8_t bytes[] = {0x90,
                                111,
                                0,
                                1,
                                0,
                                0,
                                0,
                                2,
                                0,
                                0,
                                0,
                                3,
                                0xBE,
                                0xDE,
                                0,
                                1,
                                static_cast<std::uint8_t>(id << 4),
                                level,
                                0,
                                0,
                                0xAB};
  return adopt(gst_buffer_new_memdup(bytes, sizeof bytes));
}

class ActiveSpeaker : public testing::Test {
 protected:
  void SetUp() override {
    element_ = sink(gst_element_factory_make("activespeaker", nullptr));
    ASSERT_TRUE(element_);
    bus_ = adopt(gst_bus_new());
    gst_element_set_bus(element_.get(), bus_.get());
  }
  void TearDown() override {
    gst_element_set_bus(element_.get(), nullptr);
    gst_element_set_state(element_.get(), GST_STATE_NULL);
  }
  Harness stream(const std::string& number, const std::string& caps) {
    Harness h(gst_harness_new_with_element(element_.get(), ("sink_" + number).c_str(),
                                           ("src_" + number).c_str()));
    gst_harness_set_src_caps_str(h.get(), caps.c_str());
    return h;
  }
  /// All messages so far, as "previous>pad".
  std::string changes() {
    std::string text;
    while (const auto message = adopt(gst_bus_pop(bus_.get()))) {
      if (GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ELEMENT) continue;
      const auto* facts = gst_message_get_structure(message.get());
      EXPECT_STREQ(gst_structure_get_name(facts), "active-speaker");
      last_ = own(gst_structure_copy(facts));
      text += text.empty() ? "" : " ";
      text += std::string(gst_structure_get_string(facts, "previous")) + ">" +
              gst_structure_get_string(facts, "pad");
    }
    return text;
  }
  guint64 counted(const char* pad, const char* field) {
    GstStructure* raw = nullptr;
    g_object_get(element_.get(), "stats", &raw, nullptr);
    const auto stats = own(raw);
    const auto* of_pad = gst_value_get_structure(gst_structure_get_value(stats.get(), pad));
    guint64 count = 0;
    EXPECT_TRUE(gst_structure_get_uint64(of_pad, field, &count));
    return count;
  }

  Ref<GstElement> element_;
  Ref<GstBus> bus_;
  Owned<GstStructure> last_;
};

TEST_F(ActiveSpeaker, RawAudioPassesAndTheLoudOneIsNamed) {
  const auto a = stream("0", kRaw);
  const auto b = stream("1", kRaw);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(gst_harness_push(a.get(), at(samples(false), i).release()), GST_FLOW_OK);
    EXPECT_EQ(gst_harness_push(b.get(), at(samples(true), i).release()), GST_FLOW_OK);
  }
  EXPECT_EQ(gst_harness_buffers_received(a.get()), 50U);
  const auto passed = adopt(gst_harness_pull(b.get()));
  EXPECT_EQ(gst_buffer_get_size(passed.get()), 1920U);
  EXPECT_EQ(changes(), ">sink_1");
  guint level = 127;
  guint64 when = 0;
  EXPECT_TRUE(gst_structure_get_uint(last_.get(), "level", &level));
  EXPECT_TRUE(gst_structure_get_uint64(last_.get(), "running-time", &when));
  EXPECT_EQ(level, 0U);
  EXPECT_GT(when, 300 * GST_MSECOND);
  EXPECT_LT(when, 900 * GST_MSECOND);
  gchar* speaker = nullptr;
  g_object_get(element_.get(), "active-speaker", &speaker, nullptr);
  EXPECT_STREQ(own(speaker).get(), "sink_1");
}

TEST_F(ActiveSpeaker, LongBuffersOfFloatsAreHeardPieceByPiece) {
  const auto h = stream("0", kFloat);
  // 200 ms of sound in a second of silence is a door; a second of sound is somebody.
  std::vector<float> second(96000, 0.0F);
  std::fill_n(second.begin() + 40000, 19200, 0.5F);
  const auto push = [&](int second_number) {
    auto buffer = adopt(gst_buffer_new_memdup(second.data(), second.size() * sizeof(float)));
    gst_harness_push(h.get(), at(std::move(buffer), second_number * 50).release());
  };
  push(0);
  EXPECT_EQ(changes(), "");
  std::fill(second.begin(), second.end(), 0.5F);
  push(1);
  EXPECT_EQ(changes(), ">sink_0");
}

TEST_F(ActiveSpeaker, RtpTellsItsLevelByTheCapsOrByTheProperty) {
  const std::string text = std::string(kRtp) + ",extmap-5=(string)" + kLevelUri;
  const std::string array =
      std::string(kRtp) + ",extmap-6=(string)<\"\"," + kLevelUri + ",\"vad=on\">";
  const auto a = stream("0", text);
  const auto b = stream("1", array);
  int packet = 0;
  for (; packet < 100; ++packet) {
    gst_harness_push(a.get(), at(rtp(5, packet < 50 ? 20 : 127), packet).release());
    gst_harness_push(b.get(), at(rtp(6, packet < 50 ? 127 : 0x80 | 20), packet).release());
  }
  EXPECT_EQ(changes(), ">sink_0 sink_0>sink_1");
  EXPECT_EQ(counted("sink_0", "without-level"), 0U);

  const auto c = stream("2", kRtp);
  gst_harness_push(c.get(), at(rtp(9, 20), packet).release());
  EXPECT_EQ(counted("sink_2", "without-level"), 1U);
  g_object_set(element_.get(), "extension-id", 9, nullptr);
  gst_harness_push(c.get(), at(rtp(9, 20), packet).release());
  EXPECT_EQ(counted("sink_2", "without-level"), 1U);
}

TEST_F(ActiveSpeaker, WhatIsNoRtpPassesAndIsCounted) {
  const auto h = stream("0", std::string(kRtp) + ",extmap-5=(string)" + kLevelUri);
  for (const gsize size : {gsize{0}, gsize{3}, gsize{15}}) {
    auto buffer = adopt(gst_buffer_new_allocate(nullptr, size, nullptr));
    gst_buffer_memset(buffer.get(), 0, 0x90, size);
    EXPECT_EQ(gst_harness_push(h.get(), buffer.release()), GST_FLOW_OK);
  }
  EXPECT_EQ(gst_harness_buffers_received(h.get()), 3U);
  EXPECT_EQ(counted("sink_0", "without-level"), 3U);
}

TEST_F(ActiveSpeaker, ACoughAndLatePacketsChangeNothing) {
  const auto a = stream("0", kRaw);
  const auto b = stream("1", kRaw);
  for (int i = 0; i < 200; ++i) {
    gst_harness_push(a.get(), at(samples(i < 100 && i % 12 < 9), i).release());
    gst_harness_push(b.get(), at(samples(i >= 60 && i < 75), i).release());
  }
  EXPECT_EQ(changes(), ">sink_0");
  gst_harness_push(b.get(), at(samples(true), 0).release());
  EXPECT_EQ(counted("sink_1", "late"), 1U);
}

TEST_F(ActiveSpeaker, SilenceInGapsEndsIt) {
  const auto h = stream("0", kRaw);
  for (int i = 0; i < 50; ++i) gst_harness_push(h.get(), at(samples(true), i).release());
  EXPECT_EQ(changes(), ">sink_0");
  gst_harness_push_event(h.get(), gst_event_new_gap(5 * GST_SECOND, GST_SECOND));
  EXPECT_EQ(changes(), "sink_0>");
}

TEST_F(ActiveSpeaker, AStreamThatLeadsNowhereIsWatchedAllTheSame) {
  const auto pad = adopt(gst_element_request_pad_simple(element_.get(), "sink_%u"));
  ASSERT_TRUE(pad);
  EXPECT_FALSE(gst_element_request_pad_simple(element_.get(), "sink_x"));
  gst_element_set_state(element_.get(), GST_STATE_PLAYING);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  EXPECT_TRUE(gst_pad_send_event(pad.get(), gst_event_new_stream_start("s")));
  const auto caps = adopt(gst_caps_from_string(kRaw));
  EXPECT_TRUE(gst_pad_send_event(pad.get(), gst_event_new_caps(caps.get())));
  EXPECT_TRUE(gst_pad_send_event(pad.get(), gst_event_new_segment(&segment)));
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(gst_pad_chain(pad.get(), at(samples(true), i).release()), GST_FLOW_OK);
  EXPECT_EQ(changes(), ">sink_0");
  // Who goes while speaking leaves nobody.
  gst_element_release_request_pad(element_.get(), pad.get());
  EXPECT_EQ(changes(), "sink_0>");
  EXPECT_FALSE(adopt(gst_element_get_static_pad(element_.get(), "src_0")));
}

TEST_F(ActiveSpeaker, TimeBeginsAnewAfterAFlushAndAfterStopping) {
  const auto h = stream("0", kRaw);
  const auto talk = [&] {
    for (int i = 0; i < 50; ++i) gst_harness_push(h.get(), at(samples(true), i).release());
  };
  talk();
  gst_harness_push(h.get(), at(samples(true), 100000).release());
  EXPECT_NE(changes(), "");
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(h.get(), gst_event_new_flush_start());
  gst_harness_push_event(h.get(), gst_event_new_flush_stop(TRUE));
  gst_harness_push_event(h.get(), gst_event_new_segment(&segment));
  talk();
  EXPECT_EQ(changes(), ">sink_0");

  gst_element_set_state(element_.get(), GST_STATE_READY);
  gst_element_set_state(element_.get(), GST_STATE_PLAYING);
  gst_harness_push_event(h.get(), gst_event_new_stream_start("again"));
  const auto caps = adopt(gst_caps_from_string(kRaw));
  gst_harness_push_event(h.get(), gst_event_new_caps(caps.get()));
  gst_harness_push_event(h.get(), gst_event_new_segment(&segment));
  talk();
  EXPECT_EQ(changes(), ">sink_0");
}

TEST_F(ActiveSpeaker, StreamsComeAndGoWhileOthersFlow) {
  const auto h = stream("0", kRaw);
  std::atomic<bool> done{false};
  std::thread talks([&] {
    for (int i = 0; !done; ++i) gst_harness_push(h.get(), at(samples(i % 60 < 40), i).release());
  });
  for (int round = 0; round < 200; ++round) {
    const auto other = stream("1", kRaw);
    for (int i = 0; i < 3; ++i) gst_harness_push(other.get(), samples(true).release());
    GstStructure* stats = nullptr;
    g_object_get(element_.get(), "stats", &stats, nullptr);
    EXPECT_TRUE(own(stats));
  }
  done = true;
  talks.join();
  EXPECT_EQ(element_->numsinkpads, 1U);
}

}  // namespace
}  // namespace rooms::test
