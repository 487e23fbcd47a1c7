// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/receive_endpoint.h"

#include <algorithm>

#include "gst/core/endpoint/rtx.h"
#include "gst/core/rtcp/rtcp_parser.h"
#include "gst/core/rtcp/rtcp_writer.h"

namespace rooms {
namespace {

constexpr std::uint8_t kUnknown = 0xFF;
constexpr Duration kReceiverReportInterval = std::chrono::seconds(1);
// A publisher tells us no round-trip time; requests further apart than this cost more delay than
// they save packets.
constexpr Duration kAssumedRoundTrip = std::chrono::milliseconds(60);
// Peers without transport-wide feedback grow towards what REMB allows; there is no estimate behind
// it.
constexpr DataRate kEstimateForAll = DataRate::kilobits_per_second(2500);
// To the others a limit is told. That it is gone is told a few times, for a report may be lost.
constexpr DataRate kNoLimit = DataRate::kilobits_per_second(100'000);
constexpr unsigned kTellings = 5;

const CodecProfile* profile_with_rtx(std::uint8_t canonical_rtx) {
  for (const auto& row : codec_profiles())
    if (row.rtx_payload_type == canonical_rtx && canonical_rtx != 0) return &row;
  return nullptr;
}

}  // namespace

struct ReceiveEndpoint::Encoding {
  Encoding(EncodingId identity, PublisherClock& publisher, std::uint32_t clock_rate)
      : id(identity),
        reports(0, clock_rate),
        clock(publisher, clock_rate),
        rate(clock_rate),
        levels(clock_rate) {}

  EncodingId id;
  ReceivedMedia media;
  std::string rid;
  std::uint32_t ssrc = 0;  ///< 0: not seen yet
  std::uint32_t rtx_ssrc = 0;
  ReceiveStatistics reports;
  NackGenerator nack;
  SenderReportClock clock;
  std::uint32_t rate;
  bool wants_keyframe = false;
  std::uint8_t fir_sequence = 0;
  std::uint64_t keyframe_requests = 0;
  LevelLog levels;

