// SPDX-License-Identifier: LGPL-2.1-or-later
// Without a live source: nothing is late, and there is an end.
#include <gtest/gtest.h>

#include "tests/elements/mix_room.h"

namespace rooms::test {
namespace {

const std::string kS16 = "audio/x-raw,format=S16LE,channels=1 ! ";

class MixOffline : public MixPipeline {
 protected:
  bool plays_to_its_end() {
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    const auto last = adopt(gst_bus_timed_pop_filtered(
        bus_.get(), 30 * GST_SECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    return last && GST_MESSAGE_TYPE(last.get()) == GST_MESSAGE_EOS;
  }
  /// Details of the next one, while it plays.
  std::string warning() {
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    const auto message =
        adopt(gst_bus_timed_pop_filtered(bus_.get(), 30 * GST_SECOND, GST_MESSAGE_WARNING));
    gchar* details = nullptr;
    if (message) gst_message_parse_warning(message.get(), nullptr, &details);
    const auto owned = own(details);
    return owned ? owned.get() : "";
  }
  /// All that reached an appsink.
  Samples heard(const std::string& name) {
    Samples all;
    GstSample* raw = nullptr;
    while (g_signal_emit_by_name(part(name).get(), "try-pull-sample", GstClockTime{0}, &raw), raw) {
      const auto sample = adopt(raw);
      const auto samples = samples_of(gst_sample_get_buffer(sample.get()));
      all.insert(all.end(), samples.begin(), samples.end());
    }
    return all;
  }
};

TEST_F(MixOffline, FilesAreMixedToTheSampleAndEndWithTheLongest) {
  const auto stream = [](int i) {
    const auto number = std::to_string(i);
    return " appsrc name=in" + number + " format=time caps=" + kMono + " ! m.sink_" + number +
           " m.src_" + number + " ! appsink sync=false wait-on-eos=false name=out" + number;
  };
  constexpr int kPeople = 4;
  std::string line = "mixminus name=m";
  for (int i = 0; i < kPeople; ++i) line += stream(i);
  launch(line);
  std::mt19937 random(3);
  MixOracle oracle;
  std::int64_t longest = 0;
  for (int i = 0; i < kPeople; ++i) {
    const auto source = part("in" + std::to_string(i));
    std::int64_t at = i * 333;
    for (int n = 0; n < 20 + 10 * i; ++n) {
      auto samples = noise(random, 1 + random() % 5000);  // 104 ms at most, more than 2 s in all
      if (random() % 8 == 0) at += 3000;                  // a gap
      oracle.play(std::to_string(i), at, samples);
      GstFlowReturn flow = GST_FLOW_ERROR;
      g_signal_emit_by_name(source.get(), "push-buffer", buffer_of(samples, at).get(), &flow);
      ASSERT_EQ(flow, GST_FLOW_OK);
      at += static_cast<std::int64_t>(samples.size());
    }
    longest = std::max(longest, at);
    GstFlowReturn flow = GST_FLOW_ERROR;
    g_signal_emit_by_name(source.get(), "end-of-stream", &flow);
  }
  ASSERT_TRUE(plays_to_its_end());
  for (int i = 0; i < kPeople; ++i) {
    const auto number = std::to_string(i);
    const auto all = heard("out" + number);
    ASSERT_EQ(all.size(), static_cast<std::size_t>(longest)) << i;
    ASSERT_EQ(all, oracle.without(number, 0, all.size())) << i;
  }
}

TEST_F(MixOffline, FiftySinksPrerollWithoutAQueueAndPlayInTime) {
  std::string line = "mixminus name=m";
  for (int i = 0; i < 50; ++i) {
    const auto number = std::to_string(i);
    line += " audiotestsrc num-buffers=20 ! " + kS16 + "m.sink_" + number + " m.src_" + number +
            " ! fakesink sync=true";
  }
  launch(line);
  EXPECT_TRUE(plays_to_its_end());
  EXPECT_EQ(counted("src_49", "dropped"), 0U);
}

TEST_F(MixOffline, PlaysAgain) {
  launch("mixminus name=m audiotestsrc num-buffers=20 ! " + kS16 +
         "m.sink_0 audiotestsrc num-buffers=30 ! " + kS16 +
         "m.sink_1 m.src_0 ! appsink sync=false wait-on-eos=false name=out0 m.src_1 ! fakesink");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(plays_to_its_end()) << i;
    EXPECT_EQ(heard("out0").size(), 30U * 1024) << i;
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  }
}

TEST_F(MixOffline, AnInputThatSendsNothingHoldsNobodyUp) {
  launch("mixminus name=m audiotestsrc num-buffers=40 ! " + kS16 +
         "m.sink_0 appsrc format=time ! m.sink_1 m.src_0 ! fakesink "
         "m.src_1 ! appsink sync=false wait-on-eos=false name=out1");
  EXPECT_NE(warning().find("sink_1"), std::string::npos);
  EXPECT_TRUE(plays_to_its_end());
  EXPECT_EQ(heard("out1").size(), 40U * 1024);
}

TEST_F(MixOffline, AnInputThatWasMissingIsHeardWhenItHasCaughtUp) {
  launch(std::string("mixminus name=m appsrc name=in0 format=time caps=") + kMono +
         " ! m.sink_0 appsrc name=in1 format=time caps=" + kMono +
         " ! m.sink_1 m.src_0 ! appsink sync=false wait-on-eos=false name=out0 m.src_1 ! fakesink");
  constexpr std::int64_t kSecond = 48000;
  const auto play = [&](const char* source, std::int64_t from, std::int64_t until) {
    GstFlowReturn flow = GST_FLOW_ERROR;
    for (auto at = from; at < until; at += kSecond / 10)
      g_signal_emit_by_name(part(source).get(), "push-buffer",
                            buffer_of(Samples(kSecond / 10, 1000), at).get(), &flow);
  };
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  play("in0", 0, kSecond);
  ASSERT_NE(warning(), "");
  play("in1", kSecond, 2 * kSecond);
  play("in0", kSecond, 2 * kSecond);
  GstFlowReturn flow = GST_FLOW_ERROR;
  for (const auto* source : {"in0", "in1"})
    g_signal_emit_by_name(part(source).get(), "end-of-stream", &flow);
  ASSERT_TRUE(plays_to_its_end());
  const auto all = heard("out0");
  ASSERT_EQ(all.size(), 2U * kSecond);
  EXPECT_EQ(std::count(all.begin(), all.begin() + kSecond, 0), kSecond);
  EXPECT_EQ(std::count(all.begin() + kSecond, all.end(), 1000), kSecond);
}

TEST_F(MixOffline, WhenNobodyTakesItAnyMoreTheSourcesEnd) {
  launch(
      "mixminus name=m audiotestsrc ! m.sink_0 audiotestsrc ! m.sink_1 "
      "m.src_0 ! identity eos-after=5 ! fakesink m.src_1 ! identity eos-after=9 ! fakesink");
  EXPECT_TRUE(plays_to_its_end());
}

TEST_F(MixOffline, AConsumerThatIsSlowLosesNothing) {
  launch("mixminus name=m audiotestsrc num-buffers=40 ! " + kS16 +
         "m.sink_0 audiotestsrc num-buffers=40 ! " + kS16 +
         "m.sink_1 m.src_0 ! identity sleep-time=5000 ! appsink sync=false wait-on-eos=false "
         "name=out0 m.src_1 ! "
         "appsink sync=false wait-on-eos=false name=out1");
  EXPECT_TRUE(plays_to_its_end());
  EXPECT_EQ(heard("out0").size(), 40U * 1024);
  EXPECT_EQ(heard("out1").size(), 40U * 1024);
}

TEST_F(MixOffline, AFileInALiveRoomPlaysInTime) {
  launch("mixminus name=m audiotestsrc is-live=true num-buffers=20 ! " + kS16 +
         "m.sink_0 "
         "audiotestsrc num-buffers=20 ! " +
         kS16 +
         "m.sink_1 m.src_0 ! "
         "appsink sync=false wait-on-eos=false name=out0 "
         "m.src_1 ! fakesink sync=false");
  EXPECT_TRUE(plays_to_its_end());
  // The file was heard whole and not at once; where the live one began is its own matter.
  EXPECT_GE(heard("out0").size(), 20U * 1024);
  EXPECT_EQ(counted("sink_1", "overflowed"), 0U);
}

}  // namespace
}  // namespace rooms::test
