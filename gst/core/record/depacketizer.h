// SPDX-License-Identifier: LGPL-2.1-or-later
// RTP payloads of one frame, in order and without a gap, put together to what the encoder wrote.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/record/encoded_frame.h"

namespace rooms {

/// The payloads of one picture (one RTP timestamp), first to last; of audio one payload.
using FramePayloads = std::span<const std::vector<std::uint8_t>>;

/// `time` of the frame is left to the caller. nullopt: the payloads contradict themselves, or hold
/// no picture (H.264 parameter sets on their own). Never reads past a payload, whatever is in it.
std::optional<EncodedFrame> depacketize(Codec codec, FramePayloads payloads);

/// RFC 7741. Keyframes tell their size.
std::optional<EncodedFrame> depacketize_vp8(FramePayloads payloads);
/// RFC 9628; the spatial layers of a picture become one superframe (VP9 bitstream, annex B).
std::optional<EncodedFrame> depacketize_vp9(FramePayloads payloads);
/// RFC 6184: single units, STAP-A and FU-A. Parameter sets go to `setup`.
std::optional<EncodedFrame> depacketize_h264(FramePayloads payloads);
/// RTP Payload Format For AV1 v1.0, 4.3 and 4.4.
std::optional<EncodedFrame> depacketize_av1(FramePayloads payloads);
/// RFC 2198: the block that is not redundant.
std::optional<Bytes> primary_of_red(Bytes payload);

/// What the uncompressed header of a VP9 keyframe says; nullopt: it is none.
std::optional<StreamSetup> read_vp9_setup(Bytes frame);
/// avcC (ISO/IEC 14496-15 5.3.3.1) of one or more sequence and picture parameter sets, NAL headers
/// included; nullopt: too few, or a size nobody sends.
std::optional<StreamSetup> make_avc_setup(std::span<const Bytes> sequence_sets,
                                          std::span<const Bytes> picture_sets);
/// av1C (AV1-ISOBMFF 2.3) of a sequence header OBU with a size, header included.
std::optional<StreamSetup> read_av1_setup(Bytes sequence_header);

}  // namespace rooms
