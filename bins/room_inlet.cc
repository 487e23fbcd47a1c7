// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bins/room_inlet.h"

#include <gst/app/app.h>

#include <algorithm>
#include <utility>

#include "gst/glue/clock.h"
#include "pipelines/level_messages.h"
#include "pipelines/source_branch.h"

namespace rooms {

Timestamp InletClock::played_at(GstClockTime running) {
  const Duration at(static_cast<std::int64_t>(running));
  const auto now = monotonic_now();
  return shift_.with([&](std::optional<Duration>& shift) {
    if (!shift) shift = now.time_since_epoch() - at;
    return Timestamp(at + *shift);
  });
}

RoomInlet::RoomInlet(GstBin* bin, GstGhostPad* pad, const RoomHost& host, InletClock& clock,
                     std::function<Result<std::string>()> participant)
    : bin_(bin),
      host_(host),
      clock_(clock),
      participant_of_(std::move(participant)),
      pad_(share(GST_PAD_CAST(pad))),
      queue_(sink(gst_element_factory_make("queue", nullptr))) {
  gst_bin_add(bin_, queue_.get());
  const auto way_in = adopt(gst_element_get_static_pad(queue_.get(), "sink"));
  gst_ghost_pad_set_target(pad, way_in.get());
  const auto way_out = adopt(gst_element_get_static_pad(queue_.get(), "src"));
  gst_pad_add_probe(way_out.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, this, nullptr);
  gst_element_sync_state_with_parent(queue_.get());
}

RoomInlet::~RoomInlet() {
  interrupt();
  gst_element_set_locked_state(queue_.get(), TRUE);
  gst_element_set_state(queue_.get(), GST_STATE_NULL);
  stop();
  gst_ghost_pad_set_target(GST_GHOST_PAD(pad_.get()), nullptr);
  gst_bin_remove(bin_, queue_.get());
}

std::string RoomInlet::participant() const {
  return participant_.with([](const std::string& held) { return held; });
}

std::shared_ptr<SourcePort> RoomInlet::port() const {
  return port_.with([](const auto& port) { return port; });
}

void RoomInlet::interrupt() {
  if (const auto held = port()) held->close();
}

void RoomInlet::stop() {
  interrupt();
  if (branch_) {
    gst_element_set_locked_state(branch_.get(), TRUE);
    gst_element_set_state(branch_.get(), GST_STATE_NULL);
    gst_bin_remove(bin_, branch_.get());
    branch_ = nullptr;
  }
  begun_ = false;
  const auto former = port_.with([](auto& port) { return std::exchange(port, nullptr); });
  if (!former) return;
  if (const auto room = host_.room()) room->close_port(participant(), GST_PAD_NAME(pad_.get()));
}

void RoomInlet::complain(const Error& error) const {
  GST_ELEMENT_ERROR(bin_, STREAM, FORMAT, ("%s", error.message.c_str()),
                    ("%s: %s", GST_PAD_NAME(pad_.get()), error.code.c_str()));
}

GstPadProbeReturn RoomInlet::on_event(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
  auto* self = static_cast<RoomInlet*>(data);
  auto* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS || std::exchange(self->begun_, true))
    return GST_PAD_PROBE_OK;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  self->begin(caps);
  return GST_PAD_PROBE_OK;
}

void RoomInlet::begin(const GstCaps* caps) {
  const auto plan = branch_for(caps, {});
  if (!plan) {
    const auto text = own(gst_caps_to_string(caps));
    return complain(
        {"codec-unsupported",
         "Nothing here makes this something that a room carries: " + std::string(text.get())});
  }
  const auto participant = participant_of_();
  if (!participant) return complain(participant.error());
  participant_.with([&](std::string& held) { held = *participant; });
  const auto opened = host_.ask<std::shared_ptr<SourcePort>>([&](Room& room, auto reply) {
    room.open_port(*participant, GST_PAD_NAME(pad_.get()), plan->codec, reply);
  });
  if (!opened) return complain(opened.error());
  port_.with([&](auto& port) { port = *opened; });
  if (!add_branch(plan->line))
    complain({"plugin-missing", "An element is missing here: " + plan->line});
}

bool RoomInlet::add_branch(const std::string& line) {
  branch_ = sink(
      gst_parse_bin_from_description_full(("identity name=entry silent=true ! " + line).c_str(),
                                          FALSE, nullptr, GST_PARSE_FLAG_FATAL_ERRORS, nullptr));
  if (!branch_) return false;
  const auto out = adopt(gst_bin_get_by_name(GST_BIN(branch_.get()), "out"));
  g_object_set(out.get(), "emit-signals", TRUE, nullptr);
  g_signal_connect(out.get(), "new-sample", G_CALLBACK(on_sample), this);
  speak_for(GST_BIN(branch_.get()), port());
  // Keyframes are asked of whatever encodes, here or upstream of the bin.
  port()->begin_anew(adopt(gst_element_get_static_pad(out.get(), "sink")));
  const auto entry = adopt(gst_bin_get_by_name(GST_BIN(branch_.get()), "entry"));
  const auto inner = adopt(gst_element_get_static_pad(entry.get(), "sink"));
  auto* way_in = gst_ghost_pad_new("sink", inner.get());
  gst_element_add_pad(branch_.get(), way_in);
  gst_bin_add(bin_, branch_.get());
  gst_element_sync_state_with_parent(branch_.get());
  const auto way_out = adopt(gst_element_get_static_pad(queue_.get(), "src"));
  return gst_pad_link(way_out.get(), way_in) == GST_PAD_LINK_OK;
}

GstFlowReturn RoomInlet::on_sample(GstElement* appsink, gpointer data) {
  auto* self = static_cast<RoomInlet*>(data);
  const auto sample = adopt(gst_app_sink_pull_sample(GST_APP_SINK(appsink)));
  const auto into = self->port();
  auto* buffer = sample ? gst_sample_get_buffer(sample.get()) : nullptr;
  if (!into || !buffer || !GST_BUFFER_PTS_IS_VALID(buffer)) return GST_FLOW_OK;
  const auto running = gst_segment_to_running_time(gst_sample_get_segment(sample.get()),
                                                   GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (!GST_CLOCK_TIME_IS_VALID(running)) return GST_FLOW_OK;
  const auto flow =
      into->push(buffer, gst_sample_get_caps(sample.get()), self->clock_.played_at(running));
  // The router never stops a source; what it does not want it drops.
  return flow == GST_FLOW_FLUSHING ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

}  // namespace rooms
