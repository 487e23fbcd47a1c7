// SPDX-License-Identifier: LGPL-2.1-or-later
// Who gets what: from settings, activity and measured layers to the lists that packets follow.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "elements/router.h"
#include "gst/core/forward/routing.h"

namespace rooms {
namespace {

using Rows = std::vector<EncodingRow>;

EncodingRow row_of(const RouterInput& input) {
  return {input.id(), input.settings().rid, input.active(), input.table()};
}

/// The layers of the tracks that are asked for, in order; each track is looked at once.
class Tracks {
 public:
  explicit Tracks(const std::vector<Ref<SfuRouterSink>>& inputs) {
    for (const auto& pad : inputs) {
      const RouterInput& input = input_of(pad.get());
      auto track = input.track();
      if (first_.empty()) first_ = track;
      inputs_[std::move(track)].push_back(&input);
    }
  }
  /// `name` empty: of the first track there is.
  const Rows& rows(const std::string& name) {
    const std::string& track = name.empty() ? first_ : name;
    const auto [at, is_new] = rows_.try_emplace(track);
    if (!is_new) return at->second;
    if (const auto found = inputs_.find(track); found != inputs_.end())
      for (const auto* input : found->second) at->second.push_back(row_of(*input));
    if (at->second.size() > 1) order_layers(at->second);
    return at->second;
  }
  [[nodiscard]] std::vector<const RouterInput*> inputs(const std::string& name) const {
    const auto found = inputs_.find(name);
    return found != inputs_.end() ? found->second : std::vector<const RouterInput*>();
  }

