// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/rtsp_programme.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

constexpr Duration kPumpInterval = std::chrono::milliseconds(5);
/// A player that lost a packet of a picture waits no longer for it to be whole again.
constexpr Duration kKeyframeInterval = std::chrono::seconds(4);
/// Between two questions for one that does not come.
constexpr Duration kPlayerKeyframePatience = std::chrono::milliseconds(500);

}  // namespace

RtspProgramme::RtspProgramme(std::shared_ptr<Playout> playout,
                             std::function<void(const std::string&)> changed)
    : playout_(std::move(playout)),
      changed_(std::move(changed)),
      executor_(std::make_unique<Executor>("rtsp-feed")) {
  if (playout_->picture) picture_ = std::make_unique<Stream>(*playout_->picture, true);
  if (playout_->sound) {
    sound_ = std::make_unique<Stream>(*playout_->sound, false);
    sound_->setup = setup_of_sound(sound_->input.codec);
  }
  executor_->post([this] {
    if (picture_) picture_->input.request_keyframe();
    asked_ = monotonic_now();
    pump_timer_ = executor_->call_every(kPumpInterval, [this] { pump(); });
  });
}

RtspProgramme::~RtspProgramme() {
  executor_->post([this] { pump_timer_.cancel(); });
  executor_->end();
}

Status RtspProgramme::await_media(Duration patience) {
  std::unique_lock hold(mutex_);
  if (!playout_->picture) return Done{};
  news_.wait_for(hold, patience, [this] { return known_.picture || over_; });
  if (over_ || (!known_.picture && !playout_->sound))
    return Error{"nothing-to-play", "No picture came."};
  return Done{};
}

GstElement* RtspProgramme::make_element() {
  const std::lock_guard hold(mutex_);
  if (over_) return nullptr;
  const auto play = RtspPlay::create(
      known_.picture ? std::optional(known_.picture_setup) : std::nullopt,
      playout_->sound ? std::optional(setup_of_sound(playout_->sound->codec)) : std::nullopt);
  if (!play) return nullptr;
  known_.plays.push_back(play);
  auto* element = share(play->element()).release();
  g_object_force_floating(G_OBJECT(element));
  return element;
}

void RtspProgramme::attach(GstRTSPMedia* media) {
  const auto element = adopt(gst_rtsp_media_get_element(media));
  std::shared_ptr<RtspPlay> play;
  {
    const std::lock_guard hold(mutex_);
    const auto found = std::find_if(known_.plays.begin(), known_.plays.end(), [&](const auto& one) {
      return one->element() == element.get();
    });
    if (found == known_.plays.end()) return;
    play = *found;
    play->attach(media);
  }
  executor_->post([play = std::move(play)] { play->bind(); });
}

void RtspProgramme::detach(GstRTSPMedia* media) {
  const std::lock_guard hold(mutex_);
  const auto found = std::find_if(known_.plays.begin(), known_.plays.end(),
                                  [&](const auto& one) { return one->media().get() == media; });
  if (found == known_.plays.end()) return;
  // On the programme's thread, which may be at its last frames.
  executor_->post([this, play = *found] {
    const std::lock_guard held(mutex_);
    known_.gone.frames += play->passed();
    known_.gone.dropped += play->dropped();
  });
  known_.plays.erase(found);
}

std::vector<Ref<GstRTSPMedia>> RtspProgramme::media() const {
  const std::lock_guard hold(mutex_);
  std::vector<Ref<GstRTSPMedia>> all;
  for (const auto& play : known_.plays)
    if (play->media()) all.push_back(play->media());
  return all;
}

void RtspProgramme::request_keyframe() { wants_keyframe_ = true; }

RtspProgramme::Counters RtspProgramme::counters() const {
  const std::lock_guard hold(mutex_);
  return known_.counters;
}

void RtspProgramme::retire() {
  {
    const std::lock_guard hold(mutex_);
    over_ = true;
  }
  news_.notify_all();
}

bool RtspProgramme::retire_if_unused() {
  const std::lock_guard hold(mutex_);
  if (!known_.plays.empty()) return false;
  over_ = true;
  return true;
}

void RtspProgramme::end() {
  retire();
  executor_->post([this] {
    if (std::exchange(ended_, true)) return;
    pump_timer_.cancel();
    const std::lock_guard hold(mutex_);
    for (const auto& play : known_.plays) play->end();
  });
}

void RtspProgramme::change(const std::string& reason) {
  if (auto changed = std::exchange(changed_, {})) changed(reason);
}

void RtspProgramme::pump() {
  Plays plays;
  {
    const std::lock_guard hold(mutex_);
    plays = known_.plays;
  }
  std::erase_if(plays, [](const auto& play) { return !play->is_bound(); });
  for (const auto& play : plays)
    if (play->follow()) request_keyframe();
  if (picture_) pump(*picture_, plays);
  if (sound_) pump(*sound_, plays);
  ask_for_keyframes(plays);
  const std::lock_guard hold(mutex_);
  known_.counters = known_.gone;
  for (const auto& play : plays) {
    known_.counters.frames += play->passed();
    known_.counters.dropped += play->dropped();
  }
}

void RtspProgramme::pump(Stream& stream, const Plays& plays) {
  const auto codec = stream.input.frames->codec();
  if (!stream.picture && codec && setup_of_sound(*codec) != stream.setup)
    return change("its sound has another codec now");
  for (auto& frame : stream.input.frames->take()) take(stream, std::move(frame), plays);
}

void RtspProgramme::take(Stream& stream, EncodedFrame frame, const Plays& plays) {
  if (stream.picture && frame.keyframe) {
    if (frame.setup.codec != stream.input.codec) return change("its picture has another codec now");
    if (frame.setup != stream.setup) describe(stream, frame.setup, plays);
  }
  frame.time = stream.times.next(frame.time);
  Ref<GstBuffer> data;
  for (const auto& play : plays) {
    if (!play->has(stream.picture)) {
      // It came too late to be told of.
      if (frame.keyframe) change("there is a picture now");
      continue;
    }
    if (!play->is_flowing(stream.picture)) continue;
    if (!data) data = adopt(gst_buffer_new_memdup(frame.data.data(), frame.data.size()));
    play->push(stream.picture, frame, data.get());
  }
}

void RtspProgramme::describe(Stream& stream, const StreamSetup& setup, const Plays& plays) {
  stream.setup = setup;
  for (const auto& play : plays) play->describe(setup);
  {
    const std::lock_guard hold(mutex_);
    known_.picture = true;
    known_.picture_setup = setup;
  }
  news_.notify_all();
}

void RtspProgramme::ask_for_keyframes(const Plays& plays) {
  if (!picture_) return;
  const auto now = monotonic_now();
  const auto since = now - asked_;
  const auto any = [&](auto holds) {
    return std::any_of(plays.begin(), plays.end(), [&](const auto& play) { return holds(*play); });
  };
  const bool waits = picture_->input.frames->wants_keyframe() ||
                     any([](const RtspPlay& play) { return play.wants_keyframe(); });
  const bool due =
      since >= kKeyframeInterval && any([](const RtspPlay& play) { return play.is_flowing(true); });
  if (!wants_keyframe_.exchange(false) && !due && !(waits && since >= kPlayerKeyframePatience))
    return;
  asked_ = now;
  picture_->input.request_keyframe();
}

}  // namespace rooms
