// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/slot_output.h"

#include <algorithm>

namespace rooms {
namespace {

constexpr std::uint8_t kHighest = 7;

int lower_of(int limit, int given) { return limit < 0 ? given : std::min(limit, given); }

std::uint8_t layer_of(int limit) {
  return limit < 0 ? kHighest : static_cast<std::uint8_t>(std::min<int>(limit, kHighest));
}

bool is_withheld(const SlotAllocation& share) {
  // What sends nothing needs no pause, and begins without us.
  return !share.layer && share.reason != AllocationReason::kNoLayers;
}

}  // namespace

SlotOutput::SlotOutput(Ref<GstPad> router_src, std::uint32_t ssrc) : pad_(std::move(router_src)) {
  g_object_set(pad_.get(), "paused", TRUE, "ssrc", ssrc, nullptr);
}

void SlotOutput::show(const std::string& track) {
  if (track == track_) return;
  track_ = track;
  source_.clear();
  muted_ = false;
  tile_pixels_.reset();
  priority_.reset();
  withheld_ = false;
  update(true);
}

void SlotOutput::redirect(const std::string& source) {
  if (source == source_) return;
  source_ = source;
  g_object_set(pad_.get(), "track", this->source().c_str(), nullptr);
}

void SlotOutput::set_muted(bool muted) {
  if (muted == muted_) return;
  muted_ = muted;
  update(false);
}

void SlotOutput::set_resting(bool resting) {
  if (resting == resting_) return;
  resting_ = resting;
  update(false);
}

void SlotOutput::set_open(bool open) {
  open_ = open;
  update(false);
}

void SlotOutput::start() {
  open_ = true;
  update(true);
}

void SlotOutput::update(bool track_changed) {
  const bool flows = open_ && !track_.empty() && !muted_ && !resting_ && !withheld_;
  // Also between two tracks: nobody's picture goes on under another one's name.
  if (!flows || track_changed) g_object_set(pad_.get(), "paused", TRUE, nullptr);
  if (track_changed && !track_.empty())
    g_object_set(pad_.get(), "track", source().c_str(), nullptr);
  if (flows) g_object_set(pad_.get(), "paused", FALSE, nullptr);
}

void SlotOutput::rest() {
  if (!open_ || track_.empty() || muted_ || resting_ || withheld_) return;
  g_object_set(pad_.get(), "paused", TRUE, nullptr);
  g_object_set(pad_.get(), "paused", FALSE, nullptr);
}

void SlotOutput::limit(const SlotLimit& limit) {
  limit_ = limit;
  update_layers();
}

void SlotOutput::view(const ViewRequest::Slot& view) {
  if (view.pixels) tile_pixels_ = view.pixels;
  if (view.priority) priority_ = view.priority;
}

void SlotOutput::give(const SlotAllocation& share, bool bounded, bool at_once) {
  if (!bounded && !tile_pixels_) {
    given_.reset();
  } else if (share.layer) {
    given_ = share.layer;
  }
  update_layers();
  if (at_once) rest();
  if (is_withheld(share) == withheld_) return;
  withheld_ = is_withheld(share);
  update(false);
}

void SlotOutput::update_layers() {
  SlotLimit wanted = limit_;
  if (given_) {
    wanted.max_spatial = lower_of(limit_.max_spatial, given_->spatial);
    wanted.max_temporal = lower_of(limit_.max_temporal, given_->temporal);
  }
  if (wanted == applied_) return;
  applied_ = wanted;
  g_object_set(pad_.get(), "max-spatial", wanted.max_spatial, "max-temporal", wanted.max_temporal,
               "target-bitrate", guint64{wanted.target_bitrate}, nullptr);
}

std::optional<LayerChoice> SlotOutput::most() const {
  if (limit_.max_spatial < 0 && limit_.max_temporal < 0) return std::nullopt;
  return LayerChoice{layer_of(limit_.max_spatial), layer_of(limit_.max_temporal)};
}

}  // namespace rooms
