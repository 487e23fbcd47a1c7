// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets of real browsers, from tests/data/rtp.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/core/rtp/rtp_profile.h"
#include "gst/core/time.h"

namespace rooms::test {

struct Recorded {
  std::size_t size = 0;  ///< of the whole packet
  Timestamp arrival;
  std::optional<Timestamp> captured;
  std::vector<std::uint8_t> bytes;  ///< header, and the beginning of the payload

  [[nodiscard]] RtpHeader header() const {
    const auto parsed = parse_rtp(bytes);
    EXPECT_TRUE(parsed);
    return parsed.value_or(RtpHeader{});
  }
};

/// Of the name without its ending.
inline std::vector<Recorded> read_recording(const std::string& name) {
  std::ifstream file(std::string(RECORDINGS) + "/" + name + ".rtp", std::ios::binary);
  const std::vector<char> text((std::istreambuf_iterator<char>(file)), {});
  const Bytes data(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  constexpr std::size_t kHead = 12;
  const auto at_microsecond = [](std::uint32_t value) {
    return Timestamp(std::chrono::microseconds(value));
  };
  std::vector<Recorded> packets;
  for (Bytes rest = data; rest.size() >= kHead;) {
    const std::size_t kept = load_u16(&rest[2]);
    const std::uint32_t captured = load_u32(&rest[8]);
    Recorded one;
    one.size = load_u16(&rest[0]);
    one.arrival = at_microsecond(load_u32(&rest[4]));
    if (captured != 0) one.captured = at_microsecond(captured);
    const auto bytes = rest.subspan(kHead, kept);
    one.bytes.assign(bytes.begin(), bytes.end());
    packets.push_back(std::move(one));
    rest = rest.subspan(kHead + kept);
  }
  EXPECT_FALSE(packets.empty()) << name;
  return packets;
}

/// The codec of a canonical payload type.
inline Codec codec_of(const RtpHeader& header) {
  const auto* profile = profile_of(header.payload_type);
  return profile ? profile->codec : Codec::kUnknown;
}

constexpr std::uint8_t kDescriptorId = static_cast<std::uint8_t>(Extension::kDependencyDescriptor);

}  // namespace rooms::test
