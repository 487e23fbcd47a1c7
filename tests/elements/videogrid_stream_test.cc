// SPDX-License-Identifier: LGPL-2.1-or-later
// What goes beside the pictures: events, states, and what is refused.
#include <cstdio>
#include <thread>

#include "tests/elements/grid_fixture.h"

namespace rooms::test {
namespace {

using VideoGridStream = GridTest;

std::string caps_of(GstHarness* h) {
  const auto pad = adopt(gst_element_get_static_pad(h->element, "src"));
  const auto caps = adopt(gst_pad_get_current_caps(pad.get()));
  GstVideoInfo info;
  gst_video_info_from_caps(&info, caps.get());
  return std::to_string(info.width) + "x" + std::to_string(info.height) + "@" +
         std::to_string(info.fps_n) + "/" + std::to_string(info.fps_d);
}

TEST_F(VideoGridStream, SizeAndRateOfTheOutputChangeWhileItRuns) {
  add();
  show({kRed});
  EXPECT_EQ(caps_of(out_.get()), "320x180@25/1");
  set("width", 640, "height", 360);
  gst_harness_crank_single_clock_wait(out_.get());
  const auto next = adopt(gst_harness_pull(out_.get()));
  EXPECT_EQ(gst_buffer_get_size(next.get()), 640U * 360 * 3 / 2);
  EXPECT_EQ(caps_of(out_.get()), "640x360@25/1");
  gst_util_set_object_arg(G_OBJECT(element_.get()), "framerate", "50/1");
  gst_harness_crank_single_clock_wait(out_.get());
  gst_harness_crank_single_clock_wait(out_.get());
  const auto first = adopt(gst_harness_pull(out_.get()));
  const auto second = adopt(gst_harness_pull(out_.get()));
  EXPECT_EQ(GST_BUFFER_DURATION(second.get()), 20 * GST_MSECOND);
  EXPECT_GT(GST_BUFFER_PTS(second.get()), GST_BUFFER_PTS(first.get()));
  EXPECT_EQ(caps_of(out_.get()), "640x360@50/1");
  EXPECT_EQ(text("last-error"), "");
}

TEST_F(VideoGridStream, TheTileSizeIsToldToWatchersAndUpstream) {
  auto& source = add();
  EXPECT_EQ(source.tile_event(), "320x180");
  int notified = 0;
  const auto first = pad(0);
  const auto handler = g_signal_connect(
      first.get(), "notify::tile-width",
      G_CALLBACK(+[](GObject*, GParamSpec*, gpointer count) { ++*static_cast<int*>(count); }),
      &notified);
  add();
  EXPECT_EQ(source.tile_event(), "160x90");
  EXPECT_EQ(notified, 1);
  gst_util_set_object_arg(G_OBJECT(element_.get()), "layout", "pip");
  EXPECT_EQ(source.tile_event(), "320x180");
  EXPECT_EQ(sources_[1]->tile_event(), "80x44");
  gst_util_set_object_arg(G_OBJECT(element_.get()), "layout", "side-by-side");
  add();
  EXPECT_EQ(sources_[2]->tile_event(), "0x0") << "there is no place for a third";
  source.set_caps("video/x-raw,format=I420,width=64,height=64,framerate=25/1");
  EXPECT_EQ(source.tile_event(), "160x180") << "new caps hear it again";
  int width = 0;
  g_object_get(first.get(), "tile-width", &width, nullptr);
  EXPECT_EQ(width, 160);
  g_signal_handler_disconnect(first.get(), handler);
}

TEST_F(VideoGridStream, SizesThatCannotBeAreRefusedWithASentence) {
  for (const int side : {0, -1, 15, 321, 16384, G_MAXINT}) {
    SCOPED_TRACE(side);
    set("width", side);
    EXPECT_NE(message(GST_MESSAGE_WARNING).find(std::to_string(side)), std::string::npos);
    EXPECT_NE(text("last-error").find("16 to 4096"), std::string::npos);
    int width = 0;
    g_object_get(element_.get(), "width", &width, nullptr);
    EXPECT_EQ(width, 320) << "the old one stays";
  }
  add();
  EXPECT_TRUE(show({kRed}).is(160, 90, kRed)) << "and the picture goes on";
  set("width", 320);
  EXPECT_EQ(text("last-error"), "");
  gst_util_set_object_arg(G_OBJECT(element_.get()), "framerate", "1000/1");
  EXPECT_NE(message(GST_MESSAGE_WARNING).find("1000/1"), std::string::npos);
}

TEST_F(VideoGridStream, DoesNotStartWithAValueThatWasRefused) {
  for (const char* line : {"videogrid width=0 ! fakesink", "videogrid height=16384 ! fakesink",
                           "videogrid layout-json={ ! fakesink"}) {
    SCOPED_TRACE(line);
    const auto pipeline = sink(gst_parse_launch(line, nullptr));
    EXPECT_EQ(gst_element_set_state(pipeline.get(), GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    const auto bus = adopt(gst_element_get_bus(pipeline.get()));
    const auto error = adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    EXPECT_TRUE(error);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  }
}

TEST_F(VideoGridStream, ALayoutThatIsWrongIsRefusedAndSaysWhy) {
  struct Row {
    const char* json;
    const char* sentence;
  };
  const Row rows[] = {
      {"{", "Not JSON"},
      {"[1]", "one JSON object"},
      {"{}", "no 'tiles'"},
      {R"({"tiles": []})", "no tiles"},
      {R"({"tiles": [7]})", "Tile 0 should be an object"},
      {R"({"tiles": [{"x": 0, "y": 0, "width": 1}]})", "Tile 0 has no 'height'"},
      {R"({"tiles": [{"x": "0", "y": 0, "width": 1, "height": 1}]})", "'x' should be a number"},
      {R"({"tiles": [{"x": 0, "y": 0, "width": 0, "height": 1}]})", "no width or no height"},
      {R"({"tiles": [{"x": 0.5, "y": 0, "width": 0.6, "height": 1}]})", "over the edge"},
      {R"({"tiles": [{"x": 0, "y": 0, "widht": 1, "width": 1, "height": 1}]})", "'widht'"},
      {R"({"tiles": [{"x": 0, "y": 0, "width": 1, "height": 1, "slot": 64}]})", "0 to 63"},
      {R"({"tiles": [{"x": 0, "y": 0, "width": 1, "height": 1, "slot": 0, "speaker": true}]})",
       "more than one"},
      {R"({"tiles": [{"x": 0, "y": 0, "width": 1, "height": 1, "z": -1}]})", "'z' should be"},
      {R"({"tiles": [{"x": 0, "y": 0, "width": 1, "height": 1, "fit": "stretch"}]})", "'fit'"},
      {R"({"canvas": {"width": 15360, "height": 8640}, "tiles": []})", "1 to 4096"},
      {R"({"canvas": {"width": 0, "height": 720}, "tiles": []})", "1 to 4096"},
      {R"({"background": {"color": "red"}, "tiles": []})", "\"#204060\""},
      {R"({"background": {"picture": "/no/such.png"}, "tiles":
           [{"x": 0, "y": 0, "width": 1, "height": 1}]})",
       "No such file"},
      {R"({"background": {"picture": "/dev/null"}, "tiles":
           [{"x": 0, "y": 0, "width": 1, "height": 1}]})",
       "neither PNG nor JPEG"},
  };
  add();
  for (const auto& row : rows) {
    set("layout-json", row.json);
    EXPECT_NE(message(GST_MESSAGE_WARNING).find(row.sentence), std::string::npos)
        << row.json << ": " << text("last-error");
    EXPECT_EQ(text("layout-json"), "") << row.json;
  }
  std::string many = R"({"tiles": [)";
  for (int i = 0; i < 65; ++i) {
    many += std::string(i ? "," : "") + R"({"x": 0, "y": 0, "width": 1, "height": 1})";
  }
  set("layout-json", (many + "]}").c_str());
  EXPECT_NE(text("last-error").find("65 tiles"), std::string::npos) << text("last-error");
  set("layout-json", std::string(50000, '[').c_str());
  EXPECT_NE(text("last-error").find("brackets"), std::string::npos);
  set("layout-json", std::string(70000, ' ').c_str());
  EXPECT_NE(text("last-error").find("64 KiB"), std::string::npos);
  EXPECT_TRUE(show({kRed}).is(160, 90, kRed));
}

