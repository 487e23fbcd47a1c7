// SPDX-License-Identifier: LGPL-2.1-or-later
// Whom a moderator has muted: participants with all they send, now and later, and single tracks,
// for which what is said of them goes before what is said of their participant. A track's id is
// that of its participant, a slash, and more; no participant's id has a slash.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace rooms {

class ModeratorMutes {
 public:
  /// `id` of a participant (forgets what was said of its tracks) or of a track.
  void set(const std::string& id, bool muted);
  /// A participant has left.
  void forget(const std::string& participant);
  [[nodiscard]] bool mutes(const std::string& track) const;

  /// "ada" of "ada/camera", and of "ada".
  static std::string participant_of(std::string_view id);
  static bool is_track(std::string_view id) { return id.find('/') != std::string_view::npos; }

 private:
  std::map<std::string, bool> said_;  // by participant or track
};

}  // namespace rooms
