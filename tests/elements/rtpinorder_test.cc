// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/glue/ref.h"

namespace rooms::test {
namespace {

struct Teardown {
  void operator()(GstHarness* harness) const { gst_harness_teardown(harness); }
};

Ref<GstBuffer> packet(std::uint16_t sequence) {
  std::array<std::uint8_t, 16> bytes{0x80, 96};
  store_u16(bytes.data() + 2, sequence);
  auto buffer = adopt(gst_buffer_new_memdup(bytes.data(), bytes.size()));
  GST_BUFFER_PTS(buffer.get()) = sequence * 20 * GST_MSECOND;
  return buffer;
}

class InOrderTest : public testing::Test {
 protected:
  explicit InOrderTest(const char* media = "video") : harness_(gst_harness_new("rtpinorder")) {
    const auto caps = std::string("application/x-rtp,media=") + media;
    gst_harness_set_src_caps_str(harness_.get(), caps.c_str());
  }
  void push(int sequence) {
    EXPECT_EQ(
        gst_harness_push(harness_.get(), packet(static_cast<std::uint16_t>(sequence)).release()),
        GST_FLOW_OK);
  }
  /// What has come out since the last call.
  std::vector<int> sequences() {
    std::vector<int> found;
    while (const auto buffer = adopt(gst_harness_try_pull(harness_.get()))) {
      std::array<std::uint8_t, 4> head{};
      gst_buffer_extract(buffer.get(), 0, head.data(), head.size());
      found.push_back(load_u16(head.data() + 2));
    }
    return found;
  }
  guint64 counted(const char* name) {
    GstStructure* raw = nullptr;
    g_object_get(harness_->element, "stats", &raw, nullptr);
    const auto stats = own(raw);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), name, &value)) << name;
    return value;
  }

  std::unique_ptr<GstHarness, Teardown> harness_;
};

TEST_F(InOrderTest, PutsPacketsInOrder) {
  for (const int n : {65534, 0, 65535, 1}) push(n);
  EXPECT_EQ(sequences(), (std::vector{65534, 65535, 0, 1}));
}

TEST_F(InOrderTest, GivesUpAtOnceWithoutAWait) {
  g_object_set(harness_->element, "max-wait", guint64{0}, nullptr);
  for (const int n : {1, 3, 2}) push(n);
  EXPECT_EQ(sequences(), (std::vector{1, 3}));
  EXPECT_EQ(counted("lost"), 1u);
  EXPECT_EQ(counted("late"), 1u);
}

TEST_F(InOrderTest, ReleasesAllAtTheEnd) {
  for (const int n : {1, 4, 3}) push(n);
  EXPECT_EQ(counted("held"), 2u);
  gst_harness_push_event(harness_.get(), gst_event_new_eos());
  EXPECT_EQ(sequences(), (std::vector{1, 3, 4}));
}

TEST_F(InOrderTest, ForgetsAtAFlushAndWhenItStops) {
  for (const int n : {1, 4}) push(n);
  gst_harness_push_event(harness_.get(), gst_event_new_flush_start());
  gst_harness_push_event(harness_.get(), gst_event_new_flush_stop(TRUE));
  EXPECT_EQ(counted("held"), 0u);
}

TEST_F(InOrderTest, DropsWhatIsNoRtp) {
  gst_harness_push(harness_.get(), gst_buffer_new_memdup("nonsense", 8));
  EXPECT_EQ(counted("unreadable"), 1u);
  EXPECT_TRUE(sequences().empty());
}

class InOrderOfSoundTest : public InOrderTest {
 protected:
  InOrderOfSoundTest() : InOrderTest("audio") {}
};

TEST_F(InOrderOfSoundTest, TellsWhatIsLostAndWhen) {
  g_object_set(harness_->element, "max-wait", guint64{0}, nullptr);
  for (const int n : {1, 4, 100}) push(n);
  std::vector<guint64> times;
  while (const auto event = adopt(gst_harness_try_pull_event(harness_.get()))) {
    if (!gst_event_has_name(event.get(), "GstRTPPacketLost")) continue;
    guint64 time = 0;
    guint64 duration = 0;
    gst_structure_get(gst_event_get_structure(event.get()), "timestamp", G_TYPE_UINT64, &time,
                      "duration", G_TYPE_UINT64, &duration, nullptr);
    EXPECT_EQ(duration, 20 * GST_MSECOND);
    times.push_back(time / GST_MSECOND);
  }
  EXPECT_EQ(times, (std::vector<guint64>{40, 60})) << "a longer hole is silence";
}

}  // namespace
}  // namespace rooms::test
