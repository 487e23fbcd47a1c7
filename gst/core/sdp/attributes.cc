// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/attributes.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr std::size_t kMostExtmaps = 64;
constexpr std::size_t kMostSsrcs = 128;
constexpr std::size_t kMostRids = 32;
constexpr std::size_t kMostCandidates = 128;
constexpr std::size_t kMostFeedback = 32;
constexpr std::size_t kLongestUri = 256;
constexpr std::size_t kLongestFeedback = 64;

Error syntax(std::string message) { return {"sdp-syntax", std::move(message)}; }

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  std::string shown = "'";
  for (const char c : text.substr(0, kLongest)) shown += c >= ' ' && c < 127 ? c : '?';
  return shown + (text.size() > kLongest ? "..'" : "'");
}

/// RFC 3551 6: payload types that mean something without a=rtpmap. Only those that we carry.
void name_static_type(SdpFormat& format) {
  if (format.payload_type == 0) format.name = "PCMU";
  if (format.payload_type == 8) format.name = "PCMA";
  if (format.payload_type == 9) format.name = "G722";
  if (!format.name.empty()) format.clock_rate = 8000;
}

SdpFormat* format_of(SdpMedia& media, std::string_view payload_type) {
  const auto number = to_number<std::uint8_t>(payload_type);
  if (!number) return nullptr;
  const auto found = std::find_if(media.formats.begin(), media.formats.end(),
                                  [&](const auto& f) { return f.payload_type == *number; });
  return found == media.formats.end() ? nullptr : &*found;
}

std::optional<Direction> direction_named(std::string_view name) {
  if (name == "sendrecv") return Direction::kSendRecv;
  if (name == "sendonly") return Direction::kSendOnly;
  if (name == "recvonly") return Direction::kRecvOnly;
  if (name == "inactive") return Direction::kInactive;
  return std::nullopt;
}

Status read_rtpmap(std::string_view value, SdpMedia& media) {
  auto rest = trimmed(value);
  auto* format = format_of(media, take_until(rest, ' '));
  if (!format) return Done{};  // for a payload type that is not on the m= line
  const auto parts = split(trimmed(rest), '/');
  const auto rate = parts.size() >= 2 ? to_number<std::uint32_t>(parts[1]) : std::nullopt;
  const auto channels = parts.size() >= 3 ? to_number<std::uint8_t>(parts[2]) : std::uint8_t{0};
  if (!is_token(parts[0]) || !rate || !channels) {
    return syntax("a=rtpmap:" + quoted(value) +
                  " is not 'number name/rate' or 'number name/rate/channels'.");
  }
  format->name = parts[0];
  format->clock_rate = *rate;
  format->channels = *channels;
  return Done{};
}

void read_fmtp(std::string_view value, SdpMedia& media) {
  auto rest = trimmed(value);
  if (auto* format = format_of(media, take_until(rest, ' '))) format->fmtp = trimmed(rest);
}

void read_feedback(std::string_view value, SdpMedia& media) {
  auto rest = trimmed(value);
  const auto payload_type = take_until(rest, ' ');
  const auto kind = trimmed(rest);
  if (kind.empty() || kind.size() > kLongestFeedback) return;
  const auto add = [&](SdpFormat& format) {
    auto& all = format.feedback;
    if (all.size() < kMostFeedback && std::find(all.begin(), all.end(), kind) == all.end())
      all.emplace_back(kind);
  };
  if (payload_type == "*") {
    std::for_each(media.formats.begin(), media.formats.end(), add);
  } else if (auto* format = format_of(media, payload_type)) {
    add(*format);
  }
}

Status read_extmap(std::string_view value, std::vector<SdpExtmap>& extmaps) {
  const auto parts = words(value);
  SdpExtmap extmap;
  std::string_view rest = parts.empty() ? std::string_view{} : parts[0];
  const auto id = to_number<std::uint16_t>(take_until(rest, '/'));
  const auto direction = rest.empty() ? std::optional(Direction::kSendRecv) : direction_named(rest);
  if (parts.size() < 2 || !id || !direction)
    return syntax("a=extmap:" + quoted(value) + " is not 'id uri' or 'id/direction uri'.");
  // Ids of 4096 and more are placeholders for a later round (RFC 8285 6): nothing to negotiate now.
  if (*id == 0 || *id > 255 || parts[1].size() > kLongestUri) return Done{};
  if (extmaps.size() >= kMostExtmaps)
    return syntax("More than " + std::to_string(kMostExtmaps) + " a=extmap lines in one section.");
  extmaps.push_back({*id, std::string(parts[1]), *direction});
  return Done{};
}

