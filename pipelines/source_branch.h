// SPDX-License-Identifier: LGPL-2.1-or-later
// What is made of one stream of a source on its way into a room: passed on as it is, or decoded and
// encoded. Launch lines, as those of a mix.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

struct SourceBranch {
  MediaKind kind = MediaKind::kVideo;
  Codec codec = Codec::kUnknown;  ///< of what enters the room
  std::string from;               ///< the media type that the source sends, as "video/x-h265"
  bool encodes = false;           ///< it is not what the source sends
  /// A stream enters its first element, RTP with the canonical payload type out of the appsink
  /// "out".
  std::string line;
};

struct BranchWishes {
  bool reencode = false;  ///< encode pictures anew though they could be passed on
  bool paced = false;     ///< the source is as fast as it is read: hold it to the clock
};

/// `caps`: fixed, of an elementary stream as `parsebin` gives it. nullopt: nothing here makes it
/// something a room carries.
std::optional<SourceBranch> branch_for(const GstCaps* caps, const BranchWishes& wishes);

}  // namespace rooms
