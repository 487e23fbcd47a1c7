// SPDX-License-Identifier: LGPL-2.1-or-later
// What a patch changes in the header that a viewer gets.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "gst/core/endpoint/extension_mapping.h"

namespace rooms {
namespace {

constexpr auto kDescriptor = static_cast<std::uint8_t>(Extension::kDependencyDescriptor);
constexpr std::uint8_t kPeersId = 3;

/// A descriptor of so many bytes, frame number 1000, in a packet of the room.
std::vector<std::uint8_t> packet_with_descriptor(std::size_t size) {
  std::vector<std::uint8_t> packet = {0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 0x10, 0, 0, 0};
  packet.insert(packet.end(), {kDescriptor, static_cast<std::uint8_t>(size), 0x80});
  packet.insert(packet.end(), {1000 >> 8, 1000 & 0xFF});
  packet.resize(packet.size() + size - 3, 0x11);
  packet.resize((packet.size() + 3) / 4 * 4);
  packet[15] = static_cast<std::uint8_t>((packet.size() - 16) / 4);
  packet.push_back(0x55);
  return packet;
}

class EgressHeader : public testing::Test {
 protected:
  /// As the viewer reads it.
  std::vector<std::uint8_t> descriptor(std::size_t size, const RtpPatch& patch) {
    const auto packet = packet_with_descriptor(size);
    const auto source = parse_rtp(packet);
    EXPECT_TRUE(source);
    ExtensionIds ids{};
    ids[kDescriptor] = kPeersId;
    out_.assign(256, 0);
    out_.resize(write_egress_header(out_, *source, patch, ids, {.payload_type = 101}));
    out_.push_back(0x55);
    const auto header = parse_rtp(out_);
    EXPECT_TRUE(header);
    marker_ = header->marker;
    const auto data = find_extension(*header, kPeersId);
    return data ? std::vector<std::uint8_t>(data->begin(), data->end())
                : std::vector<std::uint8_t>();
  }

  std::vector<std::uint8_t> out_;
  bool marker_ = false;
};

TEST_F(EgressHeader, LeavesTheDescriptorAsItCame) {
  for (const std::size_t size : {3U, 16U, 17U, 90U}) {
    const auto data = descriptor(size, {});
    ASSERT_EQ(data.size(), size);
    EXPECT_EQ(load_u16(&data[1]), 1000) << size;
    EXPECT_FALSE(marker_);
  }
}

TEST_F(EgressHeader, WritesTheFrameNumberOfTheOutput) {
  for (const std::size_t size : {3U, 16U, 17U, 90U}) {
    RtpPatch patch;
    patch.frame_number = 4711;
    patch.frame_number_offset = 19;  // header, head of the block, of the element, first byte
    const auto data = descriptor(size, patch);
    ASSERT_EQ(data.size(), size);
    EXPECT_EQ(data[0], 0x80);
    EXPECT_EQ(load_u16(&data[1]), 4711) << size;
    if (size > 3) {
      EXPECT_EQ(data[3], 0x11);
    }
  }
}

TEST_F(EgressHeader, MarksThePictureThatEndsHereForThisViewer) {
  RtpPatch patch;
  patch.marker = true;
  descriptor(3, patch);
  EXPECT_TRUE(marker_);
}

}  // namespace
}  // namespace rooms
