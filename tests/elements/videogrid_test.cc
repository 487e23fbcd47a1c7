// SPDX-License-Identifier: LGPL-2.1-or-later
#include <thread>

#include "tests/elements/grid_fixture.h"

namespace rooms::test {
namespace {

using VideoGrid = GridTest;

struct Pixel {
  int x, y;
  std::uint32_t rgb;
};

TEST_F(VideoGrid, EveryLayoutPutsEveryColourWhereItSays) {
  struct Row {
    const char* layout;
    const char* speaker;
    std::vector<Pixel> pixels;
  };
  const Row rows[] = {
      {"grid", "", {{80, 44, kRed}, {240, 44, kGreen}, {160, 134, kBlue}, {40, 134, kGrey}}},
      {"speaker", "", {{160, 70, kRed}, {130, 162, kGreen}, {190, 162, kBlue}, {20, 70, kGrey}}},
      {"speaker", "sink_2", {{160, 70, kBlue}, {130, 162, kRed}, {190, 162, kGreen}}},
      {"pip", "", {{10, 10, kRed}, {280, 150, kGreen}, {190, 150, kBlue}, {10, 170, kRed}}},
      {"side-by-side", "", {{80, 5, kRed}, {80, 175, kRed}, {240, 5, kGreen}, {240, 175, kGreen}}},
      {"side-by-side", "sink_2", {{80, 90, kRed}, {240, 90, kBlue}}},
      {"custom", "", {{10, 10, kRed}, {150, 85, kGreen}, {300, 170, kBlue}, {300, 10, kGrey}}},
  };
  for (int i = 0; i < 3; ++i) add();
  set("border-width", 0, "layout-json",
      R"({"tiles": [{"x": 0, "y": 0, "width": 0.5, "height": 0.5},
                    {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5, "z": 2},
                    {"x": 0.5, "y": 0.5, "width": 0.5, "height": 0.5, "z": 1}]})");
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.layout) + " " + row.speaker);
    gst_util_set_object_arg(G_OBJECT(element_.get()), "layout", row.layout);
    set("speaker", row.speaker);
    const auto picture = show({kRed, kGreen, kBlue});
    for (const auto& [x, y, rgb] : row.pixels) EXPECT_TRUE(picture.is(x, y, rgb));
  }
}

TEST_F(VideoGrid, InTheMiddleOfATransitionTilesAreHalfWayAndWhoGoesIsHalfGone) {
  start("gap=0 captions=false background=0x404040 animation-duration=400000000 easing=linear");
  for (int i = 0; i < 3; ++i) add();
  show({kRed, kGreen, kBlue});
  next(12);
  show({kRed, kGreen, kBlue});
  gst_util_set_object_arg(G_OBJECT(element_.get()), "layout", "side-by-side");
  EXPECT_TRUE(next().is(80, 10, kRed)) << "it begins where it was: above";
  const auto half = next(5).back();  // 200 of 400 ms
  // Red was 160x90 at the top, becomes 160x180: 135 high now. Blue was below in the middle.
  EXPECT_TRUE(half.is(40, 128, kRed));
  EXPECT_TRUE(half.is(40, 142, kGrey));
  const auto fading = half.at(160, 160);
  EXPECT_NEAR(fading.u, (colour_of(kBlue).u + colour_of(kGrey).u) / 2, 6);
  const auto after = next(6).back();
  EXPECT_TRUE(after.is(40, 175, kRed));
  EXPECT_TRUE(after.is(280, 175, kGreen));
}

