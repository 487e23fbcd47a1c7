// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/publish_plan.h"

#include <algorithm>

#include "gst/core/client/answer.h"
#include "gst/core/sdp/codec_match.h"
#include "gst/core/sdp/sections.h"
#include "gst/core/sdp/streams.h"
#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

std::vector<SdpExtmap> extmaps_for(const SentMedia& media) {
  std::vector<Extension> wanted = {Extension::kMid, Extension::kTransportWide};
  if (media.layers.size() > 1) {
    wanted.push_back(Extension::kRid);
    wanted.push_back(Extension::kRepairedRid);
  }
  std::vector<SdpExtmap> extmaps;
  for (const auto extension : wanted)
    extmaps.push_back({static_cast<std::uint16_t>(extension), std::string(uri_of(extension)),
                       Direction::kSendRecv});
  return extmaps;
}

void offer_formats(SdpMedia& section, const SentMedia& media) {
  const auto* row = row_of(media.kind, media.format).row;
  auto format = media.format;
  if (!row) return;  // whoever asks has refused it before
  format.payload_type = row->payload_type;
  format.name = row->name;
  format.clock_rate = row->clock_rate;
  format.channels = row->channels;
  if (format.fmtp.empty()) format.fmtp = row->fmtp;
  const bool video = media.kind == MediaKind::kVideo;
  format.feedback = video ? std::vector<std::string>{"transport-cc", "ccm fir", "nack", "nack pli"}
                          : std::vector<std::string>{"transport-cc"};
  section.formats = {format};
  const bool repaired = std::any_of(media.layers.begin(), media.layers.end(),
                                    [](const auto& layer) { return layer.rtx_ssrc != 0; });
  if (!repaired || row->rtx_payload_type == 0) return;
  SdpFormat rtx;
  rtx.payload_type = row->rtx_payload_type;
  rtx.name = "rtx";
  rtx.clock_rate = row->clock_rate;
  rtx.fmtp = "apt=" + std::to_string(format.payload_type);
  section.formats.push_back(std::move(rtx));
}

void offer_layers(SdpMedia& section, const SentMedia& media, const std::string& name) {
  section.msid_stream = name;
  section.msid_track = media.track;
  if (media.layers.size() == 1) {
    const auto& only = media.layers.front();
    announce_stream(section, {only.ssrc, only.rtx_ssrc, name, name, media.track});
    return;
  }
  // As browsers do: packets tell by RID which layer they are of, and no a=ssrc says so.
  for (const auto& layer : media.layers) {
    section.rids.push_back({layer.rid, true, {}});
    section.simulcast_send += (section.simulcast_send.empty() ? "" : ";") + layer.rid;
  }
}

/// RFC 8853 5.1: what a=simulcast:recv names; "~" before a layer: paused.
std::vector<bool> answered_layers(const SdpMedia& answered, const std::vector<SentLayer>& offered) {
  std::vector<bool> taken(offered.size(), false);
  for (const auto stream : split(answered.simulcast_recv, ';')) {
    for (const auto rid : split(stream, ',')) {
      for (std::size_t i = 0; i < offered.size(); ++i)
        if (offered[i].rid == rid && !rid.empty()) taken[i] = true;
    }
  }
  return taken;
}

SentSection section_of(const SdpMedia& offered, const SentMedia& media, const SdpMedia& answered) {
  SentSection section;
  section.mid = offered.mid;
  if (answered.rejected || !receives(answered.direction) || offered.formats.empty()) return section;
  const auto& ours = offered.formats.front();
  const auto theirs =
      std::find_if(answered.formats.begin(), answered.formats.end(), [&](const SdpFormat& format) {
        return format.payload_type == ours.payload_type &&
               equal_ignoring_case(format.name, ours.name);
      });
  if (theirs == answered.formats.end()) return section;
  section.accepted = true;
  section.payload_type = ours.payload_type;
  section.rtx_payload_type = repair_type(answered, ours.payload_type);
  section.extension_ids = ids_of(answered.extmaps);
  section.transport_cc =
      section.extension_ids[static_cast<std::size_t>(Extension::kTransportWide)] != 0 &&
      std::find(theirs->feedback.begin(), theirs->feedback.end(), "transport-cc") !=
          theirs->feedback.end();
  section.layers = answered_layers(answered, media.layers);
  section.by_rid =
      std::find(section.layers.begin(), section.layers.end(), true) != section.layers.end() &&
      section.extension_ids[static_cast<std::size_t>(Extension::kRid)] != 0;
  if (section.by_rid) return section;
  section.layers.assign(media.layers.size(), false);
  section.layers.back() = true;
  return section;
}

}  // namespace

std::uint8_t sent_payload_type(MediaKind kind, const SdpFormat& format) {
  const auto* row = row_of(kind, format).row;
  return row ? row->payload_type : std::uint8_t{0};
}

SessionDescription publish_offer(const SessionDescription& local,
                                 const std::vector<SentMedia>& media, const std::string& name) {
  SessionDescription offer = local;
  offer.bundle.clear();
  for (std::size_t i = 0; i < offer.media.size() && i < media.size(); ++i) {
    auto& section = offer.media[i];
    SdpMedia kept;
    kept.kind = media[i].kind;
    kept.protocol = section.protocol;
    kept.mid = section.mid;
    kept.transport = std::move(section.transport);
    kept.candidates = std::move(section.candidates);
    kept.direction = Direction::kSendOnly;
    kept.rtcp_rsize = true;
    kept.extmaps = extmaps_for(media[i]);
    offer_formats(kept, media[i]);
    offer_layers(kept, media[i], name);
    section = std::move(kept);
    offer.bundle.push_back(section.mid);
  }
  return offer;
}

Result<PublishPlan> plan_publishing(const SessionDescription& offer,
                                    const std::vector<SentMedia>& media,
                                    const SessionDescription& answer) {
  auto transport = transport_in_answer(offer, answer);
  if (!transport) return transport.error();
  PublishPlan plan;
  plan.transport = *transport;
  std::vector<bool> used;
  for (std::size_t i = 0; i < media.size(); ++i) {
    plan.sections.push_back(section_of(offer.media[i], media[i], answer.media[i]));
    used.push_back(plan.sections.back().accepted);
    if (used.back()) continue;
    plan.refused += (plan.refused.empty() ? "" : ", ") + std::string(name_of(media[i].kind)) +
                    " (" + media[i].format.name + ")";
  }
  if (std::find(used.begin(), used.end(), true) == used.end())
    return Error{"codec-refused", "The server takes none of what is sent: " + plan.refused +
                                      ". It answered with " + formats_told(answer) + "."};
  plan.for_webrtcbin = answer_for_webrtcbin(offer, answer, *transport, used);
  return plan;
}

}  // namespace rooms
