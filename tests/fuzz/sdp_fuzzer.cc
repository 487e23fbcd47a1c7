// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as an SDP: read, answered both ways, taken as an answer, written and read again.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "gst/core/sdp/fragment.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/glue/sdp_reader.h"

namespace {

using namespace rooms;

void require(bool claim) {
  if (!claim) std::abort();
}

std::uint32_t count_up(void* state) { return ++*static_cast<std::uint32_t*>(state); }

void require_valid(const SessionDescription& offer, const SessionDescription& answer) {
  require(answer.media.size() == offer.media.size());
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    require(answer.media[i].mid == offer.media[i].mid);
    require(answer.media[i].rejected || !offer.media[i].rejected);
    std::set<int> offered;
    for (const auto& format : offer.media[i].formats) offered.insert(format.payload_type);
    for (const auto& format : answer.media[i].formats)
      require(offered.contains(format.payload_type));
  }
  const auto again = read_sdp(write_sdp(answer));
  // An answer to the largest offers may itself be too long to read; anything else must come back.
  require(again.ok() || write_sdp(answer).size() > 200 * 1024);
}

/// As the offer names its sections, so that accept_slots gets past its first checks.
SlotPlan plan_like(const SessionDescription& answer) {
  SlotPlan plan;
  for (std::size_t i = 0; i < answer.media.size(); ++i) {
    const auto& media = answer.media[i];
    if (media.kind == MediaKind::kApplication && !plan.data) {
      plan.data = true;
      plan.data_mid = media.mid;
      plan.data_index = i;
    } else {
      const auto ssrc = static_cast<std::uint32_t>(2 * i + 1);
      plan.slots.push_back({media.mid, media.kind, ssrc, ssrc + 1});
    }
  }
  return plan;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto fragment = read_fragment(text))
    require(read_fragment(write_fragment(*fragment)).ok());
  const auto session = read_sdp(text);
  if (!session) return 0;
  const CodecPolicy policies[] = {{}, {{Codec::kRed, Codec::kOpus}, {Codec::kH264, Codec::kVp9}}};
  for (const auto& policy : policies) {
    auto answer = answer_publish(*session, policy);
    if (!answer) continue;
    for (const auto& media : answer->media) {
      require(media.ssrcs.empty() || media.ssrcs.size() == media.rids.size());
      require(media.ssrcs.size() == media.rtx_ssrcs.size());
      require(!media.active || !media.rids.empty());
    }
    set_transport(answer->answer, answer->transport, {"candidate:1 1 udp 1 192.0.2.1 9 typ host"});
    require_valid(*session, answer->answer);
  }
  std::uint32_t ssrc = 0;
  if (auto answer = answer_play(*session, "room", count_up, &ssrc)) {
    set_transport(answer->answer, answer->transport, {});
    require_valid(*session, answer->answer);
  }
  const auto plan = plan_like(*session);
  if (const auto slots = accept_slots(plan, *session)) require(slots->size() == plan.slots.size());
  return 0;
}
