// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/grid_mixer.h"

#include <algorithm>
#include <utility>

#include "gst/core/units.h"

namespace rooms {

namespace {

/// Letters are a thirteenth of the tile's height, as long as they can be read and do not shout.
int letters_of(const Tile& tile) { return even(std::clamp(tile.where.height / 13, 12, 32)); }

std::vector<Tile> tiles_of(const GridSettings& settings,
                           const std::vector<GridMixer::Member>& members) {
  std::vector<const GridMixer::Member*> order;
  for (const auto& member : members) order.push_back(&member);
  std::ranges::stable_sort(order, std::greater<>(), &GridMixer::Member::priority);

  std::vector<LayoutInput> inputs;
  std::optional<std::uint32_t> speaker;
  for (const auto* member : order) {
    inputs.push_back({member->id, member->caption, member->whole});
    if (member->pad == settings.speaker) speaker = member->id;
  }
  return arrange({.kind = settings.layout,
                  .canvas = settings.canvas,
                  .fit = settings.fit,
                  .gap = settings.gap,
                  .inputs = inputs,
                  .speaker = speaker,
                  .custom = settings.custom.get()});
}

CanvasStyle style_of(const GridSettings& settings) {
  CanvasStyle style{settings.canvas, settings.background, nullptr, settings.border_width,
                    settings.border_colour};
  if (settings.layout != LayoutKind::kCustom || !settings.custom) return style;
  const auto& custom = *settings.custom;
  style.background = custom.background_colour.value_or(style.background);
  style.border_colour = custom.border_colour.value_or(style.border_colour);
  style.border_width = custom.border_width.value_or(style.border_width);
  style.picture = settings.picture;
  return style;
}

}  // namespace

Status check_canvas(Size canvas) {
  constexpr int kLeast = GridSettings::kSmallestSide;
  constexpr int kMost = GridSettings::kLargestSide;
  for (const int side : {canvas.width, canvas.height}) {
    if (side >= kLeast && side <= kMost && side % 2 == 0) continue;
    return Error{"bad-size",
                 "A picture of " + std::to_string(canvas.width) + "x" +
                     std::to_string(canvas.height) +
                     " pixels is not possible: width and height are even numbers from " +
                     std::to_string(kLeast) + " to " + std::to_string(kMost) + "."};
  }
  return Done{};
}

Status check_framerate(int numerator, int denominator) {
  if (numerator > 0 && denominator > 0 &&
      std::int64_t{numerator} <= std::int64_t{denominator} * GridSettings::kFastest &&
      std::int64_t{numerator} * 60 >= denominator)
    return Done{};
  return Error{"bad-framerate", std::to_string(numerator) + "/" + std::to_string(denominator) +
                                    " frames per second are not possible: from 1/60 to " +
                                    std::to_string(GridSettings::kFastest) + "."};
}

GridSettings GridMixer::settings() const {
  std::lock_guard hold(mutex_);
  return wanted_.settings;
}

GridMixer::Resized GridMixer::change_settings(const std::function<void(GridSettings&)>& change) {
  std::lock_guard hold(mutex_);
  change(wanted_.settings);
  return rearrange();
}

std::uint32_t GridMixer::add(const std::string& pad, Resized& resized) {
  std::lock_guard hold(mutex_);
  Member member;
  member.id = ++last_id_;
  member.pad = pad;
  member.input = std::make_shared<GridInput>();
  wanted_.members.push_back(std::move(member));
  resized = rearrange();
  return last_id_;
}

GridMixer::Resized GridMixer::remove(std::uint32_t id) {
  std::lock_guard hold(mutex_);
  std::erase_if(wanted_.members, [id](const Member& member) { return member.id == id; });
  return rearrange();
}

GridMixer::Resized GridMixer::change_member(std::uint32_t id,
                                            const std::function<void(Member&)>& change) {
  std::lock_guard hold(mutex_);
  auto* found = find(id);
  if (!found) return {};
  change(*found);
  return rearrange();
}

GridMixer::Member* GridMixer::find(std::uint32_t id) {
  const auto found = std::ranges::find(wanted_.members, id, &Member::id);
  return found == wanted_.members.end() ? nullptr : &*found;
}

std::optional<GridMixer::Member> GridMixer::member(std::uint32_t id) const {
  std::lock_guard hold(mutex_);
  const auto found = std::ranges::find(wanted_.members, id, &Member::id);
  if (found == wanted_.members.end()) return std::nullopt;
  return *found;
}

std::shared_ptr<GridInput> GridMixer::input(std::uint32_t id) const {
  const auto found = member(id);
  return found ? found->input : nullptr;
}

std::vector<GridMixer::Member> GridMixer::members() const {
  std::lock_guard hold(mutex_);
  return wanted_.members;
}

void GridMixer::set_flushing(bool flushing) {
  for (const auto& member : members()) {
    member.input->set_flushing(flushing);
    if (flushing) member.input->set_ended(false);
  }
}

bool GridMixer::all_ended() const {
  const auto all = members();
  return !all.empty() && std::ranges::all_of(all, [](const Member& member) {
    return member.input->ended_and_empty();
  });
}

GridMixer::Resized GridMixer::rearrange() {
  ++wanted_.revision;
  wanted_.tiles = tiles_of(wanted_.settings, wanted_.members);
  Resized resized;
  for (auto& member : wanted_.members) {
    const auto tile = std::ranges::find(wanted_.tiles, std::optional(member.id), &Tile::input);
    const Size size =
        tile == wanted_.tiles.end() ? Size{} : Size{tile->where.width, tile->where.height};
    if (size == member.tile) continue;
    member.tile = size;
    resized.push_back(member.id);
  }
  return resized;
}

/// Takes over what changed, and sets tiles moving that are elsewhere now.
void GridMixer::follow(const Scene& scene, Timestamp now) {
  const bool at_once = scene_.tiles.empty() || scene.settings.canvas != scene_.settings.canvas;
  const auto is_here = [&](const Tile& tile) {
    return !tile.input ||
           std::ranges::find(scene.members, *tile.input, &Member::id) != scene.members.end();
  };
  if (scene.tiles != transition_.target()) {
    auto from = transition_.at(now);
    std::erase_if(from, [&](const Tile& tile) { return !is_here(tile); });
    transition_ =
        Transition(std::move(from), scene.tiles, now,
                   at_once ? Duration::zero() : scene.settings.animation, scene.settings.easing);
  }
  scene_ = scene;
}

std::optional<TileContent> GridMixer::content_of(const Tile& tile, Timestamp now) {
  TileContent content{tile, std::nullopt, 0};
  if (tile.caption && scene_.settings.captions) content.letters = letters_of(tile);
  if (!tile.input) return content;
  const auto member = std::ranges::find(scene_.members, *tile.input, &Member::id);
  if (member == scene_.members.end()) return std::nullopt;
  content.tile.alpha *= member->alpha;
  content.frame = member->input->at(now, scene_.settings.hold);
  return content;
}

bool GridMixer::draw(Timestamp now) {
  std::optional<Scene> changed;
  {
    std::lock_guard hold(mutex_);
    if (wanted_.revision != scene_.revision) changed = wanted_;
  }
  if (changed) follow(*changed, now);

  std::vector<TileContent> contents;
  std::vector<std::uint32_t> shown;
  shows_.clear();
  for (const auto& tile : transition_.at(now)) {
    auto content = content_of(tile, now);
    if (!content) continue;
    if (tile.input) shown.push_back(*tile.input);
    contents.push_back(std::move(*content));
  }
  // Those without a tile are drained all the same: what waits must not become old, nor block a
  // source.
  for (const auto& member : scene_.members) {
    const bool has_tile = std::ranges::find(shown, member.id) != shown.end();
    const auto frame = has_tile ? std::nullopt : member.input->at(now, scene_.settings.hold);
    (void)frame;
  }
  for (const auto& content : contents) {
    const auto member =
        std::ranges::find(scene_.members, content.tile.input.value_or(0), &Member::id);
    if (member != scene_.members.end())
      shows_.emplace_back(member->pad, content.frame ? "picture" : "placeholder");
  }
  return canvas_.draw(style_of(scene_.settings), std::move(contents));
}

void GridMixer::count_frame(bool repeated, std::uint64_t skipped, Duration spent) {
  std::lock_guard hold(mutex_);
  ++counters_.frames;
  counters_.repeated += repeated;
  counters_.skipped += skipped;
  counters_.spent += spent;
  counters_.canvas = canvas_.stats();
  counters_.shows = shows_;
}

Owned<GstStructure> GridMixer::stats() const {
  const auto all = members();
  std::unique_lock hold(mutex_);
  const auto counters = counters_;
  hold.unlock();
  const auto each =
      counters.frames ? counters.spent.count() / static_cast<std::int64_t>(counters.frames) : 0;
  auto stats = own(gst_structure_new(
      "videogrid-stats", "frames", G_TYPE_UINT64, counters.frames, "repeated", G_TYPE_UINT64,
      counters.repeated, "skipped", G_TYPE_UINT64, counters.skipped, "scaled", G_TYPE_UINT64,
      counters.canvas.scaled, "broken", G_TYPE_UINT64, counters.canvas.broken, "average-time",
      G_TYPE_UINT64, static_cast<guint64>(each), nullptr));
  for (const auto& member : all) {
    const auto shown =
        std::ranges::find(counters.shows, member.pad, &std::pair<std::string, std::string>::first);
    const auto input = member.input->stats();
    const auto facts = own(gst_structure_new(
        "videogrid-input", "shows", G_TYPE_STRING,
        shown == counters.shows.end() ? "nothing" : shown->second.c_str(), "frames", G_TYPE_UINT64,
        input.frames, "passed", G_TYPE_UINT64, input.passed, "overflow", G_TYPE_UINT64,
        input.overflow, "tile-width", G_TYPE_INT, member.tile.width, "tile-height", G_TYPE_INT,
        member.tile.height, nullptr));
    gst_structure_set(stats.get(), member.pad.c_str(), GST_TYPE_STRUCTURE, facts.get(), nullptr);
  }
  return stats;
}

}  // namespace rooms
