// SPDX-License-Identifier: LGPL-2.1-or-later
// A programme as HTTP Live Streaming, between the thread that makes it and the one that serves it.
// Any thread; outlives its room.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "gst/core/guarded.h"
#include "gst/core/hls/programme.h"

namespace rooms {

class HlsStream {
 public:
  HlsStream(const HlsProgramme::Config& config, Timestamp now)
      : target_duration_(HlsProgramme(config).target_duration()), state_(config, now) {}

  /// Counts as a sign of a viewer.
  HlsAnswer answer(std::string_view file, const HlsReload& reload, Timestamp now) {
    return state_.with([&](State& state) {
      state.asked = now;
      return state.ended ? HlsAnswer{} : state.programme.answer(file, reload);
    });
  }
  /// Somebody still waits for an answer.
  void note_viewer(Timestamp now) {
    state_.with([&](State& state) { state.asked = now; });
  }
  [[nodiscard]] std::chrono::seconds target_duration() const { return target_duration_; }
  /// When somebody asked last.
  [[nodiscard]] Timestamp asked() const {
    return state_.with([](const State& state) { return state.asked; });
  }
  /// Nothing of it is there any more; who wants to see the room asks it for another one.
  [[nodiscard]] bool has_ended() const {
    return state_.with([](const State& state) { return state.ended; });
  }
  /// `changed`: playlists have other texts, or it has ended. On the thread that makes it.
  void on_change(std::function<void()> changed) {
    state_.with([&](State& state) { state.changed = std::move(changed); });
  }

  /// For who makes it: `change` says whether a playlist has another text.
  template <class Change>
  void update(Change&& change) {
    notify(state_.with(
        [&](State& state) { return change(state.programme) ? state.changed : nullptr; }));
  }
  /// The n-th picture.
  [[nodiscard]] bool wants_keyframe(std::size_t picture) const {
    return state_.with([=](const State& state) { return state.programme.wants_keyframe(picture); });
  }
  void end() {
    notify(state_.with([](State& state) {
      state.ended = true;
      state.programme = HlsProgramme({});
      return state.changed;
    }));
  }

 private:
  struct State {
    State(const HlsProgramme::Config& config, Timestamp now) : programme(config), asked(now) {}
    HlsProgramme programme;
    Timestamp asked;
    bool ended = false;
    std::function<void()> changed;
  };
  static void notify(const std::function<void()>& changed) {
    if (changed) changed();
  }
  const std::chrono::seconds target_duration_;
  Guarded<State> state_;
};

}  // namespace rooms
