// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/depacketizer.h"

#include "gst/core/codec/aac.h"

namespace rooms {
namespace {

std::optional<EncodedFrame> take_audio(Codec codec, FramePayloads payloads) {
  if (payloads.size() != 1) return std::nullopt;
  Bytes payload = payloads[0];
  if (codec == Codec::kRed) {
    const auto primary = primary_of_red(payload);
    if (!primary) return std::nullopt;
    payload = *primary;
    codec = Codec::kOpus;
  }
  if (codec == Codec::kAac) {
    const auto unit = aac_unit_of(payload);
    if (!unit) return std::nullopt;
    payload = *unit;
  }
  if (payload.empty()) return std::nullopt;
  EncodedFrame frame;
  frame.keyframe = true;
  frame.data.assign(payload.begin(), payload.end());
  frame.setup = setup_of_sound(codec);
  return frame;
}

}  // namespace

StreamSetup setup_of_sound(Codec codec) {
  StreamSetup setup;
  setup.codec = codec == Codec::kRed ? Codec::kOpus : codec;
  const auto* profile = profile_of(setup.codec);
  if (!profile) return setup;
  setup.channels = profile->channels;
  // The RTP clock of G.722 is half of what it samples (RFC 3551 4.5.2).
  setup.sample_rate = codec == Codec::kG722 ? 16000 : profile->clock_rate;
  if (codec == Codec::kAac) setup.record = aac_config(setup.sample_rate, setup.channels);
  return setup;
}

std::optional<Bytes> primary_of_red(Bytes payload) {
  std::size_t redundant = 0;
  while (!payload.empty() && (payload[0] & 0x80) != 0) {
    if (payload.size() < 4) return std::nullopt;
    redundant += load_u16(&payload[2]) & 0x03FF;
    payload = payload.subspan(4);
  }
  if (payload.size() < 1 + redundant) return std::nullopt;
  return payload.subspan(1 + redundant);
}

std::optional<EncodedFrame> depacketize(Codec codec, FramePayloads payloads) {
  if (payloads.empty()) return std::nullopt;
  switch (codec) {
    case Codec::kVp8:
      return depacketize_vp8(payloads);
    case Codec::kVp9:
      return depacketize_vp9(payloads);
    case Codec::kH264:
      return depacketize_h264(payloads);
    case Codec::kAv1:
      return depacketize_av1(payloads);
    case Codec::kUnknown:
      return std::nullopt;
    default:
      return take_audio(codec, payloads);
  }
}

}  // namespace rooms
