// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/payload_source.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tests/load/stamp.h"

namespace rooms::load {
namespace {

/// Bytes with the top bit set, so that they form no start code in a NAL unit.
constexpr auto kNoise = [] {
  std::array<std::uint8_t, 4096> noise{};
  std::uint32_t state = 0x2545F491;
  for (auto& byte : noise) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(0x80 | (state >> 24));
  }
  return noise;
}();

constexpr std::size_t kVp8Descriptor = 4;
constexpr std::size_t kVp8KeyframeHeader = 10;
constexpr std::size_t kVp8FrameHeader = 3;
constexpr std::size_t kSmallestFrame = 64;

// Constrained Baseline, level 3.1, 640x480, picture order as decoded; and its picture parameters.
constexpr std::array<std::uint8_t, 9> kSps = {0x67, 0x42, 0xE0, 0x1F, 0xDA, 0x02, 0x80, 0xF6, 0x40};
constexpr std::array<std::uint8_t, 4> kPps = {0x68, 0xCE, 0x3C, 0x80};
constexpr std::size_t kUuid = 16;  // of SEI user data (ITU-T H.264 D.1.7)

constexpr std::uint8_t kStapA = 24;
constexpr std::uint8_t kFuA = 28;

}  // namespace

VideoSource::VideoSource(const VideoSettings& settings, std::uint32_t seed,
                         std::shared_ptr<const RecordedMedia> recorded)
    : settings_(settings),
      recorded_(std::move(recorded)),
      random_(seed | 1),
      picture_id_(static_cast<std::uint16_t>(seed >> 7) & 0x7FFF) {}

void VideoSource::begin_frame() {
  if (recorded_) {
    rest_ = packets_ = recorded_->frame(frames_).size();
    keyframe_ = frames_ % recorded_->frames() == 0;
    ++frames_;
    return;
  }
  keyframe_ = keyframe_wanted_;
  keyframe_wanted_ = false;
  frame_start_ = true;
  parameter_sets_due_ = keyframe_ && settings_.codec == Codec::kH264;
  picture_id_ = (picture_id_ + 1) & 0x7FFF;
  size_ = rest_ = frame_size();
  constexpr std::size_t kRoom = kMaxPayload - kVp8Descriptor;  // FU-A needs less
  packets_ = (size_ + kRoom - 1) / kRoom;
}

std::size_t VideoSource::frame_size() {
  const std::int64_t target = settings_.bitrate / 8 / std::max(settings_.fps, 1U);
  std::int64_t size = target * kKeyframeFactor;
  if (keyframe_) {
    debt_ += size - target;
  } else {
    const std::int64_t repaid = std::min(debt_, target * 2 / 5);
    debt_ -= repaid;
    size = target - repaid;
    // Frames of one scene differ by this much either way, and cancel out.
    random_ = random_ * 1664525 + 1013904223;
    size += size * (static_cast<std::int64_t>(random_ >> 24) - 128) / 1024;
  }
  return std::max(static_cast<std::size_t>(size), kSmallestFrame);
}

Payload VideoSource::next_recorded(MutableBytes out) {
  const auto& packet = recorded_->frame(frames_ - 1)[packets_ - rest_--];
  std::copy(packet.payload.begin(), packet.payload.end(), out.begin());
  return {packet.payload.size(), packet.marker};
}

Payload VideoSource::next(MutableBytes out) {
  if (recorded_) return next_recorded(out);
  if (parameter_sets_due_) {
    parameter_sets_due_ = false;
    return {write_parameter_sets(out), false};
  }
  const std::size_t share = packets_ > 1 ? (rest_ + packets_ - 1) / packets_ : rest_;
  const std::size_t written =
      settings_.codec == Codec::kH264 ? write_h264(out, share) : write_vp8(out, share);
  rest_ -= share;
  --packets_;
  frame_start_ = false;
  return {written, rest_ == 0};
}

