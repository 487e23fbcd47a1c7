// SPDX-License-Identifier: LGPL-2.1-or-later
// What each viewer's line carries, divided among its slots: estimates and measured layers in,
// limits of the router's outputs out.
#include <algorithm>
#include <set>
#include <utility>

#include "gst/glue/clock.h"
#include "gst/glue/track_layers_structure.h"
#include "pipelines/room_core.h"

namespace rooms {
namespace {

/// Layers are measured as RTP, estimates count IP packets: some forty bytes more on a thousand.
constexpr double kOnTheWire = 1.05;
/// What those forty and more add to fifty packets of sound a second.
constexpr DataRate kAudioHeaders = DataRate::kilobits_per_second(20);
/// Of a lowest layer until it has been measured; each one above takes four times as much.
constexpr std::int64_t kGuessedRate = 150'000;
/// Of a capped track, in parts of what it is given: so that probes look for room to lift the cap.
constexpr double kMoreToTry = 0.5;
/// A publisher that sends little now may send a good picture at any time: the line should be known
/// to carry it by then.
constexpr DataRate kMayBecome = DataRate::kilobits_per_second(2500);
/// More than this part of what the line carries: its queue fills within a moment.
constexpr double kFlood = 1.2;
/// A client is told of an estimate that has changed by this part.
constexpr double kTellEstimate = 0.1;

DataRate on_the_wire(std::uint64_t bitrate) {
  return DataRate::bits_per_second(static_cast<std::int64_t>(bitrate)) * kOnTheWire;
}

/// What comes from the publisher, or would. Where a rate is not known yet, all are guessed:
/// measured ones do not compare with guesses.
std::vector<LayerOption> options_of(const std::vector<TrackLayer>& layers) {
  const bool measured = std::all_of(layers.begin(), layers.end(), [](const auto& layer) {
    return !layer.active || layer.bitrate != 0;
  });
  std::vector<LayerOption> options;
  for (const auto& layer : layers) {
    if (!layer.active) continue;
    const auto guess = static_cast<std::uint64_t>(kGuessedRate) << (2 * layer.spatial);
    options.push_back({{layer.spatial, layer.temporal},
                       layer.width,
                       layer.height,
                       on_the_wire(measured ? layer.bitrate : guess)});
  }
  return options;
}

/// The line carries much less than it is sent.
bool is_flooded(const LineState& line, DataRate audio, const event::Allocated& before) {
  auto sent = audio;
  for (const auto& slot : before.slots) sent = sent + slot.given.bitrate;
  return line.estimating && sent > line.estimate * kFlood;
}

const std::string* rid_of(const std::vector<TrackLayer>& layers,
                          const std::optional<LayerChoice>& choice) {
  const auto at = std::find_if(layers.begin(), layers.end(), [&](const auto& layer) {
    return choice && layer.spatial == choice->spatial;
  });
  return at != layers.end() ? &at->rid : nullptr;
}

/// To another encoding, that is: of one that has layers itself the higher ones stop at once anyway.
bool falls_to_another(const std::vector<TrackLayer>& layers, const SlotAllocation& before,
                      const SlotAllocation& now) {
  const auto* from = rid_of(layers, before.layer);
  const auto* to = rid_of(layers, now.layer);
  return from && to && *from != *to && now.layer->spatial < before.layer->spatial;
}

const SlotAllocation* share_of(const event::Allocated& allocated, const SlotShare& slot) {
  const auto at = std::find_if(
      allocated.slots.begin(), allocated.slots.end(),
      [&](const auto& other) { return other.mid == slot.mid && other.track == slot.track; });
  return at != allocated.slots.end() ? &at->given : nullptr;
}

bool is_news(const event::Allocated& told, const event::Allocated& now) {
  const auto same = [](const SlotShare& a, const SlotShare& b) {
    return a.mid == b.mid && a.track == b.track && a.priority == b.priority &&
           a.given.layer == b.given.layer && a.given.reason == b.given.reason;
  };
  if (told.estimating != now.estimating) return true;
  if (now.estimating) {
    const auto change = now.estimate - told.estimate;
    const auto least = told.estimate * kTellEstimate;
    if (change > least || DataRate() - change > least) return true;
  }
  return !std::equal(told.slots.begin(), told.slots.end(), now.slots.begin(), now.slots.end(),
                     same);
}

}  // namespace

std::unique_ptr<Subscription> RoomCore::make_subscription(const std::string& id) {
  auto subscription = std::make_unique<Subscription>(
      *context_, id, callbacks_for(id, ConnectionRole::kSubscribe), [this, id] {
        post([id](RoomCore& self) {
          if (const auto viewer = self.find(id)) self.allocate(*viewer);
        });
      });
  subscription->set_resting(rests());
  return subscription;
}

const std::vector<TrackLayer>& RoomCore::layers_of(const std::string& track) {
  const auto [at, is_new] = layers_.try_emplace(track);
  if (is_new) {
    GstStructure* layers = nullptr;
    g_signal_emit_by_name(router_.get(), "track-layers", track.c_str(), &layers);
    at->second = track_layers_in(own(layers).get());
    if (auto* published = track_with_id(track)) {
      published->rates.apply(at->second, monotonic_now());
      note_layers(*published, at->second);
    }
  }
  return at->second;
}

void RoomCore::note_layers(PublishedTrack& track, std::vector<TrackLayer>& layers) {
  DataRate sum;
  bool restrained = false;
  std::set<std::size_t> flowing;
  for (auto& layer : layers) {
    const auto encoding = track.encoding_of(layer.rid);
    restrained |= track.demand.is_stopped(encoding) || track.demand.is_capped(encoding);
    if (layer.active) flowing.insert(encoding);
    sum = std::max(sum, on_the_wire(layer.bitrate));
    // We stopped it: who wants it gets it back.
    layer.active |= track.demand.is_stopped(encoding);
  }
  for (std::size_t i = 0; i < track.rids.size(); ++i) track.demand.note(i, flowing.contains(i));
  track.unrestrained = restrained ? std::max(track.unrestrained, sum) : sum;
}

DataRate RoomCore::audio_of(const Participant& viewer) {
  DataRate audio;
  for (const auto& track : viewer.subscription->shown_audio())
    for (const auto& layer : layers_of(track))
      if (layer.active) audio = audio + on_the_wire(layer.bitrate) + kAudioHeaders;
  return audio;
}

DataRate RoomCore::held_back_of(const event::Allocated& allocated) {
  DataRate sum;
  for (const auto& slot : allocated.slots) {
    const auto* track = track_with_id(slot.track);
    if (!track || !track->demand.is_capped(0)) continue;
    const auto given = slot.given.bitrate;
    sum = sum + std::max(track->unrestrained - given, given * kMoreToTry);
  }
  return sum;
}

SlotPriority RoomCore::priority_of(const Participant& viewer, const SlotOutput& output) const {
  if (output.priority()) return *output.priority();
  const auto* track = track_with_id(output.track());
  if (!track) return SlotPriority::kOther;
  if (track->info.label == "screen") return SlotPriority::kScreen;
  const auto& publisher = track->info.participant;
  if (publisher == voices_.speaker()) return SlotPriority::kActiveSpeaker;
  const bool pinned =
      std::find(viewer.pinned.begin(), viewer.pinned.end(), publisher) != viewer.pinned.end();
  return pinned ? SlotPriority::kPinned : SlotPriority::kOther;
}

ViewerAllocator::Slot RoomCore::allocator_slot(const Participant& viewer,
                                               const SlotOutput& output) {
  ViewerAllocator::Slot slot;
  slot.track = output.track();
  slot.wish.priority = priority_of(viewer, output);
  slot.wish.layers = options_of(layers_of(output.source()));
  if (output.target_bitrate() != 0) slot.wish.most_bitrate = on_the_wire(output.target_bitrate());
  slot.wish.tile_pixels = output.tile_pixels();
  slot.wish.most = output.most();
  return slot;
}

void RoomCore::allocate() {
  layers_.clear();
  if (mix_->is_built() || somebody_takes_mix()) renew_mix();
  if (!transcoder_->is_empty() || !recordings_->transcodings().empty()) follow_transcodings();
  for (const auto& participant : participants_)
    if (participant->subscription) allocate(*participant);
  // What nobody sends to us is not to be stopped for that: it may be wanted at any moment.
  if (!rests()) follow_demand();
}

void RoomCore::allocate(Participant& viewer) {
  auto* subscription = viewer.subscription.get();
  if (!subscription) return;
  if (rests()) return subscription->set_line_use({}, {});
  const auto now = monotonic_now();
  const auto line = subscription->line();
  const auto shown = subscription->shown_video();
  std::vector<ViewerAllocator::Slot> slots;
  for (const auto& slot : shown) slots.push_back(allocator_slot(viewer, *slot.output));

  event::Allocated outcome{line.estimate, line.estimating, {}};
  for (std::size_t i = 0; i < shown.size(); ++i)
    outcome.slots.push_back({shown[i].mid, slots[i].track, slots[i].wish.priority, {}});
  auto& allocator = subscription->allocator();
  const auto& allocation = allocator.update(line, audio_of(viewer), std::move(slots), now);
  const bool bounded = !allocator.is_unlimited(line, now);
  const auto& before = subscription->allocated();
  const bool flooded = is_flooded(line, audio_of(viewer), before);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    outcome.slots[i].given = allocation.slots[i];
    const auto* share = flooded ? share_of(before, outcome.slots[i]) : nullptr;
    const bool at_once =
        share && falls_to_another(layers_of(outcome.slots[i].track), *share, allocation.slots[i]);
    shown[i].output->give(allocation.slots[i], bounded, at_once);
  }
  const auto wanted = allocator.wanted() + held_back_of(outcome);
  subscription->set_line_use(shown.empty() ? wanted : std::max(wanted, kMayBecome), line.estimate);
  // Against what was told: an estimate may creep.
  const bool is_news = rooms::is_news(subscription->told(), outcome);
  if (is_news) {
    tell(viewer, outcome);
    subscription->told() = outcome;
  }
  subscription->allocated() = std::move(outcome);
  if (!is_news || std::exchange(demand_is_due_, true)) return;
  post([](RoomCore& self) {
    self.demand_is_due_ = false;
    self.follow_demand();
  });
}

}  // namespace rooms
