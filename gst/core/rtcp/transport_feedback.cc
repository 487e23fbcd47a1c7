// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/rtcp/transport_feedback.h"

#include <algorithm>
#include <array>

namespace rooms {

namespace {

constexpr std::size_t kHeadSize = 20;
constexpr std::uint8_t kTransportFeedbackType = 205;
constexpr std::uint8_t kTransportWideFormat = 15;

// Status symbols (section 3.1.1). 3 is reserved: it has no delta, and counts as not received.
constexpr unsigned kNotReceived = 0;
constexpr unsigned kSmallDelta = 1;
constexpr unsigned kLargeDelta = 2;

constexpr std::size_t delta_size(unsigned symbol) {
  return symbol == kSmallDelta ? 1 : symbol == kLargeDelta ? 2 : 0;
}

constexpr bool is_run(std::uint32_t chunk) { return (chunk & 0x8000) == 0; }
constexpr bool is_two_bit(std::uint32_t chunk) { return (chunk & 0x4000) != 0; }
constexpr unsigned symbols_in(std::uint32_t chunk) {
  return is_run(chunk) ? chunk & 0x1FFF : is_two_bit(chunk) ? 7 : 14;
}
/// Symbol `i` of a chunk that has at least i + 1 of them.
constexpr unsigned symbol_at(std::uint32_t chunk, unsigned i) {
  if (is_run(chunk)) return (chunk >> 13) & 3;
  if (is_two_bit(chunk)) return (chunk >> (2 * (6 - i))) & 3;
  return (chunk >> (13 - i)) & 1;
}

struct Layout {
  std::size_t chunk_bytes = 0;
  std::size_t delta_bytes = 0;
};

/// How many bytes of chunks `count` statuses take, and how many deltas those promise; nullopt: the
/// chunks end first.
std::optional<Layout> measure(Bytes body, std::uint32_t count) {
  Layout layout;
  while (count > 0) {
    if (layout.chunk_bytes + 2 > body.size()) return std::nullopt;
    const std::uint32_t chunk = load_u16(&body[layout.chunk_bytes]);
    layout.chunk_bytes += 2;
    const unsigned symbols = std::min<unsigned>(symbols_in(chunk), count);
    if (is_run(chunk)) {
      layout.delta_bytes += symbols * delta_size(symbol_at(chunk, 0));
    } else {
      for (unsigned i = 0; i < symbols; ++i) layout.delta_bytes += delta_size(symbol_at(chunk, i));
    }
    count -= symbols;
  }
  return layout;
}

constexpr std::int32_t sign_extend_24(std::uint32_t value) {
  return static_cast<std::int32_t>(value << 8) >> 8;
}

}  // namespace

std::optional<TransportFeedback> parse_transport_feedback(Bytes packet) {
  if (packet.size() < kHeadSize || packet[0] >> 6 != 2 ||
      (packet[0] & 0x1F) != kTransportWideFormat || packet[1] != kTransportFeedbackType ||
      std::size_t{4} * (load_u16(&packet[2]) + 1U) != packet.size()) {
    return std::nullopt;
  }
  if ((packet[0] & 0x20) != 0) {
    const std::size_t padding = packet.back();
    if (padding == 0 || kHeadSize + padding > packet.size()) return std::nullopt;
    packet = packet.first(packet.size() - padding);
  }
  TransportFeedback feedback;
  feedback.sender_ssrc = load_u32(&packet[4]);
  feedback.media_ssrc = load_u32(&packet[8]);
  feedback.base_sequence = load_u16(&packet[12]);
  feedback.status_count = load_u16(&packet[14]);
  feedback.reference_time = sign_extend_24(load_u24(&packet[16]));
  feedback.feedback_count = packet[19];

  const Bytes body = packet.subspan(kHeadSize);
  const auto layout = measure(body, feedback.status_count);
  if (!layout || layout->chunk_bytes + layout->delta_bytes > body.size()) return std::nullopt;
  feedback.chunks = body.first(layout->chunk_bytes);
  feedback.deltas = body.subspan(layout->chunk_bytes, layout->delta_bytes);
  return feedback;
}

TransportFeedbackReader::TransportFeedbackReader(const TransportFeedback& feedback)
    : chunks_(feedback.chunks),
      deltas_(feedback.deltas),
      left_(feedback.status_count),
      sequence_(feedback.base_sequence) {}

unsigned TransportFeedbackReader::next_symbol() {
  while (symbol_ >= symbols_in_chunk_) {
    if (chunks_.size() < 2) return kNotReceived;
    chunk_ = load_u16(chunks_.data());
    chunks_ = chunks_.subspan(2);
    symbols_in_chunk_ = symbols_in(chunk_);
    symbol_ = 0;
  }
  return symbol_at(chunk_, symbol_++);
}

std::optional<FeedbackStatus> TransportFeedbackReader::next() {
  if (left_ == 0) return std::nullopt;
  --left_;
  FeedbackStatus status;
  status.sequence = sequence_++;
  const unsigned symbol = next_symbol();
  const std::size_t size = delta_size(symbol);
  if (size == 0 || deltas_.size() < size) return status;
  arrival_ += kFeedbackTick * (symbol == kSmallDelta
                                   ? int{deltas_[0]}
                                   : int{static_cast<std::int16_t>(load_u16(deltas_.data()))});
  deltas_ = deltas_.subspan(size);
  status.received = true;
  status.arrival = arrival_;
  return status;
}

namespace {

/// One packet tells of no more arrivals than this; at 4000 packets a second and feedback every 100
/// ms one suffices.
constexpr std::size_t kMaxArrivals = 512;
constexpr std::int64_t kMaxStatuses = 0xFFFF;
constexpr std::size_t kMaxRun = 0x1FFF;
constexpr std::size_t kOneBitSymbols = 14;
constexpr std::size_t kTwoBitSymbols = 7;

/// The statuses of one feedback packet: arrivals as deltas, and the gaps between them.
class StatusList {
 public:
  StatusList(std::int64_t base, std::span<const FeedbackArrival> arrivals)
      : base_(base), arrivals_(arrivals) {
    const Duration first = arrivals.front().arrival.time_since_epoch();
    reference_ = first / kFeedbackReferenceTick;
    if (first < reference_ * kFeedbackReferenceTick)
      --reference_;  // towards the past, as deltas begin at zero
    Duration told = reference_ * kFeedbackReferenceTick;
    for (const FeedbackArrival& arrival : arrivals) {
      if (count_ == kMaxArrivals || arrival.sequence - base >= kMaxStatuses) break;
      // Against what was told, not against the one before: rounding must not add up.
      const Duration behind = arrival.arrival.time_since_epoch() - told;
      const std::int64_t ticks =
          (behind + (behind.count() < 0 ? -kFeedbackTick : kFeedbackTick) / 2) / kFeedbackTick;
      if (ticks < INT16_MIN || ticks > INT16_MAX) break;
      deltas_[count_++] = static_cast<std::int16_t>(ticks);
      told += ticks * kFeedbackTick;
    }
  }

