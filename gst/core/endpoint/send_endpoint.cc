// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/send_endpoint.h"

#include <algorithm>

#include "gst/core/endpoint/ntp_time.h"
#include "gst/core/endpoint/playout_delay.h"
#include "gst/core/endpoint/rtx.h"
#include "gst/core/endpoint/sender_report_clock.h"
#include "gst/core/rtcp/rtcp_parser.h"
#include "gst/core/rtcp/rtcp_writer.h"

namespace rooms {
namespace {

constexpr Duration kSenderReportInterval = std::chrono::seconds(1);
// MID tells the peer which section an SSRC belongs to; once it has seen a few, the SSRC alone does
// (RFC 8843 9.2).
constexpr unsigned kPacketsWithMid = 100;
// Beyond header and payload: SRTP tag, UDP and IPv4 headers.
constexpr std::size_t kOverhead = 10 + 8 + 20;

std::uint32_t rollover_of(std::int64_t unwrapped) {
  return static_cast<std::uint32_t>((unwrapped >> 16) - 1);  // the unwrapper begins in cycle 1
}

}  // namespace

struct SendEndpoint::Slot {
  SlotId id = 0;
  SendSlot settings;
  std::array<std::uint8_t, 128> local{};     // by canonical payload type; 0xFF: not negotiated
  std::uint8_t padding_payload_type = 0xFF;  // local, one of RTX; 0xFF: none
  RolloverUnwrapper sequences;
  RolloverUnwrapper rtx_sequences;
  std::uint16_t next_rtx_sequence = 1;
  unsigned packets_with_mid = 0;
  std::uint32_t clock_rate = 90000;
  std::uint32_t last_rtp_time = 0;
  Timestamp last_presentation{};
  Timestamp last_sent{};
  Timestamp last_report{};
  std::string name;
  std::string note;
  PlayoutDelay playout_delay;
  PlayoutDelayNotice notice;
  Stats stats;

  void apply(const SendSlot& slot) {
    settings = slot;
    local.fill(0xFF);
    for (const auto& mapping : slot.payloads) local[mapping.canonical & 0x7F] = mapping.local;
    padding_payload_type = 0xFF;
    for (const auto& profile : codec_profiles()) {
      const auto rtx = profile.rtx_payload_type;
      if (rtx != 0 && local[rtx] != 0xFF) padding_payload_type = local[rtx];
    }
    if (tells_playout_delay()) return;
    playout_delay = {};
    stats.playout_delay = {};
  }
  [[nodiscard]] bool is_transport_wide() const {
    return settings.extension_ids[static_cast<std::size_t>(Extension::kTransportWide)] != 0;
  }
  /// Of no use where nothing is sent again, and a browser delays sound along with its picture.
  [[nodiscard]] bool tells_playout_delay() const {
    return settings.extension_ids[static_cast<std::size_t>(Extension::kPlayoutDelay)] != 0 &&
           settings.feedback.nack && settings.rtx_ssrc != 0 && settings.kind == MediaKind::kVideo;
  }
  void consider_playout_delay(std::optional<Duration> round_trip, Timestamp now) {
    if (!tells_playout_delay()) return;
    playout_delay.consider(round_trip, now);
    stats.playout_delay = playout_delay.minimum();
  }
  [[nodiscard]] bool can_pad() const {
    return settings.active && settings.rtx_ssrc != 0 && padding_payload_type != 0xFF &&
           (is_transport_wide() || is_timed());
  }
  /// The peer can tell by the times at which packets left what its line carries (REMB).
  [[nodiscard]] bool is_timed() const {
    return settings.feedback.remb &&
           settings.extension_ids[static_cast<std::size_t>(Extension::kAbsSendTime)] != 0;
  }
};

SendEndpoint::SendEndpoint(std::string cname) : cname_(std::move(cname)) {}
SendEndpoint::~SendEndpoint() = default;

SendEndpoint::Slot* SendEndpoint::find(SlotId id) {
  return id < by_id_.size() ? by_id_[id] : nullptr;
}

SendEndpoint::Slot* SendEndpoint::with_ssrc(std::uint32_t ssrc) {
  for (auto& slot : slots_)
    if (slot.settings.ssrc == ssrc) return &slot;
  return nullptr;
}

SendEndpoint::SlotId SendEndpoint::add_slot(const SendSlot& settings) {
  auto& slot = slots_.emplace_back();
  slot.id = static_cast<SlotId>(by_id_.size());
  slot.apply(settings);
  by_id_.push_back(&slot);
  slots_changed();
  return slot.id;
}

void SendEndpoint::update_slot(SlotId id, const SendSlot& settings) {
  if (auto* slot = find(id)) {
    slot->apply(settings);
    slot->packets_with_mid = 0;
    slots_changed();
  }
}

void SendEndpoint::remove_slot(SlotId id) {
  if (!find(id)) return;
  by_id_[id] = nullptr;
  slots_.remove_if([&](const Slot& slot) { return slot.id == id; });
  slots_changed();
}

void SendEndpoint::slots_changed() {
  congestion_.allow_probes(slot_for_padding() != nullptr);
  congestion_.expect_feedback(std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return slot.settings.active && slot.settings.feedback.transport_cc && slot.is_transport_wide();
  }));
}

