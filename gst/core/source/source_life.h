// SPDX-License-Identifier: LGPL-2.1-or-later
// What becomes of a source when it begins, flows, breaks or ends: its state, and when it is tried
// again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gst/core/client/back_off.h"

namespace rooms {

enum class SourceState : std::uint8_t {
  kConnecting,  ///< nothing has come of it yet
  kLive,
  kAway,    ///< it was live; it is tried again
  kFailed,  ///< trying again would not help
  kEnded,   ///< it has been played to its end
};

enum class SourceProblem : std::uint8_t {
  kUnauthorized,  ///< wrong credentials, or none
  kNotFound,      ///< there is no such stream
  kUnreachable,   ///< nobody answers, or the connection broke
  kSilent,        ///< connected, but nothing comes
  kNothingThere,  ///< neither sound nor pictures
  kUndecodable,   ///< a codec that nothing here decodes
  kIncapable,     ///< an element is missing on this machine
};

std::string_view name_of(SourceState state);
/// A sentence with cause and cure. `detail` is what is known besides; it may be empty.
std::string sentence_for(SourceProblem problem, std::string_view detail);

class SourceLife {
 public:
  struct Next {
    SourceState state = SourceState::kConnecting;
    std::optional<Duration> retry;  ///< connect anew after that; nullopt: not
  };

  /// `can_end`: its end is the end, not a loss. `loop`: then it begins anew. `most_retries`: in a
  /// row, then it has failed; nullopt: it is tried for ever.
  SourceLife(bool can_end, bool loop, std::optional<unsigned> most_retries = std::nullopt)
      : can_end_(can_end), loop_(loop), most_retries_(most_retries) {}

  [[nodiscard]] SourceState state() const { return state_; }
  [[nodiscard]] unsigned connections_lost() const { return lost_; }
  [[nodiscard]] bool is_over() const {
    return state_ == SourceState::kFailed || state_ == SourceState::kEnded;
  }
  /// Media came. True: that is news.
  bool on_media();
  /// `random`: as in BackOff.
  Next on_problem(SourceProblem problem, double random);
  /// The stream came to its end.
  Next on_end(double random);
  /// It is opened again in another way (encoded anew instead of passed on), at once.
  Next on_reopen();

 private:
  Next go_on(double random);

  bool can_end_;
  bool loop_;
  std::optional<unsigned> most_retries_;
  SourceState state_ = SourceState::kConnecting;
  bool was_live_ = false;
  unsigned lost_ = 0;
  BackOff back_off_;
};

}  // namespace rooms