  [[nodiscard]] std::size_t arrivals() const { return count_; }
  [[nodiscard]] std::int64_t reference() const { return reference_; }
  [[nodiscard]] std::int16_t delta(std::size_t i) const { return deltas_[i]; }
  [[nodiscard]] unsigned symbol(std::size_t i) const {
    return deltas_[i] >= 0 && deltas_[i] <= 0xFF ? kSmallDelta : kLargeDelta;
  }

  /// Statuses up to and with arrival `arrivals` - 1.
  [[nodiscard]] std::size_t statuses(std::size_t arrivals) const {
    return static_cast<std::size_t>(arrivals_[arrivals - 1].sequence - base_ + 1);
  }

  /// Writes the chunks of the first `arrivals` arrivals; returns their bytes, or 0 when they do not
  /// fit.
  [[nodiscard]] std::size_t write_chunks(MutableBytes out, std::size_t arrivals) const {
    std::size_t size = 0;
    Cursor at{0, base_};
    while (at.arrival < arrivals) {
      if (size + 2 > out.size()) return 0;
      store_u16(&out[size], next_chunk(at, arrivals));
      size += 2;
    }
    return size;
  }

 private:
  struct Cursor {
    std::size_t arrival;
    std::int64_t sequence;
  };

  [[nodiscard]] bool at_gap(const Cursor& at) const {
    return at.sequence < arrivals_[at.arrival].sequence;
  }
  /// The symbol at the cursor, which moves on by one.
  [[nodiscard]] unsigned take(Cursor& at) const {
    const bool gap = at_gap(at);
    ++at.sequence;
    return gap ? kNotReceived : symbol(at.arrival++);
  }
  /// How many symbols from the cursor on are the same, at most kMaxRun.
  [[nodiscard]] std::size_t run(Cursor at, std::size_t arrivals) const {
    if (at_gap(at)) {
      return std::min(static_cast<std::size_t>(arrivals_[at.arrival].sequence - at.sequence),
                      kMaxRun);
    }
    const unsigned first = symbol(at.arrival);
    std::size_t length = 0;
    while (at.arrival < arrivals && !at_gap(at) && symbol(at.arrival) == first) {
      ++at.arrival;
      ++at.sequence;
      ++length;
    }
    return length;
  }

