// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/hls_packager.h"

#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

/// A keyframe that was asked for has come by then, or was lost.
constexpr Duration kHlsKeyframePatience = std::chrono::milliseconds(500);

}  // namespace

HlsPackager::HlsPackager(std::shared_ptr<HlsStream> stream, std::vector<Source> pictures,
                         Source sound, Duration interval)
    : stream_(std::move(stream)),
      pictures_(std::move(pictures)),
      sound_(std::move(sound)),
      asked_(pictures_.size()),
      executor_(std::make_unique<Executor>("hls")) {
  executor_->post(
      [this, interval] { timer_ = executor_->call_every(interval, [this] { package(); }); });
}

HlsPackager::~HlsPackager() {
  executor_->post([this] { timer_.cancel(); });
  executor_->end();
  stream_->end();
}

void HlsPackager::package() {
  const auto now = monotonic_now();
  std::vector<std::vector<EncodedFrame>> pictures;
  for (const auto& picture : pictures_) pictures.push_back(picture.frames->take());
  auto sounds = sound_.frames ? sound_.frames->take() : std::vector<EncodedFrame>();
  stream_->update([&](HlsProgramme& programme) {
    bool changed = false;
    for (std::size_t i = 0; i < pictures.size(); ++i)
      for (auto& frame : pictures[i]) changed |= programme.add_picture(i, std::move(frame), now);
    for (auto& frame : sounds) changed |= programme.add_sound(std::move(frame), now);
    programme.expire(now);
    return changed;
  });
  ask_for_keyframes(now);
}

void HlsPackager::ask_for_keyframes(Timestamp now) {
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    if (!pictures_[i].frames->wants_keyframe() && !stream_->wants_keyframe(i)) continue;
    if (now - asked_[i] < kHlsKeyframePatience) continue;
    asked_[i] = now;
    pictures_[i].request_keyframe();
  }
}

}  // namespace rooms
