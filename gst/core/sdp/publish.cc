// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers to those who send to us.
#include <algorithm>
#include <map>

#include "gst/core/sdp/codec_match.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/core/sdp/sections.h"
#include "gst/core/sdp/simulcast.h"

namespace rooms {
namespace {

struct Choice {
  const SdpFormat* format = nullptr;
  const CodecProfile* row = nullptr;
};

/// The preferred configuration of one codec is the first row that has it: for H.264 what every
/// decoder takes (Constrained Baseline, mode 1), for VP9 profile 0.
Choice choose(const SdpMedia& offered, Codec codec) {
  Choice best;
  for (const auto& format : offered.formats) {
    const auto match = row_of(offered.kind, format);
    if (!match.row || match.row->codec != codec) continue;
    if (!best.row || match.row < best.row) best = {&format, match.row};
  }
  return best;
}

Choice choose(const SdpMedia& offered, const CodecPolicy& policy) {
  const auto& order = offered.kind == MediaKind::kAudio ? policy.audio : policy.video;
  for (const auto codec : order) {
    if (codec == Codec::kRed) continue;
    if (const auto choice = choose(offered, codec); choice.row) return choice;
  }
  for (const auto& format : offered.formats) {
    const auto match = row_of(offered.kind, format);
    if (match.row && match.row->codec != Codec::kRed) return choose(offered, match.row->codec);
  }
  return {};
}

/// A sender uses the first payload type of an answer: RED before Opus means "send RED".
bool wants_red_first(const SdpFormat* red, const Choice& opus, const CodecPolicy& policy) {
  if (policy.audio.empty()) return red < opus.format;  // both point into the offer's list
  const auto& order = policy.audio;
  return std::find(order.begin(), order.end(), Codec::kRed) <
         std::find(order.begin(), order.end(), Codec::kOpus);
}

const SdpFormat* red_for(const SdpMedia& offered, const Choice& choice, const CodecPolicy& policy) {
  const auto& order = policy.audio;
  const bool allowed =
      order.empty() || std::find(order.begin(), order.end(), Codec::kRed) != order.end();
  if (choice.row->codec != Codec::kOpus || !allowed) return nullptr;
  for (const auto& format : offered.formats) {
    const auto match = row_of(offered.kind, format);
    if (match.row && match.row->codec == Codec::kRed &&
        red_carries(format, choice.format->payload_type))
      return &format;
  }
  return nullptr;
}

struct SectionAnswer {
  SdpMedia media;
  ReceivedMedia received;
};

void answer_formats(const SdpMedia& offered, const Choice& choice, const CodecPolicy& policy,
                    SectionAnswer& section) {
  const bool transport_wide =
      section.received.extension_ids[static_cast<std::size_t>(Extension::kTransportWide)] != 0;
  const auto add = [&](const SdpFormat& format, std::string fmtp, std::uint8_t canonical) {
    auto answered = format;
    answered.fmtp = std::move(fmtp);
    answered.feedback = answered_feedback(format, transport_wide, policy.remb_as_limit);
    section.media.formats.push_back(std::move(answered));
    section.received.payloads.push_back({format.payload_type, canonical});
  };
  const auto* red = red_for(offered, choice, policy);
  const auto add_red = [&] { add(*red, red->fmtp, profile_of(Codec::kRed)->payload_type); };
  const bool red_first = red && wants_red_first(red, choice, policy);
  if (red_first) add_red();
  add(*choice.format, answered_fmtp(*choice.row, *choice.format), choice.row->payload_type);
  if (red && !red_first) add_red();
  if (choice.row->rtx_payload_type == 0) return;
  if (const auto* rtx = rtx_of(offered, choice.format->payload_type))
    add(*rtx, "apt=" + std::to_string(choice.format->payload_type), choice.row->rtx_payload_type);
}

SectionAnswer answer_section(const SdpMedia& offered, const Choice& choice,
                             const CodecPolicy& policy, const std::vector<SdpMedia>& before) {
  const bool active = sends(offered.direction);
  SectionAnswer section;
  section.media = accepting(offered, active ? Direction::kRecvOnly : Direction::kInactive);
  section.media.extmaps = answered_extmaps(offered, true, before);
  auto& received = section.received;
  received.mid = offered.mid;
  received.kind = offered.kind;
  received.active = active;
  received.codec = choice.row->codec;
  received.payload_type = choice.row->payload_type;
  received.extension_ids = ids_of(section.media.extmaps);
  received.msid_track = offered.msid_track;
  answer_formats(offered, choice, policy, section);
  received.feedback = feedback_of(section.media);
  if (!active) return section;

  auto encodings = encodings_of(offered, choice.format->payload_type);
  section.media.rids = std::move(encodings.answered_rids);
  section.media.simulcast_recv = std::move(encodings.answered_simulcast);
  received.rids = std::move(encodings.rids);
  received.ssrcs = std::move(encodings.ssrcs);
  received.rtx_ssrcs = std::move(encodings.rtx_ssrcs);
  return section;
}

/// Packets find their section by SSRC too: what two sections claim is nobody's, and MID has to
/// tell.
void drop_contested_ssrcs(std::vector<ReceivedMedia>& media) {
  std::map<std::uint32_t, int> claims;
  const auto count = [&](const auto& list) {
    for (const auto ssrc : list) claims[ssrc] += ssrc != 0 ? 1 : 0;
  };
  for (const auto& received : media) {
    count(received.ssrcs);
    count(received.rtx_ssrcs);
  }
  const auto contested = [&](std::uint32_t ssrc) { return claims[ssrc] > 1; };
  for (auto& received : media) {
    if (std::any_of(received.ssrcs.begin(), received.ssrcs.end(), contested)) {
      received.ssrcs.clear();
      received.rtx_ssrcs.clear();
    }
    std::replace_if(received.rtx_ssrcs.begin(), received.rtx_ssrcs.end(), contested, 0u);
  }
}

}  // namespace

Result<PublishAnswer> answer_publish(const SessionDescription& offer, const CodecPolicy& policy) {
  std::vector<Choice> choices(offer.media.size());
  std::vector<bool> wanted(offer.media.size());
  bool has_data = false;
  bool worthwhile = false;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const auto& media = offer.media[i];
    if (is_usable_rtp(media)) choices[i] = choose(media, policy);
    const bool data = is_data(media) && !has_data;
    has_data |= data;
    wanted[i] = choices[i].row || data;
    worthwhile |= data || (choices[i].row && sends(media.direction));
  }
  const bool anything = std::find(wanted.begin(), wanted.end(), true) != wanted.end();
  if (!anything)
    return Error{
        "sdp-no-media",
        "The offer has no section with a codec that is carried here (Opus, G722, PCMU, PCMA; "
        "VP8, VP9, H264, AV1; all with a=rtcp-mux) and no data channel."};

