// SPDX-License-Identifier: LGPL-2.1-or-later
// `sfurouter` as a room uses it: one packet in, the same buffer pushed to every output, with the
// patch that a sender would write. Everything but SRTP and system calls.
#include <benchmark/benchmark.h>
#include <gst/gst.h>

#include <deque>
#include <vector>

#include "gst/glue/ref.h"
#include "gst/glue/rtp_patch_query.h"
#include "tests/bench/forward/vp8_packets.h"

namespace rooms {
namespace {

/// Takes the patch offer as `sfusend` does, and reads what it would write.
class PatchSink {
 public:
  explicit PatchSink(GstPad* src) : pad_(sink(gst_pad_new(nullptr, GST_PAD_SINK))) {
    GstPad* pad = pad_.get();
    gst_pad_set_chain_function(pad, chain);
    gst_pad_set_chain_list_function(pad, chain_list);
    gst_pad_set_query_function(pad, query);
    gst_pad_set_event_function(
        pad, +[](GstPad*, GstObject*, GstEvent* event) -> gboolean {
          gst_event_unref(event);
          return TRUE;
        });
    // Setting a function clears its data.
    pad->chaindata = pad->chainlistdata = this;
    pad->querydata = this;
    gst_pad_set_active(pad, TRUE);
    gst_pad_link(src, pad);
  }
  PatchSink(const PatchSink&) = delete;
  PatchSink& operator=(const PatchSink&) = delete;
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  static GstFlowReturn chain(GstPad* pad, GstObject* /*parent*/, GstBuffer* buffer) {
    auto* self = static_cast<PatchSink*>(pad->chaindata);
    self->observe();
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
  }
  static GstFlowReturn chain_list(GstPad* pad, GstObject* /*parent*/, GstBufferList* list) {
    static_cast<PatchSink*>(pad->chainlistdata)->observe();
    gst_buffer_list_unref(list);
    return GST_FLOW_OK;
  }
  void observe() {
    for (const auto& packet : forward_->packets) {
      benchmark::DoNotOptimize(packet.patch);
      ++packets_;
    }
  }
  static gboolean query(GstPad* pad, GstObject* parent, GstQuery* query) {
    if (const auto* forward = take_rtp_forward(pad, query)) {
      static_cast<PatchSink*>(pad->querydata)->forward_ = forward;
      return TRUE;
    }
    return gst_pad_query_default(pad, parent, query);
  }

  Ref<GstPad> pad_;
  const RtpForward* forward_ = nullptr;
  std::uint64_t packets_ = 0;
};

constexpr const char* kCaps =
    "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96";

void begin_stream(GstPad* source) {
  gst_pad_set_active(source, TRUE);
  gst_pad_push_event(source, gst_event_new_stream_start("bench"));
  const auto caps = adopt(gst_caps_from_string(kCaps));
  gst_pad_push_event(source, gst_event_new_caps(caps.get()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(source, gst_event_new_segment(&segment));
}

void router(benchmark::State& state) {
  gst_init(nullptr, nullptr);
  const auto router = sink(gst_element_factory_make("sfurouter", nullptr));
  if (!router) {
    state.SkipWithError("no element sfurouter: set GST_PLUGIN_PATH");
    return;
  }
  gst_element_set_state(router.get(), GST_STATE_PLAYING);
  const auto outputs = static_cast<std::size_t>(state.range(0));
  std::vector<Ref<GstPad>> pads;
  std::deque<PatchSink> sinks;
  for (std::size_t i = 0; i < outputs; ++i) {
    pads.push_back(adopt(gst_element_request_pad_simple(router.get(), "src_%u")));
    sinks.emplace_back(pads.back().get());
  }
  const auto input = adopt(gst_element_request_pad_simple(router.get(), "sink_%u"));
  const auto source = sink(gst_pad_new(nullptr, GST_PAD_SRC));
  gst_pad_link(source.get(), input.get());
  begin_stream(source.get());

  // One buffer for all: it is back here alone when a push has ended.
  bench::Vp8Packet packet;
  const auto buffer =
      adopt(gst_buffer_new_wrapped_full(GstMemoryFlags{}, packet.memory(), packet.bytes().size(), 0,
                                        packet.bytes().size(), nullptr, nullptr));
  std::uint64_t pushed = 0;
  for (auto _ : state) {
    gst_pad_push(source.get(), gst_buffer_ref(buffer.get()));
    packet.advance();
    ++pushed;
  }
  for (const auto& one : sinks) {
    if (one.packets() != pushed) state.SkipWithError("packets are missing");
  }
  state.counters["packets_per_iteration"] = static_cast<double>(outputs);
  for (const auto& pad : pads) gst_element_release_request_pad(router.get(), pad.get());
  gst_element_set_state(router.get(), GST_STATE_NULL);
}
BENCHMARK(router)->Arg(1)->Arg(10)->Arg(100)->Arg(400);

}  // namespace
}  // namespace rooms