/// RFC 7741 4.2 with a 15 bit picture id, 4.3 and RFC 6386 9.1.
std::size_t VideoSource::write_vp8(MutableBytes out, std::size_t share) {
  out[0] = static_cast<std::uint8_t>(0x80 | (frame_start_ ? 0x10 : 0));
  out[1] = 0x80;
  store_u16(&out[2], 0x8000U | picture_id_);
  std::uint8_t* frame = &out[kVp8Descriptor];
  std::size_t head = 0;
  if (frame_start_) {
    head = keyframe_ ? kVp8KeyframeHeader : kVp8FrameHeader;
    const auto partition = static_cast<std::uint32_t>((size_ - head) / 2);
    const std::uint32_t tag = (keyframe_ ? 0U : 1U) | 0x10U | (partition << 5);
    frame[0] = static_cast<std::uint8_t>(tag);
    frame[1] = static_cast<std::uint8_t>(tag >> 8);
    frame[2] = static_cast<std::uint8_t>(tag >> 16);
    if (keyframe_) {
      constexpr std::array<std::uint8_t, 3> kStartCode = {0x9D, 0x01, 0x2A};
      std::memcpy(frame + 3, kStartCode.data(), kStartCode.size());
      frame[6] = static_cast<std::uint8_t>(settings_.width);
      frame[7] = static_cast<std::uint8_t>(settings_.width >> 8);
      frame[8] = static_cast<std::uint8_t>(settings_.height);
      frame[9] = static_cast<std::uint8_t>(settings_.height >> 8);
    }
  }
  fill({frame + head, share - head});
  return kVp8Descriptor + share;
}

/// RFC 6184 5.6 (a slice that fits) and 5.8 (one that does not). The first byte of a slice says:
/// first macroblock 0, all slices I (or P).
std::size_t VideoSource::write_h264(MutableBytes out, std::size_t share) {
  const std::uint8_t type = keyframe_ ? 5 : 1;
  const std::uint8_t importance = keyframe_ ? 0x60 : 0x40;
  std::size_t head = 0;
  if (frame_start_ && share == rest_) {
    out[head++] = importance | type;
  } else {
    out[head++] = importance | kFuA;
    out[head++] =
        static_cast<std::uint8_t>((frame_start_ ? 0x80 : 0) | (share == rest_ ? 0x40 : 0) | type);
  }
  const std::size_t begin = head;
  if (frame_start_) out[head++] = keyframe_ ? 0x88 : 0x9A;
  fill(out.subspan(head, begin + share - head));
  return begin + share;
}

/// RFC 6184 5.7.1. The stamp at the end becomes user data of an SEI message.
std::size_t VideoSource::write_parameter_sets(MutableBytes out) const {
  std::size_t at = 0;
  out[at++] = 0x60 | kStapA;
  const auto add = [&](Bytes unit) {
    store_u16(&out[at], static_cast<std::uint32_t>(unit.size()));
    std::memcpy(&out[at + 2], unit.data(), unit.size());
    at += 2 + unit.size();
  };
  add(kSps);
  add(kPps);
  std::array<std::uint8_t, 3 + kUuid + kStampSize> message{};
  message[0] = 0x06;
  message[1] = 0x05;
  message[2] = kUuid + kStampSize - 1;  // the last byte of a stamp is the trailing bits
  std::memcpy(&message[3], kNoise.data(), kUuid + kStampSize);
  add(message);
  return at;
}

void VideoSource::fill(MutableBytes out) {
  random_ = random_ * 1664525 + 1013904223;
  const std::size_t from = (random_ >> 16) % (kNoise.size() - kMaxPayload);
  std::memcpy(out.data(), kNoise.data() + from, out.size());
}

void write_opus(MutableBytes payload) {
  payload[0] = 31 << 3;
  std::memcpy(&payload[1], kNoise.data(), payload.size() - 1);
}

}  // namespace rooms::load
