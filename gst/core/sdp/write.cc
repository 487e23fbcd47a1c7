// SPDX-License-Identifier: LGPL-2.1-or-later
// Values to text, in the order of lines that RFC 8866 5 wants and browsers write.
#include <string>

#include "gst/core/sdp/negotiation.h"

namespace rooms {
namespace {

class Writer {
 public:
  /// One line from its parts; numbers are written in decimal.
  template <class... Parts>
  void line(const Parts&... parts) {
    (add(parts), ...);
    text_ += "\r\n";
  }
  std::string take() { return std::move(text_); }

 private:
  void add(std::string_view part) { text_ += part; }
  void add(char part) { text_ += part; }
  template <std::unsigned_integral T>
  void add(T part) {
    text_ += std::to_string(part);
  }
  std::string text_;
};

std::string_view name_of(Direction direction) {
  switch (direction) {
    case Direction::kInactive:
      return "inactive";
    case Direction::kSendOnly:
      return "sendonly";
    case Direction::kRecvOnly:
      return "recvonly";
    case Direction::kSendRecv:
      return "sendrecv";
  }
  return "inactive";
}

bool is_application(const SdpMedia& media) { return media.kind == MediaKind::kApplication; }

std::string format_list(const SdpMedia& media) {
  if (is_application(media))
    return media.sctpmap ? std::to_string(media.sctp_port.value_or(5000)) : "webrtc-datachannel";
  std::string list;
  for (const auto& format : media.formats)
    list += (list.empty() ? "" : " ") + std::to_string(format.payload_type);
  return list.empty() ? "0" : list;  // the grammar wants one, and a rejected section may have none
}

std::string_view protocol_of(const SdpMedia& media) {
  if (!media.protocol.empty()) return media.protocol;
  if (is_application(media)) return media.sctpmap ? "DTLS/SCTP" : "UDP/DTLS/SCTP";
  return "UDP/TLS/RTP/SAVPF";
}

void write_transport(Writer& out, const SdpMedia& media) {
  for (const auto& candidate : media.candidates) out.line("a=", candidate);
  if (media.end_of_candidates) out.line("a=end-of-candidates");
  const auto& transport = media.transport;
  if (!transport.ufrag.empty()) out.line("a=ice-ufrag:", transport.ufrag);
  if (!transport.pwd.empty()) out.line("a=ice-pwd:", transport.pwd);
  if (!transport.fingerprint_value.empty())
    out.line("a=fingerprint:", transport.fingerprint_hash, ' ', transport.fingerprint_value);
  if (!transport.setup.empty()) out.line("a=setup:", transport.setup);
}

void write_formats(Writer& out, const SdpMedia& media) {
  for (const auto& format : media.formats) {
    if (format.name.empty()) continue;
    const unsigned number = format.payload_type;
    const unsigned channels = format.channels;
    if (channels > 1) {
      out.line("a=rtpmap:", number, ' ', format.name, '/', format.clock_rate, '/', channels);
    } else {
      out.line("a=rtpmap:", number, ' ', format.name, '/', format.clock_rate);
    }
    for (const auto& feedback : format.feedback) out.line("a=rtcp-fb:", number, ' ', feedback);
    if (!format.fmtp.empty()) out.line("a=fmtp:", number, ' ', format.fmtp);
  }
}

void write_layers(Writer& out, const SdpMedia& media) {
  for (const auto& rid : media.rids) {
    const std::string_view gap = rid.restrictions.empty() ? "" : " ";
    out.line("a=rid:", rid.id, rid.send ? " send" : " recv", gap, rid.restrictions);
  }
  if (media.simulcast_send.empty() && media.simulcast_recv.empty()) return;
  std::string value;
  if (!media.simulcast_send.empty()) value += "send " + media.simulcast_send;
  if (!media.simulcast_recv.empty())
    value += (value.empty() ? "recv " : " recv ") + media.simulcast_recv;
  out.line("a=simulcast:", value);
}

void write_streams(Writer& out, const SdpMedia& media) {
  const std::string_view stream =
      media.msid_stream.empty() ? std::string_view("-") : media.msid_stream;
  const bool has_msid = !media.msid_track.empty();
  if (has_msid) {
    out.line("a=msid:", stream, ' ', media.msid_track);
  } else if (!media.msid_stream.empty()) {
    out.line("a=msid:", stream);
  }
  for (const auto& group : media.ssrc_groups) {
    std::string list;
    for (const auto ssrc : group.ssrcs) list += ' ' + std::to_string(ssrc);
    out.line("a=ssrc-group:", group.semantics, list);
  }
  for (const auto& source : media.ssrcs) {
    out.line("a=ssrc:", source.ssrc, " cname:", source.cname);
    if (has_msid) out.line("a=ssrc:", source.ssrc, " msid:", stream, ' ', media.msid_track);
  }
}

void write_rtp(Writer& out, const SdpMedia& media) {
  for (const auto& extmap : media.extmaps) {
    if (extmap.direction == Direction::kSendRecv) {
      out.line("a=extmap:", extmap.id, ' ', extmap.uri);
    } else {
      out.line("a=extmap:", extmap.id, '/', name_of(extmap.direction), ' ', extmap.uri);
    }
  }
  out.line("a=", name_of(media.direction));
  if (media.rtcp_mux) out.line("a=rtcp-mux");
  if (media.rtcp_rsize) out.line("a=rtcp-rsize");
  write_formats(out, media);
  write_layers(out, media);
  write_streams(out, media);
}

void write_media(Writer& out, const SdpMedia& media) {
  const std::string_view kind =
      media.other_kind.empty() ? rooms::name_of(media.kind) : std::string_view(media.other_kind);
  const bool closed = media.rejected || media.bundle_only;
  out.line("m=", kind, closed ? " 0 " : " 9 ", protocol_of(media), ' ', format_list(media));
  out.line("c=IN IP4 0.0.0.0");
  if (!media.mid.empty()) out.line("a=mid:", media.mid);
  if (media.bundle_only) out.line("a=bundle-only");
  write_transport(out, media);
  if (!media.other_kind.empty()) return;
  if (!is_application(media)) {
    write_rtp(out, media);
  } else if (media.sctpmap) {
    out.line("a=sctpmap:", media.sctp_port.value_or(5000), " webrtc-datachannel 65535");
    out.line("a=max-message-size:", media.max_message_size);
  } else {
    out.line("a=sctp-port:", media.sctp_port.value_or(5000));
    out.line("a=max-message-size:", media.max_message_size);
  }
}

}  // namespace

std::string write_sdp(const SessionDescription& description) {
  Writer out;
  out.line("v=0");
  out.line("o=- ", description.session_id, ' ', description.version, " IN IP4 127.0.0.1");
  out.line("s=-");
  out.line("t=0 0");
  if (!description.bundle.empty()) {
    std::string group;
    for (const auto& mid : description.bundle) group += ' ' + mid;
    out.line("a=group:BUNDLE", group);
  }
  if (description.extmap_allow_mixed) out.line("a=extmap-allow-mixed");
  if (description.ice_lite) out.line("a=ice-lite");
  if (description.trickle) out.line("a=ice-options:trickle");
  out.line("a=msid-semantic: WMS *");
  for (const auto& media : description.media) write_media(out, media);
  return out.take();
}

}  // namespace rooms