 private:
  std::string first_;
  std::unordered_map<std::string, std::vector<const RouterInput*>> inputs_;
  std::unordered_map<std::string, Rows> rows_;
};

RouterOutput::Shown shown_of(const RouterOutput& output, const RouterInput* current,
                             Tracks& tracks) {
  if (!current) return {};
  const auto track = current->track();
  const auto& rows = tracks.rows(track);
  const int layer =
      rows.size() > 1 ? layer_of(rows, current->id()) : static_cast<int>(output.spatial_layer());
  return {track, current->settings().rid, layer};
}

/// An input's list, with those of `outputs` that concern it instead of what it had of them.
std::shared_ptr<const Outputs> outputs_of(const RouterInput& input,
                                          std::span<const Ref<SfuRouterSrc>> outputs,
                                          const std::set<const SfuRouterSrc*>& considered) {
  auto list = std::make_shared<Outputs>();
  for (const auto& pad : *input.plan().outputs)
    if (!considered.contains(pad.get())) list->push_back(pad);
  for (const auto& pad : outputs) {
    const auto& listed = output_of(pad.get()).listed();
    if (listed.wanted == input.id() || listed.current == input.id()) list->push_back(pad);
  }
  std::sort(list->begin(), list->end(), [](const auto& a, const auto& b) {
    return output_of(a.get()).index() < output_of(b.get()).index();
  });
  return list;
}

}  // namespace

bool Router::review(RouterInput& input, RouterInput::News news, Timestamp now) {
  if (news == RouterInput::News::kBegins) {
    reroute_track(input.track());
    return true;
  }
  const bool has_siblings = input.plan().has_siblings;
  if (!has_siblings && !input.layered()) return false;
  const bool measured = news == RouterInput::News::kMeasured;
  const bool silent = has_siblings && find_silent(input, now);
  if (has_siblings && measured) find_lagging(input);
  const bool other_rates = measured && (has_siblings || limits_bitrate_ || input.layers_changed());
  if (!silent && !other_rates) return false;
  reroute_track(input.track());
  return true;
}

bool Router::find_silent(RouterInput& input, Timestamp now) {
  const auto track = input.track();
  bool found = false;
  bool alone = true;
  table_.with([&](const Table& all) {
    for (const auto& pad : all.inputs) {
      RouterInput& other = input_of(pad.get());
      if (&other == &input || !other.active() || other.track() != track) continue;
      const bool fell = other.fall_silent(input, now);
      found = found || fell;
      alone = alone && fell;
    }
    found = (alone && input.begin_alone()) || found;
  });
  return found;
}

/// Whoever calls it looks for routes anew.
void Router::find_lagging(const RouterInput& input) {
  const auto track = input.track();
  table_.with([&](const Table& all) {
    Rows rows;
    std::vector<RouterInput*> others;
    for (const auto& pad : all.inputs) {
      RouterInput& other = input_of(pad.get());
      if (other.track() != track) continue;
      if (&other != &input) others.push_back(&other);
      if (other.active()) rows.push_back(row_of(other));
    }
    order_layers(rows);
    if (rows.empty() || rows.front().id != input.id()) return;
    for (auto* other : others) other->fall_behind(input);
  });
}

void Router::reroute() {
  conclude(table_.with([](const Table& table) {
    const Tracks tracks(table.inputs);
    for (const auto& pad : table.inputs) {
      RouterInput& input = input_of(pad.get());
      input.set_has_siblings(tracks.inputs(input.track()).size() > 1);
    }
    return reroute(table, table.outputs);
  }));
}

void Router::reroute(SfuRouterSrc* pad) {
  const auto one = share(pad);
  if (output_of(pad).settings().limits.target_bitrate != 0) limits_bitrate_ = true;
  conclude(table_.with([&](const Table& table) {
    const bool added =
        std::find(table.outputs.begin(), table.outputs.end(), one) != table.outputs.end();
    return added ? reroute(table, {&one, 1}) : Rerouted();
  }));
}

void Router::reroute_track(const std::string& track) {
  conclude(table_.with([&](const Table& table) {
    std::map<const SfuRouterSrc*, Ref<SfuRouterSrc>> found;
    for (const auto& pad : table.inputs) {
      const RouterInput& input = input_of(pad.get());
      if (input.track() != track) continue;
      const auto outputs = input.plan().outputs;
      for (const auto& pad_of_output : *outputs) found.emplace(pad_of_output.get(), pad_of_output);
    }
    std::vector<Ref<SfuRouterSrc>> concerned;
    for (auto& entry : found) concerned.push_back(std::move(entry.second));
    return reroute(table, concerned);
  }));
}

std::vector<TrackLayer> Router::layers_of(const std::string& track) const {
  return rooms::layers_of(table_.with([&](const Table& table) {
    Tracks tracks(table.inputs);
    return tracks.rows(track);
  }));
}

Router::Rerouted Router::unlist(const Table& table, SfuRouterSrc* gone) {
  Rerouted rerouted;
  const auto& listed = output_of(gone).listed();
  for (const auto& pad : table.inputs) {
    RouterInput& input = input_of(pad.get());
    if (listed.wanted == input.id() || listed.current == input.id())
      rerouted.replaced.push_back(input.set_outputs(outputs_of(input, {}, {gone})));
  }
  return rerouted;
}

void Router::conclude(Rerouted rerouted) {
  rerouted.replaced.clear();
  for (const auto& pad : rerouted.shows_another) notify_current_layer(pad.get());
  for (const EncodingId encoding : rerouted.to_ask) request_keyframe(encoding);
}

Router::Rerouted Router::reroute(const Table& table, std::span<const Ref<SfuRouterSrc>> outputs) {
  Rerouted rerouted;
  Tracks tracks(table.inputs);
  std::unordered_map<EncodingId, RouterInput*> by_id;
  for (const auto& pad : table.inputs) by_id[input_of(pad.get()).id()] = &input_of(pad.get());
  const auto input_at = [&](EncodingId id) {
    const auto at = by_id.find(id);
    return at != by_id.end() ? at->second : nullptr;
  };

  std::set<EncodingId> touched;
  std::set<const SfuRouterSrc*> considered;
  for (const auto& pad : outputs) {
    RouterOutput& output = output_of(pad.get());
    const auto settings = output.settings();
    const auto& rows = tracks.rows(settings.track);
    const auto choice = choose_route(rows, settings.limits, output.route());
    output.set_route(choice, numbers_of(rows, choice));
    if (output.want(choice)) rerouted.to_ask.push_back(choice.encoding);
    auto& listed = output.listed();
    const RouterOutput::Listed now{choice.encoding, output.current()};
    if (output.set_shown(shown_of(output, input_at(now.current), tracks)))
      rerouted.shows_another.push_back(pad);
    considered.insert(pad.get());
    for (const auto id : {listed.wanted, listed.current, now.wanted, now.current})
      touched.insert(id);
    listed = now;
  }
  for (const auto id : touched) {
    RouterInput* input = input_at(id);
    if (!input) continue;
    rerouted.replaced.push_back(input->set_outputs(outputs_of(*input, outputs, considered)));
  }
  return rerouted;
}

}  // namespace rooms
