// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/playout/rtsp_path.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

TEST(RtspPath, NamesARoomOrAParticipant) {
  struct Row {
    const char* path;
    RtspPath names;
  };
  const Row rows[] = {
      {"/demo", {"demo", ""}},
      {"/demo/", {"demo", ""}},
      {"/demo/ada", {"demo", "ada"}},
      {"/demo/ada/", {"demo", "ada"}},
      {"/demo/mix", {"demo", ""}},
      {"/demo/stream=0", {"demo", ""}},
      {"/demo/ada/stream=1", {"demo", "ada"}},
      {"/d%65mo/Ada%20L.", {"demo", "Ada L."}},
      {"/a%2Fb", {"a/b", ""}},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_rtsp_path(row.path);
    ASSERT_TRUE(parsed) << row.path;
    EXPECT_EQ(*parsed, row.names) << row.path;
    EXPECT_EQ(*parse_rtsp_path(to_string(*parsed)), row.names) << row.path;
  }
  EXPECT_EQ(to_string(*parse_rtsp_path("/d%65mo/Ada%20L./stream=0")), "/demo/Ada%20L.");
}

TEST(RtspPath, RefusesWhatNamesNothing) {
  for (const std::string path : {"", "/", "//", "demo", "*", "/demo//ada", "/demo/ada/camera", "/%",
                                 "/%4", "/%zz", "/%00", "/demo/%00"})
    EXPECT_FALSE(parse_rtsp_path(path)) << path;
  EXPECT_FALSE(parse_rtsp_path("/" + std::string(2000, 'a')));
}

}  // namespace
}  // namespace rooms
