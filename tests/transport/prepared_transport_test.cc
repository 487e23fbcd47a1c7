// SPDX-License-Identifier: LGPL-2.1-or-later
// A transport that waits for its client as long as it takes.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "gst/glue/clock.h"
#include "gst/transport/network.h"
#include "tests/transport/tcp_peer.h"

namespace rooms {
namespace {

using State = MediaTransport::State;

class PreparedTransport : public testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    auto network = Network::create({.udp_port = 0});
    ASSERT_TRUE(network) << network.error().message;
    network_ = std::move(*network);
    transport_ = *network_->prepare_transport([this](State state) { heard_.push_back(state); });
  }
  void TearDown() override { transport_->close(); }
  [[nodiscard]] bool is_known() const {
    return network_->stats_json().find("\"known-users\":1") != std::string::npos;
  }

  std::unique_ptr<Network> network_;
  std::vector<State> heard_;
  std::shared_ptr<MediaTransport> transport_;
};

TEST_F(PreparedTransport, IsKnownFromItsStartUntilItIsClosed) {
  EXPECT_FALSE(is_known()) << network_->stats_json();
  transport_->start();
  EXPECT_TRUE(is_known()) << network_->stats_json();
  const UdpPeer peer(*SocketAddress::parse("127.0.0.1", network_->port()));
  EXPECT_TRUE(peer.check(transport_->local_credentials()));
  transport_->close();
  EXPECT_FALSE(is_known()) << network_->stats_json();
}

TEST_F(PreparedTransport, TakesAsSilenceWhatFollowsItsStart) {
  const auto prepared = monotonic_now();
  g_usleep(20'000);
  transport_->start();
  transport_->on_timer(prepared + MediaTransport::kSilence);
  EXPECT_TRUE(heard_.empty()) << "it had waited before";
  transport_->on_timer(monotonic_now() + MediaTransport::kSilence);
  ASSERT_EQ(heard_.size(), 1U);
  EXPECT_EQ(heard_.front(), State::kDisconnected);
}

}  // namespace
}  // namespace rooms
