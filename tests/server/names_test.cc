// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/names.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "server/nearest_name.h"
#include "server/token.h"

namespace rooms {
namespace {

TEST(Names, AreLettersDigitsDotsUnderscoresAndHyphens) {
  for (const std::string& good :
       {std::string("a"), std::string("Demo_1.x-y"), std::string(64, 'a')}) {
    EXPECT_TRUE(check_name("room", good).ok()) << good;
  }
  for (const std::string& wrong :
       {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a/b"),
        std::string("ä"), std::string(".."), std::string("."), std::string("a\0b", 3)}) {
    const auto checked = check_name("room", wrong);
    ASSERT_FALSE(checked.ok()) << wrong;
    EXPECT_EQ(checked.error().code, "bad-field");
    EXPECT_NE(checked.error().message.find("'room' should be 1 to 64"), std::string::npos);
  }
}

TEST(NearestName, IsWhatWasMeantOrNothing) {
  constexpr std::array<std::string_view, 3> kKnown{"listen", "udp-port", "udp-port-range"};
  EXPECT_EQ(nearest_name("lsten", kKnown), "listen");
  EXPECT_EQ(nearest_name("udp", kKnown), "udp-port");
  EXPECT_EQ(nearest_name("udp-port-rang", kKnown), "udp-port-range");
  EXPECT_EQ(nearest_name("completely-else", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name("", kKnown), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100'000, 'a'), kKnown), std::nullopt);
}

TEST(Tokens, AreThirtyTwoHexadecimalDigitsAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = fresh_token();
    EXPECT_EQ(token.size(), 32u);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_TRUE(seen.insert(token).second);
  }
}

}  // namespace
}  // namespace rooms
