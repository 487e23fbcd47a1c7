// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/twcc_packets.h"

namespace rooms {
namespace {

// The reference time has 24 bits; rtpsession passes it on as it is, so it begins anew after twelve
// days of the peer's clock.
constexpr Duration kWrap = kFeedbackReferenceTick * (std::int64_t{1} << 24);
constexpr GstClockTime kLatest = G_MAXINT64 / 4;

}  // namespace

bool TwccPackets::is_in(GstEvent* event) {
  return GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_UPSTREAM &&
         gst_event_has_name(event, "RTPTWCCPackets");
}

Duration TwccPackets::unwrap(GstClockTime remote) {
  auto time = Duration(static_cast<std::int64_t>(remote));
  if (last_remote_) time += (*last_remote_ - time + kWrap / 2) / kWrap * kWrap;
  if (last_remote_ && *last_remote_ - time > kWrap / 2) time += kWrap;
  last_remote_ = time;
  return time;
}

void TwccPackets::read_one(const GstStructure* packet) {
  guint sequence = 0;
  guint size = 0;
  gboolean lost = FALSE;
  guint64 local = GST_CLOCK_TIME_NONE;
  guint64 remote = GST_CLOCK_TIME_NONE;
  const bool is_known = gst_structure_get_uint(packet, "seqnum", &sequence) &&
                        gst_structure_get_boolean(packet, "lost", &lost) &&
                        gst_structure_get_uint64(packet, "local-ts", &local) && local < kLatest;
  gst_structure_get_uint64(packet, "remote-ts", &remote);
  gst_structure_get_uint(packet, "size", &size);
  if (!is_known || (!lost && remote >= kLatest)) {
    ++ignored_;
    return;
  }
  PacketResult result;
  result.sequence = sequences_.unwrap(static_cast<std::uint16_t>(sequence));
  result.sent = Timestamp(Duration(static_cast<std::int64_t>(local)));
  result.size = size;
  if (!lost) result.arrival = unwrap(remote);
  results_.push_back(result);
}

std::span<const PacketResult> TwccPackets::read(const GstStructure* packets) {
  results_.clear();
  const GValue* list = gst_structure_get_value(packets, "packets");
  // The type is deprecated, and still what rtpsession uses.
  if (!list || g_strcmp0(G_VALUE_TYPE_NAME(list), "GValueArray") != 0) return results_;
  const auto* array = static_cast<const GValueArray*>(g_value_get_boxed(list));
  for (guint i = 0; array && i < array->n_values; ++i) {
    if (GST_VALUE_HOLDS_STRUCTURE(&array->values[i]))
      read_one(gst_value_get_structure(&array->values[i]));
  }
  return results_;
}

}  // namespace rooms
