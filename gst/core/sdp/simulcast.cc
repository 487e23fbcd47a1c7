// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/simulcast.h"

#include <algorithm>
#include <set>

#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr std::size_t kMostLayers = 8;

/// RFC 8851 10: "pt=97,98;max-width=1280". nullopt: this layer cannot use the payload type.
std::optional<std::string> restrictions_with(const std::string& written,
                                             std::uint8_t payload_type) {
  std::string kept;
  for (const auto part : split(written, ';')) {
    auto piece = trimmed(part);
    if (piece.empty()) continue;
    std::string text(piece);
    if (piece.starts_with("pt=")) {
      const auto types = split(piece.substr(3), ',');
      const bool allowed = std::any_of(types.begin(), types.end(), [&](auto type) {
        return to_number<std::uint8_t>(trimmed(type)) == payload_type;
      });
      if (!allowed) return std::nullopt;
      text = "pt=" + std::to_string(payload_type);
    }
    kept += (kept.empty() ? "" : ";") + text;
  }
  return kept;
}

struct Layer {
  std::string rid;
  bool paused = false;
};

/// RFC 8853 5.1: streams between ';', alternatives of one stream between ','. We take the first
/// alternative that exists.
std::vector<Layer> layers_of(const SdpMedia& offered) {
  std::vector<Layer> layers;
  std::set<std::string_view> seen;
  for (const auto stream : split(offered.simulcast_send, ';')) {
    for (auto rid : split(stream, ',')) {
      const bool paused = rid.starts_with('~');
      if (paused) rid.remove_prefix(1);
      const bool declared = std::any_of(offered.rids.begin(), offered.rids.end(),
                                        [&](const auto& r) { return r.send && r.id == rid; });
      if (!is_rid(rid) || !declared || seen.contains(rid)) continue;
      seen.insert(rid);
      layers.push_back({std::string(rid), paused});
      break;
    }
    if (layers.size() == kMostLayers) break;
  }
  return layers;
}

void take_rids(const SdpMedia& offered, std::uint8_t payload_type, Encodings& encodings) {
  for (const auto& layer : layers_of(offered)) {
    const auto declared = std::find_if(offered.rids.begin(), offered.rids.end(),
                                       [&](const auto& r) { return r.send && r.id == layer.rid; });
    auto restrictions = restrictions_with(declared->restrictions, payload_type);
    if (!restrictions) continue;
    encodings.rids.push_back(layer.rid);
    encodings.answered_rids.push_back({layer.rid, false, std::move(*restrictions)});
    auto& list = encodings.answered_simulcast;
    list += (list.empty() ? "" : ";") + std::string(layer.paused ? "~" : "") + layer.rid;
  }
}

std::uint32_t repair_of(const SdpMedia& offered, std::uint32_t ssrc) {
  for (const auto& group : offered.ssrc_groups)
    if (group.semantics == "FID" && group.ssrcs.size() == 2 && group.ssrcs[0] == ssrc)
      return group.ssrcs[1];
  return 0;
}

/// SSRCs that carry media themselves: not the second of a repair or FEC pair.
std::vector<std::uint32_t> primaries_of(const SdpMedia& offered) {
  std::vector<std::uint32_t> primaries;
  const auto add = [&](std::uint32_t ssrc) {
    const bool known = std::find(primaries.begin(), primaries.end(), ssrc) != primaries.end();
    if (ssrc != 0 && !known && primaries.size() < kMostLayers) primaries.push_back(ssrc);
  };
  for (const auto& group : offered.ssrc_groups) {
    if (group.semantics != "SIM") continue;
    std::for_each(group.ssrcs.begin(), group.ssrcs.end(), add);
    return primaries;
  }
  for (const auto& source : offered.ssrcs) {
    const bool repairs =
        std::any_of(offered.ssrc_groups.begin(), offered.ssrc_groups.end(), [&](const auto& group) {
          return group.semantics.starts_with("F") && group.ssrcs.size() == 2 &&
                 group.ssrcs[1] == source.ssrc;
        });
    if (!repairs) add(source.ssrc);
  }
  return primaries;
}

}  // namespace

Encodings encodings_of(const SdpMedia& offered, std::uint8_t payload_type) {
  Encodings encodings;
  take_rids(offered, payload_type, encodings);
  auto primaries = primaries_of(offered);
  const bool by_rid = !encodings.rids.empty();
  if (!by_rid) {
    const bool by_ssrc = std::any_of(offered.ssrc_groups.begin(), offered.ssrc_groups.end(),
                                     [](const auto& group) { return group.semantics == "SIM"; });
    if (!by_ssrc && primaries.size() > 1) primaries.resize(1);
    if (primaries.size() < 2) {
      encodings.rids.emplace_back();
    } else {
      for (std::size_t i = 0; i < primaries.size(); ++i)
        encodings.rids.push_back(std::to_string(i));
    }
  }
  // RIDs say nothing about the order of a=ssrc lines. Only one of each leaves no doubt; else
  // packets tell.
  if (primaries.size() != encodings.rids.size() || (by_rid && primaries.size() > 1))
    return encodings;
  for (const auto ssrc : primaries) {
    encodings.ssrcs.push_back(ssrc);
    encodings.rtx_ssrcs.push_back(repair_of(offered, ssrc));
  }
  return encodings;
}

}  // namespace rooms
