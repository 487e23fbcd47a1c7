// SPDX-License-Identifier: LGPL-2.1-or-later
// An SDP as values (RFC 8866, RFC 8829): what a reader found in one, what a writer is to put into
// one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

enum class Direction : std::uint8_t { kInactive, kSendOnly, kRecvOnly, kSendRecv };
constexpr bool sends(Direction d) { return d == Direction::kSendOnly || d == Direction::kSendRecv; }
constexpr bool receives(Direction d) {
  return d == Direction::kRecvOnly || d == Direction::kSendRecv;
}

struct SdpFormat {
  std::uint8_t payload_type = 0;
  std::string name;  ///< as written, e.g. "VP8", "rtx"
  std::uint32_t clock_rate = 0;
  std::uint8_t channels = 0;  ///< 0: not written (video, or mono audio)
  std::string fmtp;           ///< without "a=fmtp:N "
  /// Without "a=rtcp-fb:N ", e.g. "nack pli"; `*` lines are copied to each.
  std::vector<std::string> feedback;
};

struct SdpExtmap {
  std::uint16_t id = 0;
  std::string uri;
  Direction direction = Direction::kSendRecv;  ///< the "/recvonly" of a=extmap:3/recvonly
};

struct SdpRid {
  std::string id;
  bool send = false;
  std::string restrictions;
};

struct SdpSsrcGroup {
  std::string semantics;  ///< "FID", "SIM", "FEC-FR"
  std::vector<std::uint32_t> ssrcs;
};

struct SdpSsrc {
  std::uint32_t ssrc = 0;
  std::string cname;
};

/// Where the peer is and who it is. With BUNDLE there is one for the whole session (RFC 8843).
struct SdpTransport {
  std::string ufrag;
  std::string pwd;
  std::string fingerprint_hash;   ///< "sha-256", lower case
  std::string fingerprint_value;  ///< "AB:CD:..", upper case
  std::string setup;              ///< "actpass", "active", "passive"
};

struct SdpMedia {
  MediaKind kind = MediaKind::kAudio;
  /// First word of the m= line where it is none of ours ("text", "image"): such a section can only
  /// be rejected.
  std::string other_kind;
  /// As on the m= line; empty: the usual one of the kind. Answers repeat the offer's.
  std::string protocol;
  std::string mid;
  bool rejected = false;  ///< port 0 (and not bundle-only)
  Direction direction = Direction::kSendRecv;
  std::vector<SdpFormat> formats;
  std::vector<SdpExtmap> extmaps;
  std::vector<SdpRid> rids;
  /// The value of a=simulcast for the direction that sends ("send") or receives ("recv"), as
  /// written; else empty.
  std::string simulcast_send;
  std::string simulcast_recv;
  std::vector<SdpSsrc> ssrcs;
  std::vector<SdpSsrcGroup> ssrc_groups;
  std::string msid_stream;
  std::string msid_track;
  bool rtcp_mux = true;
  bool rtcp_rsize = false;
  bool bundle_only = false;
  std::optional<std::uint16_t> sctp_port;  ///< m=application only (RFC 8841)
  /// Written the old way: port on the m= line, a=sctpmap (aiortc, early drafts of RFC 8841).
  bool sctpmap = false;
  /// 0: no limit. The reader says 65536 where nothing is written (RFC 8841 6.1).
  std::uint32_t max_message_size = 0;
  SdpTransport transport;               ///< session-level values are copied down by the reader
  std::vector<std::string> candidates;  ///< without "a="
  bool end_of_candidates = false;
};

struct SessionDescription {
  std::uint64_t session_id = 0;
  std::uint64_t version = 1;
  bool ice_lite = false;
  bool trickle = false;
  bool extmap_allow_mixed = false;
  std::vector<std::string> bundle;  ///< mids of a=group:BUNDLE, in order
  std::vector<SdpMedia> media;
};

}  // namespace rooms
