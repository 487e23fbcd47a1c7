// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <cstring>

#include "tests/elements/mix_room.h"

namespace rooms::test {
namespace {

using MixMinus = MixRoom;

TEST_F(MixMinus, EachHearsTheSumOfTheOthersToTheSample) {
  std::mt19937 random(1);
  MixOracle oracle;
  std::vector<Harness> people;
  for (int i = 0; i < 5; ++i) people.push_back(join(std::to_string(i)));
  for (std::int64_t block = 0; block < 40; ++block) {
    for (std::size_t i = 0; i < people.size(); ++i) {
      // Buffers come in time, lie across the mixer's blocks, and one in ten is missing.
      const auto at = block * kBlockFrames + 480 + static_cast<std::int64_t>(i) * 101;
      if (random() % 10 == 0) continue;
      const auto samples = noise(random, kBlockFrames);
      play(people[i], samples, at);
      oracle.play(std::to_string(i), at, samples);
    }
    tick(people[0]);
    for (std::size_t i = 0; i < people.size(); ++i) {
      const auto heard = hear(people[i]);
      const auto at = static_cast<std::int64_t>(
          gst_util_uint64_scale_round(GST_BUFFER_PTS(heard.get()), 48000, GST_SECOND));
      ASSERT_EQ(at, block * kBlockFrames);
      EXPECT_EQ(GST_BUFFER_DURATION(heard.get()), 20 * GST_MSECOND);
      ASSERT_EQ(samples_of(heard.get()), oracle.without(std::to_string(i), at, kBlockFrames))
          << "block " << block << ", output " << i;
    }
  }
}

TEST_F(MixMinus, TheSilentShareOneBufferAndSilenceIsAGap) {
  const auto a = join("0");
  const auto b = join("1");
  const auto c = join("2");
  const Samples loud(kBlockFrames, 1000);
  play(a, loud, 0);
  play(b, Samples(kBlockFrames, 0), 0);  // silent, the third says nothing at all
  tick(a);
  const auto heard_a = hear(a);
  const auto heard_b = hear(b);
  const auto heard_c = hear(c);
  EXPECT_EQ(heard_b.get(), heard_c.get());
  EXPECT_EQ(samples_of(heard_b.get()), loud);
  EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(heard_a.get(), GST_BUFFER_FLAG_GAP));
  EXPECT_EQ(samples_of(heard_a.get()), Samples(kBlockFrames, 0));

  tick(a);
  const auto silence_a = hear(a);
  const auto silence_b = hear(b);
  EXPECT_EQ(silence_a.get(), silence_b.get());
  EXPECT_EQ(gst_buffer_peek_memory(silence_a.get(), 0), gst_buffer_peek_memory(heard_a.get(), 0));
  EXPECT_EQ(counted("src_2", "shared"), 1U);
  EXPECT_EQ(counted("src_0", "silent"), 2U);
  EXPECT_EQ(counted("src_1", "own"), 0U);
}

TEST_F(MixMinus, TheSumOfEverybodyIsAtThePadWithoutANumber) {
  const auto a = join("0");
  const auto b = join("1");
  Harness everybody(gst_harness_new_with_element(element_.get(), nullptr, "src"));
  play(a, Samples(kBlockFrames, 30000), 0);
  play(b, Samples(kBlockFrames, 5000), 0);
  tick(a);
  EXPECT_EQ(samples_of(hear(everybody).get()), Samples(kBlockFrames, 32767));
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 5000));
}

TEST_F(MixMinus, VolumeAndMuteAreOfTheInput) {
  const auto a = join("0");
  const auto b = join("1");
  gst_child_proxy_set(GST_CHILD_PROXY(element_.get()), "sink_0::volume", 0.5, nullptr);
  play(a, Samples(kBlockFrames, 1000), 0);
  play(b, Samples(kBlockFrames, 300), 0);
  tick(a);
  EXPECT_EQ(samples_of(hear(b).get()), Samples(kBlockFrames, 500));
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 300));
  gst_child_proxy_set(GST_CHILD_PROXY(element_.get()), "sink_0::mute", TRUE, nullptr);
  for (int block = 1; block < 3; ++block) {
    play(a, Samples(kBlockFrames, 1000), block * kBlockFrames);
    play(b, Samples(kBlockFrames, 300), block * kBlockFrames);
    tick(a);
  }
  EXPECT_EQ(samples_of(hear(b).get()).back(), 0);  // faded
  EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(hear(b).get(), GST_BUFFER_FLAG_GAP));
  hear(a);
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 300));
}

