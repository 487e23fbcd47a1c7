// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/push.h"

#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

/// What a frame waits for at most.
constexpr Duration kPumpInterval = std::chrono::milliseconds(20);
/// A server that takes nothing for so long is not there.
constexpr Duration kPatience = std::chrono::seconds(10);
constexpr Duration kPushKeyframePatience = std::chrono::seconds(1);
/// Behind what a connection begins with: media is among it.
constexpr std::uint64_t kGreetings = 4'000;

}  // namespace

std::string_view name_of(PushState state) {
  switch (state) {
    case PushState::kConnecting:
      return "connecting";
    case PushState::kLive:
      return "live";
    case PushState::kWaiting:
      return "waiting";
    case PushState::kFailed:
      return "failed";
    case PushState::kEnded:
      return "ended";
  }
  return "failed";
}

Push::Push(std::string id, PushAddress address, Programme programme,
           std::function<void(const PushInfo&)> changed)
    : address_(std::move(address)),
      programme_(std::move(programme)),
      changed_(std::move(changed)),
      executor_(std::make_unique<Executor>("push")) {
  info_.with([&](PushInfo& info) {
    info.id = std::move(id);
    info.uri = address_.shown;
  });
  executor_->post([this] {
    pump_timer_ = executor_->call_every(kPumpInterval, [this] { pump(); });
    connect();
  });
}

void Push::join() {
  if (!executor_) return;
  executor_->post([this] {
    pump_timer_.cancel();
    retry_timer_.cancel();
    line_.reset();
  });
  executor_->end();
  executor_.reset();
}

PushInfo Push::info() const {
  return info_.with([](const PushInfo& info) { return info; });
}

void Push::enter(PushState state, const Error& error) {
  const auto news = info_.with([&](PushInfo& info) {
    info.state = state;
    info.error = error;
    info.connects = connects_;
    return info;
  });
  changed_(news);
}

void Push::connect() {
  if (ended_) return;
  ++connects_;
  was_live_ = false;
  sent_ = 0;
  first_sent_.reset();
  began_ = progress_ = monotonic_now();
  gate_.close();
  // Why it is not live yet stays to be read.
  enter(PushState::kConnecting, info().error);
  auto started = PushLine::start(address_);
  if (!started) return lose(PushCause::kBroken, started.error().message);
  line_ = std::move(*started);
}

void Push::pump() {
  if (ended_) return;
  const auto now = monotonic_now();
  // Also when nobody takes them: they are not to pile up.
  forward(programme_.picture->take(), true);
  forward(programme_.sound->take(), false);
  if (!line_) return;
  if (!gate_.is_open() && line_->is_connected() && now - asked_ >= kPushKeyframePatience) {
    asked_ = now;
    programme_.request_keyframe();
  }
  watch(now);
}

void Push::forward(std::vector<EncodedFrame> frames, bool video) {
  if (!line_ || frames.empty()) return;
  if (!line_->is_connected()) return gate_.close();
  const auto waiting = line_->waiting();
  for (auto& frame : frames)
    if (gate_.admit(frame, video, waiting)) line_->push(std::move(frame), video);
}

void Push::watch(Timestamp now) {
  if (const auto error = line_->take_error()) {
    return lose(push_cause_of(*error, was_live_, now - began_), address_.hide_secrets(*error));
  }
  const auto sent = line_->sent();
  const bool players = line_->players() > 0;
  if (sent != std::exchange(sent_, sent) || !players) progress_ = now;
  info_.with([&](PushInfo& info) {
    info.bytes = sent_before_ + sent;
    info.dropped = gate_.dropped();
  });
  if (!players) {
    if (was_live_ || info().state == PushState::kConnecting) {
      was_live_ = false;
      first_sent_.reset();
      enter(PushState::kWaiting, {"push-no-player", "It listens, and no player has called."});
    }
    return;
  }
  if (gate_.is_open() && !first_sent_) first_sent_ = sent;
  if (!was_live_ && first_sent_ && sent > *first_sent_ + kGreetings) {
    was_live_ = true;
    retry_.on_live();
    enter(PushState::kLive);
  }
  if (now - progress_ < kPatience) return;
  lose(was_live_ ? PushCause::kLost : PushCause::kUnreachable, "nothing has gone out for 10 s");
}

void Push::lose(PushCause cause, const std::string& detail) {
  line_.reset();
  sent_before_ += std::exchange(sent_, 0);
  gate_.close();
  const auto error = push_error(cause, address_.host + ":" + std::to_string(address_.port), detail);
  const auto wait = retry_.on_failure(cause, std::uniform_real_distribution<>(0, 1)(random_));
  if (!wait) {
    ended_ = true;
    pump_timer_.cancel();
    return enter(PushState::kFailed, error);
  }
  retry_timer_ = executor_->call_later(*wait, [this] { connect(); });
  enter(PushState::kWaiting, error);
}

void Push::stop(const std::string& reason, std::function<void()> done) {
  executor_->post([this, reason, done = std::move(done)] {
    if (!std::exchange(ended_, true)) {
      pump_timer_.cancel();
      retry_timer_.cancel();
      if (line_ && was_live_) line_->drain();
      line_.reset();
      enter(PushState::kEnded, {"", reason});
    }
    done();
  });
}

}  // namespace rooms
