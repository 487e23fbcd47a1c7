// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/stream_inspector.h"

#include <algorithm>

namespace rooms {
namespace {

void need(FrameLayers& layers, unsigned distance) {
  if (distance == 0) return;  // of itself: nonsense
  if (distance > 64) {
    layers.needs_older = true;
  } else {
    layers.needs |= std::uint64_t{1} << (distance - 1);
  }
}

TargetSet spread(DependencyStructure::Indications all, const std::array<TargetSet, 32>& places,
                 std::size_t targets, TargetIndication least, bool exactly) {
  TargetSet set = 0;
  for (std::size_t i = 0; i < targets; ++i) {
    const auto indication = DependencyStructure::indication_of(all, i);
    const bool counts = exactly ? indication == least : indication >= least;
    if (counts) set |= places[i];
  }
  return set;
}

}  // namespace

FrameInfo StreamInspector::inspect(Codec codec, Bytes packet, const RtpHeader& header,
                                   std::uint8_t descriptor_id) {
  FrameInfo info = rooms::inspect(codec, header.payload);
  if (descriptor_id != 0 && header.extension_profile != 0) {
    const auto data = find_extension(header, descriptor_id);
    if (data && read_descriptor(packet, header, *data, info)) return info;
  }
  if (codec == Codec::kVp9) observe_vp9(info, header.timestamp);
  if (codec == Codec::kVp8) observe_vp8(info);
  return info;
}

bool StreamInspector::read_descriptor(Bytes packet, const RtpHeader& /*header*/, Bytes data,
                                      FrameInfo& info) {
  const auto descriptor = dependencies_.read(data);
  if (data.size() >= kLeastDescriptor) {
    info.frame_number = load_u16(data.data() + kFrameNumberOffset);
    info.frame_number_offset = static_cast<std::uint16_t>(data.data() - packet.data() +
                                                          static_cast<int>(kFrameNumberOffset));
  }
  if (!descriptor) {
    ++unreadable_;
    return false;
  }
  if (descriptor->begins_structure) take_structure(info);
  if (descriptor->active_targets) {
    active_ = 0;
    for (std::size_t i = 0; i < dependencies_.structure()->targets.size(); ++i)
      if ((*descriptor->active_targets >> i) & 1U) active_ |= places_[i];
  }
  info.frame_start = descriptor->frame_start;
  info.frame_end = descriptor->frame_end;
  info.spatial_id = descriptor->spatial_id;
  info.temporal_id = descriptor->temporal_id;
  // Who reads descriptors cannot begin without the structure.
  info.keyframe = info.keyframe && descriptor->begins_structure;
  info.layers = layers_of(*descriptor);
  return true;
}

void StreamInspector::take_structure(FrameInfo& info) {
  const auto& structure = *dependencies_.structure();
  announced_ = 0;
  for (std::size_t i = 0; i < structure.targets.size(); ++i) {
    const auto& target = structure.targets[i];
    places_[i] = LayerTarget{target.spatial_id, target.temporal_id}.bit();
    announced_ |= places_[i];
  }
  active_ = announced_;
  if (structure.resolutions.empty()) return;
  info.width = structure.resolutions.back().width;
  info.height = structure.resolutions.back().height;
}

FrameLayers StreamInspector::layers_of(const DependencyDescriptor& descriptor) const {
  const std::size_t targets = dependencies_.structure()->targets.size();
  const auto set = [&](TargetIndication least, bool exactly = false) {
    return spread(descriptor.indications, places_, targets, least, exactly);
  };
  FrameLayers layers;
  layers.told = true;
  layers.spatial = descriptor.spatial_id;
  layers.temporal = descriptor.temporal_id;
  layers.exist = active_ != 0 ? active_ : announced_;
  layers.present = set(TargetIndication::kDiscardable);
  layers.required = set(TargetIndication::kSwitch);
  layers.switches = set(TargetIndication::kSwitch, true);
  layers.number_bits = 16;
  layers.number = descriptor.frame_number;
  for (std::size_t i = 0; i < descriptor.frame_diff_count; ++i)
    need(layers, descriptor.frame_diffs[i]);
  return layers;
}

void StreamInspector::observe_vp8(FrameInfo& info) {
  if (!info.temporal_id) return;
  const std::uint8_t temporal = *info.temporal_id;
  temporal_layers_ = std::max<std::uint8_t>(temporal_layers_, temporal + 1);
  auto& layers = info.layers;
  layers.told = true;
  layers.temporal = temporal;
  layers.exist = all_targets(1, temporal_layers_);
  layers.present = layers.required = targets_from(0, temporal);
  // Y: this frame needs the base layer only (RFC 7741 4.2). Later ones of its layer may need those
  // between.
  if (!info.layer_sync || temporal == 0) return;
  layers.switches = LayerTarget{0, temporal}.bit();
  layers.switches_above = temporal - 1;
}

void StreamInspector::count_vp9_layers(const FrameInfo& info, std::uint32_t timestamp) {
  const std::uint8_t spatial = *info.spatial_id;
  if (vp9_timestamp_ != timestamp) {
    vp9_timestamp_ = timestamp;
    for (auto& silence : vp9_silence_) silence = std::min<std::uint8_t>(kGone, silence + 1);
  }
  vp9_silence_[spatial] = 0;
  temporal_layers_ = std::max<std::uint8_t>(temporal_layers_, *info.temporal_id + 1);
  const auto& relations = info.vp9_relations;
  if (spatial > 0 && relations.predicted) vp9_key_only_ = !relations.inter_layer;
  if (relations.spatial_layers == 0) return;
  // What is announced counts as there, until it stays away.
  for (std::size_t i = 0; i < vp9_silence_.size(); ++i)
    vp9_silence_[i] = i < relations.spatial_layers ? 0 : kGone;
}

void StreamInspector::observe_vp9(FrameInfo& info, std::uint32_t timestamp) {
  if (!info.spatial_id || !info.temporal_id) return;
  count_vp9_layers(info, timestamp);
  const auto& relations = info.vp9_relations;
  const auto silent = std::find_if(vp9_silence_.begin() + 1, vp9_silence_.end(),
                                   [](std::uint8_t silence) { return silence >= kGone; });
  const auto spatial_layers = static_cast<unsigned>(silent - vp9_silence_.begin());

  auto& layers = info.layers;
  layers.told = true;
  layers.spatial = *info.spatial_id;
  layers.temporal = *info.temporal_id;
  layers.exist = all_targets(spatial_layers, temporal_layers_);
  layers.present = targets_from(layers.spatial, layers.temporal);
  const bool stands_alone = vp9_key_only_ && relations.not_for_above && relations.predicted;
  if (stands_alone) layers.present &= all_targets(layers.spatial + 1U, LayerTarget::kSide);
  layers.required = layers.present;
  // U: later pictures of the temporal layers above need none of those layers from before this one
  // (RFC 9628 4.2). Of its own layer it says nothing.
  if (relations.switching_up) {
    layers.switches = layers.present & targets_from(layers.spatial, layers.temporal + 1U);
    layers.switches_above = layers.temporal;
  }
  if (!info.vp9.has_picture_id()) return;
  layers.number_bits = info.vp9.picture_id_is_long ? 15 : 7;
  layers.number = info.vp9.picture_id;
  layers.line = layers.spatial;
  layers.needs_below = relations.inter_layer && layers.spatial > 0;
  for (unsigned i = 0; i < relations.difference_count; ++i) need(layers, relations.differences[i]);
}

}  // namespace rooms
