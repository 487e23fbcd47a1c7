// SPDX-License-Identifier: LGPL-2.1-or-later
// The client's side of offer/answer: what a browser would say, and what the server's SDP allows.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"
#include "gst/core/sdp/negotiation.h"

namespace rooms::load {

/// Our end of a connection, as SDP tells it.
struct LocalEnd {
  SdpTransport transport;  ///< setup empty
  std::vector<std::string> candidates;
};

/// The server's end.
struct RemoteEnd {
  SdpTransport transport;
  std::vector<std::string> candidates;
};

struct StreamNumbers {
  std::string rid;  ///< empty: not simulcast
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;  ///< 0 for audio
};

struct PublishPlan {
  bool audio = true;
  bool video = true;
  bool hears = false;  ///< the section of its sound is for what it hears as well
  Codec codec = Codec::kVp8;
  std::string cname;
  StreamNumbers audio_stream;
  std::vector<StreamNumbers> video_streams;  ///< lowest layer first
};

/// What a section of ours may send.
struct SendSettings {
  bool active = false;
  std::string mid;
  std::uint8_t payload_type = 0;
  std::uint8_t rtx_payload_type = 0;  ///< 0: no RTX
  ExtensionIds extension_ids{};
  bool transport_wide = false;
};

struct Publishing {
  RemoteEnd remote;
  SendSettings audio;
  SendSettings video;
  std::vector<std::string> rids;  ///< layers the server takes
};

enum class PacketUse : std::uint8_t { kNone, kAudio, kVideo, kRepair };

struct Playing {
  RemoteEnd remote;
  std::array<PacketUse, 128> uses{};  ///< by payload type
  std::array<Codec, 128> codecs{};
  std::uint8_t transport_wide_id = 0;  ///< 0: not negotiated
  bool reduced_size_rtcp = false;
};

SessionDescription offer_to_publish(const PublishPlan& plan, const LocalEnd& local);
/// Errors: "sdp-syntax", "sdp-no-transport", "refused" (nothing of ours is taken).
Result<Publishing> read_publish_answer(const PublishPlan& plan, const std::string& answer);

SessionDescription offer_to_play(unsigned audio, unsigned video, Codec codec,
                                 const LocalEnd& local);
/// The server's offer or answer. Errors: "sdp-syntax", "sdp-no-transport", "refused" (nothing to
/// play).
Result<Playing> read_playing(const std::string& sdp);

/// Our answer to a server that offers what we are to play.
Result<std::string> answer_to_play(const std::string& offer, Codec codec, const LocalEnd& local);

}  // namespace rooms::load
