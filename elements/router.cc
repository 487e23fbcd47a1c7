// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/router.h"

#include <gst/video/video.h>

#include <algorithm>
#include <array>

#include "elements/router_round.h"
#include "elements/sfurouter_debug.h"
#include "gst/transport/worker.h"

namespace rooms {
namespace {

/// Sound this old is still of use to whoever begins to listen.
constexpr Duration kFresh = std::chrono::milliseconds(40);

bool belongs(SfuRouterSrc* pad, unsigned affinity, unsigned of) {
  return output_of(pad).affinity() % of == affinity;
}

template <class T>
void insert_by_index(std::vector<Ref<T>>& pads, Ref<T> pad, unsigned (*index)(const Ref<T>&)) {
  const auto after = std::find_if(pads.begin(), pads.end(),
                                  [&](const auto& other) { return index(other) > index(pad); });
  pads.insert(after, std::move(pad));
}

/// What was taken out is released by the caller, where no lock is held.
template <class T>
Ref<T> take_out(std::vector<Ref<T>>& pads, const T* pad) {
  const auto at = std::find_if(pads.begin(), pads.end(),
                               [pad](const auto& other) { return other.get() == pad; });
  if (at == pads.end()) return {};
  auto taken = std::move(*at);
  pads.erase(at);
  return taken;
}

}  // namespace

Router::Router(GstElement* element)
    : element_(element),
      system_clock_(adopt(gst_system_clock_obtain())),
      group_(gst_util_group_id_next()) {}

// What comes in.

void Router::on_packet(SfuRouterSink* pad, GstBuffer* buffer) {
  forward(pad, {&buffer, 1}, nullptr);
}

void Router::on_packets(SfuRouterSink* pad, GstBufferList* list) {
  const std::size_t length = gst_buffer_list_length(list);
  std::array<GstBuffer*, kMaxRun> buffers;
  for (std::size_t done = 0; done < length;) {
    std::size_t count = 0;
    for (; count < kMaxRun && done < length; ++done) {
      buffers[count++] = gst_buffer_list_get(list, static_cast<guint>(done));
    }
    forward(pad, {buffers.data(), count}, count == length ? list : nullptr);
  }
}

void Router::forward(SfuRouterSink* pad, Buffers buffers, GstBufferList* list) {
  if (input_of(pad).has_large_audience()) {
    auto* worker = Worker::of_this_thread();
    if (worker && worker->network().worker_count() > 1)
      return forward_on_all_workers(*worker, pad, buffers, list);
  }
  RouterRound round;
  if (read(pad, buffers, list, round)) deliver(pad, round, {});
}

void Router::forward_on_all_workers(Worker& here, SfuRouterSink* pad, Buffers buffers,
                                    GstBufferList* list) {
  const auto round = std::make_shared<RouterRound>();
  round->keep(element_, pad, buffers, list);
  if (!read(pad, buffers, list, *round)) return;
  Network& network = here.network();
  const unsigned workers = network.worker_count();
  for (unsigned i = 0; i < workers; ++i) {
    if (i == here.index()) continue;
    const Share share{i, workers};
    if (network.worker(i).post([this, round, share] { deliver(round->pad.get(), *round, share); }))
      continue;
    for (const auto& output : *round->plan.outputs) {
      if (belongs(output.get(), share.affinity, share.of))
        output_of(output.get()).miss(round->packets.size());
    }
  }
  deliver(pad, *round, {here.index(), workers});
}

bool Router::read(SfuRouterSink* pad, Buffers buffers, GstBufferList* list, RouterRound& round) {
  RouterInput& input = input_of(pad);
  round.plan = input.plan();
  round.list = list;
  const Timestamp now = clock().now;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    GstBuffer* buffer = buffers[i];
    const Bytes bytes = round.mapped[i].emplace(buffer).bytes();
    auto source = input.read(round.plan, buffer, bytes, now);
    if (!source) {
      GST_LOG_OBJECT(pad, "dropping what is not RTP: %" GST_PTR_FORMAT, buffer);
      round.list = nullptr;
      continue;
    }
    round.packets.push_back({buffer, bytes, round.plan.format, std::move(*source)});
    const auto news = input.observe(round.packets.back());
    if (news != RouterInput::News::kNone && review(input, news, now))
      round.plan.outputs = input.plan().outputs;
  }
  return !round.packets.empty();
}

