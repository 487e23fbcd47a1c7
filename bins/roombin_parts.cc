// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bins/roombin_parts.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "bins/roombin_pad.h"

namespace rooms {
namespace {

constexpr const char* kMix = "mix";

template <class Part>
auto with_pad(std::vector<std::unique_ptr<Part>>& parts, const GstPad* pad) {
  return std::find_if(parts.begin(), parts.end(),
                      [&](const auto& part) { return part->pad() == pad; });
}

template <class Part>
std::unique_ptr<Part> taken_out(std::vector<std::unique_ptr<Part>>& parts, const GstPad* pad) {
  const auto at = with_pad(parts, pad);
  if (at == parts.end()) return nullptr;
  auto part = std::move(*at);
  parts.erase(at);
  return part;
}

}  // namespace

RoomBinParts::RoomBinParts(GstBin* bin)
    : bin_(bin),
      notifier_(std::make_shared<RoomNotifier>(
          GST_ELEMENT_CAST(bin), [this](const event::TapChanged& change) { on_tap(change); })),
      host_(notifier_) {}

RoomBinParts::~RoomBinParts() { host_.close(); }

GstPad* RoomBinParts::request_pad(GstPadTemplate* templ, const char* name) {
  const std::string wanted = GST_PAD_TEMPLATE_NAME_TEMPLATE(templ);
  if (wanted == "sink_%u") return add_inlet(templ, name);
  return add_mix_outlet(templ, wanted == "mix_video" ? MediaKind::kVideo : MediaKind::kAudio);
}

GstPad* RoomBinParts::add_inlet(GstPadTemplate* templ, const char* name) {
  GstGhostPad* pad = nullptr;
  {
    const std::lock_guard hold(mutex_);
    unsigned number = next_inlet_;
    if (name && name[0] != '\0') {
      if (sscanf(name, "sink_%u", &number) != 1) return nullptr;
      const auto taken = adopt(gst_element_get_static_pad(GST_ELEMENT_CAST(bin_), name));
      if (taken) return nullptr;
    }
    next_inlet_ = std::max(next_inlet_, number + 1);
    pad = new_room_bin_pad("sink_" + std::to_string(number), templ);
    inlets_.push_back(std::make_unique<RoomInlet>(
        bin_, pad, host_, clock_, [this, one = GST_PAD_CAST(pad)] { return join_for(one); }));
  }
  gst_pad_set_active(GST_PAD_CAST(pad), TRUE);
  gst_element_add_pad(GST_ELEMENT_CAST(bin_), GST_PAD_CAST(pad));
  return GST_PAD_CAST(pad);
}

GstPad* RoomBinParts::add_mix_outlet(GstPadTemplate* templ, MediaKind kind) {
  const char* name = GST_PAD_TEMPLATE_NAME_TEMPLATE(templ);
  if (adopt(gst_element_get_static_pad(GST_ELEMENT_CAST(bin_), name))) return nullptr;
  auto* pad = new_room_bin_pad(name, templ);
  auto outlet = std::make_unique<RoomOutlet>(bin_, pad, pump_, kMix, kind);
  // Requested late: it begins at once. Before, it begins with the element.
  if (GST_STATE(bin_) >= GST_STATE_PAUSED) {
    if (auto started = outlet->start(host_); !started) {
      GST_ELEMENT_ERROR(bin_, RESOURCE, FAILED, ("%s", started.error().message.c_str()), (nullptr));
      outlet.reset();
      const auto unused = sink(GST_PAD_CAST(pad));
      return nullptr;
    }
  }
  {
    const std::lock_guard hold(mutex_);
    outlets_.push_back(std::move(outlet));
  }
  gst_pad_set_active(GST_PAD_CAST(pad), TRUE);
  gst_element_add_pad(GST_ELEMENT_CAST(bin_), GST_PAD_CAST(pad));
  return GST_PAD_CAST(pad);
}

void RoomBinParts::release_pad(GstPad* pad) {
  std::unique_ptr<RoomInlet> inlet;
  std::unique_ptr<RoomOutlet> outlet;
  {
    const std::lock_guard hold(mutex_);
    inlet = taken_out(inlets_, pad);
    outlet = taken_out(outlets_, pad);
  }
  if (inlet) {
    const auto who = inlet->participant();
    inlet->interrupt();
    gst_pad_set_active(pad, FALSE);
    inlet.reset();
    leave_if_unused(who);
    gst_element_remove_pad(GST_ELEMENT_CAST(bin_), pad);
  }
  if (outlet) remove_outlet(std::move(outlet));
}

void RoomBinParts::remove_outlet(std::unique_ptr<RoomOutlet> outlet) {
  outlet->stop(host_);
  const auto pad = share(outlet->pad());
  outlet.reset();
  gst_pad_set_active(pad.get(), FALSE);
  gst_element_remove_pad(GST_ELEMENT_CAST(bin_), pad.get());
}

Result<std::string> RoomBinParts::join_for(GstPad* pad) {
  auto id = participant_of(pad);
  if (id.empty()) id = participant.with([](const std::string& held) { return held; });
  ParticipantInfo self;
  const auto joined = host_.join(id, id, notifier_->of_participant(id), self);
  // Another pad, or add-participant, has brought it in.
  if (!joined && joined.error().code == "name-taken") return id;
  if (!joined) return joined.error();
  const std::lock_guard hold(mutex_);
  joined_.insert(id);
  return id;
}

void RoomBinParts::leave_if_unused(const std::string& who) {
  {
    const std::lock_guard hold(mutex_);
    const bool used = std::any_of(inlets_.begin(), inlets_.end(),
                                  [&](const auto& inlet) { return inlet->participant() == who; });
    if (used || joined_.erase(who) == 0) return;
  }
  if (const auto room = host_.room()) room->leave(who, "its pads were released");
}

Result<std::string> RoomBinParts::add_tap(const std::string& track) {
  std::string name;
  {
    const std::lock_guard hold(mutex_);
    name = "src_" + std::to_string(next_tap_++);
  }
  auto* klass = GST_ELEMENT_GET_CLASS(bin_);
  auto* pad = new_room_bin_pad(name, gst_element_class_get_pad_template(klass, "src_%u"));
  auto outlet = std::make_unique<RoomOutlet>(bin_, pad, pump_, track, MediaKind::kVideo);
  if (auto started = outlet->start(host_); !started) {
    outlet.reset();
    const auto unused = sink(GST_PAD_CAST(pad));
    return started.error();
  }
  {
    const std::lock_guard hold(mutex_);
    outlets_.push_back(std::move(outlet));
  }
  gst_pad_set_active(GST_PAD_CAST(pad), TRUE);
  gst_element_add_pad(GST_ELEMENT_CAST(bin_), GST_PAD_CAST(pad));
  return name;
}

Status RoomBinParts::remove_tap(const std::string& pad) {
  std::unique_ptr<RoomOutlet> outlet;
  {
    const std::lock_guard hold(mutex_);
    const auto at = std::find_if(outlets_.begin(), outlets_.end(), [&](const auto& one) {
      return pad == GST_PAD_NAME(one->pad()) && pad.starts_with("src_");
    });
    if (at != outlets_.end()) {
      outlet = std::move(*at);
      outlets_.erase(at);
    }
  }
  if (!outlet) return Error{"tap-unknown", "There is no pad '" + pad + "' of a tap."};
  remove_outlet(std::move(outlet));
  return Done{};
}

void RoomBinParts::on_tap(const event::TapChanged& change) {
  if (change.state == "running") return;
  const std::lock_guard hold(mutex_);
  for (const auto& outlet : outlets_)
    if (outlet->tap() == change.id) outlet->end();
}

void RoomBinParts::clear() {
  std::vector<std::unique_ptr<RoomInlet>> inlets;
  std::vector<std::unique_ptr<RoomOutlet>> outlets;
  {
    const std::lock_guard hold(mutex_);
    inlets.swap(inlets_);
    outlets.swap(outlets_);
  }
  for (const auto& outlet : outlets) outlet->stop(host_);
  host_.close();
}

Status RoomBinParts::start_outlets() {
  clock_.forget();
  std::vector<RoomOutlet*> all;
  {
    const std::lock_guard hold(mutex_);
    for (const auto& outlet : outlets_) all.push_back(outlet.get());
  }
  for (auto* outlet : all) {
    auto started = outlet->start(host_);
    // The track of a tap may have gone while nothing was played.
    if (!started && started.error().code != "track-unknown") return started;
  }
  return Done{};
}

void RoomBinParts::interrupt() {
  const std::lock_guard hold(mutex_);
  for (const auto& inlet : inlets_) inlet->interrupt();
}

void RoomBinParts::stop() {
  const std::lock_guard hold(mutex_);
  for (const auto& inlet : inlets_) inlet->stop();
  for (const auto& outlet : outlets_) outlet->stop(host_);
}

void RoomBinParts::remove_taps() {
  std::vector<std::string> taps;
  {
    const std::lock_guard hold(mutex_);
    joined_.clear();
    for (const auto& outlet : outlets_)
      if (std::string name = GST_PAD_NAME(outlet->pad()); name.starts_with("src_"))
        taps.push_back(std::move(name));
  }
  for (const auto& tap : taps) (void)remove_tap(tap);
}

}  // namespace rooms
