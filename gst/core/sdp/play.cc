// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers to players that offer (WHEP): we send.
#include <algorithm>
#include <set>

#include "gst/core/sdp/codec_match.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/core/sdp/sections.h"
#include "gst/core/sdp/streams.h"
#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

class SsrcSource {
 public:
  SsrcSource(std::uint32_t (*source)(void*), void* data, const SessionDescription& offer)
      : next_(source), data_(data) {
    for (const auto& media : offer.media)
      for (const auto& used : media.ssrcs) taken_.insert(used.ssrc);
    taken_.insert(0);
  }
  /// Counts on from a collision instead of asking again: a bad source must not hang us.
  std::uint32_t next() {
    auto ssrc = next_(data_);
    while (!taken_.insert(ssrc).second) ++ssrc;
    return ssrc;
  }

 private:
  std::uint32_t (*next_)(void*);
  void* data_;
  std::set<std::uint32_t> taken_;
};

/// The offer's formats that we know, in its order.
void answer_formats(const SdpMedia& offered, SdpMedia& answer) {
  const auto ids = ids_of(answer.extmaps);
  const bool transport_wide = ids[static_cast<std::size_t>(Extension::kTransportWide)] != 0;
  const auto mappings = mappings_of(offered);
  const auto mapped = [&](std::uint8_t payload_type) {
    return std::any_of(mappings.begin(), mappings.end(),
                       [&](const auto& mapping) { return mapping.local == payload_type; });
  };
  const auto known = [&](std::uint8_t payload_type) -> RowMatch {
    for (const auto& format : offered.formats)
      if (format.payload_type == payload_type) return row_of(offered.kind, format);
    return {};
  };
  for (const auto& format : offered.formats) {
    auto answered = format;
    if (const auto match = row_of(offered.kind, format); match.row) {
      // RED around something that is not our Opus is of no use; other doubles do no harm.
      if (match.row->codec == Codec::kRed && !mapped(format.payload_type)) continue;
      answered.fmtp = answered_fmtp(*match.row, format);
    } else if (equal_ignoring_case(format.name, "rtx")) {
      const auto apt = to_number<std::uint8_t>(fmtp_value(format.fmtp, "apt").value_or(""));
      if (!apt || !known(*apt).row) continue;
      answered.fmtp = "apt=" + std::to_string(*apt);
    } else {
      continue;
    }
    answered.feedback = answered_feedback(format, transport_wide);
    answer.formats.push_back(std::move(answered));
  }
}

/// A player without transport-wide feedback tells by the times at which packets left what its line
/// carries (REMB). Some (aiortc) offer that under an id which means the level of sound in another
/// section; one of them has to go, and the level is worth less to who plays.
SdpMedia reserved_for_send_times(const SessionDescription& offer) {
  SdpMedia reserved;
  for (const auto& media : offer.media) {
    if (media.kind != MediaKind::kVideo || !receives(media.direction)) continue;
    for (const auto& extmap : media.extmaps) {
      const auto extension = extension_with_uri(extmap.uri);
      if (extension == Extension::kTransportWide) return {};
      if (extension == Extension::kAbsSendTime) reserved.extmaps.push_back(extmap);
    }
  }
  return reserved;
}

bool has_codec(const SdpMedia& offered) {
  return std::any_of(offered.formats.begin(), offered.formats.end(), [&](const auto& format) {
    const auto match = row_of(offered.kind, format);
    return match.row && match.row->codec != Codec::kRed;
  });
}

}  // namespace

Result<PlayAnswer> answer_play(const SessionDescription& offer, const std::string& cname,
                               std::uint32_t (*next_ssrc)(void*), void* next_ssrc_data) {
  std::vector<bool> wanted(offer.media.size());
  bool has_data = false;
  bool worthwhile = false;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const auto& media = offer.media[i];
    const bool data = is_data(media) && !has_data;
    has_data |= data;
    wanted[i] = data || (is_usable_rtp(media) && has_codec(media));
    worthwhile |= wanted[i] && !data && receives(media.direction);
  }
  if (!worthwhile)
    return Error{
        "sdp-no-media",
        "The offer has no section that receives (a=recvonly or a=sendrecv) with a codec that "
        "is carried here: Opus, G722, PCMU, PCMA; VP8, VP9, H264, AV1; all with "
        "a=rtcp-mux."};

  const auto accepted = carried_sections(offer, wanted);
  SsrcSource ssrcs(next_ssrc, next_ssrc_data, offer);
  PlayAnswer result;
  result.answer = answer_to(offer, accepted);
  // What may not be contradicted: what is answered, and what is going to be.
  std::vector<SdpMedia> before = {reserved_for_send_times(offer)};
  std::size_t audio_slots = 0;
  std::size_t video_slots = 0;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const auto& media = offer.media[i];
    if (is_data(media) && accepted[i]) {
      result.answer.media.push_back(accepting_data(media));
      result.data = true;
      result.data_mid = media.mid;
      continue;
    }
    if (!accepted[i]) {
      result.answer.media.push_back(rejecting(media));
      if (media.kind != MediaKind::kApplication && media.other_kind.empty()) {
        auto& slot = result.slots.emplace_back();
        slot.mid = media.mid;
        slot.kind = media.kind;
      }
      continue;
    }
    const bool active = receives(media.direction);
    auto answer = accepting(media, active ? Direction::kSendOnly : Direction::kInactive);
    answer.extmaps = answered_extmaps(media, false, before);
    before.emplace_back().extmaps = answer.extmaps;
    answer_formats(media, answer);
    auto slot = send_slot(answer, answer.extmaps);
    slot.active &= active;
    slot.mixed_extensions = offer.extmap_allow_mixed;
    if (slot.active) {
      slot.ssrc = ssrcs.next();
      if (repairs(slot)) slot.rtx_ssrc = ssrcs.next();
      const auto ordinal = media.kind == MediaKind::kAudio ? audio_slots++ : video_slots++;
      announce_stream(answer, {slot.ssrc, slot.rtx_ssrc, cname, "slot" + std::to_string(ordinal),
                               media.mid + "-track"});
    }
    result.answer.media.push_back(std::move(answer));
    result.slots.push_back(std::move(slot));
  }
  const bool plays = std::any_of(result.slots.begin(), result.slots.end(),
                                 [](const auto& slot) { return slot.active; });
  if (!plays)
    return Error{
        "sdp-no-bundle",
        "The first section of the offer receives nothing, and the others are on transports of "
        "their own. Offer one transport: bundlePolicy 'max-bundle'."};
  auto transport = peer_transport(offer, accepted);
  if (!transport) return transport.error();
  result.transport = std::move(*transport);
  return result;
}

}  // namespace rooms
