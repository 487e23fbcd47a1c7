// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/ice_servers.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::seconds;

TEST(IceServers, AreNoneWhenNoneAreSet) {
  EXPECT_TRUE(ice_servers_for({}, "ada", seconds(0)).empty());
  EXPECT_EQ(ice_servers_json({}), "[]");
}

TEST(IceServers, HaveThePasswordThatCoturnComputesFromTheSharedSecret) {
  IceServerSettings settings;
  settings.turn = {"turn:t.example.org:3478?transport=udp"};
  settings.turn_secret = "north";
  settings.turn_lifetime = seconds(600);
  const auto servers = ice_servers_for(settings, "ada", seconds(1'000'000));
  ASSERT_EQ(servers.size(), 1u);
  EXPECT_EQ(servers[0].username, "1000600:ada");
  // printf 1000600:ada | openssl dgst -sha1 -hmac north -binary | base64
  EXPECT_EQ(servers[0].credential, "slHxxhpxBYU1nB7Lmx4217a0LIM=");
}

TEST(IceServers, HaveTheSameCredentialsForEverybodyWhenTheseAreSet) {
  IceServerSettings settings;
  settings.stun = {"stun:s:1"};
  settings.turn = {"turn:t:2", "turns:t:3?transport=tcp"};
  settings.turn_user = "u";
  settings.turn_password = "p\"w";
  const auto servers = ice_servers_for(settings, "ada", seconds(5));
  ASSERT_EQ(servers.size(), 3u);
  EXPECT_EQ(ice_servers_json(servers),
            R"([{"urls":["stun:s:1"]},)"
            R"({"urls":["turn:t:2"],"username":"u","credential":"p\"w"},)"
            R"({"urls":["turns:t:3?transport=tcp"],"username":"u","credential":"p\"w"}])");
  EXPECT_EQ(ice_server_link(servers[0]), R"(<stun:s:1>; rel="ice-server")");
  EXPECT_EQ(
      ice_server_link(servers[1]),
      R"(<turn:t:2>; rel="ice-server"; username="u"; credential="p\"w"; credential-type="password")");
}

TEST(IceServers, AreCheckedByTheirAddress) {
  for (const char* good : {"turn:h", "turn:h:3478", "turns:h:5349?transport=tcp",
                           "turn:[2001:db8::1]:3478", "turn:192.0.2.1:1?transport=udp"}) {
    EXPECT_TRUE(check_ice_server("turn", good).ok()) << good;
  }
  for (const char* wrong :
       {"h:3478", "turn:", "turn:h:0x", "turn:h:99999", "turn:h:1?transport=sctp", "stun:h:1",
        "turn:u@h:1", "turn:[::1", "turn:h:", "turn://h:1"}) {
    EXPECT_FALSE(check_ice_server("turn", wrong).ok()) << wrong;
  }
  EXPECT_TRUE(check_ice_server("stun", "stun:h:1").ok());
  EXPECT_FALSE(check_ice_server("stun", "stun:h:1?transport=udp").ok());
}

}  // namespace
}  // namespace rooms
