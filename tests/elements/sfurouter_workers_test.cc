// SPDX-License-Identifier: LGPL-2.1-or-later
// A large audience is divided among the network workers.
#include <array>
#include <chrono>
#include <functional>
#include <future>
#include <set>
#include <thread>

#include "gst/transport/network.h"
#include "gst/transport/worker.h"
#include "tests/elements/direct_consumer.h"
#include "tests/elements/router_fixture.h"

namespace rooms::test {
namespace {

constexpr unsigned kWorkers = 2;
constexpr unsigned kAudience = 60;
constexpr int kRounds = 200;

/// Waits for a place when the worker is behind.
void run_on(Worker& worker, const std::function<void()>& task) {
  std::promise<void> done;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!worker.post([&] {
    task();
    done.set_value();
  })) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

class WorkersTest : public RouterTest {
 protected:
  void SetUp() override {
    RouterTest::SetUp();
    auto network = Network::create({.udp_port = 0, .workers = kWorkers});
    ASSERT_TRUE(network);
    network_ = std::move(*network);
    input("sink_0");
    peer_ = adopt(gst_pad_get_peer(pad("sink_0").get()));
  }
  void TearDown() override {
    peer_ = {};
    consumers_.clear();
    for (const auto& src : srcs_) gst_element_release_request_pad(router_.get(), src.get());
    srcs_.clear();
    network_.reset();
    RouterTest::TearDown();
  }
  void add_audience(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      srcs_.push_back(adopt(gst_element_request_pad_simple(router_.get(), "src_%u")));
      consumers_.push_back(std::make_unique<DirectConsumer>(srcs_.back().get(), i));
    }
  }
  /// As sfureceive does it: from a network worker.
  void push_rounds(unsigned worker, int rounds) {
    run_on(network_->worker(worker), [&, rounds] {
      for (int i = 0; i < rounds; ++i) {
        GstBufferList* list = gst_buffer_list_new();
        for (int n = 0; n < 2; ++n) {
          gst_buffer_list_add(list, source_.next(pushed_ == 0).release());
          ++pushed_;
        }
        EXPECT_EQ(gst_pad_push_list(peer_.get(), list), GST_FLOW_OK);
      }
    });
    // What the others were given before this is done when they have done this.
    for (unsigned i = 0; i < kWorkers; ++i) run_on(network_->worker(i), [] {});
  }

  std::unique_ptr<Network> network_;
  Ref<GstPad> peer_;
  std::vector<Ref<GstPad>> srcs_;
  std::vector<std::unique_ptr<DirectConsumer>> consumers_;
  Vp8Source source_{7};
  std::size_t pushed_ = 0;
};

TEST_F(WorkersTest, ServeALargeAudienceTogetherAndEachOutputInOrder) {
  add_audience(kAudience);
  for (int i = 0; i < kRounds; ++i) push_rounds(0, 1 + i % 3);
  std::array<std::set<std::thread::id>, kWorkers> threads;
  for (const auto& consumer : consumers_) {
    ASSERT_EQ(consumer->patches.size(), pushed_);
    for (std::size_t i = 0; i < consumer->patches.size(); ++i) {
      ASSERT_EQ(consumer->patches[i].sequence,
                static_cast<std::uint16_t>(consumer->patches[0].sequence + i));
    }
    threads[consumer->affinity % kWorkers].insert(consumer->thread);
  }
  EXPECT_EQ(threads[0].size(), 1U) << "outputs of one affinity have one thread";
  EXPECT_EQ(threads[1].size(), 1U);
  EXPECT_NE(threads[0], threads[1]);
}

TEST_F(WorkersTest, LeaveASmallAudienceToTheThreadThatReceived) {
  add_audience(8);
  push_rounds(1, 50);
  const auto thread = consumers_[0]->thread;
  for (const auto& consumer : consumers_) {
    EXPECT_EQ(consumer->patches.size(), pushed_);
    EXPECT_EQ(consumer->thread, thread);
  }
}

TEST_F(WorkersTest, KeepWhatTheyStillForwardWhenTheAudienceAndTheRouterGo) {
  add_audience(kAudience);
  push_rounds(0, 1);
  std::promise<void> held;
  auto release = held.get_future();
  ASSERT_TRUE(network_->worker(1).post([&] { release.wait(); }));
  run_on(network_->worker(0), [&] {
    GstBufferList* list = gst_buffer_list_new();
    gst_buffer_list_add(list, source_.next(false).release());
    gst_pad_push_list(peer_.get(), list);
  });
  consumers_.clear();
  for (const auto& src : srcs_) gst_element_release_request_pad(router_.get(), src.get());
  srcs_.clear();
  held.set_value();
  run_on(network_->worker(1), [] {});
}

TEST_F(WorkersTest, CountWhatAWorkerThatIsBehindCannotTake) {
  add_audience(kAudience);
  push_rounds(0, 1);
  std::promise<void> held;
  auto release = held.get_future();
  ASSERT_TRUE(network_->worker(1).post([&] { release.wait(); }));
  run_on(network_->worker(0), [&] {
    for (int i = 0; i < 1200; ++i) {
      GstBufferList* list = gst_buffer_list_new();
      gst_buffer_list_add(list, source_.next(false).release());
      gst_pad_push_list(peer_.get(), list);
    }
  });
  held.set_value();
  for (unsigned i = 0; i < kWorkers; ++i) run_on(network_->worker(i), [] {});
  const auto name = own(gst_object_get_name(GST_OBJECT(srcs_[1].get())));
  EXPECT_GT(statistic(name.get(), "dropped-no-room"), 0U);
  EXPECT_EQ(statistic(name.get(), "dropped-no-room") + consumers_[1]->patches.size(), 1202U);
  EXPECT_EQ(consumers_[0]->patches.size(), 1202U) << "the other worker's audience misses nothing";
}

}  // namespace
}  // namespace rooms::test