Status read_rid(std::string_view value, SdpMedia& media) {
  auto rest = trimmed(value);
  SdpRid rid;
  rid.id = take_until(rest, ' ');
  const auto direction = take_until(rest, ' ');
  rid.send = direction == "send";
  rid.restrictions = trimmed(rest);
  if (!is_rid(rid.id) || (!rid.send && direction != "recv"))
    return syntax("a=rid:" + quoted(value) + " is not 'id send' or 'id recv'.");
  if (media.rids.size() >= kMostRids)
    return syntax("More than " + std::to_string(kMostRids) + " a=rid lines in one section.");
  media.rids.push_back(std::move(rid));
  return Done{};
}

/// RFC 8853 5.1 "send a;b recv c", and the draft's "send rid=a;b" that old Firefox wrote.
void read_simulcast(std::string_view value, SdpMedia& media) {
  const auto parts = words(value);
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    auto list = parts[i + 1];
    if (list.starts_with("rid=")) list.remove_prefix(4);
    if (parts[i] == "send") media.simulcast_send = list;
    if (parts[i] == "recv") media.simulcast_recv = list;
  }
}

void read_msid(std::string_view value, SdpMedia& media) {
  if (!media.msid_track.empty() || !media.msid_stream.empty()) return;
  const auto parts = words(value);
  if (!parts.empty()) media.msid_stream = parts[0];
  if (parts.size() > 1) media.msid_track = parts[1];
}

Status read_ssrc(std::string_view value, SdpMedia& media) {
  auto rest = trimmed(value);
  const auto ssrc = to_number<std::uint32_t>(take_until(rest, ' '));
  if (!ssrc) return syntax("a=ssrc:" + quoted(value) + " does not begin with a 32 bit number.");
  if (*ssrc == 0) return Done{};  // GStreamer 1.22 writes 0 for "not known yet"
  auto found = std::find_if(media.ssrcs.begin(), media.ssrcs.end(),
                            [&](const auto& s) { return s.ssrc == *ssrc; });
  if (found == media.ssrcs.end()) {
    if (media.ssrcs.size() >= kMostSsrcs)
      return syntax("More than " + std::to_string(kMostSsrcs) + " SSRCs in one section.");
    found = media.ssrcs.insert(found, {*ssrc, {}});
  }
  rest = trimmed(rest);
  const auto name = take_until(rest, ':');
  if (name == "cname") found->cname = rest;
  if (name == "msid") read_msid(rest, media);
  return Done{};
}

Status read_ssrc_group(std::string_view value, SdpMedia& media) {
  const auto parts = words(value);
  SdpSsrcGroup group;
  for (std::size_t i = 1; i < parts.size() && i <= kMostSsrcs; ++i) {
    const auto ssrc = to_number<std::uint32_t>(parts[i]);
    if (!ssrc) return syntax("a=ssrc-group:" + quoted(value) + " has something that is no SSRC.");
    group.ssrcs.push_back(*ssrc);
  }
  if (media.ssrc_groups.size() >= kMostSsrcs)
    return syntax("More than " + std::to_string(kMostSsrcs) + " a=ssrc-group lines in a section.");
  if (parts.size() < 2) return Done{};
  group.semantics = parts[0];
  media.ssrc_groups.push_back(std::move(group));
  return Done{};
}

struct HashFunction {
  std::string_view name;
  std::size_t bytes;
};
/// Best first. MD2 and MD5 are not to be used (RFC 8122 5).
constexpr std::array kHashes = {HashFunction{"sha-256", 32}, HashFunction{"sha-512", 64},
                                HashFunction{"sha-384", 48}, HashFunction{"sha-224", 28},
                                HashFunction{"sha-1", 20}};

std::size_t rank_of_hash(std::string_view name) {
  const auto found = std::find_if(kHashes.begin(), kHashes.end(),
                                  [&](const auto& h) { return equal_ignoring_case(h.name, name); });
  return static_cast<std::size_t>(found - kHashes.begin());
}