void Router::deliver(SfuRouterSink* pad, const RouterRound& round, Share share) {
  // One output after the other, so that what is remembered of an output is at hand for the whole
  // run.
  const RouterRun run = round.run();
  bool wants_keyframe = false;
  bool switched = false;
  for (const auto& output : *round.plan.outputs) {
    if (share.of > 1 && !belongs(output.get(), share.affinity, share.of)) continue;
    const auto outcome = output_of(output.get()).deliver(run);
    wants_keyframe = wants_keyframe || outcome.wants_keyframe;
    switched = switched || outcome.switched;
  }
  if (wants_keyframe) input_of(pad).request_keyframe(clock().clock.get(), run.first().source.now);
  if (switched) reroute_track(input_of(pad).track());
}

void Router::on_event(SfuRouterSink* pad, GstEvent* event) {
  RouterInput& input = input_of(pad);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START:
      input.set_ended(false);
      break;
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event, &caps);
      input.set_format(caps);
      break;
    }
    case GST_EVENT_EOS:
      input.set_ended(true);
      reroute();
      end_outputs_if_all_ended();
      break;
    case GST_EVENT_FLUSH_START:
      flush(input, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      input.set_ended(false);
      flush(input, event);
      break;
    default:
      break;  // outputs have their own segment and stream-start; tags and the rest describe one
              // source of many
  }
}

void Router::flush(const RouterInput& input, GstEvent* event) {
  gboolean reset_time = FALSE;
  const bool start = GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START;
  if (!start) gst_event_parse_flush_stop(event, &reset_time);
  for (const auto& pad : table().outputs) {
    RouterOutput& output = output_of(pad.get());
    if (output.current() != input.id()) continue;
    if (start) {
      output.start_flush();
    } else {
      output.stop_flush(reset_time);
    }
  }
}

void Router::end_outputs_if_all_ended() {
  const Table now = table();
  const bool all_ended = !now.inputs.empty() &&
                         std::all_of(now.inputs.begin(), now.inputs.end(),
                                     [](const auto& pad) { return input_of(pad.get()).ended(); });
  if (!all_ended) return;
  for (const auto& pad : now.outputs) output_of(pad.get()).end();
}

// What comes back.

bool Router::on_upstream_event(SfuRouterSrc* pad, Ref<GstEvent> event) {
  if (gst_video_event_is_force_key_unit(event.get())) {
    request_keyframe(pad);
    return true;
  }
  switch (GST_EVENT_TYPE(event.get())) {
    case GST_EVENT_RECONFIGURE:
      output_of(pad).ask_consumer();
      return true;
    case GST_EVENT_LATENCY: {
      bool taken = true;
      for (const auto& input : table().inputs) {
        taken = gst_pad_push_event(GST_PAD_CAST(input.get()), gst_event_ref(event.get())) && taken;
      }
      return taken;
    }
    case GST_EVENT_QOS:
      return true;  // of one consumer: no reason for the source to slow down
    default:
      return false;  // nobody can seek in a conference
  }
}

void Router::request_keyframe(SfuRouterSrc* pad) {
  const RouterOutput& output = output_of(pad);
  const EncodingId current = output.current();
  const EncodingId wanted = output.wanted();
  if (current != 0) request_keyframe(current);
  if (wanted != 0 && wanted != current) request_keyframe(wanted);
}

void Router::request_keyframe(EncodingId encoding) {
  const auto pad = input_with(encoding);
  if (!pad) return;
  RouterInput& input = input_of(pad.get());
  if (input.plan().format->encoding.kind == MediaKind::kAudio) return;
  const auto [clock, now] = this->clock();
  input.request_keyframe(clock.get(), now);
}

void Router::resume(SfuRouterSrc* pad) {
  const EncodingId wanted = output_of(pad).wanted();
  request_keyframe(wanted);
  const auto source = input_with(wanted);
  if (!source) return;
  const auto latest = input_of(source.get()).latest();
  if (!latest.buffer || clock().now - latest.came > kFresh) return;
  RouterInput& input = input_of(source.get());
  GstBuffer* const buffer = latest.buffer.get();
  RouterRound round;
  round.plan = input.plan();
  const Bytes bytes = round.mapped[0].emplace(buffer).bytes();
  auto packet = input.read(round.plan, buffer, bytes, latest.came);
  if (!packet) return;
  round.packets.push_back({buffer, bytes, round.plan.format, std::move(*packet)});
  output_of(pad).prime(round.run());
}

