// SPDX-License-Identifier: LGPL-2.1-or-later
// The recorded SDPs of tests/data/sdp.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gst/core/sdp/negotiation.h"

namespace rooms {

inline std::filesystem::path sdp_directory() { return GST_ROOMS_SDP_DATA; }

inline std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Names without ".offer.sdp", sorted.
inline std::vector<std::string> recorded(const std::string& suffix) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(sdp_directory())) {
    const auto name = entry.path().filename().string();
    if (name.ends_with(suffix)) names.push_back(name.substr(0, name.size() - suffix.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline bool is_play(const std::string& name) {
  return name.find("-play") != std::string::npos || name.find("-whep") != std::string::npos;
}

/// What the clients were given when the answers were recorded.
inline SdpTransport recorded_transport() {
  SdpTransport transport;
  transport.ufrag = "srvU";
  transport.pwd = "serverpasswordserverpass";
  transport.fingerprint_hash = "sha-256";
  transport.fingerprint_value =
      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"
      "EE:FF";
  return transport;
}

inline std::vector<std::string> recorded_candidates() {
  return {"candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host"};
}

/// The plan of the offers that `*-slots-N.answer.sdp` answer.
inline SlotPlan recorded_plan(std::size_t blocks) {
  SlotPlan plan;
  plan.cname = "gst-rooms";
  plan.session_id = 4711;
  plan.version = blocks;
  plan.data = true;
  plan.data_mid = "data";
  plan.data_index = 4;
  std::uint32_t ssrc = 1000;
  for (std::size_t i = 0; i < 2 * blocks; i += 2) {
    for (std::size_t j = i; j < i + 2; ++j)
      plan.slots.push_back({"a" + std::to_string(j), MediaKind::kAudio, ssrc++, 0});
    for (std::size_t j = i; j < i + 2; ++j, ssrc += 2)
      plan.slots.push_back({"v" + std::to_string(j), MediaKind::kVideo, ssrc, ssrc + 1});
  }
  return plan;
}

}  // namespace rooms
