// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/send_stats.h"

#include <algorithm>

namespace rooms {
namespace {

void put(GstStructure* stats, const char* name, std::uint64_t value) {
  gst_structure_set(stats, name, G_TYPE_UINT64, static_cast<guint64>(value), nullptr);
}
void put(GstStructure* stats, const char* name, DataRate rate) {
  put(stats, name, static_cast<std::uint64_t>(rate.bits_per_second()));
}
void put(GstStructure* stats, const char* name, Duration time) {
  put(stats, name, static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)));
}

const char* name_of(LinkUse use) {
  switch (use) {
    case LinkUse::kOver:
      return "over";
    case LinkUse::kUnder:
      return "under";
    default:
      return "normal";
  }
}

void put_rates(GstStructure* stats, const CongestionControl::Stats& now) {
  const auto& estimator = now.estimator;
  put(stats, "estimated-bitrate", estimator.estimate);
  put(stats, "sent-bitrate", now.sent);
  put(stats, "acknowledged-bitrate", estimator.arrived.value_or(DataRate{}));
  put(stats, "delay-bitrate", estimator.delay_based);
  put(stats, "loss-bitrate", estimator.loss_based);
  put(stats, "wanted-bitrate", now.wanted);
  put(stats, "queue-delay", estimator.waiting);
  gst_structure_set(stats, "estimating", G_TYPE_BOOLEAN, gboolean{now.is_active}, "link-use",
                    G_TYPE_STRING, name_of(estimator.use), "loss", G_TYPE_DOUBLE, estimator.loss,
                    "probing", G_TYPE_BOOLEAN, gboolean{now.is_probing}, nullptr);
  put(stats, "overuses", estimator.overuses);
  put(stats, "feedback-timeouts", estimator.feedback_timeouts);
  put(stats, "probes", estimator.probes);
  put(stats, "probe-packets", now.probed);
}

}  // namespace

Owned<GstStructure> send_stats(const SendEndpoint& endpoint, const SendDrops& drops) {
  auto stats = own(gst_structure_new_empty("application/x-sfu-send-stats"));
  auto* raw = stats.get();
  const auto now = endpoint.congestion().stats();
  put_rates(raw, now);
  put(raw, "round-trip", endpoint.round_trip());
  put(raw, "remote-estimate", endpoint.remote_estimate());
  put(raw, "acknowledged", endpoint.acknowledged());
  put(raw, "missed", endpoint.missed());
  put(raw, "never-sent", endpoint.never_sent());
  put(raw, "queued", static_cast<std::uint64_t>(now.queued.bytes()));
  put(raw, "paced", now.paced);
  put(raw, "dropped-paced", now.dropped);
  put(raw, "dropped-overtaken", now.overtaken);
  put(raw, "dropped-resends", now.refused);
  put(raw, "dropped-not-ready", drops.not_ready);
  put(raw, "dropped-not-negotiated", drops.not_negotiated);
  put(raw, "dropped-malformed", drops.malformed);
  return stats;
}

}  // namespace rooms
