// SPDX-License-Identifier: LGPL-2.1-or-later
// What webrtcbin 1.22 neglects about its data channels.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace rooms {

/// Watches one webrtcbin, from before it has a channel:
///
/// - A channel that closes is let go of while its appsrc, which stays in webrtcbin, still has
/// probes
///   and errors that use it. Here every channel is held until `release`.
/// - A channel whose association ends while it has something to send makes an error; that is kept
///   from the pipeline, but the message is never freed, and with it the channel's appsrc and what
///   waits in it. Here it is freed.
///
/// What a channel costs, a thread above all, is given back with webrtcbin and not before, closed or
/// not: who lets a peer open channels has to count them.
class ChannelUpkeep {
 public:
  /// `on_made`: any thread, with the number of channels so far.
  ChannelUpkeep(GstElement* webrtcbin, std::function<void(std::size_t made)> on_made);

  /// How many channels there have ever been. Any thread.
  [[nodiscard]] std::size_t made() const;
  /// Once webrtcbin is in state NULL.
  void release();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace rooms
