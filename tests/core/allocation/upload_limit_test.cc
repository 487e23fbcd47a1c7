// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/upload_limit.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

constexpr DataRate kbit(std::int64_t count) { return DataRate::kilobits_per_second(count); }

EncodingUpload wanted(std::int64_t most) { return {kbit(most), {true, std::nullopt}}; }
EncodingUpload stopped(std::int64_t most) { return {kbit(most), {false, std::nullopt}}; }
EncodingUpload capped(std::int64_t most, std::int64_t cap) {
  return {kbit(most), {true, kbit(cap)}};
}

TEST(UploadLimit, IsWhatIsWantedAndWhatTheSenderFillsBefore) {
  using Tracks = std::vector<std::vector<EncodingUpload>>;
  struct {
    const char* title;
    Tracks tracks;
    std::optional<std::int64_t> limit;  // kbit/s, with 100 of sound
  } const rows[] = {
      {"all of it", {{wanted(100), wanted(400), wanted(1200)}}, std::nullopt},
      {"no track", {}, std::nullopt},
      {"the lowest", {{wanted(100), stopped(400), stopped(1200)}}, 225},
      {"the middle alone: the lowest comes too", {{stopped(100), wanted(400), stopped(1200)}}, 725},
      {"the highest alone", {{stopped(100), stopped(400), wanted(1200)}}, 2225},
      {"none", {{stopped(100), stopped(400), stopped(1200)}}, 100},
      {"a cap is as it is", {{capped(900, 300)}}, 400},
      {"of two, one unwatched", {{stopped(900)}, {wanted(400)}}, 600},
      {"of two, one unknown", {{stopped(900)}, {wanted(0)}}, std::nullopt},
      {"what is not wanted need not be known", {{stopped(0), wanted(400), stopped(0)}}, 600},
      {"what is wanted has not come yet", {{wanted(100), wanted(0), stopped(0)}}, std::nullopt},
  };
  for (const auto& row : rows) {
    const auto limit = upload_limit(row.tracks, kbit(100));
    ASSERT_EQ(limit.has_value(), row.limit.has_value()) << row.title;
    EXPECT_EQ(limit.value_or(DataRate()), kbit(row.limit.value_or(0))) << row.title;
  }
}

TEST(UploadLimit, LeavesASenderSomething) {
  const std::vector<std::vector<EncodingUpload>> silent = {{stopped(900)}};
  EXPECT_EQ(upload_limit(silent, DataRate()), kbit(50));
}

}  // namespace
}  // namespace rooms
