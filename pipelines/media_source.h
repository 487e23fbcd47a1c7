// SPDX-License-Identifier: LGPL-2.1-or-later
// A source of a room over all its connections: opens it, watches it, opens it again. It has a
// thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gst/core/guarded.h"
#include "gst/core/source/source_life.h"
#include "pipelines/source_pipeline.h"

namespace rooms {

class MediaSource {
 public:
  struct Stream {
    std::shared_ptr<SourcePort> port;
    SourceBranch branch;
    bool taken = false;  ///< by a stream of this connection: there is no room for a second one
  };
  struct Report {
    SourceState state = SourceState::kConnecting;
    std::string reason;  ///< why it is not live; empty: nothing is known yet
    unsigned connections_lost = 0;
  };
  /// Its own thread.
  struct Callbacks {
    std::function<void(const Report& report)> on_state;
    /// All streams it has now, at most one of each kind. Ports that are no more in it are to be
    /// closed. From a streaming thread.
    std::function<void(std::vector<Stream> streams)> on_streams;
  };

  /// As in SourceRequest.
  struct Habits {
    bool loop = false;
    std::optional<unsigned> most_retries;
  };

  MediaSource(const std::string& name, SourcePipeline::Settings settings, const Habits& habits,
              GstClockTime base_time, Callbacks callbacks);
  /// Blocks until its pipeline has stopped: not for the room's thread. Its ports are closed before.
  ~MediaSource();
  MediaSource(const MediaSource&) = delete;
  MediaSource& operator=(const MediaSource&) = delete;

 private:
  void open();
  void close_and(std::optional<Duration> open_again);
  void watch();
  void on_problem(unsigned connection, SourceProblem problem, const std::string& detail);
  void on_end(unsigned connection);
  void on_reordering(unsigned connection);
  std::shared_ptr<SourcePort> port_for(const SourceBranch& branch);
  void tell(const std::string& reason);
  double random() { return std::uniform_real_distribution<>(0, 1)(random_); }

  SourcePipeline::Settings settings_;
  const bool can_end_;
  const GstClockTime base_time_;
  const Callbacks callbacks_;
  Guarded<std::vector<Stream>> streams_;
  // Its own thread only:
  SourceLife life_;
  std::mt19937 random_{std::random_device{}()};
  unsigned connection_ = 0;
  std::uint64_t packets_seen_ = 0;
  Timestamp last_media_;
  DelayedCall retry_;
  DelayedCall watch_;
  std::unique_ptr<SourcePipeline> pipeline_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace rooms
