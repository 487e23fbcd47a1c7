// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/extension_mapping.h"

#include <algorithm>
#include <cstring>

namespace rooms {
namespace {

bool belongs_to_one_connection(Extension extension) {
  switch (extension) {
    case Extension::kNone:
    case Extension::kAbsSendTime:
    case Extension::kTransportWide:
    case Extension::kMid:
    case Extension::kRid:
    case Extension::kRepairedRid:
    // A sender stops telling it once its receiver has it, which here is us, and a receiver keeps it
    // while its slot shows others.
    case Extension::kPlayoutDelay:
      return true;
    default:
      return false;
  }
}

/// `part` of the extension block of `header`.
std::size_t offset_in_packet(const RtpHeader& header, Bytes part) {
  return header.size - header.extensions.size() +
         static_cast<std::size_t>(part.data() - header.extensions.data());
}

/// Collects elements of the extension block; the head is written at the end, when its form is
/// known.
class ExtensionWriter {
 public:
  explicit ExtensionWriter(MutableBytes out) : out_(out) {}

  /// One-byte elements hold 1..16 bytes and ids up to 14; anything else needs the two-byte form for
  /// the whole block.
  static bool needs_two_bytes(std::uint8_t id, std::size_t length) {
    return id > 14 || length == 0 || length > 16;
  }

  void set_two_byte() { two_byte_ = true; }

  bool add(std::uint8_t id, Bytes data) {
    const std::size_t head = two_byte_ ? 2 : 1;
    if (id == 0 || data.size() > 255 || size_ + head + data.size() + 3 > out_.size()) return false;
    if (two_byte_) {
      out_[size_] = id;
      out_[size_ + 1] = static_cast<std::uint8_t>(data.size());
    } else {
      out_[size_] = static_cast<std::uint8_t>((id << 4) | (data.size() - 1));
    }
    std::copy(data.begin(), data.end(), out_.begin() + static_cast<std::ptrdiff_t>(size_ + head));
    size_ += head + data.size();
    return true;
  }
  /// The data of the element added last, which has `size` bytes.
  [[nodiscard]] MutableBytes last(std::size_t size) const {
    return out_.subspan(size_ - size, size);
  }

  /// Pads to whole words and writes the head; returns the size of the block, 0 if it is empty.
  std::size_t finish(std::uint8_t* head) {
    if (size_ == 0) return 0;
    while (size_ % 4 != 0) out_[size_++] = 0;
    store_u16(head, two_byte_ ? 0x1000 : 0xBEDE);
    store_u16(head + 2, static_cast<std::uint32_t>(size_ / 4));
    return 4 + size_;
  }

 private:
  MutableBytes out_;
  std::size_t size_ = 0;
  bool two_byte_ = false;
};

}  // namespace

IngressExtensions::IngressExtensions(const ExtensionIds& ids) : ids_(ids) {
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i] != 0 && !belongs_to_one_connection(static_cast<Extension>(i)))
      canonical_[ids[i]] = static_cast<std::uint8_t>(i);
  }
}

std::optional<Bytes> IngressExtensions::find(const RtpHeader& header, Extension extension) const {
  return find_extension(header, ids_[static_cast<std::size_t>(extension)]);
}

void IngressExtensions::canonicalize(MutableBytes packet, const RtpHeader& header) const {
  const bool two_byte = (header.extension_profile & 0xFFF0) == 0x1000;
  RtpExtensionReader reader(header);
  while (auto element = reader.next()) {
    auto* data = packet.data() + (element->data.data() - packet.data());
    auto* head = data - (two_byte ? 2 : 1);
    const std::uint8_t id = canonical_[element->id];
    if (id == 0) {
      std::memset(head, 0, static_cast<std::size_t>(data - head) + element->data.size());
    } else if (two_byte) {
      head[0] = id;
    } else {
      head[0] = static_cast<std::uint8_t>((id << 4) | (head[0] & 0x0F));
    }
  }
}

std::size_t write_egress_header(MutableBytes out, const RtpHeader& source, const RtpPatch& patch,
                                const ExtensionIds& ids, const EgressFields& fields) {
  if (out.size() < 16) return 0;
  out[1] =
      static_cast<std::uint8_t>((source.marker || patch.marker ? 0x80 : 0) | fields.payload_type);
  store_u16(&out[2], patch.sequence);
  store_u32(&out[4], patch.timestamp);
  store_u32(&out[8], patch.ssrc);

  const auto id_of = [&](Extension e) { return ids[static_cast<std::size_t>(e)]; };
  ExtensionWriter writer(out.subspan(16));
  bool two_byte = false;
  for (RtpExtensionReader reader(source); auto element = reader.next();) {
    const std::uint8_t id = element->id < ids.size() ? ids[element->id] : 0;
    if (id != 0) two_byte |= ExtensionWriter::needs_two_bytes(id, element->data.size());
  }
  const std::array own = {Extension::kMid, Extension::kTransportWide, Extension::kAbsSendTime};
  two_byte |= std::any_of(own.begin(), own.end(), [&](Extension e) { return id_of(e) > 14; });
  two_byte |= fields.mid.size() > 16;
  two_byte |= fields.playout_delay != 0 && id_of(Extension::kPlayoutDelay) > 14;
  if (two_byte) writer.set_two_byte();

  if (!fields.mid.empty()) writer.add(id_of(Extension::kMid), as_bytes(fields.mid));
  std::array<std::uint8_t, 3> value;
  store_u16(value.data(), fields.transport_sequence);
  writer.add(id_of(Extension::kTransportWide), Bytes(value).first(2));
  store_u24(value.data(), fields.abs_send_time);
  writer.add(id_of(Extension::kAbsSendTime), value);
  if (fields.playout_delay != 0) {
    store_u24(value.data(), fields.playout_delay);
    writer.add(id_of(Extension::kPlayoutDelay), value);
  }
  for (RtpExtensionReader reader(source); auto element = reader.next();) {
    if (element->id >= ids.size() || belongs_to_one_connection(static_cast<Extension>(element->id)))
      continue;
    const bool added = writer.add(ids[element->id], element->data);
    const std::size_t at = offset_in_packet(source, element->data);
    const std::size_t number = patch.frame_number_offset;
    if (added && number >= at && number != 0 && number + 2 <= at + element->data.size())
      store_u16(writer.last(element->data.size()).data() + (number - at), patch.frame_number);
  }
  const std::size_t block = writer.finish(&out[12]);
  out[0] = block > 0 ? 0x90 : 0x80;
  return 12 + block;
}

}  // namespace rooms