TEST_F(MixMinus, InputsOfEveryFormatAreConverted) {
  const auto a = join("0");
  const auto b = join("1", kFloatStereo);
  const std::vector<float> stereo(2 * kBlockFrames, 0.25F);
  auto buffer = adopt(gst_buffer_new_memdup(stereo.data(), stereo.size() * sizeof(float)));
  GST_BUFFER_PTS(buffer.get()) = 0;
  EXPECT_EQ(gst_harness_push(b.get(), buffer.release()), GST_FLOW_OK);
  play(a, Samples(kBlockFrames, 100), 0);
  tick(a);
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 8192));
  EXPECT_EQ(samples_of(hear(b).get()), Samples(kBlockFrames, 100));
  // And change while they run.
  gst_harness_set_src_caps_str(b.get(), kMono);
  play(b, Samples(kBlockFrames, 77), kBlockFrames);
  tick(a);
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 77));
}

TEST_F(MixMinus, CapsThatCannotBeMixedSilenceThatInputAndNobodyElse) {
  const auto a = join("0");
  const auto b = join("1");
  std::int64_t at = 0;
  const auto round = [&](std::int16_t of_b) {
    play(a, Samples(kBlockFrames, 100), at);
    play(b, Samples(kBlockFrames, 200), at);
    tick(a);
    EXPECT_EQ(samples_of(hear(b).get()), Samples(kBlockFrames, 100));
    EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, of_b));
    at += kBlockFrames;
  };
  round(200);
  gst_harness_set_src_caps_str(b.get(),
                               "audio/x-raw,format=S16LE,rate=44100,channels=1,layout=interleaved");
  round(0);
  round(0);
  EXPECT_EQ(counted("sink_1", "refused"), 2U);
  EXPECT_TRUE(message(GST_MESSAGE_WARNING));
  EXPECT_FALSE(message(GST_MESSAGE_WARNING));
  EXPECT_FALSE(message(GST_MESSAGE_ERROR));
  gst_harness_set_src_caps_str(b.get(), kMono);
  round(200);
}

TEST_F(MixMinus, TheOutputIsWhatItsConsumerAsksFor) {
  Harness a(gst_harness_new_with_element(element_.get(), "sink_0", "src_0"));
  gst_harness_set_caps_str(a.get(), kMono, kFloatStereo);
  const auto b = join("1");
  play(b, Samples(kBlockFrames, 8192), 0);
  tick(a);
  const auto heard = hear(a);
  const auto caps = adopt(gst_pad_get_current_caps(pad("src_0").get()));
  const auto wanted = adopt(gst_caps_from_string(kFloatStereo));
  EXPECT_TRUE(gst_caps_is_equal(caps.get(), wanted.get()));
  const MappedBuffer map(heard.get());
  ASSERT_EQ(map.bytes().size(), 2 * kBlockFrames * sizeof(float));
  float last = 0;
  std::memcpy(&last, map.bytes().data() + map.bytes().size() - sizeof(float), sizeof(float));
  EXPECT_EQ(last, 0.25F);
}

TEST_F(MixMinus, TellsWhatItAddsToTheLatency) {
  const auto a = join("0");
  const auto b = join("1");
  const auto latency = [&] {
    const auto query = adopt(gst_query_new_latency());
    EXPECT_TRUE(gst_pad_query(pad("src_0").get(), query.get()));
    gboolean live = FALSE;
    GstClockTime least = 0;
    gst_query_parse_latency(query.get(), &live, &least, nullptr);
    EXPECT_TRUE(live);
    return least / GST_MSECOND;
  };
  EXPECT_EQ(latency(), 30U);
  gst_harness_set_upstream_latency(b.get(), 50 * GST_MSECOND);
  g_usleep(30'000);  // answers are kept for 20 ms
  EXPECT_EQ(latency(), 80U);
  g_object_set(element_.get(), "latency", 5 * GST_MSECOND, nullptr);
  EXPECT_EQ(latency(), 75U);
}

TEST_F(MixMinus, ABlockLeavesItsLatencyAfterItsTime) {
  const auto a = join("0");
  play(a, Samples(kBlockFrames, 1), 0);
  const auto clock = adopt(GST_TEST_CLOCK(gst_element_get_clock(element_.get())));
  GstClockID id = nullptr;
  gst_test_clock_wait_for_next_pending_id(clock.get(), &id);
  EXPECT_EQ(gst_clock_id_get_time(id), 30 * GST_MSECOND);
  gst_clock_id_unref(id);
}

TEST_F(MixMinus, WhoHasFallenBehindLeavesOutWhatItMissed) {
  const auto a = join("0");
  const auto b = join("1");
  play(a, Samples(kBlockFrames, 1), 0);
  tick(a);
  hear(b);
  const auto clock = adopt(GST_TEST_CLOCK(gst_element_get_clock(element_.get())));
  gst_test_clock_wait_for_next_pending_id(clock.get(), nullptr);
  gst_test_clock_set_time(clock.get(), 10 * GST_SECOND);
  tick(a);
  const auto heard = hear(b);
  EXPECT_GT(GST_BUFFER_PTS(heard.get()), 9900 * GST_MSECOND);
  EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(heard.get(), GST_BUFFER_FLAG_DISCONT));
}

