// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/stun.h"

#include <algorithm>
#include <cstring>

#include "gst/core/ice/crc32.h"
#include "gst/core/srtp/hmac_sha1.h"

namespace rooms {

namespace {

constexpr std::size_t kHeader = 20;
constexpr std::size_t kIntegritySize = 20;
constexpr std::uint32_t kMagicCookie = 0x2112A442;
constexpr std::uint32_t kFingerprintXor = 0x5354554E;

enum Attribute : std::uint16_t {
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kUnknownAttributes = 0x000A,
  kXorMappedAddress = 0x0020,
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kSoftware = 0x8022,
  kFingerprint = 0x8028,
  kIceControlled = 0x8029,
  kIceControlling = 0x802A,
};

constexpr std::size_t padded(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

// RFC 8489 5: the two class bits stand amid the method's.
constexpr std::uint32_t type_of(StunClass message_class, std::uint32_t method) {
  const auto bits = static_cast<std::uint32_t>(message_class);
  return (method & 0xF) | ((method & 0x70) << 1) | ((method & 0xF80) << 2) | ((bits & 1) << 4) |
         ((bits & 2) << 7);
}
constexpr StunClass class_of(std::uint32_t type) {
  return static_cast<StunClass>(((type >> 4) & 1) | ((type >> 7) & 2));
}
constexpr std::uint16_t method_of(std::uint32_t type) {
  return static_cast<std::uint16_t>((type & 0xF) | ((type >> 1) & 0x70) | ((type >> 2) & 0xF80));
}

/// XOR-MAPPED-ADDRESS: with the cookie and, for IPv6, the transaction id (RFC 8489 14.2).
template <std::size_t kSize>
std::array<std::uint8_t, kSize> masked(const std::uint8_t* address, const std::uint8_t* header) {
  std::array<std::uint8_t, kSize> result;
  for (std::size_t i = 0; i < kSize; ++i) {
    result[i] = static_cast<std::uint8_t>(address[i] ^ header[4 + i]);
  }
  return result;
}

std::optional<SocketAddress> read_xor_address(Bytes value, const std::uint8_t* header) {
  if (value.size() < 8) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(load_u16(&value[2]) ^ (kMagicCookie >> 16));
  if (value[1] == 1) return SocketAddress::v4(masked<4>(&value[4], header), port);
  if (value[1] == 2 && value.size() >= 20) {
    return SocketAddress::v6(masked<16>(&value[4], header), port);
  }
  return std::nullopt;
}

template <class T>
void set_first(std::optional<T>& field, T value) {
  if (!field) field = value;
}

/// False: the value is not of the form its type demands.
bool read_attribute(StunMessage& message, std::uint16_t type, Bytes value) {
  switch (type) {
    case kUsername:
      set_first(message.username, as_text(value));
      return true;
    case kPriority:
      if (value.size() != 4) return false;
      set_first(message.priority, load_u32(value.data()));
      return true;
    case kUseCandidate:
      message.use_candidate = true;
      return true;
    case kIceControlled:
    case kIceControlling:
      if (value.size() != 8) return false;
      set_first(type == kIceControlled ? message.controlled : message.controlling,
                load_u64(value.data()));
      return true;
    case kXorMappedAddress: {
      const auto address = read_xor_address(value, message.bytes.data());
      if (!address) return false;
      set_first(message.mapped_address, *address);
      return true;
    }
    case kErrorCode:
      if (value.size() < 4) return false;
      set_first(message.error_code,
                static_cast<std::uint16_t>((value[2] & 7) * 100 + value[3] % 100));
      return true;
    case kSoftware:
      if (message.software.empty()) message.software = as_text(value);
      return true;
    case kUnknownAttributes:
      return true;
    default:
      // RFC 8489 14: below 0x8000 it must be understood.
      if (type < 0x8000) {
        if (message.unknown_count < message.unknown_attributes.size()) {
          message.unknown_attributes[message.unknown_count] = type;
        }
        if (message.unknown_count < UINT8_MAX) ++message.unknown_count;
      }
      return true;
  }
}

std::uint32_t fingerprint_of(Bytes before) { return crc32(before) ^ kFingerprintXor; }

/// RFC 8489 14.5: over everything before the attribute, with a length that ends behind it.
Sha1Digest integrity_of(Bytes before, std::string_view password) {
  std::array<std::uint8_t, kHeader> header;
  std::copy_n(before.begin(), kHeader, header.begin());
  store_u16(&header[2], static_cast<std::uint32_t>(before.size() + 4 + kIntegritySize - kHeader));
  return HmacSha1(as_bytes(password)).digest(header, before.subspan(kHeader));
}

std::string_view reason_of(StunError code) {
  switch (code) {
    case StunError::kBadRequest:
      return "Bad Request";
    case StunError::kUnauthenticated:
      return "Unauthenticated";
    case StunError::kUnknownAttribute:
      return "Unknown Attribute";
    case StunError::kRoleConflict:
      return "Role Conflict";
  }
  return "";
}

}  // namespace

std::string_view StunMessage::local_ufrag() const {
  const std::string_view name = username.value_or("");
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
}

std::string_view StunMessage::remote_ufrag() const {
  const std::string_view name = username.value_or("");
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? std::string_view{} : name.substr(colon + 1);
}

std::optional<StunMessage> parse_stun(Bytes datagram) {
  if (!looks_like_stun(datagram) || datagram.size() % 4 != 0 ||
      load_u16(&datagram[2]) != datagram.size() - kHeader) {
    return std::nullopt;
  }
  const std::uint32_t type = load_u16(datagram.data());
  StunMessage message;
  message.message_class = class_of(type);
  message.method = method_of(type);
  std::copy_n(datagram.begin() + 8, message.transaction.size(), message.transaction.begin());
  message.bytes = datagram;

  for (std::size_t at = kHeader; at < datagram.size();) {
    if (at + 4 > datagram.size()) return std::nullopt;
    const std::uint16_t attribute = load_u16(&datagram[at]);
    const std::size_t length = load_u16(&datagram[at + 2]);
    if (at + 4 + padded(length) > datagram.size()) return std::nullopt;
    const Bytes value = datagram.subspan(at + 4, length);
    if (attribute == kFingerprint) {
      // RFC 8489 14.7: the last attribute, or none at all.
      if (length != 4 || at + 8 != datagram.size() ||
          load_u32(value.data()) != fingerprint_of(datagram.first(at))) {
        return std::nullopt;
      }
      message.has_fingerprint = true;
    } else if (attribute == kMessageIntegrity) {
      if (length != kIntegritySize) return std::nullopt;
      if (message.integrity_offset == 0) message.integrity_offset = static_cast<std::uint32_t>(at);
    } else if (message.integrity_offset == 0 && !read_attribute(message, attribute, value)) {
      return std::nullopt;
    }
    at += 4 + padded(length);
  }
  return message;
}

bool has_integrity(const StunMessage& message, std::string_view password) {
  if (message.integrity_offset == 0 || password.empty()) return false;
  const Sha1Digest expected = integrity_of(message.bytes.first(message.integrity_offset), password);
  return equal_in_constant_time(
      expected, message.bytes.subspan(message.integrity_offset + 4U, kIntegritySize));
}

StunWriter::StunWriter(MutableBytes out, StunClass message_class,
                       const StunTransactionId& transaction, std::uint16_t method)
    : out_(out), overflow_(out.size() < kHeader) {
  if (overflow_) return;
  store_u16(out_.data(), type_of(message_class, method));
  store_u16(&out_[2], 0);
  store_u32(&out_[4], kMagicCookie);
  std::copy(transaction.begin(), transaction.end(), out_.begin() + 8);
  size_ = kHeader;
}

std::uint8_t* StunWriter::append(std::uint16_t type, std::size_t length) {
  if (overflow_ || length > 0xFFFF || 4 + padded(length) > out_.size() - size_ ||
      size_ + 4 + padded(length) - kHeader > 0xFFFF) {
    overflow_ = true;
    return nullptr;
  }
  std::uint8_t* p = out_.data() + size_;
  store_u16(p, type);
  store_u16(p + 2, static_cast<std::uint32_t>(length));
  std::fill(p + 4 + length, p + 4 + padded(length), std::uint8_t{0});
  size_ += 4 + padded(length);
  return p + 4;
}

void StunWriter::set_length(std::size_t size) {
  store_u16(&out_[2], static_cast<std::uint32_t>(size - kHeader));
}

StunWriter& StunWriter::username(std::string_view text) {
  if (std::uint8_t* p = append(kUsername, text.size())) std::copy(text.begin(), text.end(), p);
  return *this;
}

StunWriter& StunWriter::username(std::string_view receiver_ufrag, std::string_view sender_ufrag) {
  if (std::uint8_t* p = append(kUsername, receiver_ufrag.size() + 1 + sender_ufrag.size())) {
    p = std::copy(receiver_ufrag.begin(), receiver_ufrag.end(), p);
    *p++ = ':';
    std::copy(sender_ufrag.begin(), sender_ufrag.end(), p);
  }
  return *this;
}

StunWriter& StunWriter::priority(std::uint32_t value) {
  if (std::uint8_t* p = append(kPriority, 4)) store_u32(p, value);
  return *this;
}

StunWriter& StunWriter::use_candidate() {
  append(kUseCandidate, 0);
  return *this;
}

StunWriter& StunWriter::controlling(std::uint64_t tie_breaker) {
  if (std::uint8_t* p = append(kIceControlling, 8)) store_u64(p, tie_breaker);
  return *this;
}

StunWriter& StunWriter::controlled(std::uint64_t tie_breaker) {
  if (std::uint8_t* p = append(kIceControlled, 8)) store_u64(p, tie_breaker);
  return *this;
}

StunWriter& StunWriter::xor_mapped_address(const SocketAddress& address) {
  const Bytes bytes = address.address();
  std::uint8_t* p = append(kXorMappedAddress, 4 + bytes.size());
  if (p == nullptr) return *this;
  p[0] = 0;
  p[1] = address.is_v4() ? 1 : 2;
  store_u16(p + 2, address.port() ^ (kMagicCookie >> 16));
  if (address.is_v4()) {
    const auto value = masked<4>(bytes.data(), out_.data());
    std::copy(value.begin(), value.end(), p + 4);
  } else if (address.is_v6()) {
    const auto value = masked<16>(bytes.data(), out_.data());
    std::copy(value.begin(), value.end(), p + 4);
  }
  return *this;
}

StunWriter& StunWriter::error(StunError code) {
  const std::string_view reason = reason_of(code);
  const auto number = static_cast<unsigned>(code);
  if (std::uint8_t* p = append(kErrorCode, 4 + reason.size())) {
    store_u16(p, 0);
    p[2] = static_cast<std::uint8_t>(number / 100);
    p[3] = static_cast<std::uint8_t>(number % 100);
    std::copy(reason.begin(), reason.end(), p + 4);
  }
  return *this;
}

StunWriter& StunWriter::unknown_attributes(const StunMessage& request) {
  const std::size_t count =
      std::min<std::size_t>(request.unknown_count, request.unknown_attributes.size());
  if (std::uint8_t* p = append(kUnknownAttributes, 2 * count)) {
    for (std::size_t i = 0; i < count; ++i) store_u16(p + 2 * i, request.unknown_attributes[i]);
  }
  return *this;
}

StunWriter& StunWriter::software(std::string_view name) {
  if (std::uint8_t* p = append(kSoftware, name.size())) std::copy(name.begin(), name.end(), p);
  return *this;
}

std::size_t StunWriter::finish(std::string_view password) {
  const std::size_t before = size_;
  if (std::uint8_t* p = append(kMessageIntegrity, kIntegritySize)) {
    const Sha1Digest digest = integrity_of(Bytes(out_).first(before), password);
    std::copy(digest.begin(), digest.end(), p);
  }
  return finish();
}

std::size_t StunWriter::finish() {
  const std::size_t before = size_;
  std::uint8_t* p = append(kFingerprint, 4);
  if (p == nullptr) return 0;
  set_length(size_);
  store_u32(p, fingerprint_of(Bytes(out_).first(before)));
  return size_;
}

}  // namespace rooms
