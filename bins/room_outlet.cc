// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bins/room_outlet.h"

#include <gst/app/app.h>

#include <optional>
#include <utility>

namespace rooms {
namespace {

constexpr Duration kPumpInterval = std::chrono::milliseconds(10);

}  // namespace

/// The pump's thread only, once it flows.
struct RoomOutlet::Flow {
  explicit Flow(Ref<GstElement> to) : appsrc(std::move(to)) {}
  const Ref<GstElement> appsrc;
  std::optional<TapFrames> frames;
  std::unique_ptr<FrameFeed> feed;
  DelayedCall timer;
};

RoomOutlet::RoomOutlet(GstBin* bin, GstGhostPad* pad, Executor& pump, std::string track,
                       MediaKind kind)
    : bin_(bin),
      pump_(pump),
      track_(std::move(track)),
      kind_(kind),
      pad_(share(GST_PAD_CAST(pad))),
      appsrc_(sink(gst_element_factory_make("appsrc", nullptr))) {
  g_object_set(appsrc_.get(), "format", GST_FORMAT_TIME, "is-live", TRUE, nullptr);
  gst_bin_add(bin_, appsrc_.get());
  const auto way_out = adopt(gst_element_get_static_pad(appsrc_.get(), "src"));
  gst_ghost_pad_set_target(pad, way_out.get());
  gst_element_sync_state_with_parent(appsrc_.get());
}

RoomOutlet::~RoomOutlet() {
  gst_element_set_locked_state(appsrc_.get(), TRUE);
  gst_element_set_state(appsrc_.get(), GST_STATE_NULL);
  gst_ghost_pad_set_target(GST_GHOST_PAD(pad_.get()), nullptr);
  gst_bin_remove(bin_, appsrc_.get());
}

Status RoomOutlet::start(const RoomHost& host) {
  if (flow_) return Done{};
  auto flow = std::make_shared<Flow>(appsrc_);
  TapRequest request;
  request.track = track_;
  request.kind = kind_;
  request.take = [flow](TapFrames frames) { flow->frames = std::move(frames); };
  const auto info =
      host.ask<TapInfo>([&](Room& room, auto reply) { room.start_tap(request, reply); });
  request.take = nullptr;
  if (!info) return info.error();
  tap_ = info->id;
  flow_ = flow;
  pump_.post([flow, pad = pad_, &pump = pump_] {
    flow->feed = std::make_unique<FrameFeed>(flow->appsrc, std::move(*flow->frames));
    flow->timer = pump.call_every(kPumpInterval, [flow = flow.get(), pad] {
      // A pad that nobody links harms nobody.
      if (gst_pad_is_linked(pad.get()))
        flow->feed->pump();
      else
        flow->feed->discard();
    });
  });
  return Done{};
}

void RoomOutlet::stop(const RoomHost& host) {
  const auto flow = std::exchange(flow_, nullptr);
  if (!flow) return;
  auto ended = std::make_shared<std::promise<void>>();
  auto end = ended->get_future();
  pump_.post([flow, ended] {
    flow->timer.cancel();
    flow->feed.reset();
    ended->set_value();
  });
  end.wait();
  if (const auto room = host.room())
    room->stop_tap(std::exchange(tap_, {}), [](const Result<TapInfo>&) {});
}

void RoomOutlet::end() const { gst_app_src_end_of_stream(GST_APP_SRC(appsrc_.get())); }

}  // namespace rooms
