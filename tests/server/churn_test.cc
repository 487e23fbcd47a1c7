// SPDX-License-Identifier: LGPL-2.1-or-later
// Whoever comes and goes leaves no thread, no descriptor and no memory behind.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

struct Footprint {
  long descriptors = 0;
  long threads = 0;
  long resident_kib = 0;
};

long entries(const std::string& folder) {
  std::error_code problem;
  const std::filesystem::directory_iterator all(folder, problem);
  return std::distance(begin(all), end(all));
}

Footprint footprint_of(int pid) {
  const std::string base = "/proc/" + std::to_string(pid);
  Footprint footprint{entries(base + "/fd"), entries(base + "/task"), 0};
  std::ifstream status(base + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:"))
      footprint.resident_kib = std::strtol(line.c_str() + 6, nullptr, 10);
  }
  return footprint;
}

void wait_until_empty(const ServerProcess& server) {
  const auto deadline = g_get_monotonic_time() + 12 * G_USEC_PER_SEC;
  while (Message(http("GET", server.http("/api/rooms")).body).at("rooms") != "[]") {
    ASSERT_LT(g_get_monotonic_time(), deadline) << "the rooms do not close";
    g_usleep(100'000);
  }
  // The room's thread ends a moment after the room is out of the list.
  g_usleep(500'000);
}

void come_and_go(const ServerProcess& server, int times) {
  const Headers sdp{{"Content-Type", "application/sdp"}};
  const std::string publish = R"({"type":"publish","id":2,"tracks":[],"sdp":)" +
                              json_string(sdp_file("chromium-audio-video.offer.sdp")) + "}";
  for (int i = 0; i < times; ++i) {
    const std::string room = "room-" + std::to_string(i % 3);
    SocketClient client(server.ws());
    client.ask(join_text(room, "Ada"), "joined");
    client.ask(publish, "published");
    client.ask(R"({"type":"subscribe","id":3})", "offer");
    const HttpReply whip = http("POST", server.http("/whip/" + room), sdp,
                                sdp_file("chromium-simulcast-vp8.offer.sdp"));
    ASSERT_EQ(whip.status, 201u) << whip.body;
    const HttpReply whep = http("POST", server.http("/whep/" + room), sdp,
                                sdp_file("chromium-whep-two-video-data.offer.sdp"));
    ASSERT_EQ(whep.status, 201u) << whep.body;
    http("DELETE", server.http(whip.header("location")));
    http("DELETE", server.http(whep.header("location")));
    client.ask(R"({"type":"leave"})", "left");
    client.close();
  }
}

TEST(Churn, LeavesThreadsDescriptorsAndMemoryWhereTheyWere) {
  const ServerProcess server;
  come_and_go(server, 25);
  wait_until_empty(server);
  const Footprint before = footprint_of(server.pid());
  come_and_go(server, 50);
  wait_until_empty(server);
  const Footprint after = footprint_of(server.pid());
  EXPECT_LE(after.descriptors, before.descriptors + 1);
  // GLib keeps idle threads of its pools for a while.
  EXPECT_LE(after.threads, before.threads + 2);
  // 50 rounds are 150 connections: what grows by less than 20 KiB each way is the allocator's.
  EXPECT_LT(after.resident_kib - before.resident_kib, 3 * 1024);
  RecordProperty("descriptors", static_cast<int>(after.descriptors - before.descriptors));
  RecordProperty("threads", static_cast<int>(after.threads - before.threads));
  RecordProperty("resident_kib", static_cast<int>(after.resident_kib - before.resident_kib));
}

}  // namespace
}  // namespace rooms
