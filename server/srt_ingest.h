// SPDX-License-Identifier: LGPL-2.1-or-later
// SRT callers as sources of rooms: docs/ingest.md.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "gst/core/guarded.h"
#include "pipelines/srt_listener.h"
#include "server/source_visits.h"

namespace rooms {

class SrtIngest : public std::enable_shared_from_this<SrtIngest> {
 public:
  /// `most_sources`: of a room. Errors: those of SrtListener::open().
  static Result<std::shared_ptr<SrtIngest>> open(const SrtSettings& settings, unsigned most_sources,
                                                 std::shared_ptr<SourceVisits> visits);
  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  /// Its counters as one JSON object.
  [[nodiscard]] std::string stats_json() const;

 private:
  SrtIngest(unsigned most_sources, std::shared_ptr<SourceVisits> visits)
      : most_sources_(most_sources), visits_(std::move(visits)) {}
  SrtListener::Callbacks callbacks();
  /// Any thread.
  Status admit(const StreamPlace& place) const;
  void take(const SrtListener::Caller& caller);
  void note_refusal(const std::string& address, const Error& error);
  void left(const std::string& room);

  const unsigned most_sources_;
  std::shared_ptr<SourceVisits> visits_;
  Guarded<std::map<std::string, unsigned>> callers_;  ///< by room
  std::uint64_t refused_by_room_ = 0;
  Timestamp told_{};
  std::unique_ptr<SrtListener> listener_;
};

}  // namespace rooms
