// SPDX-License-Identifier: LGPL-2.1-or-later
// An `sfurouter` between harnesses, and the packets that go through it.
#pragma once

#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/glue/mapped_buffer.h"
#include "gst/glue/ref.h"

namespace rooms::test {

struct HarnessDeleter {
  void operator()(GstHarness* h) const { gst_harness_teardown(h); }
};
using Harness = std::unique_ptr<GstHarness, HarnessDeleter>;

inline constexpr const char* kVp8Caps =
    "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96,ssrc=(uint)7,"
    "ssrc-7-cname=(string)x,seqnum-offset=(uint)3,timestamp-offset=(uint)4";
inline constexpr const char* kOpusCaps =
    "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=111";

/// What an output sent, as far as tests care.
struct Packet {
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::uint16_t picture = 0;
  std::uint8_t tag = 0;  ///< the last byte of the payload: which packet it was
};

/// Makes VP8 packets of one stream: 15-bit picture ids, one packet a picture.
class Vp8Source {
 public:
  explicit Vp8Source(std::uint32_t ssrc)
      : ssrc_(ssrc), sequence_(static_cast<std::uint16_t>(ssrc * 1000)) {}
  /// `width`: of a keyframe, 0 for one that does not tell its size.
  Ref<GstBuffer> next(bool keyframe, std::uint8_t tag = 0, std::size_t size = 100,
                      std::uint16_t width = 0);

 private:
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
  std::uint32_t timestamp_ = 90'000;
  std::uint16_t picture_ = 0x7FF0;
};

Packet read_packet(GstBuffer* buffer);

class RouterTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  GstHarness* input(const char* pad, const char* caps = kVp8Caps);
  GstHarness* output(const char* pad);
  Ref<GstPad> pad(const char* name) {
    return adopt(gst_element_get_static_pad(router_.get(), name));
  }
  template <class T>
  void set(const char* pad_name, const char* property, T value) {
    g_object_set(pad(pad_name).get(), property, value, nullptr);
  }

  static GstFlowReturn push(GstHarness* h, Ref<GstBuffer> buffer) {
    return gst_harness_push(h, buffer.release());
  }
  /// Waits for it.
  static Packet pull(GstHarness* h);
  /// Whether nothing has come; call when what should come elsewhere has been pulled.
  static bool is_quiet(GstHarness* h) { return gst_harness_buffers_in_queue(h) == 0; }
  /// Upstream keyframe requests that have reached an input since the last call.
  static unsigned keyframe_requests(GstHarness* h);
  static void request_keyframe(GstHarness* h);
  /// Waits (yielding) until a statistic has a value; false after 5 s.
  bool reaches(const char* pad_name, const char* field, std::uint64_t value);
  std::uint64_t statistic(const char* pad_name, const char* field);

  Ref<GstElement> router_;
  std::vector<Harness> harnesses_;
};

}  // namespace rooms::test
