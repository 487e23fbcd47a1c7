// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/connection_stock.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace rooms {
namespace {

class ConnectionStockTest : public testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    auto network = Network::create({.udp_port = 0});
    ASSERT_TRUE(network) << network.error().message;
    network_ = std::move(*network);
    room_ = sink(gst_pipeline_new("room"));
    gst_element_set_state(room_.get(), GST_STATE_PLAYING);
  }
  void TearDown() override { gst_element_set_state(room_.get(), GST_STATE_NULL); }

  std::unique_ptr<ConnectionStart> take(ConnectionStock& stock, bool data) {
    const auto name = "connection-" + std::to_string(taken_++);
    auto taken = stock.take(GST_BIN(room_.get()), name, data);
    EXPECT_TRUE(taken) << taken.error().message;
    if (!taken) return nullptr;
    EXPECT_STREQ(GST_OBJECT_NAME((*taken)->webrtcbin()), name.c_str());
    EXPECT_EQ(GST_OBJECT_PARENT((*taken)->webrtcbin()), GST_OBJECT(room_.get()));
    EXPECT_EQ(GST_STATE((*taken)->webrtcbin()), GST_STATE_PLAYING);
    EXPECT_EQ((*taken)->fingerprint().rfind("sha-256 ", 0), 0U) << (*taken)->fingerprint();
    return std::move(*taken);
  }
  static std::ptrdiff_t threads() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  }
  /// After a while: those of a pool stay for some seconds, and may be of what was before.
  static bool has_no_more_threads_than(std::ptrdiff_t count) {
    for (int i = 0; i < 2000 && threads() > count; ++i) g_usleep(10'000);
    return threads() <= count;
  }

  std::unique_ptr<Network> network_;
  Ref<GstElement> room_;
  int taken_ = 0;
};

TEST_F(ConnectionStockTest, GivesMoreThanItHoldsAndIsFullAgainAfterwards) {
  ConnectionStock stock(*network_, 2);
  const auto prepared = stock.prepare();
  ASSERT_TRUE(prepared) << prepared.error().message;
  const auto full = threads();
  std::set<std::string> users;
  std::vector<std::unique_ptr<ConnectionStart>> taken;
  for (int i = 0; i < 10; ++i) {
    taken.push_back(take(stock, i % 2 == 0));
    ASSERT_TRUE(taken.back());
    taken.back()->open({});
    users.insert(taken.back()->transport()->local_credentials().ufrag);
  }
  EXPECT_EQ(users.size(), 10U) << "each has credentials of its own";
  taken.clear();
  for (int i = 0; i < 1000 && stock.waiting() < 4; ++i) g_usleep(10'000);
  EXPECT_EQ(stock.waiting(), 4U);
  EXPECT_TRUE(has_no_more_threads_than(full)) << threads() << " threads, " << full << " before";
}

TEST_F(ConnectionStockTest, LeavesNothingBehind) {
  std::vector<std::unique_ptr<ConnectionStart>> survivors;
  {
    ConnectionStock stock(*network_, 1);
    ASSERT_TRUE(stock.prepare());
    survivors.push_back(take(stock, true));
    survivors.push_back(take(stock, false));
  }
  survivors.clear();
  EXPECT_EQ(GST_BIN(room_.get())->numchildren, 0);
  const auto before = threads();
  for (int i = 0; i < 3; ++i) {
    ConnectionStock stock(*network_, 2);
    ASSERT_TRUE(stock.prepare());
    EXPECT_GT(threads(), before);
  }
  EXPECT_TRUE(has_no_more_threads_than(before)) << threads() << " threads, " << before << " before";
}

TEST_F(ConnectionStockTest, BeginsEachWhenItIsNeededIfItHoldsNone) {
  ConnectionStock stock(*network_, 0);
  ASSERT_TRUE(stock.prepare());
  const auto before = threads();
  EXPECT_TRUE(take(stock, true));
  EXPECT_TRUE(has_no_more_threads_than(before)) << threads() << " threads, " << before << " before";
}

TEST_F(ConnectionStockTest, ServesManyRoomsAtOnce) {
  ConnectionStock stock(*network_, 2);
  ASSERT_TRUE(stock.prepare());
  std::vector<std::thread> rooms;
  for (int n = 0; n < 4; ++n) {
    rooms.emplace_back([&stock, n] {
      const auto room = sink(gst_pipeline_new(nullptr));
      gst_element_set_state(room.get(), GST_STATE_PLAYING);
      for (int i = 0; i < 10; ++i) {
        auto taken = stock.take(GST_BIN(room.get()), "connection", (n + i) % 2 == 0);
        EXPECT_TRUE(taken);
        if (taken) (*taken)->open({});
      }
      EXPECT_EQ(GST_BIN(room.get())->numchildren, 0);
      gst_element_set_state(room.get(), GST_STATE_NULL);
    });
  }
  for (auto& room : rooms) room.join();
}

}  // namespace
}  // namespace rooms