  const auto accepted = carried_sections(offer, wanted);
  PublishAnswer result;
  result.answer = answer_to(offer, accepted);
  bool carries = false;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const auto& media = offer.media[i];
    if (is_data(media) && accepted[i]) {
      result.answer.media.push_back(accepting_data(media));
      result.data = carries = true;
      result.data_mid = media.mid;
    } else if (accepted[i]) {
      auto section = answer_section(media, choices[i], policy, result.answer.media);
      carries |= section.received.active;
      result.answer.media.push_back(std::move(section.media));
      result.media.push_back(std::move(section.received));
    } else {
      result.answer.media.push_back(rejecting(media));
      if (media.kind != MediaKind::kApplication && media.other_kind.empty()) {
        auto& received = result.media.emplace_back();
        received.mid = media.mid;
        received.kind = media.kind;
      }
    }
  }
  if (worthwhile && !carries)
    return Error{
        "sdp-no-bundle",
        "The first section of the offer sends nothing, and the others are on transports of "
        "their own. Offer one transport: bundlePolicy 'max-bundle'."};
  drop_contested_ssrcs(result.media);
  auto transport = peer_transport(offer, accepted);
  if (!transport) return transport.error();
  result.transport = std::move(*transport);
  return result;
}

}  // namespace rooms
