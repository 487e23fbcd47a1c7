// SPDX-License-Identifier: LGPL-2.1-or-later
// What `sfusend` holds until the pacer lets it leave, by the ids that the pacer knows. Memory grows
// to what waited at once, and is used again. Not thread-safe.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "gst/core/endpoint/send_endpoint.h"
#include "gst/core/forward/rtp_patch.h"
#include "gst/core/time.h"
#include "gst/glue/ref.h"

namespace rooms {

struct WaitingPacket {
  SendEndpoint::SlotId slot = 0;
  Ref<GstBuffer> buffer;  ///< as it came
  RtpPatch patch;
  Timestamp came;
  bool is_resend = false;  ///< has left once already
};

class WaitingPackets {
 public:
  std::uint64_t add(WaitingPacket packet) {
    if (free_.empty()) {
      packets_.push_back(std::move(packet));
      return packets_.size() - 1;
    }
    const std::uint64_t id = free_.back();
    free_.pop_back();
    packets_[id] = std::move(packet);
    return id;
  }
  [[nodiscard]] SendEndpoint::SlotId slot_of(std::uint64_t id) const { return packets_[id].slot; }
  WaitingPacket take(std::uint64_t id) {
    free_.push_back(id);
    return std::exchange(packets_[id], {});
  }
  void clear() {
    packets_.clear();
    free_.clear();
  }

 private:
  std::vector<WaitingPacket> packets_;
  std::vector<std::uint64_t> free_;
};

}  // namespace rooms
