// SPDX-License-Identifier: LGPL-2.1-or-later
// What the mix of a room costs at present.
#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

#include "gst/core/layout/geometry.h"
#include "gst/core/rtp/rtp_profile.h"
#include "gst/glue/ref.h"
#include "pipelines/events.h"

namespace rooms {

struct MixStats {
  struct Input {
    std::string track;
    MediaKind kind = MediaKind::kVideo;
    Codec codec = Codec::kUnknown;
    bool decodes = false;
    Size tile;                   ///< of pictures; 0x0: not shown
    unsigned failures = 0;       ///< how often its decoder was made anew after an error
    Owned<GstStructure> output;  ///< of the router; null: it has none at present
    std::string pad;  ///< of the mixer; `picture` or `sound` has a structure of that name
  };
  struct Encoder {
    TrackInfo track;
    Owned<GstStructure> input;  ///< of the router
    unsigned takers = 0;        ///< subscriptions that take it
  };
  Size size;                    ///< of the picture; 0x0: no picture is mixed
  Owned<GstStructure> picture;  ///< of `videogrid`; null: no picture is mixed
  Owned<GstStructure> sound;    ///< of `mixminus`; null: no sound is mixed
  std::vector<Input> inputs;
  std::vector<Encoder> encoders;
  unsigned failures = 0;  ///< errors inside the mix so far
};

}  // namespace rooms
