// SPDX-License-Identifier: LGPL-2.1-or-later
// From the command line to the last line.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

TEST(Start, PrintsOneLineWithTheAddress) {
  const ServerProcess server;
  EXPECT_EQ(server.first_line().find("gst-rooms " GST_ROOMS_VERSION ": http://127.0.0.1:"), 0u)
      << server.first_line();
  EXPECT_NE(server.first_line().find("/?room=demo  (media on udp/"), std::string::npos);
}

TEST(Start, NamesTheCauseAndTheCureWhenThePortIsTaken) {
  const ServerProcess first;
  const ShortRun second =
      run_server({"--listen", "127.0.0.1:" + std::to_string(first.port()), "--udp-port", "0"});
  EXPECT_EQ(second.status, 2);
  EXPECT_EQ(second.out, "");
  EXPECT_NE(second.err.find("another program does already"), std::string::npos) << second.err;
  EXPECT_NE(second.err.find("--listen :"), std::string::npos) << second.err;
}

TEST(Start, NamesTheCauseAndTheCureWhenTheMediaPortIsTakenAsTcp) {
  const ServerProcess first;  // its HTTP port is TCP, and free as UDP
  const std::string port = std::to_string(first.port());
  const ShortRun second = run_server({"--listen", "127.0.0.1:0", "--udp-port", port});
  EXPECT_EQ(second.status, 2);
  EXPECT_NE(second.err.find("Cannot listen on TCP port " + port + ": Address already in use"),
            std::string::npos)
      << second.err;
  EXPECT_NE(second.err.find("--udp-port"), std::string::npos) << second.err;
  EXPECT_NE(second.err.find("--ice-tcp off"), std::string::npos) << second.err;
  const ServerProcess without({"--udp-port", port, "--ice-tcp", "off"});
  EXPECT_NE(without.first_line().find("media on udp/" + port + ")"), std::string::npos)
      << without.first_line();
}

TEST(Start, RefusesAWrongFlagAndAnAddressThatIsNotOurs) {
  const ShortRun wrong = run_server({"--lissen", ":1"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_NE(wrong.err.find("did you mean --listen?"), std::string::npos);
  const ShortRun foreign = run_server({"--listen", "192.0.2.1:0", "--udp-port", "0"});
  EXPECT_EQ(foreign.status, 2);
  EXPECT_NE(foreign.err.find("address of this machine"), std::string::npos) << foreign.err;
}

TEST(Start, AnswersHelpAndVersion) {
  EXPECT_NE(run_server({"--help"}).out.find("Usage: gst-rooms-server"), std::string::npos);
  EXPECT_EQ(run_server({"--version"}).out, "gst-rooms " GST_ROOMS_VERSION "\n");
}

TEST(Start, EndsCleanlyWithinTwoSecondsWithPeopleInRooms) {
  for (const int signal : {SIGINT, SIGTERM}) {
    ServerProcess server;
    SocketClient ada(server.ws());
    ada.ask(join_text("demo", "Ada"), "joined");
    http("POST", server.http("/whip/other/cam"), {{"Content-Type", "application/sdp"}},
         sdp_file("chromium-audio-video.offer.sdp"));
    const auto before = g_get_monotonic_time();
    EXPECT_EQ(server.stop(signal, 4), 0);
    EXPECT_LT(g_get_monotonic_time() - before, 2 * G_USEC_PER_SEC);
    EXPECT_EQ(ada.wait_for_error(), "room-closing");
  }
}

TEST(Start, ServesHttpsAndWssWithACertificate) {
  const std::string folder = g_get_tmp_dir();
  const std::string base = folder + "/rooms-tls-" + std::to_string(g_random_int());
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
      " -subj /CN=localhost -keyout " +
      base + ".key -out " + base + ".crt 2>/dev/null";
  ASSERT_EQ(system(command.c_str()), 0);
  {
    const ServerProcess server({"--tls-cert", base + ".crt", "--tls-key", base + ".key"});
    EXPECT_EQ(server.first_line().find("gst-rooms " GST_ROOMS_VERSION ": https://"), 0u);
    EXPECT_EQ(http("GET", server.http("/")).status, 200u);
    SocketClient ada(server.ws());
    EXPECT_EQ(ada.ask(join_text("demo", "Ada"), "joined").at("participant"), "ada");
  }
  remove((base + ".key").c_str());
  remove((base + ".crt").c_str());
}

}  // namespace
}  // namespace rooms
