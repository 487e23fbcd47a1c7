// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/publish_call.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

std::string code_of(std::string_view form) {
  const auto call = read_publish_call(form);
  return call ? "" : call.error().code;
}

TEST(PublishCall, IsReadAsTheRtmpModuleSendsIt) {
  const auto call = read_publish_call(
      "call=publish&addr=127.0.0.1&clientid=1&app=live&flashver=FMLE&swfurl=&"
      "tcurl=rtmp%3A%2F%2Fhost%2Flive&pageurl=&name=demo/Front+d%6For&type=live");
  ASSERT_TRUE(call.ok());
  EXPECT_TRUE(call->begins);
  EXPECT_EQ(call->app, "live");
  EXPECT_EQ(call->place.room, "demo");
  EXPECT_EQ(call->place.name, "Front door");
  EXPECT_EQ(pull_uri("rtmp://127.0.0.1:1935", *call),
            "rtmp://127.0.0.1:1935/live/demo%2FFront%20door");
  EXPECT_FALSE(read_publish_call("call=publish_done&app=live&name=demo")->begins);
}

TEST(PublishCall, WhatThePublisherAddsChangesNothing) {
  const auto call = read_publish_call("call=publish&app=live&name=demo?x=1&name=other&app=../evil");
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->app + " " + call->key, "live demo");
}

TEST(PublishCall, NothingOfItLeadsToAnotherServer) {
  EXPECT_EQ(code_of("call=publish&app=@evil.example&name=demo"), "hook-call");
  EXPECT_EQ(code_of("call=publish&app=a%2Fb&name=demo"), "hook-call");
  EXPECT_EQ(code_of("call=publish&app=..&name=demo"), "hook-call");
  const auto call = read_publish_call("call=publish&app=live&name=demo/@evil.example/..%23");
  EXPECT_EQ(pull_uri("rtmp://a", *call), "rtmp://a/live/demo%2F%40evil.example%2F..%23");
}

TEST(PublishCall, OtherFormsAreRefused) {
  EXPECT_EQ(code_of(""), "hook-call");
  EXPECT_EQ(code_of("call=play&app=live&name=demo"), "hook-call");
  EXPECT_EQ(code_of("call=publish&name=demo"), "hook-call");
  EXPECT_EQ(code_of("call=publish&app=live"), "stream-key");
  EXPECT_EQ(code_of("call=publish&app=live&name=demo%0a"), "stream-key");
  EXPECT_EQ(code_of("call=publish&app=live&name=demo/%4"), "");  // '%' is a letter like others
}

}  // namespace
}  // namespace rooms
