// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/source_life.h"

#include <utility>

namespace rooms {
namespace {

bool is_final(SourceProblem problem) {
  switch (problem) {
    case SourceProblem::kUnauthorized:
      // Cameras lock an account out after some wrong passwords.
    case SourceProblem::kNothingThere:
    case SourceProblem::kUndecodable:
    case SourceProblem::kIncapable:
      return true;
    case SourceProblem::kNotFound:
    case SourceProblem::kUnreachable:
    case SourceProblem::kSilent:
      return false;
  }
  return false;
}

}  // namespace

std::string_view name_of(SourceState state) {
  switch (state) {
    case SourceState::kConnecting:
      return "connecting";
    case SourceState::kLive:
      return "live";
    case SourceState::kAway:
      return "away";
    case SourceState::kFailed:
      return "failed";
    case SourceState::kEnded:
      return "ended";
  }
  return "failed";
}

std::string sentence_for(SourceProblem problem, std::string_view detail) {
  const std::string more = detail.empty() ? "" : " (" + std::string(detail) + ")";
  switch (problem) {
    case SourceProblem::kUnauthorized:
      return "The source refuses the user, the password or the passphrase" + more +
             ". Put the right ones into its address: rtsp://user:password@host/path, "
             "srt://host:port?streamid=ID&passphrase=WORD.";
    case SourceProblem::kNotFound:
      return "There is no such stream at the source" + more + ". Check the path of its address.";
    case SourceProblem::kUnreachable:
      return "The source cannot be reached, or has hung up" + more +
             ". Check host and port of its address, and that it is on.";
    case SourceProblem::kSilent:
      return "The source is connected, but sends nothing" + more +
             ". Check that it is on; where a network swallows UDP, \"transport\": \"tcp\" helps.";
    case SourceProblem::kNothingThere:
      return "The source has neither pictures nor sound" + more +
             ". Check that its address is that of a stream.";
    case SourceProblem::kUndecodable:
      return "Nothing here decodes what the source sends" + more +
             ". Let it send H.264, VP8 or VP9 and Opus, AAC or G.711.";
    case SourceProblem::kIncapable:
      return "This machine lacks an element that the source needs" + more +
             ". Install the GStreamer plugins that the README lists.";
  }
  return std::string(detail);
}

bool SourceLife::on_media() {
  if (std::exchange(state_, SourceState::kLive) == SourceState::kLive) return false;
  was_live_ = true;
  back_off_.reset();
  return true;
}

SourceLife::Next SourceLife::go_on(double random) {
  if (state_ == SourceState::kLive) ++lost_;
  if (most_retries_ && back_off_.attempts() >= *most_retries_) {
    state_ = SourceState::kFailed;
    return {state_, std::nullopt};
  }
  state_ = was_live_ ? SourceState::kAway : SourceState::kConnecting;
  return {state_, back_off_.next(random)};
}

SourceLife::Next SourceLife::on_problem(SourceProblem problem, double random) {
  // What has been live was right once: a camera that starts says many things.
  const bool is_final_now =
      is_final(problem) && !(was_live_ && problem != SourceProblem::kIncapable &&
                             problem != SourceProblem::kUnauthorized);
  if (!is_final_now) return go_on(random);
  state_ = SourceState::kFailed;
  return {state_, std::nullopt};
}

SourceLife::Next SourceLife::on_end(double random) {
  if (!can_end_) return go_on(random);
  // What ends before anything came of it would begin again and again without a pause.
  if (!loop_ || state_ != SourceState::kLive) {
    state_ = was_live_ ? SourceState::kEnded : SourceState::kFailed;
    return {state_, std::nullopt};
  }
  return {state_, Duration::zero()};
}

SourceLife::Next SourceLife::on_reopen() { return {state_, Duration::zero()}; }

}  // namespace rooms
