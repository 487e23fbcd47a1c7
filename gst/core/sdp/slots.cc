// SPDX-License-Identifier: LGPL-2.1-or-later
// Offers of slots to those who receive from us, and what their answers mean.
#include <algorithm>
#include <array>

#include "gst/core/sdp/codec_match.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/core/sdp/sections.h"
#include "gst/core/sdp/streams.h"
#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr std::array kAudioExtensions = {Extension::kAudioLevel, Extension::kAbsSendTime,
                                         Extension::kTransportWide, Extension::kMid,
                                         Extension::kAbsCaptureTime};
constexpr std::array kVideoExtensions = {
    Extension::kAbsSendTime,      Extension::kTransportWide,  Extension::kMid,
    Extension::kVideoOrientation, Extension::kPlayoutDelay,   Extension::kVideoContentType,
    Extension::kColorSpace,       Extension::kAbsCaptureTime, Extension::kDependencyDescriptor};

std::vector<SdpExtmap> extmaps_for(MediaKind kind) {
  std::vector<SdpExtmap> extmaps;
  const auto add = [&](Extension extension) {
    extmaps.push_back({static_cast<std::uint16_t>(extension), std::string(uri_of(extension)),
                       Direction::kSendRecv});
  };
  if (kind == MediaKind::kAudio) {
    std::for_each(kAudioExtensions.begin(), kAudioExtensions.end(), add);
  } else {
    std::for_each(kVideoExtensions.begin(), kVideoExtensions.end(), add);
  }
  return extmaps;
}

void add_formats(SdpMedia& media) {
  for (const auto& row : codec_profiles()) {
    if (row.kind != media.kind) continue;
    SdpFormat format;
    format.payload_type = row.payload_type;
    format.name = row.name;
    format.clock_rate = row.clock_rate;
    format.channels = row.channels > 1 ? row.channels : 0;
    format.fmtp = row.fmtp;
    if (row.kind == MediaKind::kVideo) {
      format.feedback = {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"};
    } else {
      format.feedback = {"transport-cc"};
    }
    media.formats.push_back(std::move(format));
    if (row.rtx_payload_type == 0) continue;
    SdpFormat rtx;
    rtx.payload_type = row.rtx_payload_type;
    rtx.name = "rtx";
    rtx.clock_rate = row.clock_rate;
    rtx.fmtp = "apt=" + std::to_string(row.payload_type);
    media.formats.push_back(std::move(rtx));
  }
}

SdpMedia offered_slot(const SlotPlan& plan, const SlotPlan::Slot& slot) {
  SdpMedia media;
  media.kind = slot.kind;
  media.mid = slot.mid;
  media.direction = Direction::kSendOnly;
  media.rtcp_rsize = true;
  media.transport.setup = "actpass";
  media.extmaps = extmaps_for(slot.kind);
  add_formats(media);
  const auto& stream = slot.stream.empty() ? slot.mid : slot.stream;
  announce_stream(media, {slot.ssrc, slot.rtx_ssrc, plan.cname, stream, slot.mid + "-track"});
  return media;
}

SdpMedia offered_data(const SlotPlan& plan) {
  SdpMedia media;
  media.kind = MediaKind::kApplication;
  media.mid = plan.data_mid;
  media.sctp_port = kSctpPort;
  media.max_message_size = kMaxMessageSize;
  media.transport.setup = "actpass";
  return media;
}

/// A payload type that is ours means our row, whatever level the answer writes beside it.
SdpMedia with_our_profiles(const SdpMedia& answered) {
  auto media = answered;
  for (auto& format : media.formats) {
    const auto* row = profile_of(format.payload_type);
    if (row && row->kind == media.kind && equal_ignoring_case(row->name, format.name) &&
        row->codec != Codec::kRed)
      format.fmtp = row->fmtp;
  }
  return media;
}

Error mismatch(std::string message) {
  return {"sdp-mismatch", std::move(message) + " Answer the latest offer, section by section."};
}

}  // namespace

SessionDescription offer_slots(const SlotPlan& plan) {
  SessionDescription offer;
  offer.session_id = plan.session_id;
  offer.version = plan.version;
  offer.ice_lite = true;
  offer.trickle = true;
  offer.extmap_allow_mixed = true;
  for (const auto& slot : plan.slots) offer.media.push_back(offered_slot(plan, slot));
  if (plan.data) {
    const auto index = std::min(plan.data_index, offer.media.size());
    offer.media.insert(offer.media.begin() + static_cast<std::ptrdiff_t>(index),
                       offered_data(plan));
  }
  for (const auto& media : offer.media) offer.bundle.push_back(media.mid);
  return offer;
}

Result<std::vector<SendSlot>> accept_slots(const SlotPlan& plan, const SessionDescription& answer) {
  const auto count = plan.slots.size() + (plan.data ? 1 : 0);
  if (answer.media.size() != count)
    return mismatch("The offer has " + std::to_string(count) + " m= sections, the answer has " +
                    std::to_string(answer.media.size()) + ".");
  const auto data_index = plan.data ? std::min(plan.data_index, plan.slots.size()) : count;
  std::vector<SendSlot> slots;
  std::vector<bool> accepted(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& media = answer.media[i];
    const bool data = i == data_index;
    const auto* planned = data ? nullptr : &plan.slots[slots.size()];
    const auto kind = data ? MediaKind::kApplication : planned->kind;
    const auto& mid = data ? plan.data_mid : planned->mid;
    if (media.kind != kind || !media.other_kind.empty() || media.mid != mid)
      return mismatch("Section " + std::to_string(i) + " of the offer is " +
                      std::string(name_of(kind)) + " with mid '" + mid +
                      "', not so in the answer.");
    accepted[i] = !media.rejected;
    if (data) continue;
    slots.push_back(send_slot(with_our_profiles(media), media.extmaps));
    auto& slot = slots.back();
    slot.active &= receives(media.direction) && !media.rejected;
    slot.mixed_extensions = answer.extmap_allow_mixed;
    slot.ssrc = planned->ssrc;
    slot.rtx_ssrc = repairs(slot) ? planned->rtx_ssrc : 0;
  }
  if (std::find(accepted.begin(), accepted.end(), true) != accepted.end()) {
    auto transport = peer_transport(answer, accepted);
    if (!transport) return transport.error();
  }
  return slots;
}

}  // namespace rooms
