// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/bit_reader.h"
#include "gst/core/codec/leb128.h"
#include "gst/core/record/depacketizer.h"

namespace rooms {
namespace {

enum ObuType : std::uint8_t {
  kSequenceHeader = 1,
  kTemporalDelimiter = 2,
  kTileList = 8,
  kPadding = 15,
};
using Obu = std::vector<std::uint8_t>;

std::uint8_t type_of(std::uint8_t header) { return (header >> 3) & 0x0F; }

void write_leb128(std::vector<std::uint8_t>& out, std::size_t value) {
  do {
    const auto low = static_cast<std::uint8_t>(value & 0x7F);
    value >>= 7;
    out.push_back(value != 0 ? low | 0x80 : low);
  } while (value != 0);
}

/// The OBU elements of a packet, joined to OBUs over packets (4.4). False: cut short.
bool take_elements(Bytes payload, std::vector<Obu>& obus, bool& open) {
  if (payload.empty()) return false;
  const bool continues = (payload[0] & 0x80) != 0;
  const bool goes_on = (payload[0] & 0x40) != 0;
  const unsigned count = (payload[0] >> 4) & 0x03;
  if (continues != open || (continues && obus.empty())) return false;
  Bytes rest = payload.subspan(1);
  for (unsigned index = 1; !rest.empty(); ++index) {
    Bytes element = rest;
    if (index != count) {
      const auto length = read_leb128(rest);
      if (!length || *length > rest.size()) return false;
      element = rest.first(*length);
    }
    rest = rest.subspan(element.size());
    if (index == 1 && continues) {
      obus.back().insert(obus.back().end(), element.begin(), element.end());
    } else {
      obus.emplace_back(element.begin(), element.end());
    }
    if (index == count) break;
  }
  open = goes_on;
  return true;
}

/// Appends an OBU in the low-overhead format (5.2): with a size. False: cut short.
bool append_obu(Bytes obu, std::vector<std::uint8_t>& data) {
  const bool has_extension = (obu[0] & 0x04) != 0;
  const std::size_t head = has_extension ? 2 : 1;
  if (obu.size() < head) return false;
  Bytes body = obu.subspan(head);
  if ((obu[0] & 0x02) != 0) {
    const auto size = read_leb128(body);
    if (!size || *size > body.size()) return false;
    body = body.first(*size);
  }
  data.push_back(obu[0] | 0x02);
  if (has_extension) data.push_back(obu[1]);
  write_leb128(data, body.size());
  data.insert(data.end(), body.begin(), body.end());
  return true;
}

/// What av1C repeats of a sequence header (5.5).
struct SequenceHeader {
  unsigned profile = 0;
  unsigned level = 0;
  unsigned tier = 0;
  unsigned width = 0;
  unsigned height = 0;
  bool high_bit_depth = false;
  bool twelve_bit = false;
  bool monochrome = false;
  unsigned subsampling_x = 1;
  unsigned subsampling_y = 1;
};

void skip_uvlc(BitReader& bits) { bits.exp_golomb(); }

/// timing_info and decoder_model_info. Returns the bits of a buffer delay; 0: there is no model.
unsigned read_timing(BitReader& bits) {
  bits.bits(32);
  bits.bits(32);
  if (bits.flag()) skip_uvlc(bits);
  if (!bits.flag()) return 0;
  const unsigned delay_bits = bits.bits(5) + 1;
  bits.bits(32);
  bits.bits(10);
  return delay_bits;
}

void read_operating_points(BitReader& bits, SequenceHeader& header) {
  const bool timing = bits.flag();
  const unsigned delay_bits = timing ? read_timing(bits) : 0;
  const bool initial_delay = bits.flag();
  const unsigned count = bits.bits(5) + 1;
  for (unsigned i = 0; i < count && !bits.past_end(); ++i) {
    bits.bits(12);
    const unsigned level = bits.bits(5);
    const unsigned tier = level > 7 ? bits.bits(1) : 0;
    if (i == 0) {
      header.level = level;
      header.tier = tier;
    }
    if (delay_bits != 0 && bits.flag()) {
      bits.bits(delay_bits);
      bits.bits(delay_bits);
      bits.bits(1);
    }
    if (initial_delay && bits.flag()) bits.bits(4);
  }
}

/// Between the size and the colours.
void skip_tools(BitReader& bits, bool reduced) {
  if (!reduced && bits.flag()) bits.bits(7);  // frame_id_numbers
  bits.bits(3);                               // 128x128 superblocks, filter intra, intra edge
  if (!reduced) {
    bits.bits(4);  // interintra, masked, warped, dual filter
    const bool order_hints = bits.flag();
    if (order_hints) bits.bits(2);
    const bool chosen_by_frame = bits.flag();
    const bool screen_content = chosen_by_frame || bits.flag();
    if (screen_content && !bits.flag()) bits.bits(1);
    if (order_hints) bits.bits(3);
  }
  bits.bits(3);  // superres, cdef, restoration
}

void read_colours(BitReader& bits, SequenceHeader& header) {
  header.high_bit_depth = bits.flag();
  if (header.profile == 2 && header.high_bit_depth) header.twelve_bit = bits.flag();
  if (header.profile != 1) header.monochrome = bits.flag();
  // 4:2:0 in profile 0, 4:4:4 in profile 1; profile 2 is not for conferences.
  header.subsampling_x = header.subsampling_y = header.profile == 1 ? 0 : 1;
}

SequenceHeader read_sequence_header(BitReader& bits) {
  SequenceHeader header;
  header.profile = bits.bits(3);
  bits.bits(1);  // still_picture
  const bool reduced = bits.flag();
  if (reduced) {
    header.level = bits.bits(5);
  } else {
    read_operating_points(bits, header);
  }
  const unsigned width_bits = bits.bits(4) + 1;
  const unsigned height_bits = bits.bits(4) + 1;
  header.width = bits.bits(width_bits) + 1;
  header.height = bits.bits(height_bits) + 1;
  skip_tools(bits, reduced);
  read_colours(bits, header);
  return header;
}

}  // namespace

std::optional<StreamSetup> read_av1_setup(Bytes obu) {
  if (obu.size() < 3 || type_of(obu[0]) != kSequenceHeader) return std::nullopt;
  Bytes body = obu.subspan((obu[0] & 0x04) != 0 ? 2 : 1);
  const auto size = read_leb128(body);
  if (!size || *size > body.size()) return std::nullopt;
  BitReader bits(body.first(*size));
  const auto header = read_sequence_header(bits);
  if (bits.past_end() || header.width > 0xFFFF || header.height > 0xFFFF) return std::nullopt;
  StreamSetup setup;
  setup.codec = Codec::kAv1;
  setup.width = static_cast<std::uint16_t>(header.width);
  setup.height = static_cast<std::uint16_t>(header.height);
  const auto flags = static_cast<std::uint8_t>(
      (header.tier << 7) | (header.high_bit_depth ? 0x40U : 0U) | (header.twelve_bit ? 0x20U : 0U) |
      (header.monochrome ? 0x10U : 0U) | (header.subsampling_x << 3) | (header.subsampling_y << 2));
  setup.record = {0x81, static_cast<std::uint8_t>((header.profile << 5) | header.level), flags, 0};
  setup.record.insert(setup.record.end(), obu.begin(), obu.end());
  return setup;
}

std::optional<EncodedFrame> depacketize_av1(FramePayloads payloads) {
  std::vector<Obu> obus;
  bool open = false;
  for (const auto& payload : payloads)
    if (!take_elements(payload, obus, open)) return std::nullopt;
  if (open) return std::nullopt;
  EncodedFrame frame;
  for (const auto& obu : obus) {
    if (obu.empty()) continue;
    const auto type = type_of(obu[0]);
    if (type == kTemporalDelimiter || type == kTileList || type == kPadding) continue;
    const std::size_t at = frame.data.size();
    if (!append_obu(obu, frame.data)) return std::nullopt;
    if (type != kSequenceHeader || frame.keyframe) continue;
    auto setup = read_av1_setup(Bytes(frame.data).subspan(at));
    if (!setup) continue;
    frame.setup = std::move(*setup);
    frame.keyframe = (payloads.front()[0] & 0x08) != 0;  // N: begins a coded video sequence
  }
  if (frame.data.empty()) return std::nullopt;
  if (!frame.keyframe) frame.setup = {};
  return frame;
}

}  // namespace rooms