SendEndpoint::Slot* SendEndpoint::slot_for_padding() {
  Slot* latest = nullptr;
  for (auto& slot : slots_)
    if (slot.can_pad() && (!latest || slot.last_sent > latest->last_sent)) latest = &slot;
  return latest;
}

EgressFields SendEndpoint::fields_for(const Slot& slot, std::uint8_t payload_type,
                                      Duration wall_clock) const {
  EgressFields fields;
  fields.payload_type = payload_type;
  if (slot.packets_with_mid < kPacketsWithMid) fields.mid = slot.settings.mid;
  fields.abs_send_time = to_abs_send_time(wall_clock);
  if (slot.is_transport_wide()) fields.transport_sequence = history_.next_sequence();
  return fields;
}

void SendEndpoint::record(const Slot& slot, Header& header, std::size_t payload_size,
                          const Departure& departure) {
  const std::size_t size = header.size + payload_size + kOverhead;
  header.on_the_wire = DataSize::bytes(static_cast<std::int64_t>(size));
  if (slot.is_transport_wide())
    history_.record(departure.now, static_cast<std::uint32_t>(size), slot.settings.ssrc,
                    departure.probe);
  congestion_.sent(header.on_the_wire, departure.now);
}

SendEndpoint::Header SendEndpoint::write_header(MutableBytes out, SlotId id,
                                                const RtpHeader& source, const RtpPatch& patch,
                                                Timestamp presentation,
                                                const Departure& departure) {
  auto* slot = find(id);
  if (!slot || !slot->settings.active) return {};
  const std::uint8_t payload_type = slot->local[source.payload_type & 0x7F];
  if (payload_type == 0xFF) return {};
  if (const auto* profile = profile_of(source.payload_type)) slot->clock_rate = profile->clock_rate;

  Header header;
  auto fields = fields_for(*slot, payload_type, departure.wall_clock);
  fields.playout_delay =
      slot->notice.next(slot->playout_delay.minimum(), patch.sequence, departure.now);
  header.size = write_egress_header(out, source, patch, slot->settings.extension_ids, fields);
  if (header.size == 0) return {};
  header.rollover = rollover_of(slot->sequences.unwrap(patch.sequence));
  record(*slot, header, source.payload.size(), departure);
  ++slot->packets_with_mid;
  slot->last_rtp_time = patch.timestamp;
  slot->last_presentation = presentation;
  slot->last_sent = departure.now;
  ++slot->stats.packets;
  slot->stats.octets += source.payload.size();
  return header;
}

SendEndpoint::Header SendEndpoint::write_rtx_header(MutableBytes out, SlotId id,
                                                    const RtpHeader& source, const RtpPatch& patch,
                                                    const Departure& departure) {
  auto* slot = find(id);
  if (!slot || !slot->settings.active || slot->settings.rtx_ssrc == 0) return {};
  const auto* profile = profile_of(source.payload_type);
  const std::uint8_t payload_type =
      profile && profile->rtx_payload_type != 0 ? slot->local[profile->rtx_payload_type] : 0xFF;
  if (payload_type == 0xFF) return {};

  RtpPatch rtx = patch;
  rtx.ssrc = slot->settings.rtx_ssrc;
  rtx.sequence = slot->next_rtx_sequence;
  Header header;
  const auto fields = fields_for(*slot, payload_type, departure.wall_clock);
  header.size = write_egress_header(out, source, rtx, slot->settings.extension_ids, fields);
  if (header.size == 0 || !write_rtx_prefix(out, header.size, patch.sequence)) return {};
  ++slot->next_rtx_sequence;
  header.size += kRtxPrefixSize;
  header.prefix = kRtxPrefixSize;
  header.rollover = rollover_of(slot->rtx_sequences.unwrap(rtx.sequence));
  record(*slot, header, source.payload.size(), departure);
  if (!departure.is_filler) ++slot->stats.resent;
  return header;
}

SendEndpoint::Header SendEndpoint::write_padding_header(MutableBytes out, std::uint8_t padding,
                                                        const Departure& departure) {
  auto* slot = slot_for_padding();
  if (!slot || padding == 0) return {};
  const RtpPatch rtx{slot->settings.rtx_ssrc, slot->last_rtp_time, slot->next_rtx_sequence, {}};
  Header header;
  const auto fields = fields_for(*slot, slot->padding_payload_type, departure.wall_clock);
  header.size = write_egress_header(out, RtpHeader{}, rtx, slot->settings.extension_ids, fields);
  if (header.size == 0) return {};
  out[0] |= 0x20;  // P, RFC 3550 5.1
  ++slot->next_rtx_sequence;
  header.rollover = rollover_of(slot->rtx_sequences.unwrap(rtx.sequence));
  record(*slot, header, padding, departure);
  return header;
}

