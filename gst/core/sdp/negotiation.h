// SPDX-License-Identifier: LGPL-2.1-or-later
// Offer/answer as pure functions (RFC 3264, RFC 8829, RFC 8853): descriptions in, descriptions and
// media settings out. Two kinds of connections exist, and a participant has at most one of each
// (plus WHIP and WHEP, which are the same):
//   publish    the peer offers, we answer and receive
//   subscribe  we offer slots (or a WHEP player offers) and send
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"

namespace rooms {

/// Payload type as the peer writes it, and the canonical one of the same meaning. RTX rows carry
/// the profile's rtx type.
struct PayloadMapping {
  std::uint8_t local = 0;
  std::uint8_t canonical = 0;
};

/// Ids as the peer writes them, by Extension; 0: not negotiated.
using ExtensionIds = std::array<std::uint8_t, kExtensionCount>;

struct FeedbackSupport {
  bool nack = false;
  bool pli = false;
  bool fir = false;
  bool transport_cc = false;
  bool remb = false;
};

/// One m= section of a publish connection after negotiation.
struct ReceivedMedia {
  std::string mid;
  MediaKind kind = MediaKind::kVideo;
  bool active = false;  ///< the peer sends here
  Codec codec = Codec::kUnknown;
  std::uint8_t payload_type = 0;  ///< canonical, of the one codec we answered
  std::vector<PayloadMapping> payloads;
  ExtensionIds extension_ids{};
  FeedbackSupport feedback;
  /// Simulcast layers in the peer's order (RFC 8853), or one empty string for a single stream.
  /// Layers told apart by SSRC only (a=ssrc-group:SIM) get the names "0", "1", ..
  std::vector<std::string> rids;
  /// From a=ssrc lines; either empty (then MID/RID extensions tell) or as many as `rids`, in the
  /// same order. rtx 0: none.
  std::vector<std::uint32_t> ssrcs;
  std::vector<std::uint32_t> rtx_ssrcs;
  std::string msid_track;
};

/// One slot of a subscribe connection after negotiation.
struct SendSlot {
  std::string mid;
  MediaKind kind = MediaKind::kVideo;
  bool active = false;  ///< the peer accepted it
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;  ///< 0: no RTX
  std::vector<PayloadMapping> payloads;
  ExtensionIds extension_ids{};
  FeedbackSupport feedback;
  /// Two-byte elements may be sent too (RFC 8285 4.1.2, a=extmap-allow-mixed).
  bool mixed_extensions = false;
};

/// Codecs in order of preference; empty means "whatever we carry, in the offer's order".
/// kRed stands for RFC 2198 around Opus: a policy that does not name it keeps it out of the answer,
/// and one that names it before kOpus asks the publisher to send it.
struct CodecPolicy {
  std::vector<Codec> audio;
  std::vector<Codec> video;
  /// Take up REMB beside transport-wide feedback as well: to a peer that hears nothing else of what
  /// is wanted of it, a limit can be told by it.
  bool remb_as_limit = false;
};

struct PublishAnswer {
  /// Transport of its sections is left empty but for `setup`: set_transport fills it in.
  SessionDescription answer;
  /// One per m= audio/video section, in order, rejected ones included (inactive).
  std::vector<ReceivedMedia> media;
  bool data = false;  ///< an m=application section was accepted
  std::string data_mid;
  SdpTransport transport;  ///< the peer's: of the first section that was accepted (RFC 8843 7.3.2)
};

/// Answers a publisher. Each active section gets exactly one media codec (plus RED/RTX that go with
/// it): the first of the policy the offer has, else (policy empty or nothing in common) the offer's
/// first that we carry. Without BUNDLE only the sections of the first transport are accepted.
/// Errors: "sdp-no-media" (nothing we can use), "sdp-no-bundle" (what we could use is on another
/// transport than the first), "sdp-no-transport" (no ufrag, password or fingerprint; or the peer is
/// ICE-lite as we are), "sdp-setup" (peer insists on being the DTLS server).
Result<PublishAnswer> answer_publish(const SessionDescription& offer, const CodecPolicy& policy);

/// What we offer on a subscribe connection: slots are only ever appended.
struct SlotPlan {
  struct Slot {
    std::string mid;
    MediaKind kind;
    std::uint32_t ssrc;
    std::uint32_t rtx_ssrc;  ///< 0 for audio
    /// MediaStream of the slot; empty: its mid. A browser keeps the tracks of one stream in lip
    /// sync and delays the earlier one: what shares a stream should show one participant (see
    /// slot_assignment.h).
    std::string stream = {};
  };
  std::vector<Slot> slots;
  bool data = false;  ///< also offer data channels; its section is the last of the *first* offer
  std::string data_mid;
  std::size_t data_index = 0;  ///< position of the data section among the m= lines
  std::string cname;
  std::uint64_t session_id = 0;
  std::uint64_t version = 1;
};

SessionDescription offer_slots(const SlotPlan& plan);

/// Errors: "sdp-mismatch" (m= lines differ from the offer), "sdp-no-transport", "sdp-setup".
Result<std::vector<SendSlot>> accept_slots(const SlotPlan& plan, const SessionDescription& answer);

struct PlayAnswer {
  SessionDescription answer;
  /// One per m= audio/video section, in order, rejected ones included (inactive).
  std::vector<SendSlot> slots;
  bool data = false;
  std::string data_mid;
  SdpTransport transport;  ///< the peer's: of the first section that was accepted
};

/// Answers a WHEP player: every receiving section becomes a slot with all codecs both sides know,
/// with the offer's payload types and extension ids. `next_ssrc` is called for each SSRC needed
/// (randomness is an argument). The n-th audio and the n-th video slot share a MediaStream. Errors
/// as answer_publish.
Result<PlayAnswer> answer_play(const SessionDescription& offer, const std::string& cname,
                               std::uint32_t (*next_ssrc)(void*), void* next_ssrc_data);

/// The peer's transport: that of the first section of its BUNDLE group that is not rejected, else
/// of the first section that is not. aiortc writes other ICE users on the rest; with BUNDLE they
/// mean nothing (RFC 8843 7.2). For an offer that was answered only in part,
/// PublishAnswer::transport and PlayAnswer::transport are the ones that count. Errors:
/// "sdp-no-transport", "sdp-setup".
Result<SdpTransport> transport_of(const SessionDescription& description);

/// Puts one transport (ours) on every section, and candidates on those that are not rejected:
/// webrtcbin 1.22 refuses an SDP in which a rejected section has no fingerprint. An empty `setup`
/// keeps the role that the negotiation chose
/// ("actpass" in offers, "passive" in answers). An ICE-lite description gets a=end-of-candidates.
void set_transport(SessionDescription& description, const SdpTransport& transport,
                   const std::vector<std::string>& candidates);

/// Codecs for which `slot` has a mapping: what its peer can decode.
std::vector<Codec> decodable(const SendSlot& slot);

std::string write_sdp(const SessionDescription& description);

}  // namespace rooms