bool Router::answer_latency(GstQuery* query) {
  bool live = false;
  GstClockTime least = 0;
  GstClockTime most = GST_CLOCK_TIME_NONE;
  const auto inputs = table().inputs;
  for (const auto& pad : inputs) {
    const auto upstream = adopt(gst_query_new_latency());
    if (!gst_pad_peer_query(GST_PAD_CAST(pad.get()), upstream.get())) continue;
    gboolean is_live = FALSE;
    GstClockTime min = 0;
    GstClockTime max = GST_CLOCK_TIME_NONE;
    gst_query_parse_latency(upstream.get(), &is_live, &min, &max);
    if (!is_live) continue;
    live = true;
    least = std::max(least, min);
    most = std::min(most, max);  // NONE is the greatest
  }
  gst_query_set_latency(query, live, least, live ? std::max(least, most) : GST_CLOCK_TIME_NONE);
  return true;
}

// Pads come and go.

void Router::add(Ref<SfuRouterSink> pad) {
  RouterInput& input = input_of(pad.get());
  input.set_keyframe_interval(settings().keyframe_interval);
  input.set_id(next_id_++);
  table_.with([&](Table& table) {
    insert_by_index<SfuRouterSink>(table.inputs, std::move(pad),
                                   [](const auto& p) { return input_of(p.get()).index(); });
  });
  reroute();
}

void Router::add(Ref<SfuRouterSrc> pad) {
  RouterOutput& output = output_of(pad.get());
  output.set_limits(settings().queue);
  output.set_group(group_);
  table_.with([&](Table& table) {
    insert_by_index<SfuRouterSrc>(table.outputs, pad,
                                  [](const auto& p) { return output_of(p.get()).index(); });
  });
  reroute(pad.get());
}

void Router::remove(SfuRouterSink* pad) {
  auto removed = table_.with([&](Table& table) { return take_out(table.inputs, pad); });
  if (!removed) return;
  input_of(pad).set_outputs(std::make_shared<const Outputs>());
  input_of(pad).forget_keyframe_request();
  reroute();
  end_outputs_if_all_ended();
}

void Router::remove(SfuRouterSrc* pad) {
  Ref<SfuRouterSrc> removed;
  conclude(table_.with([&](Table& table) {
    removed = take_out(table.outputs, pad);
    return removed ? unlist(table, pad) : Rerouted();
  }));
}

void Router::clear() {
  const Table old = table_.with([](Table& table) { return std::exchange(table, Table{}); });
  for (const auto& pad : old.inputs) {
    input_of(pad.get()).set_outputs(std::make_shared<const Outputs>());
    input_of(pad.get()).forget_keyframe_request();
  }
}

Router::Clock Router::clock() const {
  auto clock = adopt(gst_element_get_clock(element_));
  if (!clock) clock = system_clock_;
  const auto now = static_cast<std::int64_t>(gst_clock_get_time(clock.get()));
  return {std::move(clock), Timestamp{Duration{now}}};
}

Router::Table Router::table() const {
  return table_.with([](const Table& table) { return table; });
}

Ref<SfuRouterSink> Router::input_with(EncodingId id) const {
  return table_.with([&](const Table& table) {
    const auto at = std::find_if(table.inputs.begin(), table.inputs.end(),
                                 [id](const auto& pad) { return input_of(pad.get()).id() == id; });
    return at != table.inputs.end() ? *at : Ref<SfuRouterSink>();
  });
}

Router::Settings Router::settings() const {
  return settings_.with([](const Settings& s) { return s; });
}

void Router::set_settings(const Settings& settings) {
  settings_.with([&](Settings& s) { s = settings; });
  const Table now = table();
  for (const auto& pad : now.inputs) {
    input_of(pad.get()).set_keyframe_interval(settings.keyframe_interval);
  }
  for (const auto& pad : now.outputs) output_of(pad.get()).set_limits(settings.queue);
}

Owned<GstStructure> Router::stats() const {
  auto stats = own(gst_structure_new_empty("application/x-sfu-router-stats"));
  const auto put = [&](GstPad* pad, Owned<GstStructure> of_pad) {
    const auto name = own(gst_object_get_name(GST_OBJECT_CAST(pad)));
    gst_structure_set(stats.get(), name.get(), GST_TYPE_STRUCTURE, of_pad.get(), nullptr);
  };
  const Table now = table();
  for (const auto& pad : now.inputs) put(GST_PAD_CAST(pad.get()), input_of(pad.get()).stats());
  for (const auto& pad : now.outputs) put(GST_PAD_CAST(pad.get()), output_of(pad.get()).stats());
  return stats;
}

}  // namespace rooms