TEST_F(VideoGridStream, ABackgroundPictureLiesBelowEverything) {
  gchar* name = nullptr;
  close(g_file_open_tmp("videogrid-XXXXXX.png", &name, nullptr));
  const auto path = own(name);
  const auto line =
      std::string(
          "videotestsrc num-buffers=1 pattern=solid-color foreground-color=0xff2040e0 ! "
          "video/x-raw,width=100,height=100 ! pngenc ! filesink location=") +
      path.get();
  const auto pipeline = sink(gst_parse_launch(line.c_str(), nullptr));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto bus = adopt(gst_element_get_bus(pipeline.get()));
  const auto end = adopt(
      gst_bus_timed_pop_filtered(bus.get(), 20 * GST_SECOND,
                                 static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  add();
  const auto json = std::string(R"({"background": {"color": "#ffffff", "picture": ")") +
                    path.get() +
                    R"("}, "canvas": {"width": 640, "height": 360},
                       "tiles": [{"participant": "Ada", "x": 320, "y": 0, "width": 320, "height": 360}]})";
  gst_util_set_object_arg(G_OBJECT(element_.get()), "layout", "custom");
  set("layout-json", json.c_str());
  EXPECT_EQ(text("last-error"), "");
  g_object_set(pad(0).get(), "caption", "Ada", nullptr);
  const auto picture = show({kRed});
  EXPECT_TRUE(picture.is(20, 90, kBlue, 8));
  EXPECT_TRUE(picture.is(240, 90, kRed));
  g_object_set(pad(0).get(), "caption", "Bob", nullptr);
  EXPECT_FALSE(show({kGreen}).is(200, 20, kGreen)) << "Ada is not here: a placeholder";
  std::remove(path.get());
}

