// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/http_outcome.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

TEST(HttpOutcome, SaysWhatIsWrongAndWhetherToTryAgain) {
  struct {
    unsigned status;
    const char* code;
    bool permanent;
  } const rows[] = {
      {0, "no-answer", false},           {302, "redirect", true},
      {400, "offer-refused", true},      {401, "unauthorized", true},
      {403, "forbidden", true},          {404, "not-found", true},
      {405, "not-whip", true},           {406, "not-acceptable", true},
      {409, "offer-refused", false},     {415, "unsupported-media-type", true},
      {429, "too-many-requests", false}, {500, "server-error", false},
      {503, "server-error", false},      {200, "unexpected-status", true},
  };
  for (const auto& row : rows) {
    const auto refusal = refusal_of(row.status, "http://h/whip/r", "");
    EXPECT_EQ(refusal.error.code, row.code) << row.status;
    EXPECT_EQ(refusal.permanent, row.permanent) << row.status;
    EXPECT_NE(refusal.error.message.find("http://h/whip/r"), std::string::npos);
  }
}

TEST(HttpOutcome, ShowsWhatTheServerSaysWithoutItsControlCharacters) {
  const auto refusal = refusal_of(403, "u", "no\x1b[31m\nentry" + std::string(1000, 'x'));
  EXPECT_NE(refusal.error.message.find("no [31m entry"), std::string::npos);
  EXPECT_LT(refusal.error.message.size(), 500u);
}

TEST(HttpOutcome, ATokenNeverLeavesTls) {
  EXPECT_TRUE(may_take_token(false, false));
  EXPECT_TRUE(may_take_token(false, true));
  EXPECT_TRUE(may_take_token(true, true));
  EXPECT_FALSE(may_take_token(true, false));
}

}  // namespace
}  // namespace rooms
