// SPDX-License-Identifier: LGPL-2.1-or-later
// A videogrid under a test clock: inputs of one colour in, pixels out.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "gst/core/guarded.h"
#include "gst/core/picture/planar_picture.h"
#include "gst/glue/ref.h"

namespace rooms::test {

struct HarnessDeleter {
  void operator()(GstHarness* h) const { gst_harness_teardown(h); }
};
using Harness = std::unique_ptr<GstHarness, HarnessDeleter>;

constexpr std::uint32_t kRed = 0xE02020;
constexpr std::uint32_t kGreen = 0x20C040;
constexpr std::uint32_t kBlue = 0x2040E0;
constexpr std::uint32_t kYellow = 0xE0D020;
constexpr std::uint32_t kGrey = 0x404040;  // the background

/// One frame of the output.
class Picture {
 public:
  explicit Picture(Ref<GstBuffer> buffer, Size size) : buffer_(std::move(buffer)), size_(size) {}
  [[nodiscard]] Colour at(int x, int y) const;
  /// Whether the pixel is of that colour, give or take what scaling and blending round.
  [[nodiscard]] bool is(int x, int y, std::uint32_t rgb, int tolerance = 8) const;
  [[nodiscard]] GstBuffer* buffer() const { return buffer_.get(); }

 private:
  Ref<GstBuffer> buffer_;
  Size size_;
};

/// One input, released when this goes.
class Source {
 public:
  Source(GstElement* grid, const char* pad, const char* caps);
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  /// The pad of the element is released; pushing fails from now on.
  void leave();
  /// A frame of one colour, due with the next frame of the output.
  GstFlowReturn push(std::uint32_t rgb, GstClockTime pts);
  GstFlowReturn push(Ref<GstBuffer> buffer) { return gst_pad_push(src_.get(), buffer.release()); }
  void set_caps(const char* caps);
  void send(GstEvent* event) { gst_pad_push_event(src_.get(), event); }
  /// Of the last video-tile-size event since the last call; "" if there was none.
  std::string tile_event();

 private:
  GstVideoInfo info_{};
  Ref<GstElement> grid_;
  Ref<GstPad> sink_;
  Ref<GstPad> src_;
  Guarded<std::string> tile_;
};

class GridTest : public testing::Test {
 protected:
  static constexpr Size kCanvas{320, 180};

  void SetUp() override { start("gap=0 captions=false background=0x404040 animation-duration=0"); }
  void TearDown() override;
  /// 320x180 at 25 frames per second, latency 0, and those properties.
  void start(const std::string& properties);
  template <class... Args>
  void set(Args... args) {
    g_object_set(element_.get(), args..., nullptr);
  }
  Source& add(const char* caps = "video/x-raw,format=I420,width=320,height=180,framerate=25/1");
  Ref<GstPad> pad(unsigned index);
  /// Pushes one frame to each input, in the order they were added, and answers the next picture.
  Picture show(const std::vector<std::uint32_t>& colours);
  Picture next();
  std::vector<Picture> next(int count);
  [[nodiscard]] GstClockTime due() const {
    return static_cast<GstClockTime>(frames_) * 40 * GST_MSECOND;
  }
  std::string text(const char* property);
  guint64 stat(const char* name);
  std::string shows(const char* pad);
  /// Takes messages from the bus until one of that type is there; "" if none is.
  std::string message(GstMessageType type);

  Ref<GstElement> element_;
  Ref<GstBus> bus_;
  Harness out_;
  std::vector<std::unique_ptr<Source>> sources_;
  int frames_ = 0;
};

}  // namespace rooms::test