TEST_F(VideoGridStream, ABrokenFrameIsAPlaceholderAndTheNextOneIsShown) {
  auto& source = add();
  show({kRed});
  auto broken = adopt(gst_buffer_new_allocate(nullptr, 17, nullptr));
  GST_BUFFER_PTS(broken.get()) = due();
  source.push(std::move(broken));
  EXPECT_FALSE(next().is(160, 20, kRed));
  EXPECT_EQ(stat("broken"), 1U);
  EXPECT_TRUE(show({kGreen}).is(160, 90, kGreen));
}

TEST_F(VideoGridStream, PicturesOfSixteenThousandPixelsAreNotShownButDoNoHarm) {
  auto& source = add();
  add();
  show({kRed, kGreen});
  source.set_caps("video/x-raw,format=I420,width=16384,height=16,framerate=25/1");
  EXPECT_NE(message(GST_MESSAGE_WARNING).find("16384x16"), std::string::npos);
  EXPECT_TRUE(show({kRed, kYellow}).is(240, 90, kYellow));
}

TEST_F(VideoGridStream, EndsWhenAllInputsHaveEndedUnlessToldNotTo) {
  add();
  add();
  show({kRed, kGreen});
  sources_[0]->send(gst_event_new_eos());
  EXPECT_TRUE(next().is(240, 90, kGreen)) << "one has not";
  set("ignore-eos", TRUE);
  sources_[1]->send(gst_event_new_eos());
  next();
  set("ignore-eos", FALSE);
  gst_harness_crank_single_clock_wait(out_.get());
  for (int i = 0; i < 20; ++i) {
    const auto event = adopt(gst_harness_pull_event(out_.get()));
    ASSERT_TRUE(event) << "EOS comes";
    if (GST_EVENT_TYPE(event.get()) == GST_EVENT_EOS) return;
  }
  FAIL() << "no EOS";
}

TEST_F(VideoGridStream, AFlushEmptiesAnInputAndItGoesOn) {
  auto& source = add();
  source.push(kRed, due() + 10 * 40 * GST_MSECOND);
  source.send(gst_event_new_flush_start());
  source.send(gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  source.send(gst_event_new_segment(&segment));
  EXPECT_TRUE(show({kGreen}).is(160, 90, kGreen));
  EXPECT_TRUE(next(12).back().is(160, 90, kGreen)) << "red was flushed away";
}

TEST_F(VideoGridStream, ASourceThatIsNotLiveWaitsAndIsReleasedWithItsPad) {
  auto& source = add();
  std::thread ahead([&] {
    for (int i = 0; i < 40; ++i) {
      if (source.push(kRed, static_cast<GstClockTime>(i) * 40 * GST_MSECOND) != GST_FLOW_OK) return;
    }
  });
  next(10);
  source.leave();
  ahead.join();
  EXPECT_TRUE(next().is(160, 90, kGrey));
}

TEST_F(VideoGridStream, AFrameBetweenTwoOfTheOutputIsShownByTheNearestOne) {
  auto& source = add();
  const auto begin = due();
  source.push(kRed, begin);
  source.push(kGreen, begin + 57 * GST_MSECOND);    // nearer to 40 than to 80
  source.push(kBlue, begin + 102 * GST_MSECOND);    // nearer to 120 than to 80
  source.push(kYellow, begin + 159 * GST_MSECOND);  // nearer to 160
  const std::uint32_t shown[] = {kRed, kGreen, kGreen, kBlue, kYellow, kYellow};
  const auto pictures = next(6);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    EXPECT_TRUE(pictures[i].is(160, 90, shown[i])) << "picture " << i;
    EXPECT_EQ(GST_BUFFER_PTS(pictures[i].buffer()), begin + i * 40 * GST_MSECOND);
  }
}

TEST_F(VideoGridStream, PipelinesPauseResumeStopAndStartAgain) {
  const auto pipeline =
      sink(gst_parse_launch("videogrid name=grid width=64 height=64 framerate=100/1 latency=0 ! "
                            "fakesink name=sink sync=true "
                            "videotestsrc ! video/x-raw,width=64,height=64 ! grid. "
                            "videotestsrc is-live=true ! video/x-raw,width=32,height=32 ! grid.",
                            nullptr));
  const auto grid = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "grid"));
  const auto frames = [&] {
    GstStructure* stats = nullptr;
    g_object_get(grid.get(), "stats", &stats, nullptr);
    guint64 count = 0;
    gst_structure_get_uint64(own(stats).get(), "frames", &count);
    return count;
  };
  for (int round = 0; round < 5; ++round) {
    for (int pause = 0; pause < 2; ++pause) {
      const auto before = frames();
      gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
      for (int i = 0; i < 1000 && frames() < before + 5; ++i) g_usleep(10000);
      EXPECT_GE(frames(), before + 5) << "round " << round << ", pause " << pause;
      EXPECT_EQ(gst_element_set_state(pipeline.get(), GST_STATE_PAUSED),
                GST_STATE_CHANGE_NO_PREROLL);
    }
    gst_element_set_state(pipeline.get(), round % 2 ? GST_STATE_READY : GST_STATE_NULL);
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

}  // namespace
}  // namespace rooms::test
