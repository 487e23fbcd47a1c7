// SPDX-License-Identifier: LGPL-2.1-or-later
// Paths in words, for command lines: "rate=1mbit queue=200ms delay=50ms loss=5%".
#pragma once

#include <string>
#include <string_view>

#include "gst/core/result.h"
#include "tests/support/datagram_path.h"

namespace rooms::test {

/// `plan` with what `words` say, a list of NAME=VALUE between blanks:
///   rate        bits a second: 800k, 1mbit, 2.5m; "unlimited"
///   queue       longest wait before the line: 200ms, 1s
///   burst       bytes that pass at once after a pause: 2000, 16k
///   delay       of each datagram: 50ms
///   jitter      evenly between zero and this, on top; keeps the order
///   loss        share that is lost: 5%
///   duplicate   share that comes twice
///   reorder     share that comes later by ..
///   reorder-by  .. this: 20ms
/// The word "clear" sets all back. Error: "bad-setting", with a sentence that names the word.
Result<PathPlan> with_settings(PathPlan plan, std::string_view words);

/// All settings, in the form that with_settings reads.
std::string settings_of(const PathPlan& plan);

enum class Direction { kUp, kDown };

/// A line of the relay's control.
struct RelayCommand {
  enum class Verb { kSet, kCounters };
  Verb verb = Verb::kSet;
  bool up = false;
  bool down = false;
  std::string settings;
};
/// "down loss=5%", "up clear", "both delay=50ms", "counters". Error: "bad-command". What stands
/// behind the direction is not looked at.
Result<RelayCommand> read_command(std::string_view line);

/// One JSON object.
std::string json_of(const DatagramPath::Counters& counters);

}  // namespace rooms::test
