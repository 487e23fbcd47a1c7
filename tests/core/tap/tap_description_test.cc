// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/tap/tap_description.h"

#include <gtest/gtest.h>

#include <random>

namespace rooms {
namespace {

std::string line_of(const std::string& text) {
  const auto read = read_tap_description(text);
  return read ? read->line : read.error().code + ": " + read.error().message;
}

TEST(TapDescription, WritesAnewWhatItHasRead) {
  const struct {
    const char* text;
    const char* line;
  } rows[] = {
      {"fakesink", " fakesink"},
      {" queue\n!\tfilesink  location=/tmp/a ", R"( queue ! filesink location="/tmp/a")"},
      {R"(filesink location="/tmp/a b")", R"( filesink location="/tmp/a b")"},
      {R"(filesink location=/tmp/a\ b)", R"( filesink location="/tmp/a b")"},
      {R"(filesink location="a ! \"b\" \\")", R"( filesink location="a ! \"b\" \\")"},
      {"a ! video/x-raw,width=320 ! b", R"( a ! capsfilter caps="video/x-raw,width=320" ! b)"},
      {R"(a ! "video/x-raw, width=(int)[1, 9]" ! b)",
       R"( a ! capsfilter caps="video/x-raw, width=(int)[1, 9]" ! b)"},
      {"tee name=t ! fakesink t. ! fakesink t.src_1 ! fakesink",
       R"( tee name="t" ! fakesink t. ! fakesink t.src_1 ! fakesink)"},
      {"a max-lateness=-1 empty=", R"( a max-lateness="-1" empty="")"},
  };
  for (const auto& row : rows) EXPECT_EQ(line_of(row.text), row.line) << row.text;
}

TEST(TapDescription, RefusesWhatItDoesNotUnderstand) {
  const struct {
    const char* text;
    const char* code;
  } rows[] = {
      {"", "tap-empty"},
      {"  \n", "tap-empty"},
      {"!", "tap-syntax"},
      {"! fakesink", "tap-syntax"},
      {"queue !", "tap-syntax"},
      {"queue ! ! fakesink", "tap-syntax"},
      {"queue ! a=b", "tap-syntax"},
      {"a=b queue", "tap-syntax"},
      {"queue!fakesink", "tap-syntax"},
      {"queue ! file:///etc/passwd", "tap-syntax"},
      {"queue ! rtmp://host/app", "tap-syntax"},
      {"( queue ! fakesink )", "tap-syntax"},
      {"bin.( queue ! fakesink )", "tap-syntax"},
      {"queue : fakesink", "tap-syntax"},
      {"@preset", "tap-syntax"},
      {"mix sink_0::alpha=1 ! fakesink", "tap-syntax"},
      {"queue name = x ! fakesink", "tap-syntax"},
      {"queue location=\"open", "tap-syntax"},
      {"video/x-raw ! fakesink", "tap-syntax"},
      {"\"fakesink\"", "tap-syntax"},
      {"fakesink name=tap-frames", "tap-syntax"},
      {"fakesink name=a.b", "tap-syntax"},
      {"../../bin/sh", "tap-syntax"},
  };
  for (const auto& row : rows) {
    const auto read = read_tap_description(row.text);
    ASSERT_FALSE(read) << row.text << " was read as" << read->line;
    EXPECT_EQ(read.error().code, row.code) << row.text << ": " << read.error().message;
  }
  EXPECT_EQ(read_tap_description(std::string(5000, 'a')).error().code, "tap-too-long");
  std::string many = "a";
  for (int i = 0; i < 64; ++i) many += " ! a";
  EXPECT_EQ(read_tap_description(many).error().code, "tap-too-long");
  EXPECT_EQ(read_tap_description(std::string("fakesink\0 x", 11)).error().code, "tap-syntax");
}

TEST(TapDescription, AllowsOnlyWhatIsOnTheList) {
  const auto read = read_tap_description("queue ! video/x-raw,width=1 ! tee name=t ! filesink");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(check_tap_elements(*read, {"queue", "tee", "filesink"}));
  const auto refused = check_tap_elements(*read, {"queue", "tee"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "tap-element");
  EXPECT_NE(refused.error().message.find("filesink"), std::string::npos);
}

TEST(TapDescription, WhatItWritesReadsTheSameAgain) {
  std::mt19937 random(7);
  const std::string letters = "aZ9 !\"\\.=/:(),-_\t%@{[";
  unsigned understood = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = "a b=";
    for (auto n = random() % 16; n > 0; --n) text += letters[random() % letters.size()];
    const auto first = read_tap_description(text);
    if (!first) continue;
    ++understood;
    const auto second = read_tap_description(first->line);
    ASSERT_TRUE(second) << text << " -> " << first->line << ": " << second.error().message;
    EXPECT_EQ(first->line, second->line) << text;
    EXPECT_EQ(first->elements.size(), second->elements.size()) << text;
  }
  EXPECT_GT(understood, 300u);
}

}  // namespace
}  // namespace rooms
