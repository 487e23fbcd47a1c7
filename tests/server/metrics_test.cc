// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/metrics.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

TEST(Metrics, SayHelpTypeAndValue) {
  MetricsText metrics;
  metrics.add("rooms", "gauge", "Rooms.", 3);
  EXPECT_EQ(metrics.text(), "# HELP rooms Rooms.\n# TYPE rooms gauge\nrooms 3\n");
}

TEST(Metrics, FlattenTheNumbersOfAnObjectAndLeaveTheRestOut) {
  MetricsText metrics;
  metrics.add_json(
      "m", R"({"udp":{"packets-in":12345678901,"loss":0.5},"name":"x","list":[1],"on":true})");
  EXPECT_NE(metrics.text().find("m_udp_packets_in 12345678901\n"), std::string::npos);
  EXPECT_NE(metrics.text().find("m_udp_loss 0.5\n"), std::string::npos);
  EXPECT_EQ(metrics.text().find("name"), std::string::npos);
  EXPECT_EQ(metrics.text().find("list"), std::string::npos);
}

TEST(Metrics, TakeBrokenJsonForNothing) {
  MetricsText metrics;
  metrics.add_json("m", "{");
  EXPECT_EQ(metrics.text(), "");
}

}  // namespace
}  // namespace rooms
