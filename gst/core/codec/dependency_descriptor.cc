// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/dependency_descriptor.h"

#include <algorithm>

#include "gst/core/codec/bit_reader.h"

namespace rooms {
namespace {

constexpr std::size_t kMostTemplates = 64;
constexpr unsigned kMostSpatial = 8;
constexpr unsigned kMostTemporal = 8;

using Structure = DependencyStructure;
enum NextLayer : std::uint8_t { kSame, kNextTemporal, kNextSpatial, kNoMore };

/// False: more layers or templates than the numbers of a packet could name.
bool read_template_layers(BitReader& bits, Structure& structure) {
  unsigned spatial = 0;
  unsigned temporal = 0;
  for (std::uint32_t next = kSame; next != kNoMore;) {
    if (structure.templates.size() == kMostTemplates || bits.past_end()) return false;
    if (spatial >= kMostSpatial || temporal >= kMostTemporal) return false;
    Structure::Template one;
    one.spatial_id = static_cast<std::uint8_t>(spatial);
    one.temporal_id = static_cast<std::uint8_t>(temporal);
    structure.templates.push_back(std::move(one));
    next = bits.bits(2);
    if (next == kNextTemporal) ++temporal;
    if (next == kNextSpatial) {
      temporal = 0;
      ++spatial;
    }
  }
  return true;
}

Structure::Indications read_indications(BitReader& bits, std::size_t targets) {
  Structure::Indications all = 0;
  for (std::size_t i = 0; i < targets; ++i) all |= std::uint64_t{bits.bits(2)} << (2 * i);
  return all;
}

bool read_template_diffs(BitReader& bits, Structure& structure) {
  for (auto& one : structure.templates) {
    while (bits.flag()) {
      if (one.frame_diffs.size() == DependencyDescriptor::kMostDiffs) return false;
      one.frame_diffs.push_back(static_cast<std::uint16_t>(bits.bits(4) + 1));
    }
  }
  return true;
}

void read_template_chains(BitReader& bits, Structure& structure) {
  const auto targets = static_cast<std::uint32_t>(structure.targets.size());
  structure.chains = static_cast<std::uint8_t>(bits.non_symmetric(targets + 1));
  if (structure.chains == 0) return;
  for (auto& target : structure.targets)
    target.chain = static_cast<std::uint8_t>(bits.non_symmetric(structure.chains));
  for (auto& one : structure.templates)
    for (unsigned chain = 0; chain < structure.chains; ++chain)
      one.chain_diffs.push_back(static_cast<std::uint8_t>(bits.bits(4)));
}

void find_target_layers(Structure& structure) {
  for (std::size_t i = 0; i < structure.targets.size(); ++i) {
    for (const auto& one : structure.templates) {
      if (Structure::indication_of(one.indications, i) == TargetIndication::kNotPresent) continue;
      auto& target = structure.targets[i];
      target.spatial_id = std::max(target.spatial_id, one.spatial_id);
      target.temporal_id = std::max(target.temporal_id, one.temporal_id);
    }
  }
}

void read_resolutions(BitReader& bits, Structure& structure) {
  for (unsigned layer = 0; layer <= structure.templates.back().spatial_id; ++layer) {
    Structure::Resolution resolution;
    resolution.width = static_cast<std::uint16_t>(bits.bits(16) + 1);
    resolution.height = static_cast<std::uint16_t>(bits.bits(16) + 1);
    structure.resolutions.push_back(resolution);
  }
}

std::optional<Structure> read_structure(BitReader& bits) {
  Structure structure;
  structure.template_id_offset = static_cast<std::uint8_t>(bits.bits(6));
  structure.targets.resize(bits.bits(5) + 1);
  if (!read_template_layers(bits, structure)) return std::nullopt;
  for (auto& one : structure.templates)
    one.indications = read_indications(bits, structure.targets.size());
  if (!read_template_diffs(bits, structure)) return std::nullopt;
  read_template_chains(bits, structure);
  find_target_layers(structure);
  if (bits.flag()) read_resolutions(bits, structure);
  if (bits.past_end()) return std::nullopt;
  return structure;
}

/// False: more than a frame can refer to.
bool read_frame_diffs(BitReader& bits, DependencyDescriptor& descriptor) {
  descriptor.frame_diff_count = 0;
  while (const unsigned nibbles = bits.bits(2)) {
    if (descriptor.frame_diff_count == DependencyDescriptor::kMostDiffs) return false;
    descriptor.frame_diffs[descriptor.frame_diff_count++] =
        static_cast<std::uint16_t>(bits.bits(4 * nibbles) + 1);
  }
  return true;
}

void take(const Structure::Template& from, DependencyDescriptor& descriptor) {
  descriptor.spatial_id = from.spatial_id;
  descriptor.temporal_id = from.temporal_id;
  descriptor.indications = from.indications;
  std::copy(from.frame_diffs.begin(), from.frame_diffs.end(), descriptor.frame_diffs.begin());
  descriptor.frame_diff_count = from.frame_diffs.size();
  std::copy(from.chain_diffs.begin(), from.chain_diffs.end(), descriptor.chain_diffs.begin());
}

struct Extended {
  bool active_targets = false;
  bool custom_indications = false;
  bool custom_diffs = false;
  bool custom_chains = false;
};

/// False: nonsense.
bool read_frame(BitReader& bits, const Structure& structure, unsigned template_id, Extended flags,
                DependencyDescriptor& descriptor) {
  const unsigned index = (template_id + 64 - structure.template_id_offset) % 64;
  if (index >= structure.templates.size()) return false;
  take(structure.templates[index], descriptor);
  if (flags.active_targets)
    descriptor.active_targets = bits.bits(static_cast<unsigned>(structure.targets.size()));
  if (flags.custom_indications)
    descriptor.indications = read_indications(bits, structure.targets.size());
  if (flags.custom_diffs && !read_frame_diffs(bits, descriptor)) return false;
  if (flags.custom_chains)
    for (unsigned chain = 0; chain < structure.chains; ++chain)
      descriptor.chain_diffs[chain] = static_cast<std::uint8_t>(bits.bits(8));
  return !bits.past_end();
}

}  // namespace

std::optional<DependencyDescriptor> DependencyReader::read(Bytes extension) {
  if (extension.size() < kLeastDescriptor) return std::nullopt;
  BitReader bits(extension);
  DependencyDescriptor descriptor;
  descriptor.frame_start = bits.flag();
  descriptor.frame_end = bits.flag();
  const unsigned template_id = bits.bits(6);
  descriptor.frame_number = static_cast<std::uint16_t>(bits.bits(16));

  Extended flags;
  std::optional<Structure> announced;
  if (extension.size() > kLeastDescriptor) {
    descriptor.begins_structure = bits.flag();
    flags = {bits.flag(), bits.flag(), bits.flag(), bits.flag()};
    if (descriptor.begins_structure) {
      announced = read_structure(bits);
      if (!announced) return std::nullopt;
    }
  }
  const Structure* structure = announced ? &*announced : this->structure();
  if (!structure || !read_frame(bits, *structure, template_id, flags, descriptor))
    return std::nullopt;
  if (announced) structure_ = std::move(announced);
  return descriptor;
}

}  // namespace rooms
