// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/elements/router_fixture.h"

#include "gst/core/rtp/rtp_header.h"

namespace rooms::test {

Ref<GstBuffer> Vp8Source::next(bool keyframe, std::uint8_t tag, std::size_t size,
                               std::uint16_t width) {
  auto buffer = adopt(gst_buffer_new_allocate(nullptr, 12 + size, nullptr));
  GstMapInfo map;
  gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE);
  std::fill_n(map.data, map.size, std::uint8_t{0x55});
  map.data[0] = 0x80;
  map.data[1] = 0x80 | 96;
  store_u16(map.data + 2, sequence_++);
  store_u32(map.data + 4, timestamp_ += 3000);
  store_u32(map.data + 8, ssrc_);
  map.data[12] = 0x90;  // X, S
  map.data[13] = 0x80;  // I
  store_u16(map.data + 14, 0x8000U | (picture_ & 0x7FFFU));
  ++picture_;
  map.data[16] = keyframe ? 0x50 : 0x51;
  if (width != 0) {  // start code, width, height; little-endian (RFC 6386 9.1)
    constexpr std::uint8_t kStart[] = {0x9D, 0x01, 0x2A};
    std::copy(std::begin(kStart), std::end(kStart), map.data + 19);
    const unsigned height = width * 9U / 16;
    map.data[22] = static_cast<std::uint8_t>(width);
    map.data[23] = static_cast<std::uint8_t>(width >> 8);
    map.data[24] = static_cast<std::uint8_t>(height);
    map.data[25] = static_cast<std::uint8_t>(height >> 8);
  }
  map.data[map.size - 1] = tag;
  gst_buffer_unmap(buffer.get(), &map);
  GST_BUFFER_PTS(buffer.get()) = tag * GST_MSECOND;
  return buffer;
}

Packet read_packet(GstBuffer* buffer) {
  const MappedBuffer mapped(buffer);
  const auto header = parse_rtp(mapped.bytes());
  if (!header) {
    ADD_FAILURE() << "an output sent something that is not RTP";
    return {};
  }
  Packet packet{header->sequence, header->timestamp, header->ssrc, 0, mapped.bytes().back()};
  if (header->payload.size() >= 4) packet.picture = load_u16(&header->payload[2]) & 0x7FFF;
  return packet;
}

void RouterTest::SetUp() {
  router_ = sink(gst_element_factory_make("sfurouter", nullptr));
  ASSERT_TRUE(router_);
}

void RouterTest::TearDown() {
  harnesses_.clear();
  if (!router_) return;
  EXPECT_EQ(GST_OBJECT_REFCOUNT_VALUE(router_.get()), 1) << "somebody still holds the router";
}

GstHarness* RouterTest::input(const char* pad_name, const char* caps) {
  harnesses_.emplace_back(gst_harness_new_with_element(router_.get(), pad_name, nullptr));
  GstHarness* h = harnesses_.back().get();
  gst_harness_set_src_caps_str(h, caps);
  return h;
}

GstHarness* RouterTest::output(const char* pad_name) {
  harnesses_.emplace_back(gst_harness_new_with_element(router_.get(), nullptr, pad_name));
  return harnesses_.back().get();
}

Packet RouterTest::pull(GstHarness* h) {
  const auto buffer = adopt(gst_harness_pull(h));
  if (!buffer) {
    ADD_FAILURE() << "no packet came";
    return {};
  }
  return read_packet(buffer.get());
}

unsigned RouterTest::keyframe_requests(GstHarness* h) {
  unsigned count = 0;
  while (const auto event = adopt(gst_harness_try_pull_upstream_event(h))) {
    if (!gst_video_event_is_force_key_unit(event.get())) continue;
    ++count;
    EXPECT_FALSE(gst_structure_has_field(gst_event_get_structure(event.get()), "ssrc"));
  }
  return count;
}

void RouterTest::request_keyframe(GstHarness* h) {
  gst_harness_push_upstream_event(
      h, gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

std::uint64_t RouterTest::statistic(const char* pad_name, const char* field) {
  GstStructure* all = nullptr;
  g_object_get(router_.get(), "stats", &all, nullptr);
  const auto stats = own(all);
  const GValue* of_pad = gst_structure_get_value(stats.get(), pad_name);
  if (!of_pad) {
    ADD_FAILURE() << "no statistics of " << pad_name;
    return 0;
  }
  guint64 value = 0;
  EXPECT_TRUE(gst_structure_get_uint64(gst_value_get_structure(of_pad), field, &value)) << field;
  return value;
}

bool RouterTest::reaches(const char* pad_name, const char* field, std::uint64_t value) {
  const gint64 deadline = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
  while (statistic(pad_name, field) < value) {
    if (g_get_monotonic_time() > deadline) return false;
    g_usleep(1000);
  }
  return true;
}

}  // namespace rooms::test
