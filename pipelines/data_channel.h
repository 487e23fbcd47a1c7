// SPDX-License-Identifier: LGPL-2.1-or-later
// A webrtcbin data channel whose events arrive on the room thread.
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"

namespace rooms {

struct DataChannelSettings {
  std::string label;
  bool ordered = true;
  int max_retransmits = -1;      ///< -1: no limit
  int max_packet_lifetime = -1;  ///< ms; -1: no limit
};

class DataChannel : public std::enable_shared_from_this<DataChannel> {
 public:
  struct Callbacks {
    std::function<void()> on_open;
    std::function<void()> on_close;
    std::function<void(std::string)> on_text;
    std::function<void(std::vector<std::uint8_t>)> on_binary;
  };

  /// Any thread.
  DataChannel(Executor& room, Ref<GstWebRTCDataChannel> channel);
  ~DataChannel();
  DataChannel(const DataChannel&) = delete;
  DataChannel& operator=(const DataChannel&) = delete;

  /// Room thread, in the task that learns of the channel: what came meanwhile is posted behind it.
  void listen(Callbacks callbacks);
  [[nodiscard]] DataChannelSettings settings() const;
  [[nodiscard]] bool is_open() const;
  /// False: not open, or so much waits already that a peer which does not read is likely.
  bool send_text(const std::string& text);
  bool send_binary(Bytes data);

 private:
  struct Shared;
  [[nodiscard]] bool has_room() const;
  void connect_signals();
  Executor& room_;
  Ref<GstWebRTCDataChannel> channel_;
  std::shared_ptr<Shared> shared_;
  std::vector<gulong> handlers_;
};

}  // namespace rooms
