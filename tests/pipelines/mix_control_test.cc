// SPDX-License-Identifier: LGPL-2.1-or-later
// What may be said of a mix, and what is refused in which words.
#include "pipelines/mix_control.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace rooms::test {
namespace {

const auto kAdaIsHere = [](const std::string& id) { return id == "ada"; };

std::string refusal(const MixControl& control) {
  MixSettings settings;
  const auto status = apply(control, settings, kAdaIsHere);
  EXPECT_EQ(settings.layout, "grid");
  EXPECT_EQ(settings.size, (Size{1280, 720}));
  EXPECT_TRUE(settings.participants.empty()) << "all or nothing";
  return status ? "" : status.error().code;
}

TEST(MixControl, ChangesOnlyWhatItSays) {
  MixSettings settings;
  MixControl control;
  control.layout = "speaker";
  control.participants = {{"ada", std::nullopt, 2.5}};
  ASSERT_TRUE(apply(control, settings, kAdaIsHere));
  MixControl more;
  more.captions = false;
  more.participants = {{"ada", false, std::nullopt}};
  ASSERT_TRUE(apply(more, settings, kAdaIsHere));
  EXPECT_EQ(settings.layout, "speaker");
  EXPECT_FALSE(settings.captions);
  EXPECT_FALSE(settings.of("ada").mixed);
  EXPECT_EQ(settings.of("ada").volume, 2.5);
  EXPECT_TRUE(settings.of("bob").mixed);
}

TEST(MixControl, TakesALayoutInJson) {
  MixSettings settings;
  MixControl control;
  control.layout = R"( {"tiles": [{"x": 0, "y": 0, "width": 1, "height": 1}]})";
  ASSERT_TRUE(apply(control, settings, kAdaIsHere));
  EXPECT_EQ(settings.layout, "custom");
  control.layout = "pip";
  ASSERT_TRUE(apply(control, settings, kAdaIsHere));
  EXPECT_EQ(settings.layout, "pip");
  EXPECT_TRUE(settings.layout_json.empty());
}

TEST(MixControl, RefusesLayoutsThatCannotBe) {
  const auto code = [](const std::string& layout) {
    MixControl control;
    control.layout = layout;
    control.size = Size{640, 360};
    control.participants = {{"ada", true, 1}};
    return refusal(control);
  };
  EXPECT_EQ(code("spiral"), "layout-unknown");
  EXPECT_EQ(code(""), "layout-unknown");
  EXPECT_EQ(code("custom"), "layout-unknown");
  EXPECT_EQ(code("{"), "layout-bad-json");
  EXPECT_EQ(code(R"({"tiles": [{"x": 0.5, "y": 0, "width": 0.6, "height": 1}]})"),
            "layout-outside-canvas");
  EXPECT_EQ(code(R"({"background": {"picture": "/etc/passwd"},)"
                 R"( "tiles": [{"x": 0, "y": 0, "width": 1, "height": 1}]})"),
            "layout-picture");
}

TEST(MixControl, RefusesSizesThatCannotBe) {
  for (const Size size : {Size{0, 0}, Size{15360, 8640}, Size{1280, 719}, Size{-2, 720}}) {
    MixControl control;
    control.size = size;
    EXPECT_EQ(refusal(control), "bad-size");
  }
}

TEST(MixControl, RefusesParticipantsAndVolumesThatCannotBe) {
  MixControl stranger;
  stranger.layout = "speaker";
  stranger.participants = {{"ada", true, 1}, {"bob", true, 1}};
  EXPECT_EQ(refusal(stranger), "participant-unknown");
  for (const double volume : {-0.1, 10.1, std::nan("")}) {
    MixControl control;
    control.participants = {{"ada", std::nullopt, volume}};
    EXPECT_EQ(refusal(control), "bad-volume");
  }
}

}  // namespace
}  // namespace rooms::test
