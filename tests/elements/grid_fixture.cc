// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/elements/grid_fixture.h"

#include <cstdlib>
#include <utility>

#include "gst/glue/mapped_buffer.h"

namespace rooms::test {

Colour Picture::at(int x, int y) const {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, static_cast<guint>(size_.width),
                            static_cast<guint>(size_.height));
  const MappedBuffer mapped(buffer_.get());
  const auto pixel = [&](std::size_t plane, int column, int row) {
    return static_cast<std::uint8_t>(
        mapped.bytes()[info.offset[plane] +
                       static_cast<std::size_t>(row * info.stride[plane] + column)]);
  };
  return {pixel(0, x, y), pixel(1, x / 2, y / 2), pixel(2, x / 2, y / 2)};
}

bool Picture::is(int x, int y, std::uint32_t rgb, int tolerance) const {
  const auto got = at(x, y);
  const auto want = colour_of(rgb);
  const bool same = std::abs(got.y - want.y) <= tolerance &&
                    std::abs(got.u - want.u) <= tolerance && std::abs(got.v - want.v) <= tolerance;
  if (!same) {
    std::printf("at %d,%d: YUV %d %d %d instead of %d %d %d\n", x, y, got.y, got.u, got.v, want.y,
                want.u, want.v);
  }
  return same;
}

Source::Source(GstElement* grid, const char* pad, const char* caps)
    : grid_(share(grid)),
      sink_(adopt(gst_element_request_pad_simple(grid, pad))),
      src_(sink(gst_pad_new("src", GST_PAD_SRC))) {
  gst_pad_set_element_private(src_.get(), this);
  gst_pad_set_event_function(
      src_.get(), +[](GstPad* src, GstObject*, GstEvent* given) -> gboolean {
        const auto event = adopt(given);
        const auto* facts = gst_event_get_structure(event.get());
        if (!facts || !gst_structure_has_name(facts, "video-tile-size")) return TRUE;
        int width = -1;
        int height = -1;
        gst_structure_get(facts, "width", G_TYPE_INT, &width, "height", G_TYPE_INT, &height,
                          nullptr);
        static_cast<Source*>(gst_pad_get_element_private(src))->tile_.with([&](auto& tile) {
          tile = std::to_string(width) + "x" + std::to_string(height);
        });
        return TRUE;
      });
  gst_pad_set_active(src_.get(), TRUE);
  EXPECT_EQ(gst_pad_link(src_.get(), sink_.get()), GST_PAD_LINK_OK);
  send(gst_event_new_stream_start(pad));
  set_caps(caps);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  send(gst_event_new_segment(&segment));
}

void Source::leave() {
  if (!sink_) return;
  gst_element_release_request_pad(grid_.get(), sink_.get());
  sink_ = nullptr;
}

Source::~Source() {
  leave();
  gst_pad_set_active(src_.get(), FALSE);
}

void Source::set_caps(const char* text) {
  const auto caps = adopt(gst_caps_from_string(text));
  gst_video_info_from_caps(&info_, caps.get());
  send(gst_event_new_caps(caps.get()));
}

GstFlowReturn Source::push(std::uint32_t rgb, GstClockTime pts) {
  auto buffer = adopt(gst_buffer_new_allocate(nullptr, info_.size, nullptr));
  GstVideoFrame frame;
  gst_video_frame_map(&frame, &info_, buffer.get(), GST_MAP_WRITE);
  const auto colour = colour_of(rgb);
  const int parts[] = {colour.y, colour.u, colour.v};
  for (guint part = 0; part < GST_VIDEO_FRAME_N_COMPONENTS(&frame); ++part) {
    const bool rgb_format = GST_VIDEO_INFO_IS_RGB(&info_);
    const auto value = static_cast<std::uint8_t>(rgb_format ? rgb >> (16 - 8 * part) & 0xFF
                                                            : static_cast<guint>(parts[part]));
    for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&frame, part); ++y) {
      for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(&frame, part); ++x) {
        GST_VIDEO_FRAME_COMP_DATA(&frame, part)
        [y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, part) +
            x * GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, part)] = value;
      }
    }
  }
  gst_video_frame_unmap(&frame);
  GST_BUFFER_PTS(buffer.get()) = pts;
  return push(std::move(buffer));
}

std::string Source::tile_event() {
  return tile_.with([](auto& tile) { return std::exchange(tile, {}); });
}

void GridTest::start(const std::string& properties) {
  TearDown();
  const auto line = "videogrid width=320 height=180 latency=0 " + properties;
  GError* problem = nullptr;
  element_ = sink(gst_parse_launch(line.c_str(), &problem));
  ASSERT_FALSE(problem) << problem->message;
  bus_ = adopt(gst_bus_new());
  gst_element_set_bus(element_.get(), bus_.get());
  out_.reset(gst_harness_new_with_element(element_.get(), nullptr, "src"));
  gst_harness_use_testclock(out_.get());
  gst_harness_play(out_.get());
  frames_ = 0;
  next();
}

void GridTest::TearDown() {
  sources_.clear();
  out_.reset();
  if (element_) gst_element_set_bus(element_.get(), nullptr);
  element_ = nullptr;
  bus_ = nullptr;
}

Source& GridTest::add(const char* caps) {
  const auto name = "sink_" + std::to_string(sources_.size());
  sources_.push_back(std::make_unique<Source>(element_.get(), name.c_str(), caps));
  return *sources_.back();
}

Ref<GstPad> GridTest::pad(unsigned index) {
  return adopt(
      gst_element_get_static_pad(element_.get(), ("sink_" + std::to_string(index)).c_str()));
}

Picture GridTest::next() {
  gst_harness_crank_single_clock_wait(out_.get());
  auto buffer = adopt(gst_harness_pull(out_.get()));
  EXPECT_TRUE(buffer);
  EXPECT_EQ(GST_BUFFER_PTS(buffer.get()), due());
  ++frames_;
  return Picture(std::move(buffer), kCanvas);
}

std::vector<Picture> GridTest::next(int count) {
  std::vector<Picture> pictures;
  for (int i = 0; i < count; ++i) pictures.push_back(next());
  return pictures;
}

Picture GridTest::show(const std::vector<std::uint32_t>& colours) {
  for (std::size_t i = 0; i < colours.size(); ++i) {
    EXPECT_EQ(sources_[i]->push(colours[i], due()), GST_FLOW_OK);
  }
  return next();
}

std::string GridTest::text(const char* property) {
  gchar* value = nullptr;
  g_object_get(element_.get(), property, &value, nullptr);
  return own(value).get();
}

namespace {
Owned<GstStructure> stats_of(GstElement* element) {
  GstStructure* stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  return own(stats);
}
}  // namespace

guint64 GridTest::stat(const char* name) {
  guint64 value = 0;
  gst_structure_get_uint64(stats_of(element_.get()).get(), name, &value);
  return value;
}

std::string GridTest::shows(const char* name) {
  const auto stats = stats_of(element_.get());
  const auto* value = gst_structure_get_value(stats.get(), name);
  return value ? gst_structure_get_string(gst_value_get_structure(value), "shows") : "gone";
}

std::string GridTest::message(GstMessageType type) {
  const auto found = adopt(gst_bus_pop_filtered(bus_.get(), type));
  if (!found) return "";
  GError* problem = nullptr;
  if (type == GST_MESSAGE_ERROR) gst_message_parse_error(found.get(), &problem, nullptr);
  if (type == GST_MESSAGE_WARNING) gst_message_parse_warning(found.get(), &problem, nullptr);
  return own(problem)->message;
}

}  // namespace rooms::test