/// Several fingerprints are alternatives for one certificate (RFC 8122 5.1): the best hash stays.
Status read_fingerprint(std::string_view value, SdpTransport& transport) {
  const auto parts = words(value);
  const auto rank = parts.empty() ? kHashes.size() : rank_of_hash(parts[0]);
  if (rank == kHashes.size()) return Done{};
  std::string hex(parts.size() > 1 ? parts[1] : std::string_view{});
  bool valid = parts.size() == 2 && hex.size() == kHashes[rank].bytes * 3 - 1;
  for (std::size_t i = 0; valid && i < hex.size(); ++i) {
    if (hex[i] >= 'a' && hex[i] <= 'f') hex[i] = static_cast<char>(hex[i] - 'a' + 'A');
    const bool digit = (hex[i] >= '0' && hex[i] <= '9') || (hex[i] >= 'A' && hex[i] <= 'F');
    valid = i % 3 == 2 ? hex[i] == ':' : digit;
  }
  if (!valid) {
    return syntax("a=fingerprint:" + quoted(value) + " is not " +
                  std::to_string(kHashes[rank].bytes) + " hexadecimal bytes with colons.");
  }
  const bool worse =
      !transport.fingerprint_hash.empty() && rank_of_hash(transport.fingerprint_hash) <= rank;
  if (worse) return Done{};
  transport.fingerprint_hash = kHashes[rank].name;
  transport.fingerprint_value = std::move(hex);
  return Done{};
}

/// nullopt: not an attribute of the transport.
std::optional<Status> read_transport_attribute(std::string_view name, std::string_view value,
                                               SdpTransport& transport) {
  const std::size_t shortest = name == "ice-ufrag" ? 4 : 22;  // RFC 8839 5.4
  constexpr std::size_t kLongest = 256;
  if (name == "fingerprint") return read_fingerprint(value, transport);
  if (name == "setup") {
    transport.setup = trimmed(value);
    return Done{};
  }
  if (name != "ice-ufrag" && name != "ice-pwd") return std::nullopt;
  const auto text = trimmed(value);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127 && c != ':'; });
  if (text.size() < shortest || text.size() > kLongest || !printable) {
    return Status(syntax("a=" + std::string(name) + " is not " + std::to_string(shortest) +
                         " to 256 printable characters."));
  }
  (name == "ice-ufrag" ? transport.ufrag : transport.pwd) = text;
  return Done{};
}

Status read_sctp_attribute(std::string_view name, std::string_view value, SdpMedia& media) {
  if (name == "sctp-port") {
    media.sctp_port = to_number<std::uint16_t>(trimmed(value));
    if (!media.sctp_port)
      return syntax("a=sctp-port:" + quoted(value) + " is not a number up to 65535.");
  }
  if (name == "max-message-size") {
    const auto size = to_number<std::uint64_t>(trimmed(value));
    if (!size) return syntax("a=max-message-size:" + quoted(value) + " is not a number.");
    media.max_message_size = static_cast<std::uint32_t>(std::min<std::uint64_t>(*size, UINT32_MAX));
  }
  return Done{};
}

}  // namespace

Result<SdpMedia> read_media_line(std::string_view media_name, std::uint16_t port,
                                 std::string_view protocol,
                                 const std::vector<std::string_view>& formats) {
  SdpMedia media;
  media.protocol = protocol;
  media.rejected = port == 0;
  media.rtcp_mux = false;
  if (formats.size() > kMostFormats)
    return syntax("More than " + std::to_string(kMostFormats) + " formats on one m= line.");
  const bool dtls_sctp = protocol.ends_with("DTLS/SCTP");
  if (media_name == "application" && dtls_sctp && !formats.empty()) {
    media.kind = MediaKind::kApplication;
    const auto port_as_format = to_number<std::uint16_t>(formats[0]);
    if (!port_as_format && formats[0] != "webrtc-datachannel") {
      media.other_kind = media_name;
      return media;
    }
    media.sctpmap = port_as_format.has_value();
    media.sctp_port = port_as_format.value_or(5000);
    media.max_message_size = 65536;  // RFC 8841 6.1
    return media;
  }
  media.kind = media_name == "audio" ? MediaKind::kAudio : MediaKind::kVideo;
  const bool rtp = protocol.ends_with("RTP/SAVPF") || protocol.ends_with("RTP/SAVP") ||
                   protocol.ends_with("RTP/AVPF") || protocol.ends_with("RTP/AVP");
  if ((media_name != "audio" && media_name != "video") || !rtp) {
    if (!is_token(media_name)) return syntax(quoted(media_name) + " is no kind of media.");
    media.other_kind = media_name;
    return media;
  }
  for (const auto text : formats) {
    SdpFormat format;
    const auto number = to_number<std::uint8_t>(text);
    if (!number || *number > 127)
      return syntax(quoted(text) + " on an m= line is not a payload type (0 to 127).");
    format.payload_type = *number;
    name_static_type(format);
    if (!format_of(media, text)) media.formats.push_back(std::move(format));
  }
  return media;
}