void SendEndpoint::ask_keyframe(Requests& requests, std::uint32_t ssrc) {
  auto* slot = with_ssrc(ssrc);
  if (!slot) return;
  ++slot->stats.keyframe_requests;
  if (std::find(requests.keyframes.begin(), requests.keyframes.end(), slot->id) ==
      requests.keyframes.end())
    requests.keyframes.push_back(slot->id);
}

void SendEndpoint::observe_reports(const ReportBlock& block, std::uint64_t now_ntp) {
  auto* slot = with_ssrc(block.ssrc);
  if (!slot) return;
  auto& stats = slot->stats;
  stats.fraction_lost = block.fraction_lost / 256.0;
  slot->playout_delay.observe_loss(stats.fraction_lost);
  stats.cumulative_lost = block.cumulative_lost;
  slot->notice.observe_report(static_cast<std::uint16_t>(block.extended_highest_sequence));
  stats.jitter = Duration(std::int64_t{block.jitter} * 1'000'000'000 / slot->clock_rate);
  const auto trip = rooms::round_trip(now_ntp, block.last_sr, block.delay_since_last_sr);
  if (trip <= Duration{} || trip > std::chrono::seconds(10)) return;
  stats.round_trip = trip;
  round_trip_ = round_trip_ ? (*round_trip_ * 7 + trip) / 8 : trip;
}

SendEndpoint::Requests SendEndpoint::observe_rtcp(Bytes compound, Timestamp now,
                                                  std::uint64_t now_ntp) {
  Requests requests;
  RtcpReader reader(compound);
  while (auto packet = reader.next()) {
    if (const auto* rr = std::get_if<ReceiverReport>(&*packet)) {
      for (const auto block : rr->reports) observe_reports(block, now_ntp);
    } else if (const auto* sr = std::get_if<SenderReport>(&*packet)) {
      for (const auto block : sr->reports) observe_reports(block, now_ntp);
    } else if (const auto* nack = std::get_if<NackRequest>(&*packet)) {
      if (auto* slot = with_ssrc(nack->media_ssrc)) {
        nack->for_each_sequence([&](std::uint16_t sequence) {
          ++slot->stats.nacked;
          slot->playout_delay.observe_request(now);
          requests.resends.push_back({slot->id, sequence});
        });
        slot->consider_playout_delay(round_trip_, now);
      }
    } else if (const auto* pli = std::get_if<PictureLossIndication>(&*packet)) {
      ask_keyframe(requests, pli->media_ssrc);
    } else if (const auto* fir = std::get_if<FullIntraRequest>(&*packet)) {
      for (const auto entry : fir->entries) ask_keyframe(requests, entry.ssrc);
    } else if (const auto* remb = std::get_if<ReceiverEstimate>(&*packet)) {
      remote_estimate_ = remb->bits_per_second;
      const auto limit = std::min<std::uint64_t>(
          remb->bits_per_second,
          static_cast<std::uint64_t>(DataRate::unlimited().bits_per_second()));
      congestion_.observe_remote_limit(DataRate::bits_per_second(static_cast<std::int64_t>(limit)),
                                       now);
    } else if (const auto* feedback = std::get_if<TransportFeedback>(&*packet)) {
      const auto results = history_.resolve(*feedback, now);
      for (const auto& result : results) ++(result.arrival ? acknowledged_ : missed_);
      congestion_.observe(results, now);
    }
  }
  return requests;
}

void SendEndpoint::describe_slot(SlotId id, std::string name, std::string note) {
  auto* slot = find(id);
  if (!slot || (slot->name == name && slot->note == note)) return;
  const auto told = [](std::string text) {
    return text.size() > SourceItems::kLongest ? "" : text;
  };
  slot->name = told(std::move(name));
  slot->note = told(std::move(note));
  slot->last_report = {};
}

std::size_t SendEndpoint::write_report(MutableBytes out, Timestamp now, std::uint64_t now_ntp) {
  while (next_report_ < by_id_.size()) {
    auto* const whose = by_id_[next_report_++];
    if (!whose) continue;
    auto& slot = *whose;
    slot.consider_playout_delay(round_trip_, now);
    const bool silent = slot.stats.packets == 0 || now - slot.last_sent > 2 * kSenderReportInterval;
    if (silent || now - slot.last_report < kSenderReportInterval) continue;
    const auto info =
        sender_report_at(now, now_ntp, slot.last_rtp_time, slot.last_presentation, slot.clock_rate,
                         static_cast<std::uint32_t>(slot.stats.packets),
                         static_cast<std::uint32_t>(slot.stats.octets));
    slot.last_report = now;
    RtcpWriter writer(out);
    if (writer.sender_report(slot.settings.ssrc, info) &&
        writer.source_description(slot.settings.ssrc, cname_, {slot.name, slot.note}))
      return writer.size();
  }
  next_report_ = 0;
  return 0;
}

std::optional<SendEndpoint::Stats> SendEndpoint::stats(SlotId id) const {
  if (id >= by_id_.size() || !by_id_[id]) return std::nullopt;
  return by_id_[id]->stats;
}

}  // namespace rooms
