// SPDX-License-Identifier: LGPL-2.1-or-later
// Consumers that block or fail, and participants that come and go while the others talk; by the
// real clock.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "gst/glue/clock.h"
#include "tests/elements/mix_room.h"

namespace rooms::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A machine under load is slow; a stall is for ever.
bool comes_true(const std::function<bool()>& condition) {
  const auto end = monotonic_now() + seconds(20);
  while (!condition()) {
    if (monotonic_now() > end) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

/// A fakesink that counts, and blocks as long as it is told to.
class Consumer {
 public:
  explicit Consumer(GstElement* fakesink) {
    g_object_set(fakesink, "signal-handoffs", TRUE, "sync", FALSE, "async", FALSE, nullptr);
    g_signal_connect(fakesink, "handoff",
                     G_CALLBACK(+[](GstElement*, GstBuffer*, GstPad*, Consumer* self) {
                       std::unique_lock hold(self->mutex_);
                       self->freed_.wait(hold, [self] { return !self->blocks_; });
                       ++self->count;
                     }),
                     this);
  }
  void block(bool yes) {
    const std::lock_guard hold(mutex_);
    blocks_ = yes;
    freed_.notify_all();
  }
  std::atomic<int> count = 0;

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  bool blocks_ = false;
};

class MixIsolation : public MixPipeline {
 protected:
  void play() { gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }
  static bool goes_on(const Consumer& consumer, int buffers) {
    const int before = consumer.count;
    return comes_true([&] { return consumer.count >= before + buffers; });
  }
};

constexpr const char* kThree =
    "mixminus name=m interval=10000000 "
    "audiotestsrc is-live=true samplesperbuffer=480 ! m.sink_0 m.src_0 ! fakesink name=a "
    "audiotestsrc is-live=true samplesperbuffer=480 ! m.sink_1 m.src_1 ! fakesink name=b "
    "audiotestsrc is-live=true samplesperbuffer=480 ! m.sink_2 m.src_2 ! fakesink name=c ";

TEST_F(MixIsolation, AConsumerThatBlocksLosesItsOwnBuffersOnly) {
  launch(kThree);
  Consumer a(part("a").get());
  Consumer b(part("b").get());
  Consumer c(part("c").get());
  play();
  EXPECT_TRUE(goes_on(b, 5));
  EXPECT_EQ(push_threads(), 1U);
  a.block(true);
  EXPECT_TRUE(goes_on(b, 30));
  EXPECT_TRUE(goes_on(c, 1));
  const int stuck = a.count;
  EXPECT_TRUE(comes_true([&] { return counted("src_0", "dropped") > 0; }));
  EXPECT_EQ(counted("src_1", "dropped"), 0U);
  EXPECT_EQ(a.count, stuck);
  // While the one is blocked there is a thread for it, and not one for each.
  EXPECT_LE(push_threads(), 1U + std::max(2U, std::thread::hardware_concurrency()));
  a.block(false);
  EXPECT_TRUE(goes_on(a, 15));
}

TEST_F(MixIsolation, AllMayBlockAndGoOn) {
  launch(kThree);
  Consumer a(part("a").get());
  Consumer b(part("b").get());
  Consumer c(part("c").get());
  play();
  EXPECT_TRUE(goes_on(a, 3));
  for (auto* one : {&a, &b, &c}) one->block(true);
  EXPECT_TRUE(comes_true([&] { return counted("src_2", "dropped") > 0; }));
  for (auto* one : {&a, &b, &c}) one->block(false);
  for (auto* one : {&a, &b, &c}) EXPECT_TRUE(goes_on(*one, 10));
}

TEST_F(MixIsolation, AConsumerThatFailsIsLeftAlone) {
  launch(
      "mixminus name=m audiotestsrc is-live=true ! m.sink_0 audiotestsrc is-live=true ! m.sink_1 "
      "m.src_0 ! identity error-after=3 ! fakesink name=a m.src_1 ! fakesink name=b");
  Consumer a(part("a").get());
  Consumer b(part("b").get());
  play();
  EXPECT_TRUE(goes_on(b, 20));
  EXPECT_LE(a.count, 3);
  EXPECT_TRUE(message(GST_MESSAGE_ERROR));   // identity's own
  EXPECT_FALSE(message(GST_MESSAGE_ERROR));  // and no source's
}

TEST_F(MixIsolation, AnOutputIsReleasedThoughItsConsumerBlocks) {
  launch(kThree);
  Consumer b(part("b").get());
  const auto paused = part("a");
  g_object_set(paused.get(), "async", FALSE, nullptr);
  gst_element_set_locked_state(paused.get(), TRUE);
  gst_element_set_state(paused.get(), GST_STATE_PAUSED);  // waits in its preroll
  play();
  EXPECT_TRUE(goes_on(b, 20));
  const auto sink = pad("sink_0");
  const auto source = adopt(gst_pad_get_peer(sink.get()));
  const auto source_element = adopt(gst_pad_get_parent_element(source.get()));
  gst_element_set_state(source_element.get(), GST_STATE_NULL);
  gst_element_release_request_pad(element_.get(), sink.get());
  EXPECT_FALSE(pad("src_0"));
  EXPECT_TRUE(goes_on(b, 10));
  gst_element_set_state(paused.get(), GST_STATE_NULL);
}

TEST_F(MixIsolation, StopsAndStartsAgain) {
  launch(kThree);
  Consumer a(part("a").get());
  for (int i = 0; i < 5; ++i) {
    play();
    EXPECT_TRUE(goes_on(a, 3)) << i;
    gst_element_set_state(pipeline_.get(), i % 2 ? GST_STATE_READY : GST_STATE_NULL);
    const int stopped = a.count;
    std::this_thread::sleep_for(milliseconds(30));
    EXPECT_EQ(a.count, stopped) << i;
  }
  play();
  EXPECT_TRUE(goes_on(a, 3));
  gst_element_set_state(pipeline_.get(), GST_STATE_PAUSED);
  play();
  EXPECT_TRUE(goes_on(a, 3));
}

/// While one talks, others come, talk and leave, from several threads; the one who stays hears what
/// he is to hear and nothing else, without a gap in time.
TEST_F(MixRoom, ParticipantsComeAndGoWhileOthersTalk) {
  const auto clock = adopt(gst_system_clock_obtain());
  gst_element_set_clock(element_.get(), clock.get());
  gst_element_set_base_time(element_.get(), gst_clock_get_time(clock.get()));
  const auto a = join("0");
  std::atomic<bool> done = false;
  std::thread talks([&] {
    for (std::int64_t i = 0; !done; ++i) {
      gst_harness_push(a.get(), buffer_of(Samples(kBlockFrames, 1000), i * kBlockFrames).release());
      std::this_thread::sleep_for(milliseconds(2));
    }
  });
  std::thread asks([&] {
    while (!done) {
      EXPECT_TRUE(stats());
      gst_child_proxy_set(GST_CHILD_PROXY(element_.get()), "sink_0::volume", 1.0, nullptr);
    }
  });
  for (int round = 0; round < 150; ++round) {
    const auto b = join(std::to_string(1 + round % 3));
    for (int i = 0; i < 3; ++i) play(b, Samples(kBlockFrames, 1), i * kBlockFrames);
    if (round % 10 == 0) hear(b);
  }
  done = true;
  talks.join();
  asks.join();
  EXPECT_EQ(element_->numsinkpads, 1U);
  EXPECT_EQ(element_->numsrcpads, 1U);
  GstClockTime next = GST_CLOCK_TIME_NONE;
  while (const auto heard = adopt(gst_harness_try_pull(a.get()))) {
    const bool follows = GST_CLOCK_TIME_IS_VALID(next) &&
                         !GST_BUFFER_FLAG_IS_SET(heard.get(), GST_BUFFER_FLAG_DISCONT);
    ASSERT_TRUE(!follows || GST_BUFFER_PTS(heard.get()) == next);
    next = GST_BUFFER_PTS(heard.get()) + GST_BUFFER_DURATION(heard.get());
    for (const auto sample : samples_of(heard.get())) ASSERT_LE(sample, 3);
  }
  EXPECT_TRUE(GST_CLOCK_TIME_IS_VALID(next));
}

}  // namespace
}  // namespace rooms::test