TEST_F(VideoGrid, AnInputThatFallsSilentIsHeldThenReplacedAndTheOutputGoesOn) {
  start("gap=0 captions=false background=0x404040 animation-duration=0 hold-time=200000000");
  add();
  add();
  g_object_set(pad(1).get(), "caption", "Bob", nullptr);
  show({kRed, kGreen});
  for (int i = 0; i < 5; ++i) {  // 200 ms: only the first goes on
    sources_[0]->push(kRed, due());
    EXPECT_TRUE(next().is(300, 90, kGreen)) << "held, frame " << i;
  }
  EXPECT_EQ(shows("sink_1"), "picture");
  sources_[0]->push(kYellow, due());
  const auto replaced = next();
  EXPECT_EQ(shows("sink_1"), "placeholder");
  EXPECT_TRUE(replaced.is(20, 90, kYellow));
  EXPECT_FALSE(replaced.is(300, 60, kGreen));
  int bright = 0;
  for (int x = 200; x < 280; ++x) bright += replaced.at(x, 90).y > 180;
  EXPECT_GT(bright, 3) << "the name stands in the middle";
  EXPECT_TRUE(show({kRed, kGreen}).is(300, 60, kGreen)) << "and back";
}

TEST_F(VideoGrid, WithoutInputsTheBackgroundIsSent) {
  EXPECT_TRUE(next().is(160, 90, kGrey));
  set("background", kBlue);
  EXPECT_TRUE(next().is(160, 90, kBlue));
}

TEST_F(VideoGrid, AHundredTimesInputsComeAndGo) {
  add();
  for (int i = 0; i < 100; ++i) {
    add();
    if (i % 2) add("video/x-raw,format=I420,width=64,height=64,framerate=25/1");
    EXPECT_TRUE(show({kRed, kGreen}).is(240, 90, kGreen, i % 2 ? 255 : 4));
    sources_.resize(1);
    EXPECT_TRUE(show({kRed}).is(310, 170, kRed));
  }
  EXPECT_EQ(shows("sink_1"), "gone");
}

TEST_F(VideoGrid, InputsComeAndGoFromOtherThreadsWhileThePictureRuns) {
  add();
  std::thread churn([this] {
    for (int i = 0; i < 100; ++i) {
      Source guest(element_.get(), "sink_7",
                   "video/x-raw,format=I420,width=64,height=36,framerate=25/1");
      guest.push(kGreen, 0);
    }
  });
  for (int i = 0; i < 100; ++i) show({kRed});
  churn.join();
  EXPECT_TRUE(show({kRed}).is(310, 170, kRed));
}

TEST_F(VideoGrid, SizeAndFormatMayChangeWithEveryFrame) {
  auto& source = add();
  for (const char* caps : {
           "video/x-raw,format=I420,width=640,height=360,framerate=25/1",
           "video/x-raw,format=I420,width=1,height=1,framerate=25/1",
           "video/x-raw,format=I420,width=3,height=501,framerate=0/1",
           "video/x-raw,format=I420,width=641,height=359,framerate=25/1",
           "video/x-raw,format=NV12,width=320,height=180,framerate=25/1",
           "video/x-raw,format=YUY2,width=90,height=160,framerate=25/1",
           "video/x-raw,format=RGB,width=200,height=200,framerate=25/1",
           "video/x-raw,format=I420,width=1280,height=720,colorimetry=bt709,framerate=25/1",
           "video/x-raw,format=I420,width=1440,height=1080,pixel-aspect-ratio=4/3,framerate=25/1",
       }) {
    SCOPED_TRACE(caps);
    source.set_caps(caps);
    const auto picture = show({kRed});
    for (const auto& [x, y] : {std::pair(2, 2), {160, 90}, {317, 177}}) {
      EXPECT_TRUE(picture.is(x, y, kRed, 6));
    }
  }
}

TEST_F(VideoGrid, PicturesAreHalvedAtWhateverPlaceTheyAreCut) {
  add();
  gst_util_set_object_arg(G_OBJECT(element_.get()), "layout", "custom");
  for (int width = 2; width <= 160; width += 2) {
    const auto json = R"({"canvas": {"width": 320, "height": 180}, "tiles": [{"x": )" +
                      std::to_string(160 - width) + R"(, "y": 2, "height": 90, "width": )" +
                      std::to_string(width) + "}]}";
    set("layout-json", json.c_str());
    EXPECT_TRUE(show({kRed}).is(159, 50, kRed)) << json;
  }
}