  [[nodiscard]] std::uint32_t run_chunk(Cursor& at, std::size_t length) const {
    const bool gap = at_gap(at);
    const unsigned first = gap ? kNotReceived : symbol(at.arrival);
    at.sequence += static_cast<std::int64_t>(length);
    if (!gap) at.arrival += length;
    return (first << 13) | static_cast<std::uint32_t>(length);
  }

  /// A run if it is at least as long as a vector, else the longest vector its symbols allow.
  [[nodiscard]] std::uint32_t next_chunk(Cursor& at, std::size_t arrivals) const {
    const std::size_t length = run(at, arrivals);
    if (length >= kOneBitSymbols) return run_chunk(at, length);

    std::uint32_t one_bit = 0x8000;
    std::uint32_t two_bit = 0xC000;
    bool large = false;
    Cursor ahead = at;
    Cursor behind_two_bit = at;
    for (std::size_t i = 0; i < kOneBitSymbols && ahead.arrival < arrivals; ++i) {
      const unsigned next = take(ahead);
      large = large || next == kLargeDelta;
      one_bit |= (next & 1) << (kOneBitSymbols - 1 - i);
      if (i < kTwoBitSymbols) {
        two_bit |= next << (2 * (kTwoBitSymbols - 1 - i));
        behind_two_bit = ahead;
      }
    }
    if (!large) {
      at = ahead;
      return one_bit;
    }
    if (length >= kTwoBitSymbols) return run_chunk(at, length);
    at = behind_two_bit;
    return two_bit;
  }

  std::int64_t base_;
  std::span<const FeedbackArrival> arrivals_;
  std::int64_t reference_ = 0;
  std::size_t count_ = 0;
  std::array<std::int16_t, kMaxArrivals> deltas_;
};

/// Chunks and deltas of the first `arrivals`; 0: they do not fit.
std::size_t write_body(MutableBytes out, const StatusList& list, std::size_t arrivals) {
  std::size_t size = list.write_chunks(out, arrivals);
  if (size == 0) return 0;
  for (std::size_t i = 0; i < arrivals; ++i) {
    const std::size_t bytes = delta_size(list.symbol(i));
    if (size + bytes > out.size()) return 0;
    if (bytes == 1) {
      out[size] = static_cast<std::uint8_t>(list.delta(i));
    } else {
      store_u16(&out[size], static_cast<std::uint16_t>(list.delta(i)));
    }
    size += bytes;
  }
  // Zeros without the P bit: padding may stand at the end of a compound packet only (RFC
  // 3550 6.4.1), and every reader counts the deltas by the chunks.
  for (; size % 4 != 0; ++size) {
    if (size == out.size()) return 0;
    out[size] = 0;
  }
  return size;
}

}  // namespace

FeedbackWritten write_transport_feedback(MutableBytes out, std::uint32_t sender_ssrc,
                                         std::uint32_t media_ssrc, std::uint8_t feedback_count,
                                         std::int64_t base_sequence,
                                         std::span<const FeedbackArrival> arrivals) {
  if (arrivals.empty() || out.size() < kHeadSize) return {};
  const std::int64_t first = arrivals.front().sequence;
  if (base_sequence > first || first - base_sequence >= kMaxStatuses) base_sequence = first;

  const StatusList list(base_sequence, arrivals);
  std::size_t told = list.arrivals();
  std::size_t body = write_body(out.subspan(kHeadSize), list, told);
  while (body == 0 && told > 1) {
    told -= (told + 3) / 4;
    body = write_body(out.subspan(kHeadSize), list, told);
  }
  if (body == 0) return {};

  const std::size_t size = kHeadSize + body;
  out[0] = 0x80 | kTransportWideFormat;
  out[1] = kTransportFeedbackType;
  store_u16(&out[2], static_cast<std::uint32_t>(size / 4 - 1));
  store_u32(&out[4], sender_ssrc);
  store_u32(&out[8], media_ssrc);
  store_u16(&out[12], static_cast<std::uint32_t>(base_sequence & 0xFFFF));
  store_u16(&out[14], static_cast<std::uint32_t>(list.statuses(told)));
  store_u24(&out[16], static_cast<std::uint32_t>(list.reference()));
  out[19] = feedback_count;
  return {size, told};
}

}  // namespace rooms
