// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/stream_place.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

std::string id(std::string_view text) {
  const auto place = read_stream_id(text);
  return place ? place->room + "|" + place->name : place.error().code;
}

std::string key(std::string_view text) {
  const auto place = read_stream_key(text);
  return place ? place->room + "|" + place->name : place.error().code;
}

TEST(StreamPlace, AStreamIdNamesTheRoomAndTheParticipant) {
  EXPECT_EQ(id("demo"), "demo|");
  EXPECT_EQ(id("demo/Front door"), "demo|Front door");
  EXPECT_EQ(id("demo/a/b"), "demo|a/b");
}

TEST(StreamPlace, AnSrtCallerMayUseTheSyntaxOfAccessControl) {
  EXPECT_EQ(id("#!::r=demo"), "demo|");
  EXPECT_EQ(id("#!::u=Front door,r=demo"), "demo|Front door");
  EXPECT_EQ(id("#!::r=demo,u=cam,m=publish,t=stream,h=example.org,s=17,x=y"), "demo|cam");
  EXPECT_EQ(id("#!::r=demo,u=a=b"), "demo|a=b");
}

TEST(StreamPlace, WhoWantsToReceiveIsToldSo) {
  EXPECT_EQ(id("#!::r=demo,m=request"), "stream-mode");
  EXPECT_EQ(id("#!::r=demo,m=bidirectional"), "stream-mode");
}

TEST(StreamPlace, OtherFormsAreRefused) {
  for (const auto* text :
       {"", "/", "/cam", "demo/", "#!::", "#!::u=cam", "#!::r=", "#!::r", "#!::r=demo,,u=cam",
        "#!::r=demo,t=file", "#!:{r=demo}", "#!:", "demo\n", "demo/c\x7F"})
    EXPECT_EQ(id(text), "stream-id") << text;
  EXPECT_EQ(id(std::string_view("demo/\0", 6)), "stream-id");
  EXPECT_EQ(id(std::string(65, 'r')), "stream-id");
  EXPECT_EQ(id("demo/" + std::string(65, 'n')), "stream-id");
  EXPECT_EQ(id("#!::r=demo,x=" + std::string(512, 'x')), "stream-id");
}

TEST(StreamPlace, AStreamKeyIsTheSimpleFormOnly) {
  EXPECT_EQ(key("demo"), "demo|");
  EXPECT_EQ(key("demo/cam"), "demo|cam");
  EXPECT_EQ(key(""), "stream-key");
  EXPECT_EQ(key("demo/"), "stream-key");
}

}  // namespace
}  // namespace rooms
