// SPDX-License-Identifier: LGPL-2.1-or-later
// The dependency descriptor header extension (AV1 RTP specification, appendix A): which frame
// belongs to which decode targets and which frames it needs. Chromium sends it with every codec.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "gst/core/bytes.h"

namespace rooms {

/// A.8.1, in the order of their codes.
enum class TargetIndication : std::uint8_t { kNotPresent, kDiscardable, kSwitch, kRequired };

constexpr std::size_t kMostDecodeTargets = 32;

/// What a key frame announces for all frames up to the next one (A.8.2).
struct DependencyStructure {
  /// By decode target, two bits each.
  using Indications = std::uint64_t;
  struct Template {
    std::uint8_t spatial_id = 0;
    std::uint8_t temporal_id = 0;
    Indications indications = 0;
    std::vector<std::uint16_t> frame_diffs;
    std::vector<std::uint8_t> chain_diffs;  ///< by chain
  };
  struct Target {
    std::uint8_t spatial_id = 0;  ///< highest of its frames
    std::uint8_t temporal_id = 0;
    std::uint8_t chain = 0;  ///< that protects it; meaningless without chains
  };
  struct Resolution {
    std::uint16_t width = 0;
    std::uint16_t height = 0;
  };
  std::uint8_t template_id_offset = 0;
  std::vector<Target> targets;
  std::vector<Template> templates;
  std::uint8_t chains = 0;
  std::vector<Resolution> resolutions;  ///< by spatial id; empty: not told

  static TargetIndication indication_of(Indications all, std::size_t target) {
    return static_cast<TargetIndication>((all >> (2 * target)) & 3U);
  }
};

/// One packet's descriptor, with what its template says filled in.
struct DependencyDescriptor {
  static constexpr std::size_t kMostDiffs = 16;

  bool frame_start = false;
  bool frame_end = false;
  std::uint16_t frame_number = 0;
  std::uint8_t spatial_id = 0;
  std::uint8_t temporal_id = 0;
  DependencyStructure::Indications indications = 0;
  /// This frame needs the frames whose numbers are that much lower.
  std::array<std::uint16_t, kMostDiffs> frame_diffs{};
  std::size_t frame_diff_count = 0;
  /// By chain: distance to the previous frame in it; 0: this frame begins the chain.
  std::array<std::uint8_t, kMostDecodeTargets> chain_diffs{};
  /// Bit n: decode target n is sent at present. All, unless the packet says otherwise.
  std::optional<std::uint32_t> active_targets;
  bool begins_structure = false;  ///< carries a new DependencyStructure
};

/// Of one stream of packets: keeps the structure that later descriptors refer to.
class DependencyReader {
 public:
  /// nullopt: cut short, or it refers to what was never announced; the structure stays as it was.
  /// Never reads past `extension`.
  std::optional<DependencyDescriptor> read(Bytes extension);
  /// nullptr: none came yet.
  [[nodiscard]] const DependencyStructure* structure() const {
    return structure_ ? &*structure_ : nullptr;
  }

 private:
  std::optional<DependencyStructure> structure_;
};

/// Where the frame number stands in the extension's data, two bytes (A.8.1).
constexpr std::size_t kFrameNumberOffset = 1;
constexpr std::size_t kLeastDescriptor = 3;

}  // namespace rooms
