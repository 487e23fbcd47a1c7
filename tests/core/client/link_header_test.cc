// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/link_header.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

TEST(LinkHeader, ReadsTheServersOfAnAnswer) {
  const auto servers = ice_servers_in(
      "<stun:stun.example.net>; rel=\"ice-server\", "
      "<turn:turn.example.net?transport=udp>; rel=\"ice-server\"; username=\"us,e;r\"; "
      "credential=\"my\\\"Password\"; credential-type=\"password\", "
      "<https://example.net/next>; rel=next, <stun:stun.example.net>; rel=ice-server");
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[0], (LinkedIceServer{"stun:stun.example.net", "", ""}));
  EXPECT_EQ(servers[1],
            (LinkedIceServer{"turn:turn.example.net?transport=udp", "us,e;r", "my\"Password"}));
}

TEST(LinkHeader, SkipsWhatItCannotRead) {
  EXPECT_TRUE(ice_servers_in("").empty());
  EXPECT_TRUE(ice_servers_in("<").empty());
  EXPECT_TRUE(ice_servers_in("<>; rel=ice-server").empty());
  EXPECT_TRUE(ice_servers_in("<stun:a>; rel=\"ice-server-not\"").empty());
  EXPECT_TRUE(ice_servers_in("<stun:a>; rel=\"unclosed").empty());
  EXPECT_TRUE(ice_servers_in("stun:a; rel=ice-server").empty());
  const auto later = ice_servers_in("nonsense \"with, comma\", <stun:a>; rel=\"other ICE-SERVER\"");
  ASSERT_EQ(later.size(), 1u);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "<stun:h" + std::to_string(i) + ">; rel=ice-server,";
  EXPECT_EQ(ice_servers_in(many).size(), 16u);
}

TEST(LinkHeader, BecomesWhatTheAgentTakes) {
  EXPECT_EQ(agent_uri({"stun:stun.example.net:3478", "", ""}), "stun://stun.example.net:3478");
  EXPECT_EQ(agent_uri({"turn:[2001:db8::1]:3478?transport=tcp", "1700:ada", "a/b+c="}),
            "turn://1700%3Aada:a%2Fb%2Bc%3D@[2001:db8::1]:3478?transport=tcp");
  EXPECT_EQ(agent_uri({"turns:t.example.net", "u", "p"}), "turns://u:p@t.example.net");
  for (const char* url : {"turn:no.user", "http://a", "stun:", "stun:a b", "turn:x@y", ""})
    EXPECT_EQ(agent_uri({url, "", ""}), std::nullopt) << url;
}

}  // namespace
}  // namespace rooms