  [[nodiscard]] bool is_video() const { return media.kind == MediaKind::kVideo; }
};

ReceiveEndpoint::ReceiveEndpoint(std::uint32_t local_ssrc, std::string cname)
    : local_ssrc_(local_ssrc), cname_(std::move(cname)) {
  canonical_.fill(kUnknown);
}

ReceiveEndpoint::~ReceiveEndpoint() = default;

ReceiveEndpoint::Encoding* ReceiveEndpoint::find(EncodingId id) const {
  for (auto& encoding : encodings_)
    if (encoding.id == id) return &encoding;
  return nullptr;
}

ReceiveEndpoint::Encoding* ReceiveEndpoint::find(std::string_view mid, std::string_view rid) const {
  for (auto& encoding : encodings_)
    if (encoding.media.mid == mid && encoding.rid == rid) return &encoding;
  return nullptr;
}

ReceiveEndpoint::EncodingId ReceiveEndpoint::set_encoding(const ReceivedMedia& media,
                                                          std::size_t index) {
  const std::string rid = index < media.rids.size() ? media.rids[index] : std::string();
  const auto* profile = profile_of(media.payload_type);
  const std::uint32_t rate = profile ? profile->clock_rate : 90000;
  auto* encoding = find(media.mid, rid);
  if (!encoding) {
    encoding = &encodings_.emplace_back(next_id_++, clock_, rate);
  } else if (encoding->rate != rate) {
    encoding->rate = rate;
    encoding->clock = SenderReportClock(clock_, rate);
    encoding->reports = ReceiveStatistics(encoding->ssrc, rate);
  }
  encoding->media = media;
  encoding->rid = rid;
  rebuild_tables();
  if (index < media.ssrcs.size() && media.ssrcs[index] != 0)
    bind(media.ssrcs[index], {encoding, false});
  if (index < media.rtx_ssrcs.size() && media.rtx_ssrcs[index] != 0)
    bind(media.rtx_ssrcs[index], {encoding, true});
  return encoding->id;
}

void ReceiveEndpoint::remove_encoding(EncodingId id) {
  std::erase_if(sources_, [&](const auto& entry) { return entry.second.encoding->id == id; });
  encodings_.remove_if([&](const Encoding& encoding) { return encoding.id == id; });
  rebuild_tables();
}

void ReceiveEndpoint::rebuild_tables() {
  canonical_.fill(kUnknown);
  ExtensionIds ids{};
  transport_cc_ = false;
  remb_ = false;
  // Within a bundle one number means one thing in all sections (RFC 8843 9.1, RFC 8285 6), so one
  // table serves all.
  for (const auto& encoding : encodings_) {
    for (const auto& mapping : encoding.media.payloads)
      if (mapping.local < 128) canonical_[mapping.local] = mapping.canonical;
    for (std::size_t i = 1; i < ids.size(); ++i)
      if (encoding.media.extension_ids[i] != 0) ids[i] = encoding.media.extension_ids[i];
    transport_cc_ |= encoding.media.feedback.transport_cc;
    remb_ |= encoding.media.feedback.remb;
  }
  extensions_ = IngressExtensions(ids);
}

void ReceiveEndpoint::bind(std::uint32_t ssrc, Source source) {
  auto& known = source.is_rtx ? source.encoding->rtx_ssrc : source.encoding->ssrc;
  // Known alone is not enough: SSRC 0 looks like "not seen yet", and another encoding of a confused
  // peer may have taken and left the entry.
  if (known == ssrc && sources_.contains(ssrc)) return;
  if (known != 0) sources_.erase(known);
  known = ssrc;
  sources_[ssrc] = source;
  if (source.is_rtx) return;
  source.encoding->reports = ReceiveStatistics(ssrc, source.encoding->rate);
  source.encoding->nack = NackGenerator();
  source.encoding->clock = SenderReportClock(clock_, source.encoding->rate);
}

/// RFC 8843 9.2 and RFC 8852: by MID and RID, else by a payload type that only one encoding can
/// have.
std::optional<ReceiveEndpoint::Source> ReceiveEndpoint::identify(const RtpHeader& header) const {
  const auto text = [&](Extension e) -> std::string_view {
    const auto data = extensions_.find(header, e);
    return data ? as_text(*data) : std::string_view();
  };
  const auto canonical = canonical_[header.payload_type];
  const bool is_rtx = canonical != kUnknown && profile_with_rtx(canonical) != nullptr;
  const auto mid = text(Extension::kMid);
  const auto repaired = text(Extension::kRepairedRid);
  const auto rid = repaired.empty() ? text(Extension::kRid) : repaired;
  if (!mid.empty()) {
    if (auto* encoding = find(mid, rid)) return Source{encoding, is_rtx};
    return std::nullopt;
  }
  Encoding* only = nullptr;
  for (auto& encoding : encodings_) {
    const auto& payloads = encoding.media.payloads;
    const bool fits = std::any_of(payloads.begin(), payloads.end(), [&](const PayloadMapping& m) {
      return m.local == header.payload_type;
    });
    if (!fits || (!rid.empty() && encoding.rid != rid)) continue;
    if (only) return std::nullopt;  // ambiguous
    only = &encoding;
  }
  if (!only) return std::nullopt;
  // Without MID, an SSRC that was announced is worth more than a guess.
  if (rid.empty() && (is_rtx ? only->rtx_ssrc : only->ssrc) != 0 && only->reports.packets() > 0)
    return std::nullopt;
  return Source{only, is_rtx};
}

ReceiveEndpoint::Source* ReceiveEndpoint::source_of(const RtpHeader& header) {
  auto entry = sources_.find(header.ssrc);
  if (entry == sources_.end()) {
    const auto source = identify(header);
    if (!source) return nullptr;
    bind(header.ssrc, *source);
    entry = sources_.find(header.ssrc);
  }
  return &entry->second;
}

ReceiveEndpoint::Outcome ReceiveEndpoint::drop(Drop reason) {
  ++drops_[static_cast<std::size_t>(reason)];
  return {std::nullopt, reason};
}

ReceiveEndpoint::Outcome ReceiveEndpoint::accept(MutableBytes packet, const RtpHeader& header,
                                                 Timestamp now) {
  if (transport_cc_) {
    const auto number = extensions_.find(header, Extension::kTransportWide);
    if (number && number->size() == 2) transport_feedback_.observe(load_u16(number->data()), now);
  }
  const auto canonical = canonical_[header.payload_type & 0x7F];
  if (canonical == kUnknown) return drop(Drop::kUnknownPayload);
  const auto* source = source_of(header);
  if (!source) return drop(Drop::kUnknownSsrc);
  auto& encoding = *source->encoding;
  if (!encoding.media.active) return drop(Drop::kInactive);
  if (encoding.ssrc != 0) latest_ = encoding.id;

  const auto* original = profile_with_rtx(canonical);
  if (!original) {
    packet[1] = static_cast<std::uint8_t>((packet[1] & 0x80) | canonical);
    return accept_media(encoding, packet, header, now, false);
  }
  if (encoding.ssrc == 0) return drop(Drop::kUnknownSsrc);
  const auto restored = restore_original(packet, header, encoding.ssrc, original->payload_type);
  if (!restored) return drop(Drop::kProbe);
  const auto inner = parse_rtp(*restored);
  if (!inner) return drop(Drop::kMalformed);
  return accept_media(encoding, *restored, *inner, now, true);
}

ReceiveEndpoint::Outcome ReceiveEndpoint::accept_media(Encoding& encoding, MutableBytes packet,
                                                       RtpHeader header, Timestamp now,
                                                       bool recovered) {
  // Retransmissions would look like jitter and undo losses that the sender should know of (RFC
  // 4588 6.1).
  if (!recovered) {
    encoding.reports.observe(header.sequence, header.timestamp, header.payload.size(), now);
    encoding.clock.observe_packet(header.timestamp, now);
  }
  if (encoding.media.feedback.nack) {
    const auto arrival = encoding.nack.observe(header.sequence, now);
    if (arrival == PacketArrival::kDuplicate) return drop(Drop::kDuplicate);
  }
  observe_audio_level(encoding, header, now);
  extensions_.canonicalize(packet, header);
  header.payload_type = packet[1] & 0x7F;

  Accepted accepted;
  accepted.encoding = encoding.id;
  accepted.packet = packet;
  accepted.header = header;
  accepted.captured = encoding.clock.capture_time(header.timestamp);
  accepted.recovered = recovered;
  return {accepted, Drop::kMalformed};
}

void ReceiveEndpoint::observe_audio_level(Encoding& encoding, const RtpHeader& header,
                                          Timestamp now) {
  if (encoding.is_video()) return;
  const auto level = extensions_.find(header, Extension::kAudioLevel);
  if (level && level->size() == 1) encoding.levels.add((*level)[0] & 0x7F, header.timestamp, now);
}

std::vector<HeardLevel> ReceiveEndpoint::take_audio_levels(EncodingId id) {
  auto* encoding = find(id);
  return encoding ? encoding->levels.take() : std::vector<HeardLevel>{};
}

void ReceiveEndpoint::observe_rtcp(Bytes compound, Timestamp now) {
  RtcpReader reader(compound);
  while (auto packet = reader.next()) {
    const auto* report = std::get_if<SenderReport>(&*packet);
    if (!report) continue;
    const auto entry = sources_.find(report->ssrc);
    if (entry == sources_.end() || entry->second.is_rtx) continue;
    auto& encoding = *entry->second.encoding;
    encoding.reports.observe_sender_report(report->ntp_time, now);
    encoding.clock.observe_sr(report->ntp_time, report->rtp_time, now);
  }
}

void ReceiveEndpoint::request_keyframe(EncodingId id) {
  if (auto* encoding = find(id)) encoding->wants_keyframe = true;
}

void ReceiveEndpoint::limit(std::optional<DataRate> rate, Timestamp now) {
  if (rate == limit_) return;
  tell_unlimited_ = rate ? 0 : kTellings;
  limit_ = rate;
  next_report_ = now;
}

std::size_t ReceiveEndpoint::write_rtcp(MutableBytes out, Timestamp now) {
  RtcpWriter writer(out);
  if (!next_report_) next_report_ = now;
  if (*next_report_ <= now && write_reports(writer, now))
    next_report_ = now + kReceiverReportInterval;
  for (auto& encoding : encodings_) {
    if (encoding.ssrc == 0) continue;
    const auto requests = encoding.nack.due(now, kAssumedRoundTrip);
    if (!requests.sequences.empty()) writer.nack(local_ssrc_, encoding.ssrc, requests.sequences);
    if (requests.wants_keyframe && encoding.is_video()) encoding.wants_keyframe = true;
    if (!encoding.wants_keyframe || !encoding.is_video()) continue;
    const bool written =
        encoding.media.feedback.pli || !encoding.media.feedback.fir
            ? writer.picture_loss(local_ssrc_, encoding.ssrc)
            : writer.full_intra_request(local_ssrc_, encoding.ssrc, encoding.fir_sequence);
    if (!written) continue;
    ++encoding.fir_sequence;
    ++encoding.keyframe_requests;
    encoding.wants_keyframe = false;
  }
  const auto due = transport_feedback_.due();
  if (due && *due <= now) {
    // Of one that is received: libwebrtc takes no feedback for an SSRC that it does not send.
    const auto* latest = find(latest_);
    while (transport_feedback_.write(writer, local_ssrc_, latest ? latest->ssrc : 0)) {
    }
  }
  return writer.size();
}

bool ReceiveEndpoint::write_reports(RtcpWriter& writer, Timestamp now) {
  std::vector<ReportBlock> blocks;
  for (auto& encoding : encodings_) {
    if (encoding.ssrc != 0 && encoding.reports.packets() > 0 && blocks.size() < 31)
      blocks.push_back(encoding.reports.report(now));
  }
  if (!writer.receiver_report(local_ssrc_, blocks)) return false;
  writer.source_description(local_ssrc_, cname_);
  if (remb_) write_limit(writer);
  return true;
}

void ReceiveEndpoint::write_limit(RtcpWriter& writer) {
  if (transport_cc_ && !limit_ && tell_unlimited_ == 0) return;
  const auto most = transport_cc_ ? kNoLimit : kEstimateForAll;
  std::vector<std::uint32_t> ssrcs;
  for (const auto& encoding : encodings_)
    if (encoding.ssrc != 0 && encoding.is_video()) ssrcs.push_back(encoding.ssrc);
  if (ssrcs.empty()) return;
  const auto told =
      static_cast<std::uint64_t>(std::min(limit_.value_or(most), most).bits_per_second());
  if (writer.receiver_estimate(local_ssrc_, told, ssrcs) && tell_unlimited_ > 0) --tell_unlimited_;
}

Timestamp ReceiveEndpoint::next_rtcp(Timestamp now) const {
  Timestamp next = next_report_.value_or(now);
  if (const auto due = transport_feedback_.due()) next = std::min(next, *due);
  for (const auto& encoding : encodings_) {
    if (encoding.wants_keyframe && encoding.ssrc != 0) return now;
    if (const auto due = encoding.nack.next_due(kAssumedRoundTrip)) next = std::min(next, *due);
  }
  return next;
}

std::optional<ReceiveEndpoint::Stats> ReceiveEndpoint::stats(EncodingId id) const {
  const auto* encoding = find(id);
  if (!encoding) return std::nullopt;
  Stats stats;
  stats.ssrc = encoding->ssrc;
  stats.packets = encoding->reports.packets();
  stats.octets = encoding->reports.octets();
  stats.lost = encoding->reports.lost();
  stats.nacked = encoding->nack.requested();
  stats.recovered = encoding->nack.recovered();
  stats.keyframe_requests = encoding->keyframe_requests;
  stats.jitter = encoding->reports.jitter();
  return stats;
}

}  // namespace rooms
