// SPDX-License-Identifier: LGPL-2.1-or-later
// What two members who send to each other directly say to each other through the room, which reads
// nothing of it but the state. Each of them has a connection for what it sends, which it offers,
// and one for what it receives: nobody's offers meet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rooms {

struct DirectMessage {
  struct Offer {
    struct Track {
      std::string mid;
      std::string track;  ///< the room's name for it
    };
    std::string sdp;
    std::vector<Track> tracks;
  };
  struct Answer {
    std::string sdp;
  };
  struct Candidate {
    bool of_offerer = false;  ///< of the connection that its sender offered
    std::string candidate;
    std::string mid;
  };
  enum class State : std::uint8_t {
    kReceiving,  ///< all that is sent comes
    kLeft,       ///< receives through the server: what is sent directly is not needed any more
    kFailed,     ///< the way is broken, or could not be made
    kDoubtful,   ///< nothing comes just now
  };
  /// How its sender shows a track that it receives.
  struct Wish {
    std::string track;
    std::optional<int> width;  ///< of the tile, in pixels of the screen; 0: it is not visible
    std::optional<int> height;
    std::optional<int> max_spatial;           ///< as of SlotLimit, with three layers
    std::optional<std::int64_t> max_bitrate;  ///< bit/s
  };
  using Wishes = std::vector<Wish>;

  unsigned session = 0;
  std::variant<Offer, Answer, Candidate, State, Wishes> content;
};

}  // namespace rooms
