// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/http_rules.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

TEST(HttpRules, MediaTypesAreComparedWithoutCaseAndParameters) {
  EXPECT_TRUE(is_media_type("application/sdp", "application/sdp"));
  EXPECT_TRUE(is_media_type(" Application/SDP ; charset=utf-8", "application/sdp"));
  EXPECT_FALSE(is_media_type("application/sdpx", "application/sdp"));
  EXPECT_FALSE(is_media_type("", "application/sdp"));
}

TEST(HttpRules, AcceptAdmitsTheTypeItsFamilyAndEverything) {
  EXPECT_TRUE(accepts(std::nullopt, "application/sdp"));
  for (const char* header : {"", "*/*", "application/sdp", "text/html, application/*;q=0.5",
                             "application/SDP;q=0.1", "text/html,*/*;q=0.8"}) {
    EXPECT_TRUE(accepts(std::string(header), "application/sdp")) << header;
  }
  for (const char* header :
       {"text/html", "application/json", "application/sdp;q=0", "application/sdp;q=0.0", "*"}) {
    EXPECT_FALSE(accepts(std::string(header), "application/sdp")) << header;
  }
}

TEST(HttpRules, IfMatchComparesStrongly) {
  EXPECT_TRUE(if_match("*", "\"a\""));
  EXPECT_TRUE(if_match("\"a\"", "\"a\""));
  EXPECT_TRUE(if_match("\"b\" , \"a\"", "\"a\""));
  EXPECT_FALSE(if_match("W/\"a\"", "\"a\""));
  EXPECT_FALSE(if_match("a", "\"a\""));
  EXPECT_FALSE(if_match("", "\"a\""));
}

TEST(HttpRules, IfNoneMatchComparesWeakly) {
  EXPECT_TRUE(if_none_match_hits("W/\"a\"", "\"a\""));
  EXPECT_TRUE(if_none_match_hits("\"x\", \"a\"", "\"a\""));
  EXPECT_TRUE(if_none_match_hits("*", "\"a\""));
  EXPECT_FALSE(if_none_match_hits("\"b\"", "\"a\""));
}

}  // namespace
}  // namespace rooms
