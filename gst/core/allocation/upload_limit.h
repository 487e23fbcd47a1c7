// SPDX-License-Identifier: LGPL-2.1-or-later
// What is wanted of a publisher as one rate, for those who cannot be told of encodings: WHIP has no
// signalling for it, but most senders obey REMB.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gst/core/allocation/upstream_demand.h"
#include "gst/core/units.h"

namespace rooms {

struct EncodingUpload {
  DataRate most;  ///< that ever came of it; zero: not known
  EncodingDemand demand;
};

/// Of a publisher whose video tracks have these encodings, lowest first; `audio`: what it sends
/// besides. Senders fill a rate from the lowest encoding up, so what is below one that is wanted
/// comes as well, wanted or not. nullopt: no limit, for everything is wanted or too little is
/// known.
std::optional<DataRate> upload_limit(std::span<const std::vector<EncodingUpload>> tracks,
                                     DataRate audio);

}  // namespace rooms
