// SPDX-License-Identifier: LGPL-2.1-or-later
// What may be said of a room's mix, and what holds. Holds also while nothing is mixed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/layout/geometry.h"
#include "gst/core/result.h"

namespace rooms {

/// How somebody is sent a room.
enum class MixMode : std::uint8_t {
  kTracks,  ///< everybody's tracks, forwarded
  kMix,     ///< one picture of all, and one sound of all others
  kHybrid,  ///< pictures forwarded, and one sound of all others
};

/// A viewer may take the mixed picture scaled down to 180, 240, 360, 480 or 720 lines: few, because
/// each costs an encoder. Error: `bad-field`. 0 is as it is.
Status check_mix_height(std::int64_t height);

/// Changes; what is not said stays as it was.
struct MixControl {
  /// "grid", "speaker", "pip", "side-by-side", or a layout in JSON (gst/glue/layout_json.h).
  std::optional<std::string> layout;
  std::optional<bool> captions;
  /// Of the picture, in pixels: even, 64 to 1920 each way.
  std::optional<Size> size;
  /// Of each encoding of the picture, bit/s: 100000 to 20000000; 0: as its size asks for.
  std::optional<std::uint32_t> bitrate;
  struct Participant {
    std::string id;
    std::optional<bool> mixed;     ///< whether others see and hear it in the mix
    std::optional<double> volume;  ///< 0..10; 1: as it comes
  };
  std::vector<Participant> participants;
};

struct MixSettings {
  struct Participant {
    bool mixed = true;
    double volume = 1;
  };
  std::string layout = "grid";  ///< of `videogrid`; "custom" for JSON
  std::string layout_json;
  bool captions = true;
  Size size{1280, 720};
  std::uint32_t bitrate = 0;                        ///< bit/s; 0: mix_bitrate()
  std::map<std::string, Participant> participants;  ///< those of whom something was said

  [[nodiscard]] Participant of(const std::string& id) const {
    const auto found = participants.find(id);
    return found != participants.end() ? found->second : Participant{};
  }
};

/// All of `control` or nothing. Errors: "layout-unknown", those of parse_layout with "layout-"
/// before them, "layout-picture" (a background picture would be a file of the server), "bad-size",
/// "bad-bitrate", "bad-volume", "participant-unknown" (`is_present` says no).
Status apply(const MixControl& control, MixSettings& settings,
             const std::function<bool(const std::string&)>& is_present);

}  // namespace rooms
