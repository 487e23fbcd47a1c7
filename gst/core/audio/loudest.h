// SPDX-License-Identifier: LGPL-2.1-or-later
// Which audio streams of a room are worth sending: the loudest few. In a meeting of a hundred two
// or three are heard at a time; the others cost bandwidth and battery and say nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/time.h"

namespace rooms {

struct StreamLevel {
  std::string stream;
  /// -dBov, 0..127, of about the last 200 ms; nullopt: it does not tell its level.
  std::optional<unsigned> level;
};

/// Keeps the set it has unless somebody is clearly louder than the quietest of it. Streams that do
/// not tell their level are always sent, besides the others: nobody is silenced for want of a
/// header extension.
class LoudestStreams {
 public:
  struct Config {
    /// Streams besides the dominant speaker's; `count` + 1 when nobody dominates.
    unsigned count = 3;
    /// So much louder, in dB, must one be who takes the place of another.
    unsigned margin = 6;
    /// A stream that has come in stays for this long.
    Duration dwell = std::chrono::seconds(1);
  };
  LoudestStreams() = default;
  explicit LoudestStreams(const Config& config) : config_(config) {}

  /// `streams`: all there are, in an order that does not change without need; the first ones fill
  /// the places that nobody louder wants. `dominant` is among the chosen if it is in `streams`.
  /// True: another set than before.
  bool select(const std::vector<StreamLevel>& streams, const std::string& dominant, Timestamp now);
  /// In the order in which they came in; those of unknown level last.
  [[nodiscard]] const std::vector<std::string>& selected() const { return selected_; }

 private:
  struct Stream {
    double loudness = 0;  // dB above digital silence; falls slowly
    std::optional<Timestamp> chosen_since;
  };
  void follow(const std::vector<StreamLevel>& streams, Timestamp now);
  void displace(const std::string& dominant, Timestamp now);
  [[nodiscard]] std::vector<std::string>::iterator quietest(const std::string& dominant,
                                                            Timestamp now, bool settled);

  Config config_;
  std::map<std::string, Stream> streams_;
  std::vector<std::string> chosen_;  // of known level
  std::vector<std::string> selected_;
  Timestamp last_{};
};

}  // namespace rooms
