// SPDX-License-Identifier: LGPL-2.1-or-later
// Looks into the packets of one stream, one after the other, and remembers what later packets
// refer to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "gst/core/codec/dependency_descriptor.h"
#include "gst/core/codec/frame_info.h"
#include "gst/core/rtp/rtp_header.h"

namespace rooms {

/// Layers by the dependency descriptor, where a packet has one (Chromium sends it with every
/// codec), else by the payload descriptors of VP8 and VP9. AV1 without a descriptor and H.264 have
/// no layers that could be told apart. Not thread-safe: packets of one stream come in turn.
class StreamInspector {
 public:
  /// `packet` is the one `header` was parsed from. `descriptor_id`: of the dependency descriptor
  /// among its header extensions; 0: there is none.
  FrameInfo inspect(Codec codec, Bytes packet, const RtpHeader& header, std::uint8_t descriptor_id);
  /// Descriptors that were cut short or refer to what was never announced.
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  /// By decode target of the present structure: where it is on the grid.
  using Places = std::array<TargetSet, kMostDecodeTargets>;
  bool read_descriptor(Bytes packet, const RtpHeader& header, Bytes data, FrameInfo& info);
  void take_structure(FrameInfo& info);
  [[nodiscard]] FrameLayers layers_of(const DependencyDescriptor& descriptor) const;
  void observe_vp8(FrameInfo& info);
  void observe_vp9(FrameInfo& info, std::uint32_t timestamp);
  void count_vp9_layers(const FrameInfo& info, std::uint32_t timestamp);

  DependencyReader dependencies_;
  Places places_{};
  TargetSet announced_ = 0;
  TargetSet active_ = 0;
  std::uint64_t unreadable_ = 0;

  std::uint8_t temporal_layers_ = 1;  // VP8, VP9: seen so far
  /// VP9: pictures since a frame of the layer came.
  static constexpr std::uint8_t kGone = 16;
  std::array<std::uint8_t, LayerTarget::kSide> vp9_silence_ = {0,     kGone, kGone, kGone,
                                                               kGone, kGone, kGone, kGone};
  std::optional<std::uint32_t> vp9_timestamp_;
  /// Layers predict from the one below in keyframes only (L2T2_KEY and its like).
  bool vp9_key_only_ = false;
};

}  // namespace rooms