void read_ice_options(std::string_view value, SessionDescription& session) {
  const auto parts = words(value);
  session.trickle |= std::find(parts.begin(), parts.end(), "trickle") != parts.end();
}

Status read_session_attribute(std::string_view name, std::string_view value,
                              SessionDescription& session, SessionDefaults& defaults) {
  if (auto status = read_transport_attribute(name, value, defaults.transport)) return *status;
  if (name == "extmap") return read_extmap(value, defaults.extmaps);
  if (const auto direction = direction_named(name)) defaults.direction = *direction;
  if (name == "ice-lite") session.ice_lite = true;
  if (name == "extmap-allow-mixed") session.extmap_allow_mixed = true;
  if (name == "ice-options") read_ice_options(value, session);
  const auto parts = words(value);
  // A second BUNDLE group would be a second transport, and one is all we have.
  if (name == "group" && !parts.empty() && parts[0] == "BUNDLE" && session.bundle.empty()) {
    if (parts.size() > kMostMedia + 1) return syntax("a=group:BUNDLE names too many sections.");
    session.bundle.assign(parts.begin() + 1, parts.end());
  }
  return Done{};
}

Status read_media_attribute(std::string_view name, std::string_view value, SdpMedia& media) {
  if (auto status = read_transport_attribute(name, value, media.transport)) return *status;
  if (const auto direction = direction_named(name)) media.direction = *direction;
  if (name == "rtcp-mux") media.rtcp_mux = true;
  if (name == "rtcp-rsize") media.rtcp_rsize = true;
  if (name == "bundle-only") media.bundle_only = true;
  if (name == "end-of-candidates") media.end_of_candidates = true;
  if (name == "mid") {
    media.mid = trimmed(value);
    if (!is_token(media.mid))
      return syntax("a=mid:" + quoted(value) + " is not a word of at most 64 characters.");
  }
  if (name == "candidate" && media.candidates.size() < kMostCandidates)
    media.candidates.push_back("candidate:" + std::string(trimmed(value)));
  if (media.kind == MediaKind::kApplication) return read_sctp_attribute(name, value, media);
  if (name == "rtpmap") return read_rtpmap(value, media);
  if (name == "fmtp") read_fmtp(value, media);
  if (name == "rtcp-fb") read_feedback(value, media);
  if (name == "extmap") return read_extmap(value, media.extmaps);
  if (name == "rid") return read_rid(value, media);
  if (name == "simulcast") read_simulcast(value, media);
  if (name == "msid") read_msid(value, media);
  if (name == "ssrc") return read_ssrc(value, media);
  if (name == "ssrc-group") return read_ssrc_group(value, media);
  return Done{};
}

void complete_media(const SessionDefaults& defaults, SdpMedia& media) {
  auto& own = media.transport;
  const auto& common = defaults.transport;
  if (own.ufrag.empty() && own.pwd.empty()) {
    own.ufrag = common.ufrag;
    own.pwd = common.pwd;
  }
  if (own.fingerprint_value.empty()) {
    own.fingerprint_hash = common.fingerprint_hash;
    own.fingerprint_value = common.fingerprint_value;
  }
  if (own.setup.empty()) own.setup = common.setup;
  for (const auto& extmap : defaults.extmaps) {
    const bool has = std::any_of(media.extmaps.begin(), media.extmaps.end(), [&](const auto& e) {
      return e.uri == extmap.uri || e.id == extmap.id;
    });
    if (!has && media.kind != MediaKind::kApplication) media.extmaps.push_back(extmap);
  }
}

Status complete_session(SessionDescription& session) {
  std::set<std::string_view> mids;
  for (const auto& media : session.media) {
    if (!media.mid.empty() && !mids.insert(media.mid).second)
      return syntax("Two m= sections have a=mid:" + quoted(media.mid) + "; mids must differ.");
  }
  std::size_t next = 0;
  for (auto& media : session.media) {
    while (media.mid.empty()) {
      if (auto mid = std::to_string(next++); !mids.contains(mid)) media.mid = std::move(mid);
    }
    // RFC 8843 6: port 0 means "only inside the bundle" here, not "rejected".
    const auto& group = session.bundle;
    const bool bundled = std::find(group.begin(), group.end(), media.mid) != group.end();
    if (media.rejected && media.bundle_only && bundled) media.rejected = false;
  }
  return Done{};
}

}  // namespace rooms
