// SPDX-License-Identifier: LGPL-2.1-or-later
// What is bounded: rooms, people, sockets, bodies, and what a client that does not read may make us
// keep.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/raw_socket.h"
#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

long resident_kib(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) return std::strtol(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

TEST(Limits, OfRoomsAndParticipantsAnswerWithWhatIsFull) {
  const ServerProcess server({"--max-rooms", "1", "--max-participants", "2"});
  SocketClient ada(server.ws());
  SocketClient bob(server.ws());
  SocketClient eve(server.ws());
  ada.ask(join_text("one", "Ada"), "joined");
  eve.say(join_text("two", "Eve"));
  EXPECT_EQ(eve.wait_for_error(), "server-full");
  bob.ask(join_text("one", "Bob"), "joined");
  eve.say(join_text("one", "Eve"));
  EXPECT_EQ(eve.wait_for_error(), "room-full");
  const HttpReply refused =
      http("POST", server.http("/whip/one"), {{"Content-Type", "application/sdp"}},
           sdp_file("chromium-audio-video.offer.sdp"));
  EXPECT_EQ(refused.status, 503u);
  EXPECT_NE(refused.header("retry-after"), "");
  bob.ask(R"({"type":"leave"})", "left");
  eve.ask(join_text("one", "Eve"), "joined");
}

TEST(Limits, OfConnectionsTurnNewOnesAwayAndKeepTheOld) {
  const ServerProcess server({"--max-sockets", "8"});
  SocketClient ada(server.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  std::vector<std::unique_ptr<RawSocket>> idle;
  for (int i = 0; i < 7; ++i) idle.push_back(std::make_unique<RawSocket>(server.port()));
  const RawSocket refused(server.port());
  refused.send("GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(refused.receive(), "");
  ada.ask(R"({"type":"data","id":1,"data":"here"})", "sent");
  idle.clear();
  ada.idle(0.2);
  EXPECT_EQ(http("GET", server.http("/api/health")).status, 200u);
}

/// The answer to one request; empty when the connection was closed instead.
std::string ask_health(const RawSocket& client) {
  if (!client.send("GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")) return {};
  std::string answer;
  while (answer.find('}') == std::string::npos) {
    const std::string more = client.receive();
    if (more.empty()) return {};
    answer += more;
  }
  return answer;
}

TEST(Limits, SayWhetherAConnectionCarriesMoreRequests) {
  const ServerProcess server;
  const RawSocket client(server.port());
  for (int i = 0; i < 3; ++i) {
    const std::string answer = ask_health(client);
    ASSERT_EQ(answer.substr(0, 15), "HTTP/1.1 200 OK") << i;
    if (answer.find("Connection: close") != std::string::npos) {
      EXPECT_EQ(client.receive(), "");
      return;
    }
  }
}

std::size_t descriptors(int pid) {
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
    count += entry.exists() || entry.is_symlink() ? 1 : 0;
  return count;
}

TEST(Limits, KeepNoConnectionWhoseClientHasGone) {
  const ServerProcess server;
  EXPECT_NE(ask_health(RawSocket(server.port())), "");
  const std::size_t before = descriptors(server.pid());
  const std::string post =
      "POST /whip/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: ";
  for (int i = 0; i < 10; ++i) {
    EXPECT_NE(ask_health(RawSocket(server.port())), "");     // after its answer
    RawSocket{server.port()};                                // without a word
    EXPECT_TRUE(RawSocket(server.port()).send("GET / HT"));  // amid its request
    EXPECT_TRUE(RawSocket(server.port()).send(post + "9\r\n\r\nv=0"));
    EXPECT_TRUE(RawSocket(server.port()).send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  }
  std::size_t after = 0;
  for (int i = 0; i < 100; ++i) {
    after = descriptors(server.pid());
    if (after <= before) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_LE(after, before);
}

TEST(Limits, OfBodiesHoldForChunkedOnesToo) {
  const ServerProcess server;
  const RawSocket client(server.port());
  client.send(
      "POST /whip/demo HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nTransfer-Encoding: "
      "chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'v') + "\r\n";
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(client.send(chunk));
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.receive().substr(0, 12), "HTTP/1.1 413");

  // One that never ends is cut off.
  const RawSocket endless(server.port());
  endless.send(
      "POST /whip/demo HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nTransfer-Encoding: "
      "chunked\r\n\r\n");
  bool cut = false;
  for (int i = 0; i < 2000 && !cut; ++i) cut = !endless.send(chunk);
  EXPECT_TRUE(cut);
  EXPECT_EQ(metric(server, "gst_rooms_bodies_refused_total"), 2);
}

TEST(Limits, OfWhatWaitsForAClientThatDoesNotRead) {
  const ServerProcess server;
  SocketClient deaf(server.ws());
  deaf.ask(join_text("demo", "Deaf"), "joined");
  SocketClient loud(server.ws());
  loud.ask(join_text("demo", "Loud"), "joined");
  const long before = resident_kib(server.pid());
  const std::string message =
      R"({"type":"data","id":1,"to":"deaf","data":")" + std::string(100'000, 'x') + "\"}";
  for (int i = 0; i < 200; ++i) loud.ask(message, "sent");
  EXPECT_LT(resident_kib(server.pid()) - before, 16 * 1024);
  loud.ask(R"({"type":"data","id":2,"data":"on"})", "sent");
  EXPECT_EQ(metric(server, "gst_rooms_websockets_cut_total"), 1);
}

TEST(Limits, OfRequestsThatWaitForAnswersDoNotEndTheSocket) {
  const ServerProcess server;
  SocketClient hasty(server.ws());
  hasty.ask(join_text("demo", "Hasty"), "joined");
  for (int i = 0; i < 2000; ++i)
    hasty.say(R"({"type":"data","id":)" + std::to_string(i) + R"(,"data":1})");
  hasty.idle(0.5);
  hasty.ask(R"({"type":"leave"})", "left");
}

}  // namespace
}  // namespace rooms