TEST_F(VideoGrid, FitIsAChoiceAndAScreenIsWhole) {
  add("video/x-raw,format=I420,width=180,height=180,framerate=25/1");
  EXPECT_TRUE(show({kRed}).is(5, 90, kRed));
  gst_util_set_object_arg(G_OBJECT(element_.get()), "fit", "whole");
  EXPECT_TRUE(show({kRed}).is(5, 90, kGrey));
  gst_util_set_object_arg(G_OBJECT(element_.get()), "fit", "crop");
  g_object_set(pad(0).get(), "whole", TRUE, nullptr);
  EXPECT_TRUE(show({kRed}).is(5, 90, kGrey));
  g_object_set(pad(0).get(), "whole", FALSE, "alpha", 0.0, nullptr);
  EXPECT_TRUE(show({kRed}).is(160, 90, kGrey));
}

TEST_F(VideoGrid, PriorityOrdersAndTheSpeakerHasABorder) {
  add();
  add();
  set("border-width", 4, "border-color", kYellow, "speaker", "sink_1");
  auto picture = show({kRed, kGreen});
  EXPECT_TRUE(picture.is(162, 90, kYellow));
  EXPECT_TRUE(picture.is(240, 90, kGreen));
  EXPECT_TRUE(picture.is(2, 90, kRed));
  g_object_set(pad(1).get(), "priority", 1, nullptr);
  EXPECT_TRUE(show({kRed, kGreen}).is(80, 90, kGreen));
}

TEST_F(VideoGrid, CaptionsStandInTheLowerLeftCornerAndCanBeTurnedOff) {
  add();
  g_object_set(pad(0).get(), "caption", "Ada", nullptr);
  const auto white = [](const Picture& picture) {
    int count = 0;
    for (int y = 150; y < 180; ++y) {
      for (int x = 0; x < 60; ++x) count += picture.at(x, y).y > 200;
    }
    return count;
  };
  EXPECT_EQ(white(show({kBlue})), 0);
  set("captions", TRUE);
  const auto picture = show({kBlue});
  EXPECT_GT(white(picture), 20);
  EXPECT_TRUE(picture.is(300, 20, kBlue));
  g_object_set(pad(0).get(), "caption", "\xff\xfe not UTF-8 \n and two lines", nullptr);
  EXPECT_GT(white(show({kBlue})), 20);
}

TEST_F(VideoGrid, WhatDidNotChangeIsSentAgainWithoutDrawing) {
  add();
  show({kRed});
  const auto scaled = stat("scaled");
  const auto repeated = stat("repeated");
  const auto pictures = next(3);
  EXPECT_EQ(stat("scaled"), scaled);
  EXPECT_EQ(stat("repeated"), repeated + 3);
  EXPECT_TRUE(pictures[2].is(160, 90, kRed));
  EXPECT_EQ(gst_buffer_peek_memory(pictures[0].buffer(), 0),
            gst_buffer_peek_memory(pictures[2].buffer(), 0));
}

TEST_F(VideoGrid, OnlyTheNewestOfSeveralFramesIsScaledAndLaterOnesWait) {
  auto& source = add();
  const auto scaled = stat("scaled");
  const auto now = due();
  source.push(kRed, now);
  source.push(kGreen, now + GST_MSECOND * 40);
  source.push(kBlue, now + GST_MSECOND * 80);
  EXPECT_TRUE(next().is(160, 90, kRed));
  EXPECT_TRUE(next().is(160, 90, kGreen));
  EXPECT_TRUE(next().is(160, 90, kBlue));
  EXPECT_EQ(stat("scaled"), scaled + 3);
  source.push(kRed, 0);  // far too late, and then
  source.push(kYellow, due());
  EXPECT_TRUE(next().is(160, 90, kYellow));
  EXPECT_EQ(stat("scaled"), scaled + 4);
  source.push(kRed, 0);
  EXPECT_TRUE(next().is(160, 90, kRed)) << "late is better than never";
}

}  // namespace
}  // namespace rooms::test