TEST_F(MixMinus, AFlushOfOneInputIsNoMatterOfTheOthers) {
  const auto a = join("0");
  const auto b = join("1");
  play(a, Samples(kBlockFrames, 100), 0);
  play(b, Samples(2 * kBlockFrames, 200), 0);
  gst_harness_push_event(b.get(), gst_event_new_flush_start());
  gst_harness_push_event(b.get(), gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(b.get(), gst_event_new_segment(&segment));
  tick(a);
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 0));
  EXPECT_EQ(samples_of(hear(b).get()), Samples(kBlockFrames, 100));
  play(b, Samples(kBlockFrames, 300), kBlockFrames);
  tick(a);
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 300));
}

TEST_F(MixMinus, EndsWhenTheLastInputEnds) {
  const auto a = join("0");
  const auto b = join("1");
  play(a, Samples(kBlockFrames, 100), 0);
  gst_harness_push_event(a.get(), gst_event_new_eos());
  play(b, Samples(kBlockFrames + 480, 200), 0);
  tick(a);
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 200));
  gst_harness_push_event(b.get(), gst_event_new_eos());
  tick(a);
  EXPECT_EQ(samples_of(hear(a).get()), Samples(480, 200));  // no longer than what there is
  const auto ended = [](const Harness& h) {
    while (const auto event = adopt(gst_harness_pull_event(h.get())))
      if (GST_EVENT_TYPE(event.get()) == GST_EVENT_EOS) return true;
    return false;
  };
  EXPECT_TRUE(ended(a));
  EXPECT_TRUE(ended(b));
}

TEST_F(MixMinus, LevelsAreTold) {
  g_object_set(element_.get(), "level-interval", 40 * GST_MSECOND, nullptr);
  const auto a = join("0");
  const auto b = join("1");
  for (int block = 0; block < 2; ++block) {
    play(a, Samples(kBlockFrames, 3277), block * kBlockFrames);
    tick(a);
    hear(b);
  }
  const auto told =
      adopt(gst_bus_timed_pop_filtered(bus_.get(), 10 * GST_SECOND, GST_MESSAGE_ELEMENT));
  ASSERT_TRUE(told);
  const auto* levels = gst_message_get_structure(told.get());
  EXPECT_STREQ(gst_structure_get_name(levels), "mixminus-levels");
  guint level = 0;
  EXPECT_TRUE(gst_structure_get_uint(levels, "sink_0", &level));
  EXPECT_EQ(level, 20U);
  EXPECT_TRUE(gst_structure_get_uint(levels, "sink_1", &level));
  EXPECT_EQ(level, 127U);
}

TEST_F(MixMinus, BadRequestsAndBadBuffersAreNoHarm) {
  const auto a = join("0");
  const auto b = join("1");
  EXPECT_FALSE(gst_element_request_pad_simple(element_.get(), "sink_x"));
  EXPECT_EQ(gst_harness_push(a.get(), gst_buffer_new()), GST_FLOW_OK);
  auto odd = adopt(gst_buffer_new_allocate(nullptr, 7, nullptr));
  gst_buffer_memset(odd.get(), 0, 1, 7);
  EXPECT_EQ(gst_harness_push(a.get(), odd.release()), GST_FLOW_OK);  // nor has it a time
  auto far = buffer_of(Samples(kBlockFrames, 1), 0);
  GST_BUFFER_PTS(far.get()) = GST_CLOCK_TIME_NONE - 1;
  EXPECT_EQ(gst_harness_push(a.get(), far.release()), GST_FLOW_OK);
  gst_harness_push_event(a.get(), gst_event_new_gap(GST_CLOCK_TIME_NONE - 10, GST_SECOND));
  gst_harness_push_event(a.get(), gst_event_new_gap(0, GST_CLOCK_TIME_NONE - 10));
  play(b, Samples(kBlockFrames, 9), 0);
  tick(a);
  EXPECT_EQ(samples_of(hear(a).get()), Samples(kBlockFrames, 9));
}

}  // namespace
}  // namespace rooms::test
