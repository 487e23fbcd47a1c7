// SPDX-License-Identifier: LGPL-2.1-or-later
// Any payloads as one frame of each codec that is recorded: what comes of them is what a container
// may hold.
#include <array>
#include <vector>

#include "gst/core/codec/leb128.h"
#include "gst/core/record/depacketizer.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

constexpr std::array kCodecs{Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kAv1,  Codec::kOpus,
                             Codec::kRed, Codec::kAac, Codec::kG722, Codec::kPcmu, Codec::kUnknown};

/// Units behind their lengths, to the last byte.
void require_units(Bytes data) {
  while (!data.empty()) {
    require(data.size() > 4);
    const std::size_t size = load_u32(data.data());
    require(size > 0 && size <= data.size() - 4);
    data = data.subspan(4 + size);
  }
}

/// OBUs with a size, to the last byte.
void require_obus(Bytes data) {
  while (!data.empty()) {
    require((data[0] & 0x02) != 0);
    const std::size_t head = (data[0] & 0x04) != 0 ? 2 : 1;
    require(data.size() > head);
    Bytes body = data.subspan(head);
    const auto size = read_leb128(body);
    require(size && *size <= body.size());
    data = body.subspan(*size);
  }
}

/// avcC holds what it says, to the last byte.
void require_avc_record(Bytes record) {
  require(record.size() > 7 && record[0] == 1);
  std::size_t at = 5;
  for (int kind = 0; kind < 2; ++kind) {
    require(at < record.size());
    for (unsigned sets = record[at++] & 0x1F; sets > 0; --sets) {
      require(at + 2 <= record.size());
      at += 2 + std::size_t{load_u16(&record[at])};
    }
  }
  require(at == record.size());
}

void require_sound(Codec codec, const EncodedFrame& frame) {
  const StreamSetup& setup = frame.setup;
  if (frame.keyframe) {
    require(setup.codec == (codec == Codec::kRed ? Codec::kOpus : codec));
    require(setup.is_video() == (setup.height != 0));
    require(setup.is_video() || setup.sample_rate != 0);
  }
  require(!frame.data.empty());
  if (codec == Codec::kH264) require_units(frame.data);
  if (codec == Codec::kAv1) require_obus(frame.data);
  if (codec == Codec::kH264 && frame.keyframe) require_avc_record(setup.record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const Codec codec = kCodecs[input.u8() % kCodecs.size()];
  std::vector<std::vector<std::uint8_t>> payloads;
  while (!input.empty()) {
    const Bytes payload = input.bytes(input.u8());
    payloads.emplace_back(payload.begin(), payload.end());
  }
  if (const auto frame = depacketize(codec, payloads)) require_sound(codec, *frame);
  for (const auto& payload : payloads) {
    if (const auto primary = primary_of_red(payload)) require(within(*primary, payload));
    read_vp9_setup(payload);
    read_av1_setup(payload);
  }
  return 0;
}
