// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/loudest.h"

#include <algorithm>

#include "gst/core/audio/level_track.h"

namespace rooms {
namespace {

// Who stops talking gives up the place within a second or two, but not between two words.
constexpr double kFallPerSecond = 15;
// dB above digital silence (-72 dBov): below it nobody is let in at the cost of another.
constexpr double kAudible = 55;

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

void LoudestStreams::follow(const std::vector<StreamLevel>& streams, Timestamp now) {
  std::map<std::string, Stream> present;
  const double fall =
      kFallPerSecond * std::max(std::chrono::duration<double>(now - last_).count(), 0.0);
  for (const auto& [name, level] : streams) {
    if (!level) continue;
    const auto known = streams_.find(name);
    auto stream = known == streams_.end() ? Stream{} : known->second;
    const double loudness = kSilentLevel - std::min(*level, kSilentLevel);
    stream.loudness = std::max(loudness, stream.loudness - fall);
    present[name] = stream;
  }
  streams_ = std::move(present);
  last_ = now;
  std::erase_if(chosen_, [&](const auto& name) { return !streams_.contains(name); });
}

std::vector<std::string>::iterator LoudestStreams::quietest(const std::string& dominant,
                                                            Timestamp now, bool settled) {
  auto found = chosen_.end();
  for (auto at = chosen_.begin(); at != chosen_.end(); ++at) {
    const auto& stream = streams_[*at];
    if (*at == dominant || (settled && now - *stream.chosen_since < config_.dwell)) continue;
    if (found == chosen_.end() || stream.loudness < streams_[*found].loudness) found = at;
  }
  return found;
}

void LoudestStreams::displace(const std::string& dominant, Timestamp now) {
  const auto replace = [&](std::vector<std::string>::iterator place, const std::string& by) {
    streams_[*place].chosen_since.reset();
    streams_[by].chosen_since = now;
    *place = by;
  };
  if (streams_.contains(dominant) && !contains(chosen_, dominant))
    if (const auto place = quietest("", now, false); place != chosen_.end())
      replace(place, dominant);
  std::vector<std::string> outside;
  for (const auto& [name, stream] : streams_)
    if (!stream.chosen_since && stream.loudness >= kAudible) outside.push_back(name);
  std::stable_sort(outside.begin(), outside.end(), [&](const auto& a, const auto& b) {
    return streams_[a].loudness > streams_[b].loudness;
  });
  for (const auto& name : outside) {
    const auto place = quietest(dominant, now, true);
    if (place == chosen_.end()) return;
    if (streams_[name].loudness < streams_[*place].loudness + config_.margin) return;
    replace(place, name);
  }
}

bool LoudestStreams::select(const std::vector<StreamLevel>& streams, const std::string& dominant,
                            Timestamp now) {
  follow(streams, now);
  const std::size_t places = std::size_t{config_.count} + 1;
  const auto enter = [&](const std::string& name) {
    if (chosen_.size() >= places || !streams_.contains(name) || contains(chosen_, name)) return;
    chosen_.push_back(name);
    streams_[name].chosen_since = now;
  };
  enter(dominant);
  for (const auto& [name, level] : streams)
    if (level && streams_[name].loudness >= kAudible) enter(name);
  for (const auto& [name, level] : streams) enter(name);
  displace(dominant, now);

  auto next = chosen_;
  for (const auto& [name, level] : streams)
    if (!level && !contains(next, name)) next.push_back(name);
  if (next == selected_) return false;
  selected_ = std::move(next);
  return true;
}

}  // namespace rooms
