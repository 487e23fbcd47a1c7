// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/play_plan.h"

#include <algorithm>
#include <array>

#include "gst/core/client/answer.h"

namespace rooms {
namespace {

constexpr std::array kPlayable = {Codec::kOpus, Codec::kVp8,  Codec::kH264, Codec::kVp9,
                                  Codec::kG722, Codec::kPcmu, Codec::kPcma};

void add_row(const CodecProfile& row, SdpMedia& section) {
  const bool video = row.kind == MediaKind::kVideo;
  SdpFormat format;
  format.payload_type = row.payload_type;
  format.name = row.name;
  format.clock_rate = row.clock_rate;
  format.channels = row.channels;
  format.fmtp = row.fmtp;
  format.feedback = video ? std::vector<std::string>{"transport-cc", "ccm fir", "nack", "nack pli"}
                          : std::vector<std::string>{"transport-cc"};
  section.formats.push_back(std::move(format));
  if (row.rtx_payload_type == 0) return;
  SdpFormat rtx;
  rtx.payload_type = row.rtx_payload_type;
  rtx.name = "rtx";
  rtx.clock_rate = row.clock_rate;
  rtx.fmtp = "apt=" + std::to_string(row.payload_type);
  section.formats.push_back(std::move(rtx));
}

void offer_codecs(SdpMedia& section) {
  for (const auto codec : kPlayable)
    for (const auto& row : codec_profiles())
      if (row.codec == codec && row.kind == section.kind) add_row(row, section);
  for (const auto extension : {Extension::kMid, Extension::kTransportWide})
    section.extmaps.push_back({static_cast<std::uint16_t>(extension),
                               std::string(uri_of(extension)), Direction::kSendRecv});
}

bool is_playable(const SdpMedia& media) {
  return std::any_of(media.formats.begin(), media.formats.end(), [](const SdpFormat& format) {
    const auto codec = codec_named(format.name);
    return std::find(kPlayable.begin(), kPlayable.end(), codec) != kPlayable.end();
  });
}

/// RTX and FEC streams bring no picture of their own.
bool repairs(const SdpMedia& media, std::uint32_t ssrc) {
  return std::any_of(media.ssrc_groups.begin(), media.ssrc_groups.end(),
                     [&](const SdpSsrcGroup& group) {
                       return group.semantics.starts_with("F") && group.ssrcs.size() == 2 &&
                              group.ssrcs[1] == ssrc;
                     });
}

}  // namespace

SessionDescription play_offer(const SessionDescription& local) {
  SessionDescription offer = local;
  offer.bundle.clear();
  for (auto& section : offer.media) {
    SdpMedia kept;
    kept.kind = section.kind;
    kept.protocol = section.protocol;
    kept.mid = section.mid;
    kept.transport = std::move(section.transport);
    kept.candidates = std::move(section.candidates);
    kept.direction = Direction::kRecvOnly;
    kept.rtcp_rsize = true;
    offer_codecs(kept);
    section = std::move(kept);
    offer.bundle.push_back(section.mid);
  }
  return offer;
}

Result<PlayPlan> plan_playing(const SessionDescription& offer, const SessionDescription& answer) {
  auto transport = transport_in_answer(offer, answer);
  if (!transport) return transport.error();
  PlayPlan plan;
  plan.transport = *transport;
  std::vector<bool> used;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const auto& theirs = answer.media[i];
    PlayedSection section;
    section.mid = offer.media[i].mid;
    section.kind = offer.media[i].kind;
    section.active = !theirs.rejected && sends(theirs.direction) && is_playable(theirs);
    section.stream = theirs.msid_stream;
    section.track = theirs.msid_track;
    for (const auto& source : theirs.ssrcs)
      if (!repairs(theirs, source.ssrc)) section.ssrcs.push_back(source.ssrc);
    used.push_back(section.active);
    plan.sections.push_back(std::move(section));
  }
  if (std::find(used.begin(), used.end(), true) == used.end())
    return Error{"codec-refused",
                 "The server will send nothing: it has nobody to show, or only codecs that are not "
                 "among Opus, G722, PCMU, PCMA, VP8, H264 and VP9. It answered with " +
                     formats_told(answer) + "."};
  plan.for_webrtcbin = answer_for_webrtcbin(offer, answer, *transport, used);
  return plan;
}

std::optional<std::size_t> section_of(const std::vector<PlayedSection>& sections, MediaKind kind,
                                      std::uint32_t ssrc, const std::vector<bool>& taken) {
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto& known = sections[i].ssrcs;
    if (std::find(known.begin(), known.end(), ssrc) != known.end()) return i;
  }
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const bool told = !sections[i].ssrcs.empty();
    if (sections[i].kind == kind && sections[i].active && !told && !taken[i]) return i;
  }
  return std::nullopt;
}

}  // namespace rooms
