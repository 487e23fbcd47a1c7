// SPDX-License-Identifier: LGPL-2.1-or-later
// What of Sender concerns packets that do not leave at once: those that wait for their time, and
// those that are sent to find out what the line carries.
#include <algorithm>
#include <array>

#include "elements/sender.h"
#include "gst/core/forward/seqnum.h"
#include "gst/glue/clock.h"
#include "gst/glue/mapped_buffer.h"

namespace rooms {
namespace {

// An earlier time than the timer's that is not worth another one.
constexpr Duration kSlack = std::chrono::milliseconds(1);
constexpr Duration kLeastInterval = std::chrono::microseconds(500);
// Longer than anything is kept to be sent again.
constexpr Duration kAskedAgain = std::chrono::seconds(3);
constexpr std::size_t kHeaderRoom = 320;
// So many of the latest packets are repeated by turns before any is repeated again.
constexpr std::uint16_t kRepeated = 16;

}  // namespace

void Sender::wait(PacedKind kind, DataSize size, WaitingPacket packet, Timestamp now) {
  const SlotId slot = packet.slot;
  const std::uint32_t stream = kind == PacedKind::kVideo ? slot : 0;
  const auto id = waiting_.add(std::move(packet));
  if (endpoint_.congestion().enqueue({kind, stream}, id, size, now)) return;
  waiting_.take(id);
  if (kind != PacedKind::kVideo) return;
  has_broken_ = true;
  if (auto* broken = find(slot)) broken->is_broken = true;
  drop_waiting_video();
}

/// What is left of a picture is of no use: everything goes, so that the next one comes soon.
void Sender::drop_waiting_video() {
  while (const auto id = endpoint_.congestion().drop_video()) {
    has_broken_ = true;
    if (auto* slot = find(waiting_.take(*id).slot)) slot->is_broken = true;
  }
}

/// A smaller picture on a line that has become narrow should not wait for what is left of the
/// larger one.
void Sender::begin_anew(Slot& slot, SlotId id, std::uint16_t sequence, Timestamp now) {
  slot.begun_anew = sequence;
  slot.begun_anew_at = now;
  endpoint_.congestion().drop_overtaken([&](std::uint64_t waiting) {
    const bool goes = waiting_.slot_of(waiting) == id;
    if (goes) waiting_.take(waiting);
    return goes;
  });
}

/// On a line that is not busy it may still complete a picture that is about to be shown.
bool Sender::is_needless(const Slot& slot, std::uint16_t sequence, Timestamp now) const {
  return slot.begun_anew_at && now - *slot.begun_anew_at < kAskedAgain &&
         is_newer(slot.begun_anew, sequence) && !endpoint_.congestion().is_queue_empty();
}

void Sender::forget_waiting() {
  endpoint_.congestion().forget_queue();
  waiting_.clear();
  pace_at_.reset();
}

void Sender::arm_pacing(Timestamp now) {
  const auto due = endpoint_.congestion().due(now);
  if (!due || (pace_at_ && *pace_at_ <= *due + kSlack)) return;
  pace_at_ = due;
  // The timer is a part of us and lives as long.
  transport_->call_at(*due, std::shared_ptr<TimerClient>(shared_from_this(), &pace_timer_));
}

std::optional<Timestamp> Sender::on_pace(Timestamp now) {
  std::vector<Ref<GstPad>> keyframes;
  std::optional<Timestamp> again;
  {
    std::lock_guard hold(mutex_);
    // One that was set before an earlier one is of no use any more.
    if (!transport_ || !pace_at_ || now < *pace_at_) return std::nullopt;
    auto& congestion = endpoint_.congestion();
    if (congestion.is_overdue(now)) drop_waiting_video();
    const auto wall = wall_clock();
    while (const auto next = congestion.next(now)) {
      const SendEndpoint::Departure departure{now, wall, next->probe, !next->id};
      if (next->id) {
        leave(waiting_.take(*next->id), departure);
      } else {
        congestion.padded(pad(next->size, departure), now);
      }
    }
    keyframes = take_broken();
    pace_at_ = congestion.due(now);
    if (pace_at_) pace_at_ = std::max(*pace_at_, now + kLeastInterval);
    again = pace_at_;
  }
  ask_for_keyframes(keyframes);
  return again;
}

void Sender::leave(const WaitingPacket& packet, const SendEndpoint::Departure& departure) {
  auto* slot = find(packet.slot);
  if (!slot) return;  // its pad was released meanwhile
  if (packet.is_resend) {
    leave_again(packet.slot, packet.buffer.get(), packet.patch, departure);
    return;
  }
  const MappedBuffer mapped(packet.buffer.get());
  const auto source = parse_rtp(mapped.bytes());
  if (!source) return;
  leave(*slot, packet.slot, {&*source, packet.patch}, packet.buffer.get(),
        presentation_of(packet.buffer.get(), packet.came), departure);
}

/// What was sent lately, again, so that a probe repairs what nobody asked for yet; else padding.
DataSize Sender::pad(DataSize most, const SendEndpoint::Departure& departure) {
  const auto turn = static_cast<std::uint16_t>(padding_turn_++ % kRepeated);
  for (SlotId id = 0; id < slots_.size(); ++id) {
    const auto* slot = find(id);
    const auto* kept = slot && slot->cache ? slot->cache->recent(turn) : nullptr;
    // A small packet is no better than padding, which needs no memory to be touched.
    if (!kept || gst_buffer_get_size(kept->packet.get()) < static_cast<gsize>(most.bytes()))
      continue;
    if (const auto size = leave_again(id, kept->packet.get(), kept->patch, departure); size > 0)
      return DataSize::bytes(static_cast<std::int64_t>(size));
  }
  std::array<std::uint8_t, kHeaderRoom> head;
  const auto padding = static_cast<std::uint8_t>(std::min<std::int64_t>(most.bytes(), 255));
  const auto header = endpoint_.write_padding_header(head, padding, departure);
  if (header.size > 0)
    transport_->send_padding(Bytes(head).first(header.size), padding, header.rollover);
  return header.on_the_wire;
}

std::vector<Ref<GstPad>> Sender::take_broken() {
  std::vector<Ref<GstPad>> pads;
  if (!std::exchange(has_broken_, false)) return pads;
  for (auto& slot : slots_) {
    if (slot && std::exchange(slot->is_broken, false)) pads.push_back(share(slot->pad));
  }
  return pads;
}

}  // namespace rooms
